"""Numbers with their unit, in GraphQL."""

from __future__ import annotations

import strawberry

from huren.schema.scalars import DecimalText, exact

UNIT = "kg CO2e"


@strawberry.type(description="A number with its unit.")
class Quantity:
    """Such as 552.06 kg CO2e."""

    value: DecimalText = strawberry.field(description="The number.")
    unit: str = strawberry.field(description="Its unit; of a total always kg CO2e.")


def kg_co2e(value: float) -> Quantity:
    """A footprint."""
    return Quantity(value=exact(value), unit=UNIT)
