"""Supply loops: products that need one another, solved exactly as one linear system.

A loop's matrix N[c, s] holds the amount of member s that one unit of member c needs. A non-negative
N with spectral radius >= 1 consumes all that it makes, and has no footprint.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from huren.errors import ConsumingLoop
from huren.graph.factors import FloatArray, SingularError, factorise

IntArray = NDArray[np.intp]

GAP = 1e-10
"""A spectral radius within this of 1 counts as 1: such a loop multiplies every rounding by 1/GAP."""
_NAMED = 20


class Block:
    """(I - N) of one loop, balanced and factorised once, for any number of right-hand sides.

    ``members``: positions of the products in the whole graph, ascending. ``negative``: N has a credit.
    ``solvable`` is False where N consumes all it makes or (I - N) is singular.
    Cost: one LU, or for a large sparse loop some tens of products with N for each right-hand side.
    Source: Skeel (1980), one step of refinement makes LU componentwise backward stable.
    """

    def __init__(self, members: IntArray, needs: csr_array[Any]) -> None:
        self.members = members
        self.negative = bool(needs.data.min() < 0)
        self._size = _balance(needs)
        rows = np.repeat(np.arange(len(members)), np.diff(needs.indptr))
        scaled = needs.data * self._size[needs.indices] / self._size[rows]
        self._needs = csr_array((scaled, needs.indices, needs.indptr), shape=needs.shape)
        self._transposed = self._needs.T.tocsr()
        try:
            self._factor = factorise(self._needs)
            self.solvable = self._is_regular() if self.negative else self._leaves_something()
        except SingularError:
            self.solvable = False

    def solve(self, rhs: FloatArray) -> FloatArray:
        """x = N x + rhs, ``(members,)`` or ``(members, columns)``; NaN where it is not solvable."""
        if not self.solvable:
            return np.full_like(rhs, np.nan)
        size = self._size.reshape(-1, *[1] * (rhs.ndim - 1))
        return size * self._refined(rhs / size)

    def solve_transposed(self, rhs: FloatArray) -> FloatArray:
        """s = N^T s + rhs, ``(members,)``: units of each member that ``rhs`` units of demand call for."""
        return self._refined(rhs * self._size, transposed=True) / self._size

    def _refined(self, rhs: FloatArray, *, transposed: bool = False) -> FloatArray:
        needs = self._transposed if transposed else self._needs
        x = self._factor.solve(rhs, transposed=transposed)
        return x + self._factor.solve(rhs - x + needs @ x, transposed=transposed)

    def _leaves_something(self) -> bool:
        """Whether the radius of a non-negative N is below 1 - GAP, by inverse iteration.

        If w = (I - N)^-1 v for a v > 0, then w > 0 exactly if the radius is below 1, and 1 - radius
        lies between the least and the greatest v/w (Collatz, Wielandt), closing in on it.
        """
        v = np.ones(len(self.members))
        for _ in range(200):
            w = self._refined(v)
            if not (np.isfinite(w).all() and (w > 0).all()):
                return False
            gap = v / w
            if gap.min() > GAP or gap.max() <= GAP:
                break
            v = w / w.max()
        return bool(gap.min() > GAP)

    def _is_regular(self) -> bool:
        """Whether (I - N) is well away from singular: inverse iteration from an irregular start."""
        v = 1 + 0.5 * np.sin(np.arange(1.0, len(self.members) + 1))
        for _ in range(4):
            w = self._refined(v)
            growth = np.abs(w).max() / np.abs(v).max()
            if not growth < 1 / GAP:
                return False
            v = w / np.abs(w).max()
        return True


def _balance(needs: csr_array[Any]) -> FloatArray:
    """Powers of two that even out rows and columns, so that no choice of declared units matters.

    Source: Osborne (1960). Exact, since scaling by a power of two does not round.
    """
    n = needs.shape[0]
    consumer = np.repeat(np.arange(n), np.diff(needs.indptr))
    apart = consumer != needs.indices
    consumer, supplier = consumer[apart], needs.indices[apart]
    weight = np.log2(np.abs(needs.data[apart]))
    size = np.zeros(n)
    for _ in range(100):
        shifted = weight + size[supplier] - size[consumer]
        row, column = np.full(n, -np.inf), np.full(n, -np.inf)
        np.maximum.at(row, consumer, shifted)
        np.maximum.at(column, supplier, shifted)
        step = (row - column) / 2 if len(weight) else size
        size += step / 2
        if np.abs(step).max(initial=0.0) < 1:
            break
    return np.asarray(np.exp2(np.round(size - (size.max() + size.min()) / 2)))


def consuming_loop(members: Sequence[str]) -> ConsumingLoop:
    """The error that names a loop which consumes all it makes (or, with credits, cannot be solved)."""
    names = ", ".join(f"`{key}`" for key in members[:_NAMED])
    more = len(members) - _NAMED
    en = names + (f" and {more} more" if more > 0 else "")
    zh = names + (f" 等 {len(members)} 个产品" if more > 0 else "")
    return ConsumingLoop(
        f"these products consume all that they make of one another: {en}",
        f"下列产品相互消耗,耗尽自身产出: {zh}",
        fix="Lower what these products need of one another: a unit must need less than a unit of itself.",
        fix_zh="请减小这些产品之间的投入量,使每单位产品所消耗的自身少于一单位。",
    )
