"""The state of a text, a certificate or a body at an instant, from its dates and events."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import TypeVar

from huren.graph.model.agreement import Agreement
from huren.graph.model.body import Body, BodyState
from huren.graph.model.certificate import Certificate, CertificateState
from huren.graph.model.dated import CHINA, StatusEvent, end, start
from huren.graph.model.facts import Known
from huren.graph.model.scheme import CertificationRule, Instrument, Scheme, TextState

S = TypeVar("S", TextState, CertificateState, BodyState)

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_FINAL_TEXT = frozenset({TextState.ENDED, TextState.WITHDRAWN, TextState.SUPERSEDED})
FINAL = frozenset({CertificateState.EXPIRED, CertificateState.WITHDRAWN, CertificateState.CANCELLED})


def _ordered(events: Iterable[StatusEvent[S]], zone: str) -> list[tuple[datetime, S]]:
    ranked = sorted(events, key=lambda e: (start(e.valid_from, zone), e.recorded_at or _LONG_AGO))
    return [(start(e.valid_from, zone), e.state) for e in ranked]


def _text_state(
    effective: date | datetime | None,
    ended: date | datetime | None,
    events: tuple[StatusEvent[TextState], ...],
    at: datetime,
    zone: str,
) -> TextState | None:
    """The last state reached at ``at``; an end is final; None where nothing has begun."""
    line = [] if effective is None else [(start(effective, zone), TextState.IN_FORCE)]
    line += _ordered(events, zone)
    if ended is not None:
        line.append((end(ended, zone), TextState.ENDED))
    reached = [state for when, state in sorted(line, key=lambda r: r[0]) if when <= at]
    final = next((state for state in reached if state in _FINAL_TEXT), None)
    return final or (reached[-1] if reached else None)


def agreement_state(agreement: Agreement, at: datetime, known: Known) -> TextState | None:
    """The state of ``agreement``, ended too by any agreement in force that ends it."""
    if any(
        agreement.id in other.ends and _reached(other, at)
        for other in known.agreements.values()
        if other.ends
    ):
        return TextState.ENDED
    return _text_state(agreement.effective, agreement.ended, agreement.events, at, agreement.zone)


def _reached(agreement: Agreement, at: datetime) -> bool:
    return agreement.effective is not None and start(agreement.effective, agreement.zone) <= at


def end_of_agreement(agreement: Agreement, known: Known) -> datetime | None:
    """The instant at which ``agreement`` ended, None if it has not or was not in force until then."""
    ends = [when for when, state in _ordered(agreement.events, agreement.zone) if state in _FINAL_TEXT]
    if agreement.ended is not None:
        ends.append(end(agreement.ended, agreement.zone))
    ends += [
        start(other.effective, other.zone)
        for other in known.agreements.values()
        if agreement.id in other.ends and other.effective is not None
    ]
    last = min(ends, default=None)
    if last is None:
        return None
    before = tuple(e for e in agreement.events if start(e.valid_from, agreement.zone) < last)
    state = _text_state(agreement.effective, None, before, last, agreement.zone)
    return last if state is TextState.IN_FORCE else None


def rule_state(rule: CertificationRule, at: datetime, known: Known) -> TextState | None:
    """The state of a certification rule or product standard.

    One that a successor in force displaced (S3-4, S3-30) is superseded, whether or not its own end was
    recorded.
    """
    state = _text_state(rule.effective, rule.withdrawn, rule.events, at, CHINA)
    if state is TextState.IN_FORCE and _displaced(rule, at, known):
        return TextState.SUPERSEDED
    return state


def _displaced(rule: CertificationRule, at: datetime, known: Known) -> bool:
    return any(
        rule.id in other.supersedes and other.effective is not None and start(other.effective) <= at
        for other in known.rules.values()
    )


def predecessors(rule: CertificationRule, known: Known) -> tuple[CertificationRule, ...]:
    """The rules that ``rule`` displaced, and those that they did, nearest first; loops end."""
    found: dict[str, CertificationRule] = {}
    todo = list(rule.supersedes)
    while todo:
        name = todo.pop(0)
        if name in known.rules and name not in found and name != rule.id:
            found[name] = known.rules[name]
            todo.extend(found[name].supersedes)
    return tuple(found.values())


def instrument_state(instrument: Instrument, at: datetime) -> TextState | None:
    """The state of a legal text."""
    return _text_state(instrument.effective, instrument.ended, instrument.events, at, CHINA)


def scheme_state(scheme: Scheme, at: datetime, known: Known) -> TextState | None:
    """The state of a scheme: that of its instrument where this is not in force, else its own.

    An instrument that is not on record does not exist (closed world). A scheme without dates, events
    and instrument, such as a standard, is in force.
    """
    if scheme.instrument is not None:
        text = known.instruments.get(scheme.instrument)
        state = None if text is None else instrument_state(text, at)
        if state is not TextState.IN_FORCE:
            return state
    undated = scheme.effective is None and not scheme.events
    begun = _LONG_AGO if undated else scheme.effective
    return _text_state(begun, scheme.ended, scheme.events, at, scheme.zone)


def in_force(scheme: Scheme, at: datetime, known: Known) -> bool:
    """Whether a scheme, and the one it uses, ground anything at ``at``."""
    root = known.root(scheme)
    return all(
        scheme_state(s, at, known) is TextState.IN_FORCE for s in {scheme.id: scheme, root.id: root}.values()
    )


def certificate_state(
    certificate: Certificate, at: datetime, zone: str, moved: Iterable[StatusEvent[CertificateState]] = ()
) -> CertificateState | None:
    """The state set by events, its own and those that ``moved`` it, at ``at``; None: no event.

    Void holds from the start, an end is final.
    """
    line = _ordered((*certificate.events, *moved), zone)
    if any(state is CertificateState.VOID for _, state in line):
        return CertificateState.VOID
    reached = [state for when, state in line if when <= at]
    return next((s for s in reached if s in FINAL), reached[-1] if reached else None)


def body_state(body: Body, at: datetime) -> BodyState | None:
    """The state of a body at ``at``; None: nothing happened to it.

    Only reinstatement lifts a suspension or a blacklisting: a body that leaves does not clear itself.
    """
    now: BodyState | None = None
    for when, state in _ordered(body.events, CHINA):
        if when <= at and _GRAVITY[state] >= _GRAVITY[_cleared(now)]:
            now = state
    return now


def _cleared(state: BodyState | None) -> BodyState | None:
    return None if state is BodyState.REINSTATED else state


_GRAVITY: dict[BodyState | None, int] = {
    None: 0,
    BodyState.EXITED: 1,
    BodyState.SUSPENDED: 2,
    BodyState.BLACKLISTED: 3,
    BodyState.REINSTATED: 4,
}
"""Which event outweighs the state before it."""
