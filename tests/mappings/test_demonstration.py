"""The demonstration's certificates before twelve destinations, as the specification reads them by hand.

Expectations follow sections 3 and 3a of the domain specification, not the engine: each row says why.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from huren.graph.model.dated import start
from huren.graph.model.facts import Known
from huren.graph.model.terms import Purpose
from huren.mappings.catalogue import catalogue, demonstration
from huren.mappings.decide import recognise
from huren.mappings.decision import Decision, Question

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)

PV, TJ_PV, REPORT = "DEMO-CFP-PV-1", "DEMO-TJ-PV-1", "DEMO-TJ-ACC-1"
STEEL, BATTERY, MDF = "DEMO-SH-STEEL-1", "DEMO-JS-BATTERY-1", "DEMO-EPD-MDF-1"
NEUTRAL, COMPUTER = "DEMO-NEUTRAL-1", "DEMO-CFP-PC-1"

JJJ = "CN-BJ CN-TJ CN-HE"
YRD = "CN-SH CN-JS CN-ZJ CN-AH"
CN = f"{JJJ} {YRD}"
BAY = "GBA"
TENDERS = "EPEAT-PV FR-PPE2"

Row = tuple[str, str, str, str, str, str, str]

# certificate, destinations, scheme that answers, standing, legal, technical, deciding rules.
TABLE: tuple[Row, ...] = (
    # The national label stands everywhere on the mainland by itself (R1); any boundary, AR6, 2024 factor.
    (PV, CN, "CN-CFP", "EQUAL", "EQUAL", "EQUAL", ""),
    # Every member must accept: Hong Kong takes no national label, and no agreement reaches it.
    (PV, BAY, "GBA-CFP", "BLOCKED", "BLOCKED", "UNKNOWN", "R1"),
    # No agreement; GWP set and electricity family of both tenders are not known (U).
    (PV, TENDERS, "", "BLOCKED", "BLOCKED", "UNKNOWN", "R1"),
    # A standard joins no agreement; "newest IPCC" on both sides, but no expert record says that a result
    # under GB/T 24067 stands for one under ISO 14067 (R12).
    (PV, "ISO14067", "", "BLOCKED", "BLOCKED", "CONDITIONAL", "R1"),
    # A certificate is no EPD (R5); end of life has no scenario; a grid average is not taken, its
    # replacement not known.
    (PV, "EPD-INT", "", "BLOCKED", "BLOCKED", "UNKNOWN", "R1 R5"),
    # ILL-JJJ recognises the result in Beijing and Hebei; AR5 is restated as AR6 from the gases stated.
    (TJ_PV, "CN-BJ CN-HE", "CN-CFP", "CONVERTIBLE", "EQUAL", "CONVERTIBLE", "R14"),
    # At home its own scheme answers, by the very rule it was issued under.
    (TJ_PV, "CN-TJ", "TJ-OWN", "EQUAL", "EQUAL", "EQUAL", ""),
    # No agreement joins Jing-Jin-Ji and the Delta, and ILL-JJJ is not passed on.
    (TJ_PV, YRD, "CN-CFP", "BLOCKED", "BLOCKED", "CONVERTIBLE", "R1"),
    (TJ_PV, BAY, "GBA-CFP", "BLOCKED", "BLOCKED", "UNKNOWN", "R1"),
    (TJ_PV, TENDERS, "", "BLOCKED", "BLOCKED", "UNKNOWN", "R1"),
    (TJ_PV, "ISO14067", "", "BLOCKED", "BLOCKED", "CONDITIONAL", "R1"),
    (TJ_PV, "EPD-INT", "", "BLOCKED", "BLOCKED", "UNKNOWN", "R1 R5"),
    # 核算 is not 认证: ILL-JJJ carries it, R5 does not, and a first party has no standing for a label.
    (REPORT, "CN-BJ CN-HE", "CN-CFP", "BLOCKED", "BLOCKED", "BLOCKED", "R5 R23"),
    # In Tianjin itself no agreement joins its bodies' own rules and the national label (R1).
    (REPORT, "CN-TJ", "CN-CFP", "BLOCKED", "BLOCKED", "BLOCKED", "R1 R5 R23"),
    (REPORT, "CN-SH", "CN-CFP", "BLOCKED", "BLOCKED", "BLOCKED", "R1 R5 R23"),
    # The local schemes' demands are not known (U), which is milder than the national label's refusal;
    # what kinds of record Zhejiang and Anhui issue is not known either, so R5 is UNKNOWN there.
    (REPORT, "CN-JS", "JS-CARBON", "BLOCKED", "BLOCKED", "UNKNOWN", "R1 R5"),
    (REPORT, "CN-ZJ", "ZJ-CARBON", "BLOCKED", "BLOCKED", "UNKNOWN", "R1"),
    (REPORT, "CN-AH", "AH-CARBON", "BLOCKED", "BLOCKED", "UNKNOWN", "R1"),
    (REPORT, BAY, "GBA-CFP", "BLOCKED", "BLOCKED", "BLOCKED", "R1 R5 R23"),
    (REPORT, TENDERS, "", "BLOCKED", "BLOCKED", "BLOCKED", "R1 R5 R23"),
    # ISO 14067 leaves verification to choice: the kind of record and the law stand against it, and the
    # other standard (R12) is open.
    (REPORT, "ISO14067", "", "BLOCKED", "BLOCKED", "CONDITIONAL", "R1 R5"),
    (REPORT, "EPD-INT", "", "BLOCKED", "BLOCKED", "BLOCKED", "R1 R5 R23"),
    # Nothing joins the Delta to Jing-Jin-Ji; as a number it would do (2023 factor is one of the label's).
    (STEEL, JJJ, "CN-CFP", "BLOCKED", "BLOCKED", "EQUAL", "R1"),
    (STEEL, "CN-SH", "SH-CARBON", "EQUAL", "EQUAL", "EQUAL", ""),
    # ILL-YRD recognises the system, which includes the result; no national steel rule is in force (R8).
    (STEEL, "CN-JS CN-ZJ CN-AH", "CN-CFP", "EQUAL", "EQUAL", "EQUAL", ""),
    (STEEL, BAY, "GBA-CFP", "BLOCKED", "BLOCKED", "UNKNOWN", "R1"),
    # Steel is on neither list (R6).
    (STEEL, TENDERS, "", "BLOCKED", "BLOCKED", "UNKNOWN", "R1 R6"),
    (STEEL, "ISO14067", "", "BLOCKED", "BLOCKED", "CONDITIONAL", "R1"),
    (STEEL, "EPD-INT", "", "BLOCKED", "BLOCKED", "UNKNOWN", "R1 R5"),
    (BATTERY, JJJ, "CN-CFP", "BLOCKED", "BLOCKED", "EQUAL", "R1"),
    (BATTERY, "CN-SH CN-ZJ CN-AH", "CN-CFP", "EQUAL", "EQUAL", "EQUAL", ""),
    (BATTERY, "CN-JS", "JS-CARBON", "EQUAL", "EQUAL", "EQUAL", ""),
    (BATTERY, BAY, "GBA-CFP", "BLOCKED", "BLOCKED", "UNKNOWN", "R1"),
    (BATTERY, TENDERS, "", "BLOCKED", "BLOCKED", "UNKNOWN", "R1 R6"),
    (BATTERY, "ISO14067", "", "BLOCKED", "BLOCKED", "CONDITIONAL", "R1"),
    (BATTERY, "EPD-INT", "", "BLOCKED", "BLOCKED", "UNKNOWN", "R1 R5"),
    # No agreement; besides, read GWP-total (R5) and a visit on site (R23) would be asked.
    (MDF, CN, "CN-CFP", "BLOCKED", "BLOCKED", "CONDITIONAL", "R1"),
    (MDF, BAY, "GBA-CFP", "BLOCKED", "BLOCKED", "UNKNOWN", "R1"),
    (MDF, TENDERS, "", "BLOCKED", "BLOCKED", "UNKNOWN", "R1 R6"),
    (MDF, "ISO14067", "", "BLOCKED", "BLOCKED", "CONDITIONAL", "R1"),
    # Its own scheme: A1-A3 and C, residual mix, D outside the sum.
    (MDF, "EPD-INT", "EPD-INT", "EQUAL", "EQUAL", "EQUAL", ""),
    # A neutral mark is never a footprint: R5 as a record, R10 as a number, and no agreement makes it one.
    (NEUTRAL, f"{JJJ} CN-SH CN-JS CN-ZJ", "CN-CFP", "BLOCKED", "BLOCKED", "BLOCKED", "R1 R5 R10"),
    (NEUTRAL, "CN-AH GBA ISO14067 EPD-INT", "", "BLOCKED", "BLOCKED", "BLOCKED", "R1 R5 R10"),
    (NEUTRAL, TENDERS, "", "BLOCKED", "BLOCKED", "BLOCKED", "R1 R5 R6 R10"),
    # Suspended on 2026-05-15: the label itself is recognised, the certificate does not stand (R24).
    (COMPUTER, CN, "CN-CFP", "BLOCKED", "BLOCKED", "EQUAL", "R24"),
    (COMPUTER, BAY, "GBA-CFP", "BLOCKED", "BLOCKED", "UNKNOWN", "R1 R24"),
    (COMPUTER, "EPEAT-PV", "", "BLOCKED", "BLOCKED", "UNKNOWN", "R1 R6 R24"),
    # France looks at the day of manufacture, which is not stated: R24 is UNKNOWN there, not BLOCKED.
    (COMPUTER, "FR-PPE2", "", "BLOCKED", "BLOCKED", "UNKNOWN", "R1 R6"),
    (COMPUTER, "ISO14067", "", "BLOCKED", "BLOCKED", "CONDITIONAL", "R1 R24"),
    (COMPUTER, "EPD-INT", "", "BLOCKED", "BLOCKED", "UNKNOWN", "R1 R5 R24"),
)

CASES = [
    pytest.param(destination, row, id=f"{row[0]} in {destination}")
    for row in TABLE
    for destination in row[1].split()
]


@pytest.fixture(scope="module")
def known() -> Known:
    return catalogue().facts(demonstration()).at(AS_OF)


def ask(known: Known, certificate: str, destination: str, as_of: datetime = AS_OF) -> Decision:
    return recognise(Question(certificate, destination, Purpose.LABEL, as_of, AS_OF), known)


@pytest.mark.parametrize(("destination", "row"), CASES)
def test_it_stands_as_the_specification_says(known: Known, destination: str, row: Row) -> None:
    certificate, _, scheme, standing, legal, technical, deciding = row
    decision = ask(known, certificate, destination)
    assert (decision.standing, decision.legal, decision.technical) == (standing, legal, technical)
    assert not scheme or decision.scheme == scheme
    if standing != "EQUAL":
        assert [f.rule for f in decision.deciding] == deciding.split()
    assert decision.illustrative


def test_every_certificate_is_asked_everywhere() -> None:
    asked = {(row[0], destination) for row in TABLE for destination in row[1].split()}
    everywhere = f"{CN} {BAY} {TENDERS} ISO14067 EPD-INT".split()
    assert asked == {(c.number, place) for c in demonstration() for place in everywhere}
    assert len(CASES) == len(asked)


def test_the_tianjin_module_is_restated_from_its_gases(known: Known) -> None:
    value = ask(known, TJ_PV, "CN-BJ").value
    assert value is not None
    # 510 kg CO2 + 1 kg fossil CH4 + 0.02 kg N2O: AR5 30 and 265, AR6 29.8 and 273.
    assert Decimal("510") + 30 + Decimal("0.02") * 265 == Decimal("545.30")
    assert value.value == value.low == value.high == Decimal("510") + Decimal("29.8") + Decimal("5.46")
    assert value.unit == "kg CO2e/kW"


def test_france_takes_the_frame_out(known: Known) -> None:
    boundary = next(f for f in ask(known, PV, "FR-PPE2").findings if f.rule == "R10")
    assert boundary.outcome == "CONVERTIBLE"
    assert boundary.quantity is not None
    assert boundary.quantity.value == Decimal("552.06") - Decimal("144.89")


@pytest.mark.parametrize(
    ("certificate", "destination", "first_day"),
    [(TJ_PV, "CN-BJ", date(2026, 1, 1)), (STEEL, "CN-JS", date(2026, 3, 1))],
)
def test_an_illustrative_agreement_begins_on_its_day(
    known: Known, certificate: str, destination: str, first_day: date
) -> None:
    begun = start(first_day)
    assert ask(known, certificate, destination, begun).legal == "EQUAL"
    before = ask(known, certificate, destination, begun - timedelta(microseconds=1))
    assert [f.rule for f in before.deciding] == ["R1"]


def test_the_computer_stood_until_its_suspension(known: Known) -> None:
    suspended = start(date(2026, 5, 15))
    assert ask(known, COMPUTER, "CN-BJ", suspended - timedelta(microseconds=1)).standing == "EQUAL"
    assert ask(known, COMPUTER, "CN-BJ", suspended).standing == "BLOCKED"


def test_a_draft_grounds_nothing(known: Known) -> None:
    """Tianjin's pilot stands on a draft for comment: refused by name, absent among the region's schemes."""
    category = next(f for f in ask(known, PV, "TJ-PILOT").findings if f.rule == "R6")
    assert category.outcome == "BLOCKED"
    here = ask(known, PV, "CN-TJ")
    assert "TJ-PILOT" not in {here.scheme, *(d.scheme for d in here.alternatives)}
