"""What computes on a network: machine code for large graphs, numpy and scipy for the others.

Both give the same answers to rounding. The kernels cost a process 0.3 s and 120 MB, more than a small
graph is.
"""

from __future__ import annotations

import logging
from functools import cache
from typing import Protocol

from huren.graph.factors import BoolArray, FloatArray
from huren.graph.loops import Block
from huren.graph.network.plain import Plain
from huren.graph.network.rows import Order, PlaceArray, ProductArray, Rows, State

LARGE = 20_000
"""Needs from which on the kernels are worth loading."""


class Solver(Protocol):
    """A network that is ready to be solved."""

    @property
    def blocks(self) -> dict[int, Block]:
        """The loops that are solved by factors, by number."""

    def rewritten(self, needs: Rows) -> None:
        """Go on with these rows, which the order still fits."""

    def solve(self, own: FloatArray, x: FloatArray) -> None:
        """x = own + N x, ``(products, columns)``; loops are iterated from what ``x`` holds."""

    def follow(self, served: Rows, own: FloatArray, x: FloatArray, moved: BoolArray) -> None:
        """Solve again where one has ``moved``, which then holds whose x changed."""

    def check(self, own: FloatArray, x: FloatArray, v: FloatArray) -> tuple[float, float]:
        """The greatest |r| / (v - |N| v), rounding included, and the greatest |r| / size; ``(products,)``."""

    def peak(self, best: FloatArray) -> None:
        """best = max(best, |N| best) until nothing grows, in place; infinite where a loop grows on."""

    def upstream(self, seeds: ProductArray) -> ProductArray:
        """All that the seeds need, themselves included, consumers first."""

    def downstream(self, served: Rows, seeds: ProductArray) -> ProductArray:
        """All that need one of the seeds, themselves included, in no order."""

    def scales(self, walk: ProductArray, seeds: ProductArray, amounts: FloatArray) -> FloatArray:
        """How much of each product of ``walk`` the seeds call for."""

    def push_up(
        self, seeds: ProductArray, amounts: FloatArray, worth: FloatArray, least: float
    ) -> tuple[ProductArray, FloatArray, FloatArray]:
        """Products met, units of each counted, and units left, each worth less than ``least``."""

    def push_down(
        self, served: Rows, sources: ProductArray, state: State, least: float, limit: int
    ) -> tuple[ProductArray, FloatArray, bool]:
        """Products whose x changed, x before, and whether ``limit`` needs were enough."""

    def search(
        self, seeds: ProductArray, amounts: FloatArray, own: FloatArray, peaks: FloatArray, count: int
    ) -> tuple[PlaceArray, ProductArray, FloatArray, PlaceArray]:
        """Links (parent, product, flow), and which of them end the largest paths, best first."""


class Engine(Protocol):
    """How networks are made and solved."""

    def rows(self, size: int, consumer: ProductArray, supplier: ProductArray, amount: FloatArray) -> Rows:
        """Loose needs as rows: those of one pair added up, none that is 0."""

    def ordered(self, rows: Rows) -> tuple[ProductArray, PlaceArray]:
        """Solving order, and where in it each loop begins and ends."""

    def renumbered(self, rows: Rows, order: ProductArray, rank: ProductArray) -> Rows:
        """The rows packed in another order, with products named by their rank in it."""

    def transposed(self, rows: Rows) -> Rows:
        """Row i becomes column i, ascending."""

    def solver(self, needs: Rows, order: Order) -> Solver:
        """Make ready: factors of the loops that need them. Raises: nothing; see ``Block.solvable``."""


def engine_for(needs: int) -> Engine:
    """The engine for a graph of so many needs."""
    fast = _fast() if needs >= LARGE else None
    return Plain() if fast is None else fast


@cache
def _fast() -> Engine | None:
    """The kernels, where numba is there and runs."""
    try:
        from huren.graph.network.fast.engine import Fast
    except (ImportError, OSError) as absent:
        logging.getLogger(__name__).warning("without machine code for large supply graphs: %s", absent)
        return None
    return Fast()
