"""What stands behind some products, and its largest parts: without a look at all the rest.

The products asked for come as ``seeds`` with ``amounts`` of each, ``(seeds,)``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from huren.graph.factors import FloatArray
from huren.graph.network.network import Network
from huren.graph.network.rows import ProductArray, positions

Path = tuple[tuple[int, ...], float]
"""Products from a seed on, and how much of the last is called for along that way."""

_TINY = float(np.finfo(np.float64).tiny)


@dataclass(frozen=True, slots=True, eq=False)
class Hotspots:
    """``products`` met; ``units`` of each whose own emissions are counted; ``left``: units not followed.

    For any own and its x: ``amounts @ x[seeds] == units @ own[products] + left @ x[products]``. So the second
    part is the remainder, exactly: it stays where it was left, with all that is behind it.
    """

    products: ProductArray
    units: FloatArray
    left: FloatArray


def hotspots(
    network: Network, seeds: ProductArray, amounts: FloatArray, x: FloatArray, share: float
) -> Hotspots:
    """Follow what the seeds call for as far as it is worth ``share`` of the whole, by ``x``, worth per unit.

    Cost: the needs of the products counted; about 140 of them for a share of 1e-3.
    """
    seeds, amounts = positions(seeds), np.asarray(amounts, dtype=np.float64)
    least = max(share * float(np.abs(amounts * x[seeds]).sum()), _TINY)
    return Hotspots(*network.solver.push_up(seeds, amounts, x, least))


def largest_paths(  # noqa: PLR0913, PLR0917  (the question, by name)
    network: Network,
    seeds: ProductArray,
    amounts: FloatArray,
    own: FloatArray,
    peaks: FloatArray,
    count: int,
) -> list[Path]:
    """The ``count`` paths of the largest |amount x own|, largest first: exact.

    ``peaks``: :meth:`Network.peaks` of ``own``; finite upstream of the seeds. Cost: the needs of the products
    along those paths.
    """
    seeds, amounts = positions(seeds), np.asarray(amounts, dtype=np.float64)
    parent, product, flow, ends = network.solver.search(seeds, amounts, own, peaks, count)
    found = []
    for end in ends.tolist():
        at, path = end, []
        while at >= 0:
            path.append(int(product[at]))
            at = int(parent[at])
        found.append((tuple(reversed(path)), float(flow[end])))
    return found
