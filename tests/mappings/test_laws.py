"""What must be true of every decision, whatever the case."""

from __future__ import annotations

import tomllib
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huren.graph.model.agreement import Agreement, Side, Step, Transition
from huren.graph.model.body import BodyState
from huren.graph.model.certificate import Certificate, CertificateState, Fulfilment, FulfilmentState
from huren.graph.model.dated import StatusEvent
from huren.graph.model.facts import Facts
from huren.graph.model.scheme import TextState
from huren.graph.model.terms import AgreementObject, Purpose, RecordType
from huren.graph.model.text import Text
from huren.mappings.decide import Decision, Question, recognise
from huren.mappings.outcome import EmptyRuleSet, Outcome, worst
from huren.mappings.records import decode
from huren.mappings.rule import Kind
from huren.mappings.rules import ALL

DEFAULTS = tomllib.loads(
    (Path(__file__).parent.parent / "worlds" / "defaults.toml").read_text(encoding="utf-8"),
    parse_float=Decimal,
)
COMPLETE: Certificate = decode("certificate", DEFAULTS["certificate"])
SHIPPED = {
    field: tuple(decode(kind, row) for row in DEFAULTS.get(kind, []))
    for kind, field in {
        "scheme": "schemes",
        "body": "bodies",
        "category": "categories",
        "instrument": "instruments",
        "membership": "memberships",
    }.items()
}
NATIONAL_RULE = decode(
    "rule",
    {
        "id": "NAT",
        "name": {"en": "national steel rule"},
        "country": "CN",
        "categories": [{"category": "steel"}],
        "effective": date(2026, 3, 1),
        "transition_until": date(2026, 12, 31),
    },
)
FORGETTABLE = (
    "body", "record_type", "category", "issued", "valid_until", "value", "unit", "stages", "gwp_sets",
    "electricity", "electricity_complete", "offsets", "assurance", "assurance_system_since",
)  # fmt: skip
SCHEMES = ("CN-CFP", "CN-CFP", "TJ-BODY", "TJ-BODY", "SH-CARBON", "BJ-PILOT", "TJ-PILOT", "ISO14067")
REGIONS = ("CN-BJ", "CN-TJ", "CN-HE", "CN-SH", "JJJ")
DAYS = st.dates(date(2025, 5, 1), date(2027, 6, 30))
MOMENTS = st.datetimes(datetime(2025, 6, 1), datetime(2027, 6, 30), timezones=st.just(UTC))  # noqa: DTZ001

events = st.builds(
    StatusEvent, state=st.sampled_from(CertificateState), valid_from=DAYS, recorded_at=st.none() | MOMENTS
)
text_events = st.builds(
    StatusEvent, state=st.sampled_from(TextState), valid_from=DAYS, recorded_at=st.none() | MOMENTS
)
body_events = st.builds(
    StatusEvent, state=st.sampled_from(BodyState), valid_from=DAYS, recorded_at=st.none() | MOMENTS
)
sides = st.builds(Side, regions=st.lists(st.sampled_from(REGIONS), max_size=2).map(tuple))
STEP = Step("notify", Text("报备", "notify"))


@st.composite
def agreements(draw: st.DrawFn, name: str | None = None) -> Agreement:
    return Agreement(
        id=name or draw(st.sampled_from("abcdef")),
        name=Text("协议", "agreement"),
        issuing=draw(sides),
        accepting=draw(sides),
        both_ways=draw(st.booleans()),
        objects=draw(st.frozensets(st.sampled_from(AgreementObject), min_size=1)),
        categories=draw(st.sampled_from([(), ("steel",), ("pv_module", "computer")])),
        steps=draw(st.sampled_from([(), (STEP,)])),
        effective=draw(st.none() | DAYS),
        ended=draw(st.none() | DAYS),
        issued_from=draw(st.none() | DAYS),
        transition=draw(st.none() | st.builds(Transition, until=st.none() | DAYS)),
        passes_on=draw(st.booleans()),
        direct_only=draw(st.booleans()),
        events=tuple(draw(st.lists(text_events, max_size=1))),
    )


@st.composite
def certificates(draw: st.DrawFn) -> Certificate:
    forgotten = draw(st.just(frozenset()) | st.frozensets(st.sampled_from(FORGETTABLE), max_size=3))
    empty = {f.name: f.default for f in fields(Certificate)}
    changed = replace(
        COMPLETE,
        scheme=draw(st.sampled_from(SCHEMES)),
        category=draw(st.sampled_from(["pv_module", "pv_module", "pv_module", "steel", "laptop", "urea"])),
        record_type=draw(st.sampled_from([*RecordType, *[RecordType.FOOTPRINT_CERTIFICATE] * 30])),
        unit=draw(st.sampled_from(["kW", "kW", "kW", "kg", "m2", "piece"])),
        events=tuple(draw(st.just([]) | st.lists(events, max_size=2))),
        fulfilments=tuple(
            Fulfilment("R2", "notify", day, state)
            for day, state in draw(st.lists(st.tuples(DAYS, st.sampled_from(FulfilmentState)), max_size=1))
        ),
    )
    return replace(changed, **{name: empty[name] for name in forgotten})


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    made = draw(st.lists(agreements(), max_size=4, unique_by=lambda a: a.id))
    body = SHIPPED["bodies"][0]
    return Facts(
        certificates=(draw(certificates()),),
        agreements=tuple(made),
        rules=draw(st.sampled_from([(), (NATIONAL_RULE,)])),
        **{**SHIPPED, "bodies": (replace(body, events=tuple(draw(st.lists(body_events, max_size=2)))),)},
    )


