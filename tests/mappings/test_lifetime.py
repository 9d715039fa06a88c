"""States at an instant, from dates and events: walked by hand at each edge, in the zone of the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from huren.graph.model.agreement import Agreement, Side
from huren.graph.model.body import Body, BodyState
from huren.graph.model.certificate import Certificate, CertificateState
from huren.graph.model.dated import StatusEvent
from huren.graph.model.facts import Known
from huren.graph.model.scheme import CertificationRule, Instrument, Scheme, TextState
from huren.graph.model.text import Text
from huren.mappings.lifetime import (
    agreement_state,
    body_state,
    certificate_state,
    end_of_agreement,
    in_force,
    predecessors,
    rule_state,
    scheme_state,
)

NAME = Text(en="x")
TICK = timedelta(microseconds=1)
DAY = date(2026, 1, 1)
IN_CHINA = datetime(2025, 12, 31, 16, tzinfo=UTC)
"""When 1 January begins at +08:00."""
IN_UTC = datetime(2026, 1, 1, tzinfo=UTC)


def known(*things: Any) -> Known:
    kinds = {
        Agreement: "agreements",
        CertificationRule: "rules",
        Scheme: "schemes",
        Instrument: "instruments",
    }
    held: dict[str, dict[str, Any]] = {}
    for thing in things:
        held.setdefault(kinds.get(type(thing), "instruments"), {})[thing.id] = thing
    return Known(IN_UTC, **held)


def agreement(id: str, **facts: Any) -> Agreement:
    return Agreement(id, NAME, Side(), Side(), **facts)


def event(state: Any, on: date) -> StatusEvent[Any]:
    return StatusEvent(state, on)


@pytest.mark.parametrize(("zone", "begins"), [("+08:00", IN_CHINA), ("+00:00", IN_UTC)])
def test_an_agreement_ends_the_one_it_names_when_it_takes_effect_in_its_own_zone(
    zone: str, begins: datetime
) -> None:
    old = agreement("old", effective=date(2020, 1, 1))
    new = agreement("new", effective=DAY, ends=("old",), zone=zone)
    both = known(old, new)
    assert agreement_state(old, begins - TICK, both) is TextState.IN_FORCE
    assert agreement_state(old, begins, both) is TextState.ENDED
    assert end_of_agreement(old, both) == begins
    assert agreement_state(new, begins, both) is TextState.IN_FORCE


def test_one_that_never_took_effect_ends_nothing() -> None:
    old = agreement("old", effective=date(2020, 1, 1))
    both = known(old, agreement("draft", ends=("old",)))
    assert agreement_state(old, IN_UTC, both) is TextState.IN_FORCE
    assert end_of_agreement(old, both) is None


def test_the_first_end_is_the_end_and_final() -> None:
    events = (event(TextState.WITHDRAWN, date(2023, 1, 1)), event(TextState.IN_FORCE, date(2024, 1, 1)))
    one = agreement("one", effective=date(2020, 1, 1), ended=date(2025, 1, 1), events=events)
    found = known(one)
    assert agreement_state(one, IN_UTC, found) is TextState.WITHDRAWN
    assert end_of_agreement(one, found) == datetime(2022, 12, 31, 16, tzinfo=UTC)
    ended = replace(one, events=())
    last = datetime(2025, 1, 1, 16, tzinfo=UTC)  # the day itself is still a day of it
    assert end_of_agreement(ended, known(ended)) == last
    assert agreement_state(ended, last - TICK, known(ended)) is TextState.IN_FORCE
    assert agreement_state(ended, last, known(ended)) is TextState.ENDED


@pytest.mark.parametrize(("zone", "hour"), [("+08:00", 16), ("+00:00", 24)])
def test_an_end_is_of_the_agreement_s_own_zone(zone: str, hour: int) -> None:
    last = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=hour)
    one = agreement("one", effective=date(2020, 1, 1), ended=date(2025, 1, 1), zone=zone)
    assert end_of_agreement(one, known(one)) == last
    # Suspended at the very instant of its end, it was in force until then; a tick before, it was not.
    suspended = replace(one, events=(StatusEvent(TextState.SUSPENDED, last),))
    assert end_of_agreement(suspended, known(suspended)) == last
    suspended = replace(one, events=(event(TextState.SUSPENDED, date(2025, 1, 1)),))
    assert end_of_agreement(suspended, known(suspended)) is None
    suspended = replace(one, events=(event(TextState.SUSPENDED, date(2025, 1, 2)),))
    assert end_of_agreement(suspended, known(suspended)) == last


def test_what_was_not_in_force_when_it_ended_has_no_end() -> None:
    never = agreement("never", ended=date(2025, 1, 1))
    assert end_of_agreement(never, known(never)) is None


def test_predecessors_end_at_loops_and_at_what_is_not_on_record() -> None:
    a = CertificationRule("a", NAME, supersedes=("b", "gone"))
    b = CertificationRule("b", NAME, supersedes=("c", "a", "b"))
    c = CertificationRule("c", NAME, supersedes=("b",))
    assert predecessors(a, known(a, b, c)) == (b, c)
    assert predecessors(c, known(a, b, c)) == (b, a)


def test_a_rule_falls_when_its_successor_takes_effect() -> None:
    old = CertificationRule("old", NAME, effective=date(2020, 1, 1))
    new = CertificationRule("new", NAME, effective=DAY, supersedes=("old",))
    draft = CertificationRule("draft", NAME, supersedes=("old",))
    assert rule_state(old, IN_CHINA - TICK, known(old, new)) is TextState.IN_FORCE
    assert rule_state(old, IN_CHINA, known(old, new)) is TextState.SUPERSEDED
    assert rule_state(old, IN_CHINA, known(old, draft)) is TextState.IN_FORCE
    assert rule_state(new, IN_CHINA - TICK, known(old, new)) is None
    withdrawn = replace(old, withdrawn=date(2021, 1, 1))
    assert rule_state(withdrawn, IN_CHINA, known(withdrawn, new)) is TextState.ENDED


def test_a_scheme_is_what_its_instrument_is() -> None:
    text = Instrument("text", NAME, effective=DAY)
    scheme = Scheme("s", NAME, instrument="text")
    assert scheme_state(scheme, IN_CHINA - TICK, known(scheme, text)) is None
    assert scheme_state(scheme, IN_CHINA, known(scheme, text)) is TextState.IN_FORCE
    assert scheme_state(scheme, IN_CHINA, known(scheme)) is None
    repealed = replace(text, ended=date(2025, 6, 1), effective=date(2020, 1, 1))
    assert scheme_state(scheme, IN_CHINA, known(scheme, repealed)) is TextState.ENDED
    late = replace(scheme, effective=date(2027, 1, 1))
    assert scheme_state(late, IN_CHINA, known(late, text)) is None


def test_an_undated_scheme_was_always_in_force_and_a_dated_one_was_not() -> None:
    standard = Scheme("s", NAME)
    assert scheme_state(standard, datetime(1900, 1, 1, tzinfo=UTC), known(standard)) is TextState.IN_FORCE
    drafted = replace(standard, events=(event(TextState.DRAFT, date(2025, 1, 1)),))
    assert scheme_state(drafted, datetime(1900, 1, 1, tzinfo=UTC), known(drafted)) is None
    assert scheme_state(drafted, IN_UTC, known(drafted)) is TextState.DRAFT
    ended = replace(standard, ended=date(2025, 1, 1))
    assert scheme_state(ended, IN_UTC, known(ended)) is TextState.ENDED


def test_a_scheme_that_uses_another_needs_both_in_force() -> None:
    root = Scheme("root", NAME, effective=DAY)
    scheme = Scheme("s", NAME, effective=date(2020, 1, 1), uses="root")
    assert not in_force(scheme, IN_CHINA - TICK, known(scheme, root))
    assert in_force(scheme, IN_CHINA, known(scheme, root))
    late = replace(scheme, effective=date(2027, 1, 1))
    assert not in_force(late, IN_CHINA, known(late, root))


def test_a_certificate_s_end_is_final_and_void_holds_from_the_start() -> None:
    events = (
        event(CertificateState.SUSPENDED, date(2025, 1, 1)),
        event(CertificateState.WITHDRAWN, DAY),
        event(CertificateState.VALID, date(2027, 1, 1)),
    )
    one = Certificate("C", "h", "s", events=events)
    assert certificate_state(one, datetime(2024, 6, 1, tzinfo=UTC), "+08:00") is None
    assert certificate_state(one, IN_CHINA - TICK, "+08:00") is CertificateState.SUSPENDED
    assert certificate_state(one, IN_CHINA, "+08:00") is CertificateState.WITHDRAWN
    assert certificate_state(one, IN_CHINA, "+00:00") is CertificateState.SUSPENDED
    assert certificate_state(one, datetime(2028, 1, 1, tzinfo=UTC), "+08:00") is CertificateState.WITHDRAWN
    void = [event(CertificateState.VOID, date(2030, 1, 1))]
    assert certificate_state(one, datetime(2024, 6, 1, tzinfo=UTC), "+08:00", void) is CertificateState.VOID


def test_only_reinstatement_clears_a_body() -> None:
    days = [date(2020 + n, 1, 1) for n in range(5)]
    said = [
        BodyState.SUSPENDED,
        BodyState.EXITED,
        BodyState.BLACKLISTED,
        BodyState.REINSTATED,
        BodyState.SUSPENDED,
    ]
    body = Body("b", NAME, events=tuple(map(event, said, days)))
    states = [body_state(body, datetime(day.year, 6, 1, tzinfo=UTC)) for day in (date(2019, 1, 1), *days)]
    assert states == [
        None,
        BodyState.SUSPENDED,
        BodyState.SUSPENDED,
        BodyState.BLACKLISTED,
        BodyState.REINSTATED,
        BodyState.SUSPENDED,
    ]


def test_a_body_s_event_holds_from_its_first_instant() -> None:
    body = Body("b", NAME, events=(event(BodyState.SUSPENDED, DAY), event(BodyState.EXITED, DAY)))
    assert body_state(body, IN_CHINA - TICK) is None
    assert body_state(body, IN_CHINA) is BodyState.SUSPENDED
    back = [BodyState.BLACKLISTED, BodyState.REINSTATED, BodyState.REINSTATED, BodyState.EXITED]
    events = [event(state, date(2020 + n, 1, 1)) for n, state in enumerate(back)]
    assert body_state(replace(body, events=tuple(events)), IN_CHINA) is BodyState.EXITED


def test_of_two_events_of_one_instant_the_one_recorded_last_holds() -> None:
    first = StatusEvent(CertificateState.SUSPENDED, DAY, recorded_at=IN_UTC)
    second = StatusEvent(CertificateState.VALID, DAY, recorded_at=IN_UTC + TICK)
    shipped = StatusEvent(CertificateState.CANCELLED, DAY)
    one = Certificate("C", "h", "s", events=(second, first))
    assert certificate_state(one, IN_UTC, "+08:00") is CertificateState.VALID
    assert certificate_state(replace(one, events=(first, shipped)), IN_UTC, "+08:00") is (
        CertificateState.CANCELLED
    )
