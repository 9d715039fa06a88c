"""What one agreement grants one certificate, walked by hand at each edge of its terms."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from huren.graph.model.agreement import Agreement, Side, Step, Transition
from huren.graph.model.category import Category
from huren.graph.model.certificate import Fulfilment, FulfilmentState
from huren.graph.model.facts import Known
from huren.graph.model.scheme import Scheme
from huren.graph.model.terms import AgreementObject, Purpose, RecordType
from huren.graph.model.text import Text
from huren.mappings.agreement_terms import (
    Sides,
    dates_outcome,
    hop_outcome,
    in_scope,
    object_outcome,
    takes_record,
    transition_covers,
    transition_outcome,
)
from huren.mappings.outcome import Outcome

NAME = Text(en="x")
TICK = timedelta(microseconds=1)
AT = datetime(2026, 6, 1, tzinfo=UTC)
KNOWN = Known(AT, categories={"steel": Category("steel", NAME), "rebar": Category("rebar", NAME, "steel")})
SIDES = Sides(
    scheme="S",
    issuer=None,
    accepting=Scheme("D", NAME),
    region=None,
    issued=AT,
    category="rebar",
    record_type=RecordType.EPD,
    fulfilments=(),
    purpose=Purpose.LABEL,
    at=AT,
    max_hops=3,
)
STEP = Step("seen", NAME)
MET = Fulfilment("R2", "seen", date(2026, 1, 1), destination="D")


def agreement(**terms: Any) -> Agreement:
    return Agreement("A", NAME, Side(), Side(), **terms)


def issued(on: datetime | None, **more: Any) -> Sides:
    return replace(SIDES, issued=on, **more)


@pytest.mark.parametrize(
    ("objects", "label", "display"),
    [
        ({AgreementObject.RESULT}, Outcome.EQUAL, Outcome.EQUAL),
        ({AgreementObject.RULE_AND_RESULT}, Outcome.EQUAL, Outcome.EQUAL),
        ({AgreementObject.SYSTEM}, Outcome.EQUAL, Outcome.EQUAL),
        ({AgreementObject.MARK}, Outcome.BLOCKED, Outcome.EQUAL),
        ({AgreementObject.METHOD}, Outcome.CONDITIONAL, Outcome.CONDITIONAL),
        ({AgreementObject.METHOD, AgreementObject.MARK}, Outcome.CONDITIONAL, Outcome.EQUAL),
    ],
)
def test_what_is_recognised(objects: set[AgreementObject], label: Outcome, display: Outcome) -> None:
    terms = agreement(objects=frozenset(objects))
    assert object_outcome(terms, Purpose.LABEL) is label
    assert object_outcome(terms, Purpose.CONSUMER_DISPLAY) is display
    shown = replace(SIDES, purpose=Purpose.CONSUMER_DISPLAY)
    assert hop_outcome(terms, False, SIDES, KNOWN) is label
    assert hop_outcome(terms, False, shown, KNOWN) is display


# Midnight of 1 January, and the end of 31 March, at +08:00 and at +00:00.
ZONES = [
    ("+08:00", datetime(2025, 12, 31, 16, tzinfo=UTC), datetime(2026, 3, 31, 16, tzinfo=UTC)),
    ("+00:00", datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)),
]


@pytest.mark.parametrize(("zone", "first", "after"), ZONES)
def test_the_day_of_issue_lies_in_the_terms(zone: str, first: datetime, after: datetime) -> None:
    begun = agreement(issued_from=date(2026, 1, 1), zone=zone)
    ended = agreement(issued_until=date(2026, 3, 31), zone=zone)
    both = replace(begun, issued_until=ended.issued_until)
    for terms in (begun, both):
        assert dates_outcome(terms, issued(first - TICK)) is Outcome.BLOCKED
        assert dates_outcome(terms, issued(first)) is Outcome.EQUAL
    for terms in (ended, both):
        assert dates_outcome(terms, issued(after - TICK)) is Outcome.EQUAL
        assert dates_outcome(terms, issued(after)) is Outcome.BLOCKED
    assert dates_outcome(begun, issued(after)) is Outcome.EQUAL
    assert dates_outcome(ended, issued(first - TICK)) is Outcome.EQUAL
    assert {dates_outcome(terms, issued(None)) for terms in (begun, ended, both)} == {Outcome.UNKNOWN}
    assert dates_outcome(agreement(), issued(None)) is Outcome.EQUAL
    assert hop_outcome(both, False, issued(after), KNOWN) is Outcome.BLOCKED


@pytest.mark.parametrize(("zone", "first", "after"), ZONES)
def test_an_ended_agreement_covers_what_its_transition_says(
    zone: str, first: datetime, after: datetime
) -> None:
    over = datetime(2026, 2, 1, tzinfo=UTC)
    early = Transition(issued_before=date(2026, 1, 1), until=date(2026, 3, 31))
    terms = agreement(transition=early, zone=zone)
    now = {"at": after - TICK}
    assert transition_covers(terms, over, issued(first - TICK, **now))
    assert not transition_covers(terms, over, issued(first, **now))
    assert transition_covers(terms, over, issued(None, **now))
    assert not transition_covers(terms, over, issued(first - TICK, at=after))
    plain = agreement(transition=Transition(), zone=zone)
    assert transition_covers(plain, over, issued(over - TICK))
    assert not transition_covers(plain, over, issued(over))
    assert not transition_covers(plain, None, issued(over - TICK))
    assert not transition_covers(agreement(), over, issued(over - TICK))


STATES = [
    ((), Outcome.CONDITIONAL),
    ((FulfilmentState.MET,), Outcome.EQUAL),
    ((FulfilmentState.REFUSED,), Outcome.BLOCKED),
    ((FulfilmentState.IMPOSSIBLE,), Outcome.BLOCKED),
]


@pytest.mark.parametrize(("said", "outcome"), STATES)
def test_steps_and_terms_are_met_open_or_refused(said: tuple[FulfilmentState, ...], outcome: Outcome) -> None:
    stepped = agreement(steps=(STEP,))
    told = tuple(replace(MET, state=state) for state in said)
    assert hop_outcome(stepped, False, replace(SIDES, fulfilments=told), KNOWN) is outcome
    ended = agreement(transition=Transition(terms=(STEP,)))
    told = tuple(replace(one, rule="R3") for one in told)
    assert transition_outcome(ended, True, replace(SIDES, fulfilments=told)) is outcome
    assert hop_outcome(ended, True, replace(SIDES, fulfilments=told), KNOWN) is outcome
    assert transition_outcome(ended, False, replace(SIDES, fulfilments=told)) is Outcome.EQUAL


@pytest.mark.parametrize(
    "other",
    [{"rule": "R9"}, {"condition": "heard"}, {"destination": "E"}, {"since": date(2026, 6, 2)}],
    ids=lambda change: next(iter(change)),
)
def test_what_was_met_elsewhere_or_later_is_still_open(other: dict[str, Any]) -> None:
    told = replace(SIDES, fulfilments=(replace(MET, **other),))
    assert hop_outcome(agreement(steps=(STEP,)), False, told, KNOWN) is Outcome.CONDITIONAL


def test_one_step_of_two_does_not_suffice() -> None:
    two = agreement(steps=(STEP, Step("heard", NAME)))
    told = replace(SIDES, fulfilments=(MET,))
    assert hop_outcome(two, False, told, KNOWN) is Outcome.CONDITIONAL
    refused = replace(MET, condition="heard", state=FulfilmentState.REFUSED)
    told = replace(SIDES, fulfilments=(MET, refused))
    assert hop_outcome(two, False, told, KNOWN) is Outcome.BLOCKED


def test_a_transition_without_a_day_of_issue_is_unknown() -> None:
    ended = agreement(transition=Transition(terms=(STEP,)))
    assert transition_outcome(ended, True, issued(None)) is Outcome.UNKNOWN
    assert transition_outcome(agreement(), True, issued(None)) is Outcome.EQUAL
    assert transition_outcome(ended, False, issued(None)) is Outcome.EQUAL


@pytest.mark.parametrize(
    ("named", "category", "found"),
    [
        ((), "rebar", True),
        (("steel",), "rebar", True),
        (("rebar", "tea"), "rebar", True),
        (("rebar",), "steel", False),
        (("tea",), "rebar", False),
        (("tea",), None, True),
    ],
)
def test_the_scope_is_a_category_or_a_parent_of_it(
    named: tuple[str, ...], category: str | None, found: bool
) -> None:
    terms, sides = agreement(categories=named), replace(SIDES, category=category)
    assert in_scope(terms, sides, KNOWN) is found
    assert hop_outcome(terms, False, sides, KNOWN) is (Outcome.EQUAL if found else Outcome.BLOCKED)


@pytest.mark.parametrize(
    ("named", "kind", "found"),
    [
        ((), RecordType.EPD, True),
        ((RecordType.EPD,), RecordType.EPD, True),
        ((RecordType.EPD,), None, True),
        ((RecordType.EPD,), RecordType.PACT_RECORD, False),
    ],
)
def test_the_kind_of_record_is_one_that_is_named(
    named: tuple[RecordType, ...], kind: RecordType | None, found: bool
) -> None:
    terms, sides = agreement(record_types=frozenset(named)), replace(SIDES, record_type=kind)
    assert takes_record(terms, sides) is found
    assert hop_outcome(terms, False, sides, KNOWN) is (Outcome.EQUAL if found else Outcome.BLOCKED)