questions = st.builds(
    Question,
    certificate=st.just(COMPLETE.number),
    destination=st.sampled_from(
        ["CN-BJ", "CN-BJ", "CN-CFP", "CN-SH", "110108", "JJJ", "ISO14067", "FR-PPE2", "TJ-PILOT"]
    ),
    purpose=st.sampled_from(Purpose),
    as_of=MOMENTS,
    known_at=MOMENTS,
)


def with_certificate(known: Facts, **changes: Any) -> Facts:
    return replace(known, certificates=tuple(replace(c, **changes) for c in known.certificates))


def helps(before: Decision, after: Decision) -> bool:
    """Whether ``after`` is milder anywhere that counts."""
    return any(
        getattr(after, what).severity < getattr(before, what).severity
        for what in ("standing", "legal", "technical")
    )


@given(questions, facts(), st.randoms())
def test_a_decision_is_a_function_of_its_facts(question: Question, known: Facts, random: Any) -> None:
    shuffled = Facts(
        **{f.name: tuple(random.sample(x := getattr(known, f.name), len(x))) for f in fields(Facts)}
    )
    assert recognise(question, shuffled) == recognise(question, known)


@given(questions, facts(), st.permutations(ALL))
def test_the_order_of_rules_does_not_matter(question: Question, known: Facts, rules: Any) -> None:
    assert recognise(question, known, rules) == recognise(question, known)


@given(
    questions,
    facts(),
    DAYS,
    st.sampled_from(
        [
            CertificateState.WITHDRAWN,
            CertificateState.CANCELLED,
            CertificateState.VOID,
            CertificateState.EXPIRED,
        ]
    ),
)
def test_revoking_a_certificate_never_helps(
    question: Question, known: Facts, day: date, state: CertificateState
) -> None:
    events = (*known.certificates[0].events, StatusEvent(state, day))
    after = recognise(question, with_certificate(known, events=events))
    assert not helps(recognise(question, known), after)


@given(
    questions, facts(), DAYS, st.sampled_from([BodyState.BLACKLISTED, BodyState.SUSPENDED, BodyState.EXITED])
)
def test_sanctioning_a_body_never_helps(
    question: Question, known: Facts, day: date, state: BodyState
) -> None:
    body = known.bodies[0]
    worse = replace(known, bodies=(replace(body, events=(*body.events, StatusEvent(state, day))),))
    assert not helps(recognise(question, known), recognise(question, worse))


@given(questions, facts(), st.data())
def test_withdrawing_an_approval_never_helps(question: Question, known: Facts, data: st.DataObject) -> None:
    body = known.bodies[0]
    kept = data.draw(st.frozensets(st.sampled_from(body.approvals)))
    worse = replace(known, bodies=(replace(body, approvals=tuple(a for a in body.approvals if a in kept)),))
    assert not helps(recognise(question, known), recognise(question, worse))


@given(questions, facts(), DAYS, st.data())
def test_ending_an_agreement_never_helps(
    question: Question, known: Facts, day: date, data: st.DataObject
) -> None:
    if not known.agreements:
        return
    one = data.draw(st.sampled_from(known.agreements))
    ended = replace(one, events=(*one.events, StatusEvent(TextState.ENDED, day)))
    worse = replace(known, agreements=tuple(ended if a is one else a for a in known.agreements))
    assert not helps(recognise(question, known), recognise(question, worse))


@given(questions, facts(), agreements("new"))
def test_a_new_agreement_never_removes_recognition(question: Question, known: Facts, new: Agreement) -> None:
    more = replace(known, agreements=(*known.agreements, new))
    assert not helps(recognise(question, more), recognise(question, known))


@given(questions, facts())
def test_unknown_is_never_equal(question: Question, known: Facts) -> None:
    decision = recognise(question, known)
    unknown = [f for f in decision.findings if f.outcome is Outcome.UNKNOWN]
    for found in unknown:
        assert found.missing
        verdict = decision.legal if found.verdict is Kind.LEGAL else decision.technical
        assert verdict.severity >= Outcome.UNKNOWN.severity
        assert decision.standing.severity >= Outcome.CONDITIONAL.severity
        assert not found.hard or decision.standing.severity >= Outcome.UNKNOWN.severity
    if decision.technical.severity >= Outcome.CONDITIONAL.severity:
        assert decision.value is None


