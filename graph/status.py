"""Which change of a certificate's state may follow which. Pure.

Source: the certificate's states in their order from application to end; a change may be recorded long
after the day on which it bites, and so between two others.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from huren.errors import Conflict
from huren.graph.model.certificate import CertificateState as State
from huren.graph.model.dated import StatusEvent, start

FINAL = frozenset({State.EXPIRED, State.WITHDRAWN, State.CANCELLED})
"""States that nothing follows but voiding from the start."""

_END = {State.EXPIRED, State.WITHDRAWN, State.CANCELLED, State.VOID}

MAY_FOLLOW: dict[State | None, set[State]] = {
    None: {State.APPLIED, State.VALID},
    State.APPLIED: {State.UNDER_REVIEW, State.VALID, State.CANCELLED},
    State.UNDER_REVIEW: {State.VALID, State.CANCELLED},
    State.VALID: {State.SUSPENDED, State.RENEWAL_PENDING, State.DISPUTED} | _END,
    State.SUSPENDED: {State.VALID, State.DISPUTED} | _END,
    State.RENEWAL_PENDING: {State.VALID, State.SUSPENDED, State.DISPUTED} | _END,
    State.DISPUTED: {State.VALID, State.SUSPENDED} | _END,
    State.EXPIRED: {State.VOID},
    State.WITHDRAWN: {State.VOID},
    State.CANCELLED: {State.VOID},
    State.VOID: set(),
}
"""The states that may come next; None is a certificate nothing was said of."""

_LONG_AGO = datetime.min.replace(tzinfo=UTC)

Event = StatusEvent[State]


def check_change(number: str, events: Iterable[Event], change: Event, zone: str) -> None:
    """Refuse a change that cannot follow the state before it, or that the change after it cannot follow.

    ``zone``: of the certificate's scheme, for printed days.
    Raises: Conflict, naming the two states and what may come instead.
    """
    line = sorted(events, key=lambda e: (start(e.valid_from, zone), e.recorded_at or _LONG_AGO))
    if any(event.state is State.VOID for event in line):
        raise _impossible(number, State.VOID, change.state)
    at = start(change.valid_from, zone)
    earlier = [event.state for event in line if start(event.valid_from, zone) <= at]
    later = [event.state for event in line if start(event.valid_from, zone) > at]
    before = next((state for state in earlier if state in FINAL), earlier[-1] if earlier else None)
    if change.state not in MAY_FOLLOW[before]:
        raise _impossible(number, before, change.state)
    # An end that bites earlier than it was known overtakes what was recorded after it.
    if later and change.state not in _END and later[0] not in MAY_FOLLOW[change.state]:
        raise _impossible(number, change.state, later[0])


def _impossible(number: str, before: State | None, after: State) -> Conflict:
    possible = ", ".join(sorted(MAY_FOLLOW[before])) or "nothing"
    was = before or "not issued"
    return Conflict(
        f"certificate `{number}` cannot become {after}: it is {was} then",
        f"证书“{number}”不能变为 {after}:当时状态为 {was}",
        fix=f"After {was} may come: {possible}. Check the day from which the change holds.",
        fix_zh=f"{was} 之后只能是:{possible}。请核对生效日期。",
    )
