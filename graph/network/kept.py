"""A solution kept current while the graph changes: only what depends on a change is looked at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from huren.graph.factors import BoolArray, FloatArray
from huren.graph.network.network import Certificate, Network
from huren.graph.network.rows import ProductArray, State, positions

LEAST = 2e-10
"""What x may lack at a product, as a share of it; five such shares are still certified as 1e-9."""
CROSSOVER = 300
"""Pushing costs many times as much for each need as solving: past one in so many a full solve is cheaper."""
_PIECE = 1 << 14


@dataclass(frozen=True, slots=True, eq=False)
class Changed:
    """Products whose x changed, and x of each before and after."""

    products: ProductArray
    before: FloatArray
    after: FloatArray

    def beyond(self, share: float) -> ProductArray:
        """Those that moved by more than ``share`` of what they were."""
        return self.products[np.abs(self.after - self.before) > share * np.abs(self.before)]


class Kept:
    """``x`` of ``own``, ``(products,)``, with what it lacks at each product kept until it matters.

    So the order of updates does not matter, and nothing adds up over many of them. The network is this one's
    to change.
    """

    def __init__(self, network: Network, own: FloatArray) -> None:
        self.network = network
        self._state = State(np.array(own, dtype=np.float64), network.solve(own), np.zeros(network.size))

    @property
    def x(self) -> FloatArray:
        """The solution as it is now: it changes in place, or is another array after a full solve."""
        return self._state.x

    @property
    def own(self) -> FloatArray:
        """What each product emits itself."""
        return self._state.own

    def emit(self, products: ProductArray, own: FloatArray) -> Changed:
        """Products emit ``own`` from now on. Cost: what depends on them, at most 1.2 full solves."""
        at = positions(products)
        self.own[at] = own
        return self._settle(at)

    def need(self, consumer: int, suppliers: ProductArray, amounts: FloatArray) -> Changed:
        """All that one product needs, anew. Cost and errors: as :meth:`emit` and :meth:`Network.rewrite`."""
        self.network.rewrite(consumer, suppliers, amounts)
        return self._settle(positions([consumer]))

    def certify(self) -> Certificate:
        """How near ``x`` is to the solution, proven. Cost: two solves."""
        return self.network.certify(self.own, self.x)

    def _settle(self, sources: ProductArray) -> Changed:
        served, solver = self.network.served, self.network.solver
        limit = len(served.others) // CROSSOVER
        products, before, done = solver.push_down(served, sources, self._state, LEAST, limit)
        return Changed(products, before, self.x[products]) if done else self._solve(products, before)

    def _solve(self, products: ProductArray, before: FloatArray) -> Changed:
        own, old, lacking = self._state
        old[products] = before
        if self.network.stale:
            self.network.repair()
        x = self.network.solve(own)
        lacking[:] = 0.0
        self._state = State(own, x, lacking)
        moved = np.flatnonzero(_apart(old, x))
        return Changed(positions(moved), old[moved], x[moved])


def _apart(old: FloatArray, x: FloatArray) -> BoolArray:
    """Which differ, piece by piece: what is worked out on the way then stays in the processor's cache."""
    apart, size = np.empty(len(x), np.bool_), np.empty(_PIECE)
    for start in range(0, len(x), _PIECE):
        p = slice(start, start + _PIECE)
        change, least = x[p] - old[p], size[: len(x[p])]
        np.multiply(np.abs(old[p], out=least), LEAST, out=least)
        np.less_equal(np.abs(change, out=change), least, out=apart[p])
    return np.logical_not(apart, out=apart)
