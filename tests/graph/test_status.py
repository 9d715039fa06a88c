"""What may become of a certificate, and in what order."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huren.errors import Conflict
from huren.graph.model.certificate import CertificateState as State
from huren.graph.model.dated import CHINA, StatusEvent
from huren.graph.status import MAY_FOLLOW, check_change

DAY = date(2026, 1, 1)
STATES = st.sampled_from(list(State))


def event(state: State, day: int) -> StatusEvent[State]:
    """A change to ``state`` on the n-th day."""
    return StatusEvent(state, DAY + timedelta(days=day))


def allowed(line: list[tuple[State, int]], state: State, day: int) -> bool:
    """Whether the change may be recorded after those of ``line``."""
    try:
        check_change("N", [event(*change) for change in line], event(state, day), CHINA)
    except Conflict:
        return False
    return True


@pytest.mark.parametrize(
    ("line", "state", "day", "may"),
    [
        ([], State.APPLIED, 0, True),
        ([], State.SUSPENDED, 0, False),
        ([(State.APPLIED, 0)], State.VALID, 5, True),
        ([(State.APPLIED, 0)], State.SUSPENDED, 5, False),
        ([(State.APPLIED, 0)], State.UNDER_REVIEW, 5, True),
        ([(State.UNDER_REVIEW, 0)], State.VALID, 5, True),
        ([(State.VALID, 0)], State.UNDER_REVIEW, 5, False),
        ([(State.VALID, 0)], State.SUSPENDED, 5, True),
        ([(State.VALID, 0)], State.VALID, 5, False),
        ([(State.VALID, 3)], State.SUSPENDED, 1, False),
        ([(State.VALID, 0), (State.SUSPENDED, 5)], State.VALID, 9, True),
        ([(State.VALID, 0), (State.SUSPENDED, 5)], State.WITHDRAWN, 3, True),
        ([(State.VALID, 0), (State.SUSPENDED, 5)], State.DISPUTED, 3, True),
        ([(State.VALID, 0), (State.SUSPENDED, 5), (State.VALID, 9)], State.SUSPENDED, 3, False),
        ([(State.VALID, 0), (State.WITHDRAWN, 5)], State.VALID, 9, False),
        ([(State.VALID, 0), (State.WITHDRAWN, 5)], State.SUSPENDED, 3, True),
        ([(State.VALID, 0), (State.EXPIRED, 5)], State.VOID, 9, True),
        ([(State.VALID, 0), (State.VOID, 5)], State.VALID, 9, False),
        ([(State.VALID, 0), (State.VOID, 5)], State.WITHDRAWN, 1, False),
    ],
)
def test_changes_that_may_and_may_not_be(
    line: list[tuple[State, int]], state: State, day: int, may: bool
) -> None:
    assert allowed(line, state, day) is may


@given(st.lists(st.tuples(STATES, st.integers(0, 5)), max_size=6))
def test_what_was_let_through_in_order_of_time_is_a_walk(changes: list[tuple[State, int]]) -> None:
    line: list[tuple[State, int]] = []
    for state, day in sorted(changes, key=lambda change: change[1]):
        if allowed(line, state, day):
            line.append((state, day))
    walk = [None, *(state for state, _ in line)]
    assert all(after in MAY_FOLLOW[before] for before, after in pairwise(walk) if after)
    assert [state for state, _ in line].count(State.VOID) <= 1


@given(st.lists(st.tuples(STATES, st.integers(0, 5)), max_size=6), STATES, st.integers(0, 5))
def test_nothing_follows_void(changes: list[tuple[State, int]], state: State, day: int) -> None:
    assert not allowed([*changes, (State.VOID, 3)], state, day)


def test_a_refusal_says_what_may_come_instead() -> None:
    with pytest.raises(Conflict, match="`N` cannot become applied: it is valid then") as refused:
        check_change("N", [event(State.VALID, 0)], event(State.APPLIED, 1), CHINA)
    assert "suspended" in refused.value.fix
