"""What one agreement grants one certificate: object, process steps, dates and scope.

The route is chosen by these, and R2, R3 and R6 word them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from huren.graph.model.agreement import Agreement, Step
from huren.graph.model.certificate import Fulfilment
from huren.graph.model.dated import end, start
from huren.graph.model.facts import Known
from huren.graph.model.scheme import Scheme
from huren.graph.model.terms import AgreementObject, Purpose, RecordType
from huren.mappings.fulfilment import met
from huren.mappings.outcome import Outcome, worst

_METHOD, _RESULT = AgreementObject.METHOD, AgreementObject.RESULT
_INCLUDES = {
    AgreementObject.SYSTEM: frozenset({*AgreementObject} - {AgreementObject.MARK}),
    AgreementObject.RULE_AND_RESULT: frozenset({AgreementObject.RULE_AND_RESULT, _METHOD, _RESULT}),
}


@dataclass(frozen=True, slots=True)
class Sides:
    """Who asks for what: the two sides of a route and the terms it is judged by."""

    scheme: str
    issuer: Scheme | None
    accepting: Scheme
    region: str | None
    issued: datetime | None
    category: str | None
    record_type: RecordType | None
    fulfilments: tuple[Fulfilment, ...]
    purpose: Purpose
    at: datetime
    max_hops: int


def covers(agreement: Agreement) -> frozenset[AgreementObject]:
    """All objects recognised: system > rule and result > result and method; the mark stands apart."""
    return frozenset(part for o in agreement.objects for part in _INCLUDES.get(o, frozenset({o})))


def object_outcome(agreement: Agreement, purpose: Purpose) -> Outcome:
    """R2: a result suffices, a mark for display, a method asks for re-issue, a mark alone is nothing."""
    objects = covers(agreement)
    if _RESULT in objects:
        return Outcome.EQUAL
    if purpose is Purpose.CONSUMER_DISPLAY and AgreementObject.MARK in objects:
        return Outcome.EQUAL
    return Outcome.CONDITIONAL if _METHOD in objects else Outcome.BLOCKED


def _steps_outcome(steps: tuple[Step, ...], rule: str, sides: Sides) -> Outcome:
    states = {met(sides.fulfilments, rule, s.id, sides.accepting.id, sides.at) for s in steps}
    if False in states:
        return Outcome.BLOCKED
    return Outcome.CONDITIONAL if None in states else Outcome.EQUAL


def dates_outcome(agreement: Agreement, sides: Sides) -> Outcome:
    """R3: whether the day of issue lies in the terms; unless the agreement says otherwise every day does."""
    if agreement.issued_from is None and agreement.issued_until is None:
        return Outcome.EQUAL
    if sides.issued is None:
        return Outcome.UNKNOWN
    early = agreement.issued_from is not None and sides.issued < start(agreement.issued_from, agreement.zone)
    late = agreement.issued_until is not None and sides.issued >= end(agreement.issued_until, agreement.zone)
    return Outcome.BLOCKED if early or late else Outcome.EQUAL


def transition_covers(agreement: Agreement, ended: datetime | None, sides: Sides) -> bool:
    """Whether an ended agreement's own transition clause still covers a certificate issued that day."""
    clause = agreement.transition
    if clause is None or ended is None:
        return False
    before = ended if clause.issued_before is None else start(clause.issued_before, agreement.zone)
    in_time = clause.until is None or sides.at < end(clause.until, agreement.zone)
    return in_time and (sides.issued is None or sides.issued < before)


def transition_outcome(agreement: Agreement, ended: bool, sides: Sides) -> Outcome:
    """R3 under a transition clause: UNKNOWN without a day of issue, CONDITIONAL on an unmet term."""
    if not ended or agreement.transition is None:
        return Outcome.EQUAL
    if sides.issued is None:
        return Outcome.UNKNOWN
    return _steps_outcome(agreement.transition.terms, "R3", sides)


def in_scope(agreement: Agreement, sides: Sides, known: Known) -> bool:
    """R6: whether the category, or a parent of it, is one that the agreement names; none named: all."""
    if not agreement.categories or sides.category is None:
        return True
    return not frozenset(agreement.categories).isdisjoint(known.category_line(sides.category))


def takes_record(agreement: Agreement, sides: Sides) -> bool:
    """R2: whether the kind of record is one that the agreement names; none named: all."""
    return not agreement.record_types or sides.record_type in (None, *agreement.record_types)


def hop_outcome(agreement: Agreement, ended: bool, sides: Sides, known: Known) -> Outcome:
    """The worst that R2, R3 and R6 will find in this agreement: what a route is chosen by."""
    granted = in_scope(agreement, sides, known) and takes_record(agreement, sides)
    return worst(
        (
            Outcome.EQUAL if granted else Outcome.BLOCKED,
            object_outcome(agreement, sides.purpose),
            _steps_outcome(agreement.steps, "R2", sides),
            dates_outcome(agreement, sides),
            transition_outcome(agreement, ended, sides),
        )
    )
