"""How findings make verdicts and a standing, in every case; cases are drawn by type (see conftest)."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huren.graph.model.facts import Facts
from huren.graph.model.terms import Purpose
from huren.mappings.decide import recognise
from huren.mappings.decision import Question
from huren.mappings.outcome import EmptyRuleSet, Outcome, worst
from huren.mappings.purposes import tables
from huren.mappings.rule import Kind
from huren.mappings.rules import ALL, SPECIFIED


@given(question=..., known=..., random=st.randoms())
def test_a_decision_is_a_function_of_its_facts(question: Question, known: Facts, random: Any) -> None:
    shuffled = Facts(
        **{f.name: tuple(random.sample(x := getattr(known, f.name), len(x))) for f in fields(Facts)}
    )
    assert recognise(question, shuffled) == recognise(question, known)


@given(question=..., known=..., rules=st.permutations(ALL))
def test_the_order_of_rules_does_not_matter(question: Question, known: Facts, rules: Any) -> None:
    assert recognise(question, known, rules) == recognise(question, known)


@given(question=..., known=...)
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


@given(question=..., known=...)
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


@given(question=..., known=...)
def test_no_findings_apply_that_the_purpose_does_not_ask(question: Question, known: Facts) -> None:
    decision = recognise(question, known)
    loan = question.purpose.value.startswith("LOAN") or question.purpose is Purpose.CHAIN_INPUT
    for found in decision.findings:
        if found.rule in ("R1", "R2", "R3", "R4") and loan:
            assert (found.applies, found.outcome) == (False, Outcome.EQUAL)
        if not found.applies:
            assert found.outcome is Outcome.EQUAL


def test_nothing_to_check_is_a_refusal(make: Any) -> None:
    world = make({})
    with pytest.raises(EmptyRuleSet):
        recognise(world.question, world.facts, ())
    with pytest.raises(EmptyRuleSet):
        recognise(world.question, world.facts, [rule for rule in ALL if rule.kind is Kind.LEGAL])
    with pytest.raises(EmptyRuleSet):
        recognise(replace(world.question, as_of=datetime(2010, 1, 1, tzinfo=UTC)), world.facts)
    with pytest.raises(EmptyRuleSet):
        worst([])


@given(st.lists(st.sampled_from(Outcome), min_size=1), st.lists(st.sampled_from(Outcome), min_size=1))
def test_worst_composes(left: list[Outcome], right: list[Outcome]) -> None:
    assert worst([*left, *right]) is worst([worst(left), worst(right)])
    assert worst(left) in left


def test_every_purpose_is_read_as_the_specification_says() -> None:
    """Domain 3a, purposes, typed again by hand."""
    table = {t.purpose: t for t in tables()}
    agreement = {"R1", "R2", "R3", "R4", "R6b"}
    chain = {"R5", "R6", "R8", "R9", "R10", "R11", "R14", "R14b", "R19", "R20", "R21", "R24"}
    for purpose in Purpose:
        loan, chained = purpose.value.startswith("LOAN"), purpose is Purpose.CHAIN_INPUT
        for rule in SPECIFIED[:-1]:
            wanted = "hard"
            if (loan or chained) and rule in agreement:
                wanted = "none"
            elif (loan and rule == "R5") or (chained and rule not in chain):
                wanted = "soft"
            assert table[purpose].hardness(rule).value == wanted, (purpose, rule)
