"""The supply graph as one linear system, x = b + N x, in the order in which it can be solved.

N[c, s] is the amount of supplier s that one declared unit of consumer c needs. Products are numbered anew, in
solving order, so that what is needed together lies together. Exact: nothing is cut off, by depth or by size.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array

from huren.errors import BadInput
from huren.graph.factors import BoolArray, FloatArray, backward_error
from huren.graph.network.engine import Engine, Solver, engine_for
from huren.graph.network.growing import Growing
from huren.graph.network.plain import matrix_of, rows_of
from huren.graph.network.rows import Order, ProductArray, Rows, places, positions


@dataclass(frozen=True, slots=True)
class Certificate:
    """What is proven of a solution.

    ``error``: no product is off by more than this share of what it should be; infinite where not proven.
    ``residual``: the largest componentwise backward error (Oettli, Prager 1964), 1e-16 for a sound solution.
    """

    error: float
    residual: float

    @property
    def certified(self) -> bool:
        """Whether every product is right to a share of 1e-9."""
        return self.error <= 1e-9


class Network:
    """Products and what they need of one another.

    ``ids``: the number by which the caller knew each product, by position; ``place``: the inverse. All else
    speaks of positions. ``needs`` and ``served``: rows of suppliers by consumer, of consumers by supplier.
    ``stale``: rows were rewritten since the order was found, so that :meth:`repair` must come before a solve.
    Questions may be asked from several threads at once; rewriting is for one alone.
    """

    def __init__(self, ids: ProductArray, needs: Rows, order: Order, engine: Engine) -> None:
        self.ids, self.place = ids, np.empty_like(ids)
        self.place[ids] = np.arange(len(ids), dtype=np.int32)
        self._needs = Growing(needs)
        self._served: Growing | None = None
        self.order, self.engine, self.stale = order, engine, False
        self._credits = int(np.count_nonzero(needs.amounts < 0))
        self.solver: Solver = engine.solver(needs, order)

    @classmethod
    def of(
        cls,
        size: int,
        consumer: ProductArray,
        supplier: ProductArray,
        amount: FloatArray,
        engine: Engine | None = None,
    ) -> Network:
        """Order and make ready; needs of one pair add up. ``engine``: by size, unless given.

        Cost: O(size + needs), 1.5 s for 10^6 products and 9 x 10^6 needs, and one LU for each hard loop.
        Raises: BadInput for an amount that is not finite.
        """
        amounts = _finite(amount)
        engine = engine or engine_for(len(amounts))
        rows = engine.rows(size, positions(consumer), positions(supplier), amounts)
        ids, bounds = engine.ordered(rows)
        needs = engine.renumbered(rows, ids, Order.of(ids, bounds).rank)
        return cls(ids, needs, Order.of(np.arange(size, dtype=np.int32), bounds), engine)

    @classmethod
    def of_matrix(cls, needs: csr_array[Any], engine: Engine | None = None) -> Network:
        """Of N, ``(n, n)``; products keep their numbers, at up to twice the cost of a solve.

        Cost: as :meth:`of`, without the sorting.
        """
        engine = engine or engine_for(needs.nnz)
        rows = rows_of(needs)
        order = Order.of(*engine.ordered(rows))
        return cls(np.arange(needs.shape[0], dtype=np.int32), rows, order, engine)

    @property
    def needs(self) -> Rows:
        """Suppliers by consumer."""
        return self._needs.rows

    @property
    def served(self) -> Rows:
        """Consumers by supplier. Cost: the first time, one pass over the needs."""
        return self._consumers().rows

    def _consumers(self) -> Growing:
        if self._served is None:
            self._served = Growing(self.engine.transposed(self.needs))
        return self._served

    @property
    def credits(self) -> bool:
        """Whether any amount is negative."""
        return self._credits > 0

    @property
    def size(self) -> int:
        """The number of products."""
        return len(self.ids)

    def solve(self, own: FloatArray) -> FloatArray:
        """x = own + N x for every product, ``(products,)`` or ``(products, columns)``.

        NaN for the members of an unsolvable loop and whatever needs them.
        Cost: about 1.5 products of N with ``own``.
        """
        x = np.zeros(own.shape)
        rhs = np.ascontiguousarray(own, dtype=np.float64)
        self.solver.solve(*((rhs, x) if own.ndim > 1 else (rhs[:, None], x[:, None])))
        return x

    def follow(self, own: FloatArray, x: FloatArray, moved: BoolArray) -> None:
        """Make the present solution of ``x``, that before ``moved`` came to emit or need something else.

        In place, both ``(products, columns)``; ``moved``, ``(products,)``, then says whose x changed. What
        comes out is what :meth:`solve` gives, to the last bit outside loops. Cost: a pass over what is
        downstream of who moved; the first time, a look at each need.
        """
        self.solver.follow(self.served, own, x, moved)

    def certify(self, own: FloatArray, x: FloatArray, weights: FloatArray | None = None) -> Certificate:
        """Prove how near ``x`` is to the solution, ``(products,)``, whatever it was made by.

        With r = own + N x - x and a v for which c = v - |N| v > 0, an e with |r| <= e c bounds the error of
        every product by e v, since (I - |N|)^-1 >= 0; rounding is counted in r. ``weights`` is such a v, see
        :meth:`weights`. Cost: one pass over the needs, besides making the weights.
        """
        v = self.weights(own, x) if weights is None else weights
        excess, residual = self.solver.check(own, x, v)
        with np.errstate(all="ignore"):
            error = float(np.max(v / np.abs(x), where=v > 0, initial=0.0)) * excess if excess else 0.0
        return Certificate(error / (1 - error) if error < 1 else np.inf, residual)

    def weights(self, own: FloatArray, x: FloatArray) -> FloatArray:
        """A v for :meth:`certify`: v = size + |N| v, with ``size`` as x were all of one sign.

        It stays fit while ``own`` and the needs change little. Cost: one solve, three where signs differ.
        """
        if (x >= 0).all() and (own >= 0).all() and not self.credits:
            return self.solve(x)
        sizes = self.absolute() if self.credits else self
        return sizes.solve(sizes.solve(np.abs(own)))

    def absolute(self) -> Network:
        """The same network with all amounts positive."""
        needs = self.needs._replace(amounts=np.abs(self.needs.amounts))
        return Network(self.ids, needs, self.order, self.engine)

    def part(self, products: ProductArray) -> Network:
        """The network of some products, ascending, that need none but one another. Cost: as :meth:`of`."""
        return Network.of_matrix(csr_array(matrix_of(self.needs, products)[:, products]), self.engine)

    def peaks(self, own: FloatArray) -> FloatArray:
        """The largest |value| of any path that begins with one unit of each product, ``(products,)``.

        A path's value is the product of its amounts times ``own`` at its end. Infinite where a loop with
        credits amplifies its own paths. Cost: about one solve.
        """
        peaks = np.abs(own)
        with np.errstate(all="ignore"):
            self.solver.peak(peaks)
        return peaks

    def credit_loops(self) -> list[int]:
        """Loops with a negative amount inside."""
        if not self.credits:
            return []
        consumer = np.repeat(np.arange(self.size), self.needs.ends - self.needs.starts)
        at = places(self.needs, np.arange(self.size, dtype=np.int32))
        loop, amount = self.order.loop[consumer], self.needs.amounts[at]
        inside = (amount < 0) & (loop >= 0) & (loop == self.order.loop[self.needs.others[at]])
        return [int(one) for one in np.unique(loop[inside])]

    def consuming(self) -> list[ProductArray]:
        """Members of each loop that consumes all it makes, or with credits has no solution; ascending."""
        unsolvable = (block for block in self.solver.blocks.values() if not block.solvable)
        found = (positions(np.sort(block.members)) for block in unsolvable)
        return sorted(found, key=lambda members: int(members[0]))

    def residual(self, products: ProductArray, own: FloatArray, x: FloatArray) -> float:
        """The largest componentwise backward error at some products, over all columns."""
        return backward_error(matrix_of(self.needs, products), x, x[products], own[products])

    def upstream(self, seeds: ArrayLike) -> ProductArray:
        """All that ``seeds`` need, themselves included, consumers first. Cost: their needs."""
        return self.solver.upstream(positions(seeds))

    def downstream(self, seeds: ArrayLike) -> ProductArray:
        """All that need one of ``seeds``, themselves included. Cost: who needs them; the first time, all."""
        return self.solver.downstream(self.served, positions(seeds))

    def scales(self, walk: ProductArray, seeds: ArrayLike, amounts: ArrayLike) -> FloatArray:
        """s = demand + N^T s: units of each product of ``walk`` that the seeds call for.

        ``walk``: their :meth:`upstream`, or all products the other way round than they are solved. Every loop
        in it must be solvable. Cost: one pass over it, more in its loops.
        """
        demanded = np.ascontiguousarray(amounts, dtype=np.float64)
        return self.solver.scales(walk, positions(seeds), demanded)

    def rewrite(self, consumer: int, suppliers: ProductArray, amounts: FloatArray) -> None:
        """All that one product needs, anew; needs of one pair add up.

        Cost: its old and new needs, and a look through the consumers of those suppliers.
        Raises: BadInput for an amount that is not finite.
        """
        row: dict[int, float] = {}
        for supplier, amount in zip(positions(suppliers).tolist(), _finite(amounts).tolist(), strict=True):
            row[supplier] = row.get(supplier, 0.0) + amount
        self._consumers()
        self._put(consumer, {supplier: amount for supplier, amount in row.items() if amount})
        self.solver.rewritten(self.needs)

    def changed(self, rows: Iterable[tuple[int, dict[int, float]]]) -> Network:
        """The network in which some products need what their rows say; this one stays as it is.

        Of those rows none holds a 0 or what is not finite. Cost: 16 bytes a product, and the rows; where the
        order does not fit any more or a loop changes, as :meth:`repair`.
        """
        other = copy(self)
        other._needs, other._served = self._needs.fork(), self._served and self._served.fork()
        for consumer, row in rows:
            other._put(consumer, row)
        if other.stale:
            other.repair()
        else:
            other.solver = copy(self.solver)
            other.solver.rewritten(other.needs)
        return other

    def _put(self, consumer: int, row: dict[int, float]) -> None:
        old = self.needs.row(consumer)
        for supplier in old.keys() | row.keys():
            if self._served and old.get(supplier) != row.get(supplier):
                self._served.put(supplier, consumer, row.get(supplier, 0.0))
        self._credits += _negative(row) - _negative(old)
        self._needs.replace(consumer, list(row), list(row.values()))
        self.stale = self.stale or self._disorders(consumer, old, row)

    def _disorders(self, consumer: int, old: dict[int, float], row: dict[int, float]) -> bool:
        """Whether the order does not fit a new row, or its loop is another one."""
        rank, loop = self.order.rank, self.order.loop
        mine, turn = loop[consumer], rank[consumer]
        if mine < 0:
            return any(bool(rank[supplier] >= turn) for supplier in row)
        inside, before = ({s: a for s, a in one.items() if loop[s] == mine} for one in (row, old))
        return inside != before or any(bool(rank[s] > turn) for s in row.keys() - inside.keys())

    def repair(self) -> None:
        """Find the order and the loops anew; positions stay. Cost: O(size + needs), half of :meth:`of`."""
        self.order = Order.of(*self.engine.ordered(self.needs))
        self.solver, self.stale = self.engine.solver(self.needs, self.order), False


def _negative(row: dict[int, float]) -> int:
    return sum(amount < 0 for amount in row.values())


def _finite(amounts: FloatArray) -> FloatArray:
    """As an array. Raises: BadInput."""
    found = np.ascontiguousarray(amounts, dtype=np.float64)
    if np.isfinite(found).all():
        return found
    raise BadInput(
        "an amount needed is not a finite number",
        "存在非有限数值的投入量",
        fix="Give finite decimal numbers.",
        fix_zh="请填写有限的十进制数。",
    )
