"""Derived values against numbers that were found elsewhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from importlib import resources
from itertools import permutations
from typing import Any

import pytest

from huren.errors import BadInput
from huren.graph.model.certificate import Certificate
from huren.graph.model.supply import GATE, GwpSet, Stage, Supply
from huren.graph.model.terms import Purpose
from huren.graph.rollup import roll_up
from huren.mappings.boundary import stages_of_module
from huren.mappings.catalogue import catalogue
from huren.mappings.decide import recognise
from huren.mappings.decision import Question
from huren.mappings.outcome import Outcome
from huren.mappings.package import read_package
from huren.mappings.registration import check_certificate

INGOT = "example/21aeedbf-933a-3570-8b9e-a44dc6fa6637"
PUBLISHED = {"AR4": 13.51, "AR5": 13.28, "AR6": 13.57}


@pytest.fixture(scope="module")
def ingot() -> Any:
    """USLCI's primary aluminium ingot: kilograms of each gas and origin, cumulative."""
    folder = resources.files("huren.packages") / "uslci"
    package = read_package({f.name: f.read_bytes() for f in folder.iterdir()})
    supply = Supply(products=package.products, recipes=package.recipes)
    return lambda gwp: roll_up(supply, INGOT, gwp=gwp, allow_partial=True)


@pytest.mark.parametrize(("stated", "wanted"), list(permutations(PUBLISHED, 2)))
def test_an_aluminium_ingot_is_restated_from_its_gases(
    make: Any, ingot: Any, stated: str, wanted: str
) -> None:
    under = ingot(GwpSet(stated))
    world = make(
        {
            "ask": {"destination": "ISO14067", "purpose": "CHAIN_INPUT"},
            "certificate": {
                "category": "aluminium",
                "unit": "kg",
                "value": under.total,
                "gwp_sets": [stated],
                "gases": [{"gas": g.gas, "origin": g.origin.value, "kg": g.kg} for g in under.by_gas],
            },
            "scheme": [
                {"id": "ISO14067", "profile": {"gwp_sets": {"value": [wanted]}}},
                {"id": "CN-CFP", "without": ["categories"]},
            ],
        }
    )
    derived = recognise(world.question, world.facts).value
    assert derived is not None
    assert float(derived.value) == pytest.approx(PUBLISHED[wanted], abs=0.005)
    assert float(derived.value) == pytest.approx(ingot(GwpSet(wanted)).total, rel=1e-9)
    assert derived.low <= derived.value <= derived.high


def test_grid_power_put_in_for_wind_gives_the_modelled_module(make: Any) -> None:
    """The PV module of the demonstration chain: 552.06 on the grid, 232.60 on wind (issue and domain 4)."""
    grid, wind = Decimal("0.5777"), Decimal("0.0336")
    kwh = (Decimal("552.06") - Decimal("232.60")) / (grid - wind)
    use = {"method": "certificate", "kwh": kwh, "factor": {"value": wind, "family": "footprint"}}
    world = make({"certificate": {"value": Decimal("232.60"), "electricity": [use]}})
    derived = recognise(world.question, world.facts).value
    assert derived is not None
    assert float(derived.value) == pytest.approx(552.06, rel=1e-9)
    assert float(derived.high - derived.value) == pytest.approx(float(kwh * grid) * 0.005, rel=1e-9)


def test_a_battery_per_kwh_delivered(make: Any) -> None:
    """E_total = capacity x 60 cycles a year x 8 years: 93 / 480 = 0.194 kg per kWh (domain 3, R11)."""
    world = make(
        {
            "ask": {"destination": "EU-CFB", "purpose": "CHAIN_INPUT"},
            "certificate": {
                "category": "battery",
                "unit": "kWh capacity",
                "value": 93,
                "vehicle_class": "M1",
                "service_years": 8,
            },
        }
    )
    decision = recognise(world.question, world.facts)
    assert decision.value is None
    assert decision.preview is not None
    assert round(decision.preview.value, 3) == Decimal("0.194")


def test_the_shipped_battery_act_divides_by_energy_delivered(complete: Certificate) -> None:
    """93 kg/kWh over 8 years of 60 cycles, by the scheme as it ships: its act is a draft (R11, domain 3)."""
    battery = replace(
        complete,
        category="battery",
        unit="kWh capacity",
        value=Decimal(93),
        vehicle_class="M1",
        service_years=Decimal(8),
    )
    at = datetime(2026, 6, 1, tzinfo=UTC)
    question = Question(battery.number, "EU-CFB", Purpose.CHAIN_INPUT, at, at)
    found = {f.rule: f for f in recognise(question, catalogue().facts([battery])).findings}["R11"]
    assert found.outcome is Outcome.CONDITIONAL
    assert [c.id for c in found.conditions] == ["draft_in_force"]
    assert found.quantity is not None
    assert found.quantity.value == Decimal("0.19375")


@pytest.mark.parametrize("name", ["A1-A3", "A1–A3", "a1-3"])
def test_modules_of_a_gate(name: str) -> None:
    assert stages_of_module(name) == GATE


@pytest.mark.parametrize(
    ("name", "stages"),
    [
        ("A4", {Stage.DISTRIBUTION}),
        ("B1-B7", {Stage.USE}),
        ("C", {Stage.END_OF_LIFE}),
        ("B1–C4", {Stage.USE, Stage.END_OF_LIFE}),
        ("A1-A5", {Stage.RAW_MATERIAL, Stage.PRODUCTION, Stage.DISTRIBUTION}),
        ("D", set()),
    ],
)
def test_stages_of_a_row(name: str, stages: set[Stage]) -> None:
    assert stages_of_module(name) == stages


@pytest.mark.parametrize("name", ["Z9", "B8", "C5", "A3-A1", "C1-D", ""])
def test_no_module(name: str, complete: Certificate) -> None:
    with pytest.raises(BadInput, match="no module"):
        stages_of_module(name)
    with pytest.raises(BadInput, match="no module"):
        check_certificate(replace(complete, modules=((name, Decimal(1)),)))
