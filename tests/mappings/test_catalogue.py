"""The shipped reference data hold together, and data that do not are refused by file, key and reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from huren.graph.districts import PROVINCES, districts
from huren.graph.model.agreement import Agreement
from huren.graph.model.dated import Certainty, Parameter
from huren.graph.model.region import Membership, Region, RegionKind
from huren.graph.model.scheme import CertificationRule, Scheme, TextState
from huren.graph.model.terms import NEVER_EQUIVALENT
from huren.graph.model.text import Text
from huren.mappings.catalogue import catalogue, demonstration, memberships
from huren.mappings.lifetime import agreement_state, in_force, instrument_state
from huren.mappings.periods import overlap
from huren.mappings.records import decode, encode

NAMED = {
    *("CN-CFP", "BJ-PILOT", "TJ-PILOT", "HE-PILOT", "SH-CARBON", "JS-CARBON", "ZJ-CARBON", "AH-CARBON"),
    *("GBA-CFP", "GD-LABEL", "HK-CMA", "ISO14067", "EPD-INT", "EPEAT-PV", "FR-PPE2", "PACT3"),
    *("CN-LOW", "CN-NEUTRAL", "MGMT", "PAS2050", "GHGP-PS", "EU-PEF", "CARBONTRUST", "KR-EPD"),
    *("JP-SUMPO", "EU-CBAM", "EU-CFB", "KR-PV", "TUV-PRIV"),
}
AT = datetime(2026, 6, 1, tzinfo=UTC)

DAYS = st.none() | st.dates(date(2025, 1, 1), date(2025, 1, 12))


@given(DAYS, DAYS, DAYS, DAYS)
def test_periods_overlap_when_a_day_lies_in_both(
    since: date | None, until: date | None, other_since: date | None, other_until: date | None
) -> None:
    if (since and until and until < since) or (other_since and other_until and other_until < other_since):
        return
    days = [date(2024, 12, 31) + timedelta(n) for n in range(14)]

    def inside(day: date, first: date | None, last: date | None) -> bool:
        return (first is None or first <= day) and (last is None or day <= last)

    both = any(inside(d, since, until) and inside(d, other_since, other_until) for d in days)
    assert overlap(since, until, other_since, other_until) == both


def test_the_shipped_data_pass() -> None:
    found = catalogue()
    assert {s.id for s in found.schemes} >= NAMED
    assert demonstration()


def inside(value: Any) -> Iterator[Parameter[Any]]:
    """Every parameter of a record."""
    if isinstance(value, Parameter):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from inside(one)
    elif is_dataclass(value):
        for field in fields(value):
            yield from inside(getattr(value, field.name))


def test_every_field_carries_certainty_and_source() -> None:
    shipped: tuple[Scheme | CertificationRule, ...] = (*catalogue().schemes, *catalogue().rules)
    for record in shipped:
        assert record.source, record.id
        for parameter in inside(record):
            assert parameter.source, record.id
            assert isinstance(parameter.certainty, Certainty)


def test_a_parameter_without_value_is_uncertain() -> None:
    """What is not known must not look known."""
    for record in (*catalogue().schemes, *catalogue().rules, *catalogue().categories):
        for parameter in inside(record):
            if parameter.value is None:
                assert parameter.certainty is Certainty.UNCERTAIN, (record.id, parameter)


def test_what_is_invented_says_so() -> None:
    found = catalogue()
    records: tuple[Any, ...] = (*found.schemes, *found.rules, *found.agreements, *found.bodies)
    for record in records:
        assert ("invented" in record.source) == record.illustrative, record.id
    assert all(certificate.illustrative for certificate in demonstration())


def test_records_survive_the_graph() -> None:
    """What is stated there, decoded, is the record again; every statement has its own name."""
    found = list(catalogue().statements())
    assert len({(kind, name) for kind, name, _ in found}) == len(found)
    again = {(kind, name): decode(kind, body) for kind, name, body in found if kind != "membership"}
    assert again["scheme", "FR-PPE2"] == next(s for s in catalogue().schemes if s.id == "FR-PPE2")
    assert again["agreement", "ILL-JJJ"] == next(a for a in catalogue().agreements if a.id == "ILL-JJJ")
    for certificate in demonstration():
        assert decode("certificate", encode(certificate)) == certificate


def test_only_the_two_illustrative_agreements_are_in_force() -> None:
    known = catalogue().facts().at(AT)
    in_force_now = {a.id: a for a in catalogue().agreements if agreement_state(a, AT, known) == "in_force"}
    assert set(in_force_now) == {"ILL-JJJ", "ILL-YRD"}
    jjj, yrd = in_force_now["ILL-JJJ"], in_force_now["ILL-YRD"]
    assert (set(jjj.issuing.regions), jjj.objects) == ({"CN-BJ", "CN-TJ", "CN-HE"}, {"result"})
    assert set(jjj.categories) == {"pv", "computer", "steel"}
    assert (set(yrd.issuing.regions), yrd.objects) == ({"CN-SH", "CN-JS", "CN-ZJ", "CN-AH"}, {"system"})
    assert (jjj.effective, yrd.effective) == (date(2026, 1, 1), date(2026, 3, 1))
    assert not jjj.passes_on
    assert not yrd.passes_on
    assert all(both_sides(a) for a in (jjj, yrd))


def both_sides(agreement: Agreement) -> bool:
    return agreement.both_ways and agreement.issuing == agreement.accepting


def test_a_draft_and_a_memorandum_are_not_in_force() -> None:
    found, known = catalogue(), catalogue().facts().at(AT)
    texts = {i.id: instrument_state(i, AT) for i in found.instruments}
    assert texts["TJ-DRAFT"] is TextState.DRAFT
    assert texts["GD-HK-2023"] is TextState.MOU
    assert texts["BJ-2025-33"] is TextState.IN_FORCE
    schemes = {s.id: in_force(s, AT, known) for s in found.schemes}
    assert not schemes["TJ-PILOT"]
    assert schemes["BJ-PILOT"]


def test_the_published_pilot_list_has_ten_and_no_urea() -> None:
    pilot = {c.id for c in catalogue().categories if c.pilot}
    label = next(s for s in catalogue().schemes if s.id == "CN-CFP")
    assert len(pilot) == 10
    assert "urea" not in pilot
    assert label.categories is not None
    assert {row.category for row in label.categories.value or ()} == pilot


def test_never_equivalent_kinds_are_on_record() -> None:
    kinds = {
        kind
        for s in catalogue().schemes
        if s.record_types and s.record_types.value
        for kind in s.record_types.value
    }
    assert kinds >= NEVER_EQUIVALENT


def test_provinces_are_those_of_iso_and_gbt_2260() -> None:
    provinces = {r.id for r in catalogue().regions if r.kind is RegionKind.PROVINCE}
    assert provinces == set(PROVINCES.values())
    assert len(provinces) == 34
    for region in catalogue().regions:
        assert region.name.zh
        assert region.name.en


def test_cities_of_the_bay_have_the_names_of_the_packaged_list() -> None:
    listed = {d.id: d.name.zh for d in districts()}
    cities = [r for r in catalogue().regions if r.kind is RegionKind.PREFECTURE]
    assert len(cities) == 9
    for city in cities:
        assert listed[city.id] == city.name.zh
        assert {m.within for m in city.memberships} == {"CN-GD", "GBA"}


@pytest.mark.parametrize(
    ("alliance", "members"),
    [
        ("JJJ", {"CN-BJ", "CN-TJ", "CN-HE"}),
        ("YRD", {"CN-SH", "CN-JS", "CN-ZJ", "CN-AH"}),
        (
            "GBA",
            {
                *("CN-HK", "CN-MO", "440100", "440300", "440400", "440600"),
                *("440700", "441200", "441300", "441900", "442000"),
            },
        ),
    ],
)
def test_alliances_have_their_members(alliance: str, members: set[str]) -> None:
    known = catalogue().facts().at(AT)
    assert set(known.members(alliance, AT)) == members
    assert not known.members(alliance, datetime(2013, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("district", "areas"),
    [("110108", {"CN-BJ", "JJJ", "CN"}), ("440306", {"440300", "CN-GD", "GBA", "CN"})],
)
def test_districts_lie_in_their_areas(district: str, areas: set[str]) -> None:
    assert catalogue().facts().at(AT).areas(district, AT) == areas | {district}


def test_a_membership_ends_on_its_last_day() -> None:
    """A region's ``until`` is the first day outside; a membership's is the last day inside."""
    around = Membership("JJJ", date(2020, 1, 1), date(2021, 1, 1))
    rows = memberships([Region("CN-XX", RegionKind.PROVINCE, Text("某省"), (around,))])
    assert [(m.within, m.since, m.until) for m in rows] == [("JJJ", date(2020, 1, 1), date(2020, 12, 31))]


def test_demonstration_codes_are_formed_as_the_standard_says() -> None:
    codes = {c.holder for c in demonstration()} | {b.uscc for b in catalogue().bodies if b.uscc}
    assert len(codes) == 10
    for code in codes:
        assert uscc.is_valid(code)


def test_breakdowns_add_up_to_their_value() -> None:
    for certificate in demonstration():
        if certificate.breakdown:
            assert sum(kg for _, kg in certificate.breakdown) == certificate.value, certificate.number
        if certificate.modules:
            inside_sum = sum(kg for module, kg in certificate.modules if module != "D")
            assert inside_sum == certificate.value, certificate.number
