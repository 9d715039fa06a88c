"""A network by numpy and scipy alone: all loops by factors, level by level; local questions in Python.

For small graphs, where numba is absent, and as the second opinion in tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush
from typing import Any

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from huren.graph.chain import Chain, ranks
from huren.graph.factors import BoolArray, FloatArray
from huren.graph.loops import Block
from huren.graph.network.rows import Order, PlaceArray, ProductArray, Rows, State, places, positions

_UNIT = 1.2e-16


class Plain:
    """Networks by scipy."""

    def rows(self, size: int, consumer: ProductArray, supplier: ProductArray, amount: FloatArray) -> Rows:
        """Through a sparse matrix."""
        return rows_of(csr_array((amount, (consumer, supplier)), shape=(size, size)))

    def ordered(self, rows: Rows) -> tuple[ProductArray, PlaceArray]:
        """By level, then by component."""
        matrix = matrix_of(rows)
        count, component = connected_components(matrix, directed=True, connection="strong")
        consumer = np.repeat(np.arange(len(component)), np.diff(matrix.indptr))
        inside = component[consumer] == component[matrix.indices]
        outer = component[consumer[~inside]], component[matrix.indices[~inside]]
        order = np.lexsort((component, ranks(count, *outer)[component]))
        looped = np.zeros(count, dtype=np.bool_)
        looped[component[consumer[inside]]] = True
        along = component[order]
        firsts = np.flatnonzero(np.diff(along, prepend=-1))
        bounds = np.column_stack((firsts, np.append(firsts[1:], len(order))[: len(firsts)]))
        return positions(order), bounds[looped[along[firsts]]].astype(np.int64)

    def renumbered(self, rows: Rows, order: ProductArray, rank: ProductArray) -> Rows:
        """By fancy indexing."""
        ends = np.cumsum((rows.ends - rows.starts)[order])
        at = places(rows, order)
        starts = ends - (rows.ends - rows.starts)[order]
        return Rows(starts, ends, rank[rows.others[at]], rows.amounts[at])

    def transposed(self, rows: Rows) -> Rows:
        """Through a sparse matrix."""
        return _rows(csr_array(matrix_of(rows).T))

    def solver(self, needs: Rows, order: Order) -> PlainSolver:
        """Every loop is factorised, when first asked for."""
        return PlainSolver(needs, order)


class PlainSolver:
    """See :class:`huren.graph.network.engine.Solver`."""

    def __init__(self, needs: Rows, order: Order) -> None:
        self._needs, self._order = needs, order
        self._chained: Chain | None = None

    @property
    def _chain(self) -> Chain:
        if self._chained is None:
            self._chained = Chain.of(matrix_of(self._needs))
        return self._chained

    def rewritten(self, needs: Rows) -> None:
        """Ordered and factorised anew when next asked for."""
        self._needs, self._chained = needs, None

    @property
    def blocks(self) -> dict[int, Block]:
        """All loops."""
        numbered = ((int(self._order.loop[block.members[0]]), block) for block in self._chain.blocks)
        return dict(sorted(numbered, key=lambda pair: pair[0]))

    def solve(self, own: FloatArray, x: FloatArray) -> None:
        """Level by level."""
        x[:] = self._chain.intensities(own)

    def follow(self, served: Rows, own: FloatArray, x: FloatArray, moved: BoolArray) -> None:
        """All of it: what takes this long is small."""
        before = x.copy()
        self.solve(own, x)
        moved[:] = ((x != before) & ~(np.isnan(x) & np.isnan(before))).any(axis=1)

    def check(self, own: FloatArray, x: FloatArray, v: FloatArray) -> tuple[float, float]:
        """Two products of matrix and vector."""
        needs, sizes = self._chain.needs, abs(self._chain.needs)
        rounding = (np.diff(needs.indptr) + 3) * _UNIT
        with np.errstate(all="ignore"):
            size = np.abs(own) + sizes @ np.abs(x) + np.abs(x)
            rest, used = np.abs(own + needs @ x - x), sizes @ v
            left = v - used - rounding * (v + used)
            bound = np.where(left > 0, (rest + rounding * size) / left, np.inf)
            excess = bound[(size > 0) | (v > 0) | (used > 0)]
            off = (rest / size)[size > 0]
        if not np.isfinite(size).all():
            return np.inf, np.inf
        return float(excess.max(initial=0.0)), float(off.max(initial=0.0))

    def peak(self, best: FloatArray) -> None:
        """Level by level."""
        for level in self._chain.levels:
            if len(level.starts):
                through = np.maximum.reduceat(np.abs(level.amounts) * best[level.suppliers], level.starts)
                consumers = level.consumers[level.starts]
                best[consumers] = np.maximum(best[consumers], through)
            for block in level.blocks:
                best[block.members] = _peaks_of(
                    self._chain.needs[block.members][:, block.members], best[block.members]
                )

    def upstream(self, seeds: ProductArray) -> ProductArray:
        """Level by level."""
        found = np.flatnonzero(self._chain.upstream(seeds.astype(np.intp)))
        return self._order.products[np.sort(self._order.rank[found])[::-1]]

    def downstream(self, served: Rows, seeds: ProductArray) -> ProductArray:
        """Tier by tier."""
        seen = np.zeros(len(self._order.products), dtype=np.bool_)
        tier = seeds
        while len(tier):
            seen[tier] = True
            tier = np.unique(served.others[places(served, tier)])
            tier = tier[~seen[tier]]
        return positions(np.flatnonzero(seen))

    def scales(self, walk: ProductArray, seeds: ProductArray, amounts: FloatArray) -> FloatArray:
        """Level by level."""
        demand = np.zeros(len(self._order.products))
        np.add.at(demand, seeds, amounts)
        return self._chain.scales(demand)[walk]

    def push_up(
        self, seeds: ProductArray, amounts: FloatArray, worth: FloatArray, least: float
    ) -> tuple[ProductArray, FloatArray, FloatArray]:
        """A heap of turns."""
        left: dict[int, float] = {}
        scale: dict[int, float] = {}
        turns, rank = _Turns(), self._order.rank

        def receive(i: int, units: float) -> None:
            left[i] = left.get(i, 0.0) + units
            if abs(left[i] * worth[i]) >= least:
                turns.take(-int(rank[i]))

        for i, amount in zip(seeds.tolist(), amounts.tolist(), strict=True):
            receive(i, amount)
        while turns.heap:
            i = int(self._order.products[-turns.next()])
            units, left[i] = left[i], 0.0
            scale[i] = scale.get(i, 0.0) + units
            for other, amount in _row(self._needs, i):
                receive(other, units * amount)
        met = positions(list(left))
        return met, np.array([scale.get(i, 0.0) for i in left]), np.array(list(left.values()))

    def push_down(
        self, served: Rows, sources: ProductArray, state: State, least: float, limit: int
    ) -> tuple[ProductArray, FloatArray, bool]:
        """A heap of turns."""
        before: dict[int, float] = {}
        turns, rank, (own, x, lacking) = _Turns(), self._order.rank, state

        def receive(i: int, step: float) -> None:
            lacking[i] += step
            if abs(lacking[i]) > least * abs(x[i]):
                turns.take(int(rank[i]))

        def summed(i: int) -> float:
            return float(own[i] + sum(amount * x[other] for other, amount in _row(self._needs, i)))

        for i in sources.tolist():
            lacking[i] = summed(i) - x[i]
            receive(i, 0.0)
        while turns.heap and limit >= 0:
            i = int(self._order.products[turns.next()])
            step, lacking[i], old = float(lacking[i]), 0.0, float(x[i])
            before.setdefault(i, old)
            x[i] += step
            if abs(x[i]) < abs(old) / 2:
                x[i] = summed(i)
            row = _row(served, i)
            limit -= len(row)
            for other, amount in row if limit >= 0 else ():
                receive(other, step * amount)
        return positions(list(before)), np.array(list(before.values())), limit >= 0

    def search(
        self, seeds: ProductArray, amounts: FloatArray, own: FloatArray, peaks: FloatArray, count: int
    ) -> tuple[PlaceArray, ProductArray, FloatArray, PlaceArray]:
        """A heap of hopes."""
        links: list[tuple[int, int, float]] = []
        heap: list[tuple[float, int, bool]] = []
        ends: list[int] = []

        def reach(parent: int, i: int, units: float) -> None:
            if hope := abs(units) * float(peaks[i]):
                heappush(heap, (-hope, -len(links), False))
                links.append((parent, i, units))

        for i, amount in zip(seeds.tolist(), amounts.tolist(), strict=True):
            reach(-1, i, amount)
        while heap and len(ends) < count:
            _, newest, complete = heappop(heap)
            at = -newest
            _, i, flow = links[at]
            if complete:
                ends.append(at)
                continue
            if own[i]:
                heappush(heap, (-abs(flow * float(own[i])), -at, True))
            for other, amount in _row(self._needs, i):
                reach(at, other, flow * amount)
        parent, product, flows = zip(*links, strict=True) if links else ((), (), ())
        return (
            np.array(parent, dtype=np.int64),
            positions(product),
            np.array(flows, dtype=np.float64),
            np.array(ends, dtype=np.int64),
        )


class _Turns:
    """A heap in which each number stands once."""

    def __init__(self) -> None:
        self.heap: list[int] = []
        self._waiting: set[int] = set()

    def take(self, turn: int) -> None:
        if turn not in self._waiting:
            self._waiting.add(turn)
            heappush(self.heap, turn)

    def next(self) -> int:
        turn = heappop(self.heap)
        self._waiting.remove(turn)
        return turn


def _row(rows: Rows, i: int) -> Sequence[tuple[int, float]]:
    part = slice(rows.starts[i], rows.ends[i])
    return list(zip(rows.others[part].tolist(), rows.amounts[part].tolist(), strict=True))


def _peaks_of(needs: csr_array[Any], best: FloatArray) -> FloatArray:
    """Within a loop, every member of which needs another: Bellman and Ford's method."""
    amounts = np.abs(needs.data)
    for _ in range(len(best) + 1):
        through = np.maximum.reduceat(amounts * best[needs.indices], needs.indptr[:-1])
        if not (through > best).any():
            return best
        best = np.maximum(best, through)
    return np.full_like(best, np.inf)


def rows_of(matrix: csr_array[Any]) -> Rows:
    """The rows of a matrix of scipy: entries of one pair added up, none that is 0."""
    needs = csr_array(matrix, copy=True)
    needs.sum_duplicates()
    needs.eliminate_zeros()
    return _rows(needs)


def _rows(matrix: csr_array[Any]) -> Rows:
    ends = matrix.indptr[1:].astype(np.int64)
    return Rows(
        matrix.indptr[:-1].astype(np.int64), ends, positions(matrix.indices), matrix.data.astype(np.float64)
    )


def matrix_of(rows: Rows, which: ProductArray | None = None) -> csr_array[Any]:
    """The rows, or some of them, as a matrix of scipy."""
    count = len(rows.starts)
    chosen = np.arange(count, dtype=np.int32) if which is None else which
    at = places(rows, chosen)
    indptr = np.concatenate(([0], np.cumsum((rows.ends - rows.starts)[chosen])))
    return csr_array((rows.amounts[at], rows.others[at], indptr), shape=(len(chosen), count))
