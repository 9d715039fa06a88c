"""The number on its way through the conversions: each step takes the previous one's value, gases and kWh."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from math import exp, isfinite, log
from typing import Any

from huren.graph.model.certificate import Certificate
from huren.graph.model.quantity import ElectricityUse, GasAmount, GasShare
from huren.graph.model.supply import GwpSet, Stage

ZERO = Decimal(0)
ONE = Decimal(1)


class Bound(StrEnum):
    """What ``low`` and ``high`` are: the value itself, or bounds of the conversion."""

    EXACT = "EXACT"
    BOUND = "BOUND"


@dataclass(frozen=True, slots=True)
class ConversionStep:
    """One conversion: the rule that asked for it, its arithmetic, and the value after it."""

    rule: str
    formula: str
    value: Decimal
    low: Decimal
    high: Decimal
    unit: str | None


@dataclass(frozen=True, slots=True)
class Quantity:
    """kg CO2e per ``unit``, bounded by ``low`` and ``high``, and what it is known to be made of.

    ``stated`` False: the certificate gives no value, so arithmetic runs on nothing and is not shown.
    ``fixed``: kg CO2e put in by earlier steps (electricity, scenarios) that no GWP restatement touches.
    ``taken``: kg CO2e of electricity taken out by earlier steps, which ``gases`` still hold.
    ``leverage``: the stated value over its remainder in ``value``, by which its uncertainty has grown.
    """

    value: Decimal
    low: Decimal
    high: Decimal
    unit: str | None
    stated: bool = True
    stages: frozenset[Stage] | None = None
    gwp_sets: frozenset[GwpSet] | None = None
    gases: tuple[GasAmount, ...] = ()
    gas_shares: tuple[GasShare, ...] = ()
    electricity: tuple[ElectricityUse, ...] | None = None
    electricity_complete: bool | None = None
    fixed: Decimal = ZERO
    taken: Decimal = ZERO
    replaced: frozenset[int] = frozenset()
    leverage: Decimal = ONE
    steps: tuple[ConversionStep, ...] = ()

    @property
    def bound(self) -> Bound:
        """EXACT where both bounds meet."""
        return Bound.EXACT if self.low == self.high else Bound.BOUND

    def moved(self, by: Decimal, formula: str, slack: Decimal = ZERO, **changes: Any) -> Quantity:
        """This quantity ``by`` more, its bounds too, and ``slack`` wider on either side."""
        value = self.value + by
        text = f"{said(self.value)} {formula} = {said(value)}"
        # What is put in or taken out is known: the spread stays, and so grows as the value shrinks.
        leverage = self.leverage * abs(self.value / value) if value else Decimal("Infinity")
        spread = (self.low + by - slack, self.high + by + slack)
        return self.step(text, value, spread, leverage=leverage, **changes)

    def step(
        self, formula: str, value: Decimal, spread: tuple[Decimal, Decimal] | None = None, **changes: Any
    ) -> Quantity:
        """This quantity at ``value`` within ``spread`` (None: exact), the arithmetic noted."""
        low, high = spread or (value, value)
        unit = changes.get("unit", self.unit)
        note = ConversionStep("", formula, value, low, high, unit)
        return replace(self, value=value, low=low, high=high, steps=(*self.steps, note), **changes)


def stated(certificate: Certificate) -> Quantity:
    """The quantity as the certificate states it."""
    value = certificate.value or Decimal(0)
    return Quantity(
        stated=certificate.value is not None,
        value=value,
        low=value,
        high=value,
        unit=certificate.unit,
        stages=certificate.stages,
        gwp_sets=certificate.gwp_sets,
        gases=certificate.gases,
        gas_shares=certificate.gas_shares,
        electricity=certificate.electricity,
        electricity_complete=certificate.electricity_complete,
    )


def carried(gsd: Decimal | None, quantity: Quantity) -> Decimal | None:
    """The certificate's ``gsd`` as that of ``quantity``, to first order; None where it is not stated.

    A ratio leaves it; what is put in or taken out leaves the spread, so the gsd becomes gsd^leverage.
    """
    if gsd is None or not quantity.leverage.is_finite():
        return None
    if quantity.leverage == 1:
        return gsd
    power = log(float(gsd)) * float(quantity.leverage)
    found = exp(power) if power < 700 else float("inf")
    return Decimal(f"{found:.12g}") if isfinite(found) else None


def said(number: Decimal) -> str:
    """A number as a person writes it, at most 12 significant digits.

    >>> said(Decimal("93") / 480), said(Decimal("245.60"))
    ('0.19375', '245.6')
    """
    text = f"{number:.12g}"
    return f"{Decimal(text).normalize():f}" if "." in text or "e" in text else text
