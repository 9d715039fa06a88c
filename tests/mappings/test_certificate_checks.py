"""Facts of a certificate that cannot be: refused by field, whichever way they come."""

from __future__ import annotations

from typing import Any

import pytest

from huren.mappings.catalogue import demonstration
from huren.mappings.certificate_checks import faults
from huren.mappings.package import Importer, link, read
from huren.mappings.records import decode
from tests.mappings.packages import package

STATED = {"number": "C", "holder": "91110000600037341L", "scheme": "S"}
BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"uncertainty_gsd": "0.9"}, "uncertainty_gsd", "at least 1"),
    ({"service_years": "0"}, "service_years", "above 0"),
    ({"offsets": {"kg": "-1"}}, "offsets.kg", "at least 0"),
    ({"quality": {"primary_share": "1.2"}}, "quality.primary_share", "from 0 to 1"),
    ({"equivalents": [{"unit": "kg", "amount": "-2"}]}, "equivalents[0].amount", "above 0"),
    ({"equivalents": [{"unit": "furlong", "amount": "2"}]}, "equivalents[0].unit", "furlong"),
    ({"unit": "furlong"}, "unit", "furlong"),
    ({"sites": [{"site": "a"}, {"site": "b", "output": "0"}]}, "sites[1].output", "above 0"),
    ({"gas_shares": [{"gas": "CO2", "share": "-0.1"}]}, "gas_shares[0].share", "from 0 to 1"),
    (
        {"gas_shares": [{"gas": "CO2", "share": "0.9"}, {"gas": "CH4", "share": "0.2"}]},
        "gas_shares",
        "not 1.1",
    ),
    ({"electricity": [{"kwh": "-1"}]}, "electricity[0].kwh", "at least 0"),
    (
        {"electricity": [{"factor": {"value": "-0.1", "family": "co2"}}]},
        "electricity[0].factor.value",
        "at least 0",
    ),
    ({"exclusions": [{"share": "1"}]}, "exclusions[0].share", "below 1"),
    (
        {"changes": [{"kind": "supplier", "changed_on": "2026-01-01", "percent": "-101"}]},
        "changes[0].percent",
        "-100",
    ),
    ({"issued": "2026-01-02", "valid_until": "2026-01-01"}, "valid_until", "no earlier than `issued`"),
    ({"period_start": "2025-01-01", "period_end": "2024-12-31"}, "period_end", "period_start"),
    ({"gases": [{"gas": "XYZ", "kg": "1"}]}, "gases[0].gas", "not XYZ"),
    ({"gases_covered": ["O2"]}, "gases_covered", "not O2"),
    ({"modules": [["A1-A3", "1"], ["Q7", "1"]]}, "modules.Q7", "no module"),
    ({"modules": [["Bogus", "1"]]}, "modules.Bogus", "no module"),
    ({"goods": {"holder": "911100006000373411"}}, "goods.holder", "social credit code"),
    (
        {"gases": [{"gas": "CH4", "kg": "1"}, {"gas": "ch4", "kg": "2"}]},
        "gases[1]",
        "another number",
    ),
    ({"allocation": {"results": [["mass", "1"], ["mass", "2"]]}}, "allocation.results[1]", "mass"),
    ({"value": "100", "breakdown": {"raw_material": "60", "production": "30"}}, "breakdown", "-10 kg CO2e"),
    ({"value": "100", "modules": [["A1-A3", "103"], ["D", "-3"]]}, "modules", "+3 kg CO2e"),
]


@pytest.mark.parametrize(("facts", "field", "reason"), BAD, ids=[row[1] for row in BAD])
def test_what_cannot_be_is_refused(facts: dict[str, Any], field: str, reason: str) -> None:
    found = list(faults(decode("certificate", STATED | facts)))
    assert [fault.place and fault.place.column for fault in found] == [field]
    assert reason in found[0].en
    assert found[0].zh != found[0].en
    assert found[0].fix


GOOD: list[dict[str, Any]] = [
    {"value": "100", "breakdown": {"raw_material": "60", "production": "39.5"}},
    {"value": "100", "stages": ["production", "use"], "breakdown": {"production": "10"}},
    {"value": "90", "offsets": {"kg": "10"}, "breakdown": {"raw_material": "60", "production": "40"}},
    {"value": "-2", "modules": [["a1-a3", "-2"], ["D", "5"]]},
    {"value": "5", "modules": [["A1", "1"], ["A2", "1"], ["A3", "1"], ["A1-A3", "3"], ["C1-C4", "2"]]},
    {"gases": [{"gas": "CH4", "kg": "1"}, {"gas": "CH4", "kg": "2", "origin": "fossil"}]},
    {"issued": "2026-01-01", "valid_until": "2026-01-01"},
    {"electricity": [], "gas_shares": [{"gas": "CO2", "share": "1"}]},
]


@pytest.mark.parametrize("facts", GOOD)
def test_what_can_be_is_not_refused(facts: dict[str, Any]) -> None:
    assert list(faults(decode("certificate", STATED | facts))) == []


def test_the_demonstration_holds() -> None:
    assert [list(faults(certificate)) for certificate in demonstration()] == [[]] * len(demonstration())


def test_a_package_tells_all_of_them_with_their_places() -> None:
    head = "number,holder,scheme,unit,gas_shares,quality.primary_share,uncertainty_gsd,fulfilments\n"
    rows = [
        'C-1,91110000600037341L,S,kg,"[{""gas"": ""CO2"", ""share"": ""-1""}]",2,,\n',
        "C-2,91110000600037341L,S,furlong,,,0.5,\n",
        'C,91110000600037341L,S,,,,,"[{""rule"": ""R9"", ""condition"": ""c"", ""since"": ""2026-01-01""}]"',
    ]
    holder = Importer("91110000600037341L")
    _, wrong = link(read(package(certificates=head + "".join(rows)), holder), {})
    assert sorted(str(problem.place) for problem in wrong) == [
        "certificates.csv:2:gas_shares",
        "certificates.csv:2:quality.primary_share",
        "certificates.csv:3:uncertainty_gsd",
        "certificates.csv:3:unit",
        "certificates.csv:4:fulfilments",
    ]
