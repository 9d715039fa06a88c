"""Where a footprint stands among those of its class (S1-10): rank and quantiles. Pure.

Told under the rules of the statistics: only over enough other owners, none of them dominant, so that a
place among them is not a place beside one of them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from huren.mappings.statistics import Partition, Suppressed, balanced


@dataclass(frozen=True, slots=True)
class Benchmark:
    """``products`` others of ``owners`` owners; ``rank`` 1 is the lowest of all, this one among them.

    ``place``: part of the others that lie below, those alike by half. ``quantiles`` of the others: 10, 25,
    50, 75 and 90 %. All None where ``suppressed``.
    """

    products: int | None = None
    owners: int | None = None
    rank: int | None = None
    place: float | None = None
    quantiles: tuple[float, ...] | None = None
    suppressed: Suppressed | None = None


PARTS = (0.1, 0.25, 0.5, 0.75, 0.9)


def benchmark(value: float, others: Mapping[str, Sequence[float]], by: Partition) -> Benchmark:
    """The place of ``value`` among those of ``others``, by owner, all in one unit.

    >>> from huren.mappings.statistics import partitions
    >>> by = partitions()["class-province-quarter"]
    >>> found = benchmark(2.0, {"a": [1.0], "b": [3.0], "c": [2.5, 2.0]}, by)
    >>> found.rank, found.place, found.quantiles[2]
    (2, 0.375, 2.25)
    """
    means = [fmean(values) for values in others.values() if values]
    if len(means) < by.contributors:
        return Benchmark(suppressed=Suppressed.TOO_FEW)
    if not balanced(means, by):
        return Benchmark(suppressed=Suppressed.DOMINATED)
    every = sorted(number for values in others.values() for number in values)
    below, through = bisect_left(every, value), bisect_right(every, value)
    place = (below + through) / 2 / len(every)
    return Benchmark(
        len(every), len(means), below + 1, place, tuple(_quantile(every, part) for part in PARTS)
    )


def _quantile(ordered: Sequence[float], part: float) -> float:
    """Linear between neighbours (Hyndman and Fan 1996, type 7)."""
    at = part * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (at - low) * (ordered[high] - ordered[low])
