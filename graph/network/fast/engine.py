"""The kernels as an engine, with scratch memory of each thread's own."""

from __future__ import annotations

import threading

import numpy as np
from scipy.sparse import csr_array

from huren.graph.factors import BoolArray, FloatArray
from huren.graph.loops import Block
from huren.graph.network.fast import checking, ordering, pushing, searching, solving, walking
from huren.graph.network.rows import Order, PlaceArray, ProductArray, Rows, State, places, positions


class Fast:
    """Networks by machine code."""

    def rows(self, size: int, consumer: ProductArray, supplier: ProductArray, amount: FloatArray) -> Rows:
        """A counting sort by consumer, then each row by supplier."""
        rows = ordering.grouped(size, consumer, supplier, amount)
        ordering.sorted_within(rows)
        ordering.merged(rows)
        return rows

    def ordered(self, rows: Rows) -> tuple[ProductArray, PlaceArray]:
        """Tarjan's order."""
        return ordering.ordered(rows)

    def renumbered(self, rows: Rows, order: ProductArray, rank: ProductArray) -> Rows:
        """A copy in one pass."""
        return ordering.renumbered(rows, order, rank)

    def transposed(self, rows: Rows) -> Rows:
        """A counting sort."""
        return ordering.transposed(rows)

    def solver(self, needs: Rows, order: Order) -> FastSolver:
        """Loops that sweeps do not solve are factorised."""
        return FastSolver(needs, order)


class _Scratch(threading.local):
    """Arrays of zeros, which every kernel leaves as it found them; their pages are touched when needed."""

    def __init__(self, size: int) -> None:
        self.left, self.scale = np.zeros(size), np.zeros(size)
        self.mark = np.zeros(size, dtype=np.int32)


class FastSolver:
    """See :class:`huren.graph.network.engine.Solver`."""

    def __init__(self, needs: Rows, order: Order) -> None:
        self._order = order
        self.rewritten(needs)
        self._scratch = _Scratch(len(order.products))
        hard = np.flatnonzero(~solving.tame(needs.unsigned, order)).tolist()
        with np.errstate(all="ignore"):
            self.blocks = {loop: block_of(needs, order, loop) for loop in hard}

    def rewritten(self, needs: Rows) -> None:
        """All is in the rows, but for loops."""
        self._needs = needs
        self._inner: walking.Inner | None = None

    def solve(self, own: FloatArray, x: FloatArray) -> None:
        """One pass; sweeps or factors in loops."""
        needs, order, done = self._needs.unsigned, self._order, 0
        with np.errstate(all="ignore"):
            for loop, block in self.blocks.items():
                solving.solved(needs, order, done, loop, own, x)
                x[block.members] = block.solve(solving.reaching(needs, order, loop, own, x))
                done = loop + 1
        solving.solved(needs, order, done, len(order.bounds), own, x)

    def follow(self, served: Rows, own: FloatArray, x: FloatArray, moved: BoolArray) -> None:
        """One pass over what is downstream; sweeps or factors in loops that are met."""
        needs, order = self._needs.unsigned, self._order
        ranks = np.sort(order.rank[self.downstream(served, positions(np.flatnonzero(moved)))])
        walk, done = order.products[ranks], 0
        with np.errstate(all="ignore"):
            for loop, block in self.blocks.items():
                at, end = np.searchsorted(ranks, order.bounds[loop]).tolist()
                solving.followed(needs, order, walk[done:at], own, x, moved)
                done = end
                if at < end and solving.met(needs, walk[at:end], moved):
                    before = x[block.members]
                    x[block.members] = block.solve(solving.reaching(needs, order, loop, own, x))
                    solving.noted(walk[at:end], before, x, moved)
        solving.followed(needs, order, walk[done:], own, x, moved)

    def check(self, own: FloatArray, x: FloatArray, v: FloatArray) -> tuple[float, float]:
        """One pass."""
        return checking.checked(self._needs.unsigned, own, x, v)

    def peak(self, best: FloatArray) -> None:
        """One pass; sweeps in loops."""
        searching.peaked(self._needs, self._order, best)

    def upstream(self, seeds: ProductArray) -> ProductArray:
        """Breadth first, then sorted."""
        found = walking.reached(self._needs, seeds, self._scratch.mark)
        return self._order.products[np.sort(self._order.rank[found])[::-1]]

    def downstream(self, served: Rows, seeds: ProductArray) -> ProductArray:
        """Breadth first."""
        return walking.reached(served, seeds, self._scratch.mark)

    def scales(self, walk: ProductArray, seeds: ProductArray, amounts: FloatArray) -> FloatArray:
        """One pass over it; sweeps or factors in loops."""
        demand, order, needs = self._scratch.left, self._order, self._needs.unsigned
        inner = self._inner = self._inner or walking.inside(self._needs, order)
        scales = np.zeros(len(walk))
        np.add.at(demand, seeds, amounts)
        done = 0
        with np.errstate(all="ignore"):
            for at, block in self._met(walk):
                walking.scaled(needs, inner, order, walk[done:at], demand, scales[done:at])
                done = at + len(block.members)
                scales[at:done] = block.solve_transposed(demand[block.members])[::-1]
                for i, scale in zip(walk[at:done].tolist(), scales[at:done].tolist(), strict=True):
                    walking.passed_on(needs, order.loop, i, scale, demand)
                demand[block.members] = 0.0
        walking.scaled(needs, inner, order, walk[done:], demand, scales[done:])
        return scales

    def _met(self, walk: ProductArray) -> list[tuple[int, Block]]:
        """The factorised loops along a walk, and where each begins in it."""
        if not self.blocks:
            return []
        firsts = {int(block.members[-1]): block for block in self.blocks.values()}
        return [(at, firsts[i]) for at, i in enumerate(walk.tolist()) if i in firsts]

    def push_up(
        self, seeds: ProductArray, amounts: FloatArray, worth: FloatArray, least: float
    ) -> tuple[ProductArray, FloatArray, FloatArray]:
        """A heap of turns."""
        needs, order, own = self._needs.bare, self._order.bare, self._scratch
        return pushing.pushed_up(needs, order, seeds, amounts, worth, least, own.left, own.scale, own.mark)

    def push_down(
        self, served: Rows, sources: ProductArray, state: State, least: float, limit: int
    ) -> tuple[ProductArray, FloatArray, bool]:
        """A heap of turns."""
        arrays = self._needs.bare, served.bare, self._order.bare
        return pushing.pushed_down(*arrays, sources, state.bare, least, limit, self._scratch.mark)

    def search(
        self, seeds: ProductArray, amounts: FloatArray, own: FloatArray, peaks: FloatArray, count: int
    ) -> tuple[PlaceArray, ProductArray, FloatArray, PlaceArray]:
        """A heap of hopes."""
        return searching.searched(self._needs.bare, seeds, amounts, own, peaks, count)


def block_of(needs: Rows, order: Order, loop: int) -> Block:
    """One loop factorised, its members in solving order."""
    members = order.members(loop)
    at = places(needs, members)
    row = np.repeat(np.arange(len(members)), (needs.ends - needs.starts)[members])
    inside = order.loop[needs.others[at]] == loop
    column = order.rank[needs.others[at[inside]]] - order.bounds[loop, 0]
    size = (len(members), len(members))
    return Block(
        members.astype(np.intp), csr_array((needs.amounts[at[inside]], (row[inside], column)), shape=size)
    )
