"""Electricity inside a footprint, exchanged: kWh x claimed factor out, kWh x the destination's in."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from huren.graph.model.quantity import ElectricityUse, Factor
from huren.mappings.dossier import Dossier
from huren.mappings.quantity import ZERO, Quantity, said

UNSTATED_GWP = Decimal("0.005")
"""A published factor without a GWP set: +-0.5 % of the electricity put in (domain 3a)."""


def can_exchange(use: ElectricityUse) -> bool:
    """Whether kWh and the claimed factor are both known."""
    return use.kwh is not None and use.factor is not None and use.factor.value is not None


def fits(factor: Factor, use: ElectricityUse, dossier: Dossier) -> bool:
    """Whether ``factor`` describes the grid of ``use``; one of them may name no region."""
    grid = use.factor.region if use.factor else None
    if grid is None or factor.region is None:
        return True
    return dossier.known.within(grid, factor.region, dossier.as_of)


def replacement(
    factors: Iterable[Factor] | None, uses: Iterable[ElectricityUse], dossier: Dossier
) -> Factor | None:
    """The first of the destination's factors that is a number for the grid of each of ``uses``."""
    wanted = tuple(uses)
    usable = (one for one in factors or () if one.value is not None)
    return next((one for one in usable if all(fits(one, use, dossier) for use in wanted)), None)


def exchange(quantity: Quantity, which: Iterable[int], factor: Factor) -> Quantity:
    """``quantity`` with the uses at positions ``which`` restated by ``factor``.

    Every use must satisfy ``can_exchange``; ``quantity`` must have a value. The new electricity is
    ``fixed``: no GWP restatement touches it. Raises: ValueError where a number is missing.
    """
    uses = quantity.electricity or ()
    chosen = sorted(which)
    taken = sum((_claimed(uses[n]) for n in chosen), ZERO)
    put_in = sum((_number(uses[n].kwh) for n in chosen), ZERO) * _number(factor.value)
    slack = abs(put_in) * UNSTATED_GWP if factor.gwp_set is None else ZERO
    return quantity.moved(
        put_in - taken,
        f"− {said(taken)} + {said(put_in)}",
        slack,
        fixed=quantity.fixed + put_in,
        taken=quantity.taken + taken,
        replaced=quantity.replaced | frozenset(chosen),
    )


def _claimed(use: ElectricityUse) -> Decimal:
    return _number(use.kwh) * _number(use.factor.value if use.factor else None)


def _number(stated: Decimal | None) -> Decimal:
    if stated is None:
        raise ValueError("kWh and factor must both be known before electricity is exchanged")
    return stated