@given(questions, facts())
def test_verdicts_and_standing_are_the_worst_of_their_findings(question: Question, known: Facts) -> None:
    decision = recognise(question, known)
    order = ["EQUAL", "CONVERTIBLE", "CONDITIONAL", "UNKNOWN", "BLOCKED"]
    rank = {f.rule: order.index(f.outcome.value) for f in decision.findings}
    legal = [rank[f.rule] for f in decision.findings if f.verdict is Kind.LEGAL]
    technical = [rank[f.rule] for f in decision.findings if f.verdict is Kind.TECHNICAL]
    hard = [rank[f.rule] if f.hard or not f.applies else 2 * (rank[f.rule] >= 3) for f in decision.findings]
    found = [order.index(o.value) for o in (decision.legal, decision.technical, decision.standing)]
    assert found == [max(legal), max(technical), max(hard)]
    assert len(decision.findings) + len(decision.not_checked) == 28


@given(questions, facts())
def test_no_findings_apply_that_the_purpose_does_not_ask(question: Question, known: Facts) -> None:
    decision = recognise(question, known)
    loan = question.purpose.value.startswith("LOAN") or question.purpose is Purpose.CHAIN_INPUT
    for found in decision.findings:
        if found.rule in ("R1", "R2", "R3", "R4") and loan:
            assert (found.applies, found.outcome) == (False, Outcome.EQUAL)
        if not found.applies:
            assert found.outcome is Outcome.EQUAL


FRAME = decode(
    "certificate", DEFAULTS["certificate"] | {"components": [{"name": "frame", "included": False}]}
)


def told(certificate: Certificate) -> Certificate:
    """``certificate`` with every fact stated."""
    names = (*FORGETTABLE, "manufactured", "components")
    silent = {name: getattr(FRAME, name) for name in names if not getattr(certificate, name)}
    return replace(certificate, **silent | {"manufactured": date(2026, 1, 1)})


def of_certificate(missing: tuple[str, ...]) -> bool:
    return not all(name.startswith(("destination.", "issuer.")) for name in missing)


@given(questions, facts())
def test_learning_what_is_missing_never_leaves_a_finding_unknown(question: Question, known: Facts) -> None:
    before = recognise(question, known)
    after = recognise(question, replace(known, certificates=(told(known.certificates[0]),)))
    places = {(d.region, d.scheme): d for d in (after, *after.alternatives)}
    for decision in (before, *before.alternatives):
        informed = places.get((decision.region, decision.scheme), decision)
        now = {f.rule: f for f in informed.findings}
        for found in decision.findings:
            if found.outcome is Outcome.UNKNOWN and informed is not decision:
                learnt = now[found.rule]
                assert learnt.outcome is not Outcome.UNKNOWN or not of_certificate(learnt.missing)


@given(questions, facts(), certificates(), agreements(), events, body_events, MOMENTS)
def test_nothing_recorded_later_changes_a_decision(  # noqa: PLR0913, PLR0917  one of each kind
    question: Question,
    known: Facts,
    other: Certificate,
    late: Agreement,
    event: Any,
    sanction: Any,
    when: datetime,
) -> None:
    later = max(when, question.known_at + timedelta(microseconds=1))
    first, body = known.certificates[0], known.bodies[0]
    event, sanction = replace(event, recorded_at=later), replace(sanction, recorded_at=later)
    known_later = replace(
        known,
        certificates=(
            replace(first, events=(*first.events, event)),
            replace(other, recorded_at=later),
        ),
        agreements=(*known.agreements, replace(late, recorded_at=later)),
        bodies=(replace(body, events=(*body.events, sanction)),),
        memberships=(*known.memberships, replace(known.memberships[0], within="YRD", recorded_at=later)),
    )
    assert recognise(question, known_later) == recognise(question, known)


def test_nothing_to_check_is_a_refusal() -> None:
    known = Facts(certificates=(COMPLETE,), **SHIPPED)
    question = Question(
        COMPLETE.number, "CN-CFP", Purpose.LABEL, datetime(2026, 6, 1, tzinfo=UTC), datetime.now(UTC)
    )
    with pytest.raises(EmptyRuleSet):
        recognise(question, known, ())
    with pytest.raises(EmptyRuleSet):
        recognise(replace(question, as_of=datetime(2010, 1, 1, tzinfo=UTC)), known)
    with pytest.raises(EmptyRuleSet):
        worst([])


@given(st.lists(st.sampled_from(Outcome), min_size=1), st.lists(st.sampled_from(Outcome), min_size=1))
def test_worst_composes(left: list[Outcome], right: list[Outcome]) -> None:
    assert worst([*left, *right]) is worst([worst(left), worst(right)])
    assert worst(left) in left
