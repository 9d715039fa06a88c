"""Laws of recognition that a lawyer would sign; cases are drawn by type (see conftest)."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from huren.graph.model.agreement import Agreement
from huren.graph.model.body import BodyState
from huren.graph.model.certificate import Certificate, CertificateState
from huren.graph.model.dated import StatusEvent
from huren.graph.model.equivalence import Equivalence
from huren.graph.model.facts import Facts
from huren.graph.model.quantity import Component
from huren.graph.model.sanction import Sanction
from huren.graph.model.scheme import TextState
from huren.mappings.decide import recognise
from huren.mappings.decision import Decision, Question
from huren.mappings.outcome import Outcome
from tests.mappings.conftest import NATIONAL_RULE

days = st.sampled_from(
    [date(2025, 5, 15), date(2025, 9, 1), date(2026, 3, 1), date(2026, 5, 10), date(2027, 6, 1)]
)
ends = st.sampled_from(
    [CertificateState.WITHDRAWN, CertificateState.CANCELLED, CertificateState.VOID, CertificateState.EXPIRED]
)
sanctions = st.sampled_from([BodyState.BLACKLISTED, BodyState.SUSPENDED, BodyState.EXITED])


def helps(before: Decision, after: Decision) -> bool:
    """Whether ``after`` is milder anywhere that counts."""
    return any(
        getattr(after, what).severity < getattr(before, what).severity
        for what in ("standing", "legal", "technical")
    )


@given(question=..., known=..., day=days, state=ends)
def test_revoking_a_certificate_never_helps(
    question: Question, known: Facts, day: date, state: CertificateState
) -> None:
    first = known.certificates[0]
    ended = replace(first, events=(*first.events, StatusEvent(state, day)))
    after = recognise(question, replace(known, certificates=(ended,)))
    assert not helps(recognise(question, known), after)


@given(question=..., known=..., day=days, state=sanctions)
def test_sanctioning_a_body_never_helps(
    question: Question, known: Facts, complete: Certificate, day: date, state: BodyState
) -> None:
    known, body = replace(known, certificates=(complete,)), known.bodies[0]
    worse = replace(known, bodies=(replace(body, events=(*body.events, StatusEvent(state, day))),))
    assert not helps(recognise(question, known), recognise(question, worse))


@given(question=..., known=..., day=days, state=ends, named=st.booleans())
def test_sanctioning_the_holder_never_helps(
    question: Question, known: Facts, day: date, state: CertificateState, named: bool
) -> None:
    first = known.certificates[0]
    names = (first.number,) if named else ("another",)
    sanction = Sanction("S", first.holder, certificates=names, effect=state, valid_from=day, published=day)
    assert not helps(recognise(question, known), recognise(question, replace(known, sanctions=(sanction,))))
    later = replace(sanction, recorded_at=question.known_at + timedelta(microseconds=1))
    assert recognise(question, replace(known, sanctions=(later,))) == recognise(question, known)


@given(question=..., known=..., data=st.data())
def test_withdrawing_an_approval_never_helps(question: Question, known: Facts, data: st.DataObject) -> None:
    body = known.bodies[0]
    kept = data.draw(st.frozensets(st.sampled_from(body.approvals)))
    worse = replace(known, bodies=(replace(body, approvals=tuple(a for a in body.approvals if a in kept)),))
    assert not helps(recognise(question, known), recognise(question, worse))


@given(question=..., known=..., day=days, data=st.data())
def test_ending_an_agreement_never_helps(
    question: Question, known: Facts, day: date, data: st.DataObject
) -> None:
    if not known.agreements:
        return
    one = data.draw(st.sampled_from(known.agreements))
    ended = replace(one, events=(*one.events, StatusEvent(TextState.ENDED, day)))
    worse = replace(known, agreements=tuple(ended if a is one else a for a in known.agreements))
    assert not helps(recognise(question, known), recognise(question, worse))


@given(question=..., known=..., new=...)
def test_a_new_agreement_never_removes_recognition(question: Question, known: Facts, new: Agreement) -> None:
    more = replace(known, agreements=(*known.agreements, replace(new, id="new")))
    assert not helps(recognise(question, more), recognise(question, known))


def told(certificate: Certificate, complete: Certificate) -> Certificate:
    """``certificate`` with every fact stated that it is silent on."""
    complete = replace(complete, model="M1", site="P1", batch="B1", chain="C1")
    certificate = replace(
        certificate, manufactured=date(2026, 1, 1), components=(Component("frame", included=False),)
    )
    silent = {f.name for f in fields(Certificate) if getattr(certificate, f.name) in (None, ())}
    return replace(certificate, **{name: getattr(complete, name) for name in silent})


def of_certificate(missing: tuple[str, ...]) -> bool:
    return not all(name.startswith(("destination.", "issuer.")) for name in missing)


@given(question=..., known=...)
def test_learning_what_is_missing_never_leaves_a_finding_unknown(
    question: Question, known: Facts, complete: Certificate
) -> None:
    before = recognise(question, known)
    informed_of_all = told(known.certificates[0], complete)
    after = recognise(question, replace(known, certificates=(informed_of_all,)))
    places = {(d.region, d.scheme): d for d in (after, *after.alternatives)}
    for decision in (before, *before.alternatives):
        informed = places.get((decision.region, decision.scheme), decision)
        now = {f.rule: f for f in informed.findings}
        for found in decision.findings:
            if found.outcome is Outcome.UNKNOWN and informed is not decision:
                learnt = now[found.rule]
                assert learnt.outcome is not Outcome.UNKNOWN or not of_certificate(learnt.missing)


@given(question=..., known=..., other=..., late=..., data=st.data())
def test_nothing_recorded_later_changes_a_decision(
    question: Question, known: Facts, other: Certificate, late: Agreement, data: st.DataObject
) -> None:
    later = question.known_at + timedelta(microseconds=1)
    first, body, member = known.certificates[0], known.bodies[0], known.memberships[0]
    event = StatusEvent(data.draw(ends), data.draw(days), recorded_at=later)
    sanction = StatusEvent(data.draw(sanctions), data.draw(days), recorded_at=later)
    ended = (replace(s, ended=date(2025, 5, 15), recorded_at=later) for s in known.schemes)
    standard = Equivalence("E", "GB/T 24067-2024", "ISO 14067:2018", recorded_at=later)
    more = replace(
        known,
        certificates=(replace(first, events=(*first.events, event)), replace(other, recorded_at=later)),
        agreements=(*known.agreements, replace(late, recorded_at=later)),
        bodies=(replace(body, events=(*body.events, sanction)),),
        memberships=(*known.memberships, replace(member, region="CN-SH", within="JJJ", recorded_at=later)),
        equivalences=(standard,),
        rules=(*known.rules, replace(NATIONAL_RULE, recorded_at=later)),
        schemes=(*known.schemes, *ended),
        sanctions=(Sanction("S", first.holder, published=data.draw(days), recorded_at=later),),
    )
    then, now = recognise(question, known), recognise(question, more)
    assert now == then
    assert [finding.inputs for finding in now.findings] == [finding.inputs for finding in then.findings]
