"""Which products' totals moved between two states of the supply graph. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from huren.errors import BadInput
from huren.graph.factors import BoolArray, FloatArray
from huren.graph.loops import IntArray
from huren.graph.model.rollup import share
from huren.graph.model.supply import GwpSet
from huren.graph.system import System
from huren.graph.totals import Totals

LEAST, MOST = 1e-9, 1e9
"""Shares that may be asked for: below the first lies what is proven of a total."""


@dataclass(frozen=True, slots=True)
class Move:
    """kg CO2e per declared unit of a product, before and after; None where it had none.

    ``share``: of what it was; None where that is not known, or 0.
    """

    product: str
    before: float | None
    after: float | None

    @property
    def share(self) -> float | None:
        """By how much of what it was it rose, or with a minus fell."""
        if self.before is None or self.after is None:
            return None
        return share(self.after - self.before, abs(self.before))


def totals(system: System, gwp: GwpSet, *, allow_partial: bool) -> FloatArray:
    """kg CO2e per declared unit that a roll-up of each product would give, ``(products,)``; NaN where none.

    Cost: as of :meth:`Totals.of`.
    """
    found = Totals.of(system)
    with np.errstate(all="ignore"):
        kg = found.kg @ system.weights[gwp].counted
    none = found.refused | ~np.isfinite(kg) | (found.partial & (not allow_partial))
    return np.where(none, np.nan, kg)


def moved(before: FloatArray, after: FloatArray, at_least: float) -> IntArray:
    """Positions of those that moved by ``at_least`` of what they were, or came to have a total, or lost it.

    These come first, then the largest share; equal ones stay in order. Both ``(products,)``, NaN for none.
    Raises: BadInput for a share that nobody can ask for.

    >>> moved(np.array([1.0, 2.0, np.nan, 4.0]), np.array([1.1, 2.0, 3.0, 2.0]), 0.05).tolist()
    [2, 3, 0]
    """
    if not LEAST <= at_least <= MOST:
        raise _bad_share(at_least)
    one_alone: BoolArray = np.isnan(before) != np.isnan(after)
    with np.errstate(all="ignore"):
        change = np.abs(after - before)
        size = np.where(one_alone, np.inf, change / np.abs(before))
    size[change == 0] = 0.0
    found = np.flatnonzero(size >= at_least)
    return found[np.argsort(-size[found], kind="stable")]


def _bad_share(given: float) -> BadInput:
    return BadInput(
        f"`atLeast` must be a share from {LEAST:g} to {MOST:g}, not {given!r}",
        f"`atLeast` 须为 {LEAST:g} 至 {MOST:g} 的比例,而非 {given!r}",
        fix="Write 0.01 for one per cent.",
        fix_zh="百分之一请写作 0.01。",
    )
