"""The factors against the domain's list, and the names they are found by."""

import tomllib
from importlib import resources

import pytest

from huren.graph.gwp import GASES, canonical, counted, factor
from huren.graph.model.supply import GwpSet, Origin

# IPCC AR4 Table 2.14, AR5 Table 8.A.1 (no feedbacks), AR6 Table 7.15 and 7.SM.7.
WANTED = {
    ("CO2", "fossil"): (1, 1, 1),
    ("CO2", "land_use_change"): (1, 1, 1),
    ("CO2", "unspecified"): (1, 1, 1),
    ("CO2", "biogenic"): (1, 1, 1),
    ("CH4", "fossil"): (25, 30, 29.8),
    ("CH4", "biogenic"): (25, 28, 27.0),
    ("CH4", "land_use_change"): (25, 28, 27.0),
    ("CH4", "unspecified"): (25, 28, 27.9),
    ("N2O", "fossil"): (298, 265, 273),
    ("N2O", "biogenic"): (298, 265, 273),
    ("SF6", "unspecified"): (22800, 23500, 25200),
    ("NF3", "unspecified"): (17200, 16100, 17400),
    ("CF4", "unspecified"): (7390, 6630, 7380),
    ("C2F6", "unspecified"): (12200, 11100, 12400),
    ("HFC-134a", "unspecified"): (1430, 1300, 1530),
    ("HFC-23", "unspecified"): (14800, 12400, 14600),
    ("HCFC-22", "unspecified"): (1810, 1760, 1960),
    ("CO2e", "unspecified"): (1, 1, 1),
}


@pytest.mark.parametrize(("gas", "origin"), WANTED)
def test_a_factor_is_the_one_of_its_report(gas: str, origin: str) -> None:
    assert tuple(factor(gas, Origin(origin), gwp) for gwp in GwpSet) == WANTED[gas, origin]


def test_every_gas_has_a_positive_factor_for_every_origin_and_set() -> None:
    assert len(GASES) > 50
    for gas in GASES:
        for origin in Origin:
            assert all((factor(gas, origin, gwp) or 0) > 0 for gwp in GwpSet), gas


def test_only_biogenic_co2_is_not_counted() -> None:
    left_out = {(gas, origin) for gas in (*GASES, "CO2e") for origin in Origin if not counted(gas, origin)}
    assert left_out == {("CO2", Origin.BIOGENIC)}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("co2", "CO2"),
        (" ch4 ", "CH4"),
        ("N₂O", "N2O"),
        ("hfc134A", "HFC-134a"),
        ("R-22", "HCFC-22"),
        ("甲烷", "CH4"),
    ],
)
def test_a_gas_is_found_however_it_is_written(written: str, meant: str) -> None:
    assert canonical(written) == meant


def test_names_and_aliases_do_not_clash() -> None:
    rows = tomllib.loads((resources.files("huren.graph") / "data" / "gwp.toml").read_text("utf-8"))["gas"]
    for row in rows:
        assert {canonical(name) for name in (row["name"], *row.get("aliases", ()))} == {row["name"]}
        assert row["certainty"] in {"checked", "K"}


@pytest.mark.parametrize("unknown", ["", "O2", "CO", "HFC", "CO2f"])
def test_an_unknown_gas_has_no_factor(unknown: str) -> None:
    assert canonical(unknown) is None
    assert factor(unknown, Origin.FOSSIL, GwpSet.AR6) is None
