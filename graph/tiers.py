"""How far from the root its footprint is emitted: by tiers of suppliers, as a power series has them.

Tier 0 is the root itself, tier 1 its direct suppliers, tier k those reached over k inputs; a product reached
over several ways counts in the tier of each, and a loop goes on from tier to tier.
Source: Waugh (1950), inversion of the Leontief matrix by power series.
"""

from __future__ import annotations

import numpy as np

from huren.graph.factors import FloatArray
from huren.graph.model.rollup import TierPart, share
from huren.graph.network.plain import matrix_of
from huren.graph.network.rows import positions
from huren.graph.root import Solved

_LEAST = 1e-12
"""What lies beyond a tier, as a part of all beyond the root, from where on no further tier is told."""


def by_tier(solved: Solved, count: int) -> tuple[TierPart, ...]:
    """The first ``count`` tiers, fewer where the chain ends or next to nothing is left, and then the rest.

    The rest is what those suppliers stand for that the last tier calls for, with all behind them: exact, so
    that all parts sum to the total. Cost: a look at each need of the chain, and again for each tier.
    """
    system, root, weights = solved.system, solved.root, solved.weights.counted
    chain = root.chain
    needs = matrix_of(system.network.needs, positions(chain))[:, chain].T.tocsr()
    own, behind = system.own[chain] @ weights, system.x[chain] @ weights
    values = [solved.amount * sum(kg * float(weights[flow]) for (_, flow), kg in root.emitted.items())]
    units: FloatArray = np.zeros(len(chain))
    for (supplier, _), amount in root.needed.items():
        units[np.searchsorted(chain, supplier)] += solved.amount * amount
    least = _LEAST * float(np.abs(units * behind).sum())
    while len(values) < count and float(np.abs(units * behind).sum()) > least:
        values.append(float(units @ own))
        units = np.asarray(needs @ units)
    parts = [*enumerate(values), (None, float(units @ behind))]
    return tuple(TierPart(tier, value, share(value, solved.total)) for tier, value in parts)
