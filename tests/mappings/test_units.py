"""Units are held against pint's own reading of them, and against their legal definitions."""

from __future__ import annotations

from decimal import Decimal

import pint
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huren.errors import BadInput
from huren.mappings import units

# Definitions: NIST SP 811 and Handbook 44 (pound, US gallon, short ton, foot), SI brochure (the rest).
DEFINED = [
    ("t", "kg", "1000"),
    ("sh tn", "kg", "907.18474"),
    ("lb", "kg", "0.45359237"),
    ("gal", "L", "3.785411784"),
    ("m3", "L", "1000"),
    ("cu ft", "m3", "0.028316846592"),
    ("ha", "m2", "10000"),
    ("km", "m", "1000"),
    ("kWh", "MJ", "3.6"),
    ("MWh", "kWh", "1000"),
    ("btu", "J", "1055.056"),
    ("kg*km", "t*km", "0.001"),
    ("d", "h", "24"),
    ("MW", "kWp", "1000"),
    ("kt", "kg", "1000000"),
]
BY_PINT = ["kg", "g", "t", "sh tn", "lb", "oz", "L", "mL", "m3", "cm3", "gal", "bbl", "ft3", "m2", "cm2"]
BY_PINT += ["km2", "ha", "ft2", "acre", "m", "cm", "mm", "km", "mi", "ft", "kWh", "MWh", "GWh", "Wh", "J"]
BY_PINT += ["kJ", "MJ", "GJ", "TJ", "btu", "kcal", "W", "kW", "MW", "GW", "s", "min", "h", "d", "yr"]
SPELT = {"sh tn": "short_ton", "L": "liter", "gal": "gallon", "bbl": "oil_barrel", "m3": "meter**3"}
SPELT |= {
    "cm3": "centimeter**3",
    "ft3": "foot**3",
    "m2": "meter**2",
    "cm2": "centimeter**2",
    "mL": "milliliter",
}
SPELT |= {"km2": "kilometer**2", "ft2": "foot**2", "h": "hour", "d": "day", "yr": "year", "btu": "BTU"}
SPELT |= {"min": "minute", "mi": "mile", "t": "tonne", "ha": "hectare", "kt": "kilotonne"}

SAME = {"t·km": "t*km", "tkm": "t*km", "㎡": "m2", "m³": "m3", "l": "L", "KG": "kg", "Item(s)": "piece"}
SAME |= {"short_ton": "sh tn", "kWp": "kW", "件": "piece", "usd": "USD", "pkm": "p*km", "Mg": "t", "mg": "mg"}
SAME |= {"千瓦时": "kWh", "m2*a": "m2*yr", "vehicle*km": "vehicle*km", "person*km": "p*km"}

unit_names = st.sampled_from(BY_PINT)
amounts = st.floats(-1e15, 1e15)


@pytest.mark.parametrize(("unit", "to", "factor"), DEFINED)
def test_the_definitions(unit: str, to: str, factor: str) -> None:
    assert units.convert(1.0, unit, to) == float(Decimal(factor))


@given(unit_names, unit_names)
def test_agrees_with_pint(unit: str, to: str) -> None:
    registry = pint.application_registry.get()
    one, other = registry.Quantity(1.0, SPELT.get(unit, unit)), registry.Unit(SPELT.get(to, to))
    if one.check(other.dimensionality):
        assert units.convert(1.0, unit, to) == pytest.approx(one.to(other).magnitude, rel=1e-12)
    else:
        with pytest.raises(BadInput) as refused:
            units.convert(1.0, unit, to)
        assert f"`{unit}`" in refused.value.en
        assert f"“{to}”" in refused.value.zh


@given(unit_names, st.floats(allow_nan=False, allow_infinity=False))
def test_the_same_unit_gives_back_the_very_same_number(unit: str, amount: float) -> None:
    assert units.convert(amount, unit, unit).hex() == amount.hex()


@given(unit_names, unit_names, amounts)
def test_there_and_back(unit: str, to: str, amount: float) -> None:
    if units.dimension(unit) == units.dimension(to):
        back = units.convert(units.convert(amount, unit, to), to, unit)
        assert back == pytest.approx(amount, rel=1e-15, abs=1e-290)


@pytest.mark.parametrize(("spelt", "unit"), SAME.items())
def test_spellings(spelt: str, unit: str) -> None:
    assert units.canonical(spelt) == unit


@pytest.mark.parametrize(
    "unit", ["", "ton", "kgs/m", "foo", "US dollar", "t*", "*km", "kg CO2e", "m" * 10**6]
)
def test_unknown_units_are_named(unit: str) -> None:
    with pytest.raises(BadInput, match="unknown unit") as refused:
        units.convert(1.0, unit, "kg")
    assert len(refused.value.en) < 100


@pytest.mark.parametrize(
    ("unit", "to"),
    [
        ("USD", "CNY"),
        ("p*km", "t*km"),
        ("piece", "kg"),
        ("kW", "kWh"),
        ("p*km", "vehicle*km"),
        ("m2", "m2*yr"),
    ],
)
def test_other_dimensions_are_refused(unit: str, to: str) -> None:
    with pytest.raises(BadInput, match="cannot be converted"):
        units.convert(1.0, unit, to)


def test_overflow_is_refused() -> None:
    with pytest.raises(BadInput, match="too large"):
        units.convert(1e308, "t", "g")
