"""What the modules that decide must do, in tests quick enough to run for every mutant of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest

from huren.errors import NotFound
from huren.graph.model.terms import Purpose
from huren.mappings.applied import OF_BOTH, OF_CASE, OF_PLACE, rule_set
from huren.mappings.decide import recognise
from huren.mappings.outcome import EmptyRuleSet, worst
from huren.mappings.rule import Rule
from huren.mappings.rules import ALL, SPECIFIED
from huren.mappings.units import ratio
from tests.mappings.conftest import all_worlds
from tests.mappings.expected import wrong_in

# Read here and not in a fixture, so that what is forked once the tests are collected has them, and pint too.
WORLDS = all_worlds()
GRAMS = ratio("kg", "g")


def test_every_world_comes_out_as_it_says() -> None:
    """The worlds in one go; test_worlds.py tells them apart."""
    assert GRAMS == 1000
    for world in WORLDS:
        if "error" in world.expect:
            with pytest.raises(NotFound, match=world.expect["error"]):
                recognise(world.question, world.facts)
        else:
            assert wrong_in(world.decision, world.expect) == {}, world.name


def test_a_comparison_names_the_other_and_asks_nothing_of_the_law() -> None:
    """R28 stands on the technical verdict: a body that is not on record makes no number another."""
    world = next(world for world in WORLDS if world.name == "compared-lower")
    assert world.decision.comparison is not None
    assert world.decision.comparison.against == world.question.against
    nameless = tuple(replace(c, body=None) for c in world.facts.certificates)
    decision = recognise(world.question, replace(world.facts, certificates=nameless))
    assert decision.legal.severity > world.decision.legal.severity
    assert decision.standing.severity > world.decision.standing.severity
    assert decision.comparison == world.decision.comparison


def test_what_is_not_on_record_is_named_with_the_time() -> None:
    world = WORLDS[0]
    with pytest.raises(NotFound) as refused:
        recognise(replace(world.question, certificate="C9"), world.facts)
    when = world.question.known_at.isoformat()
    assert refused.value.en == f"no such certificate as of {when}: `C9`"
    assert when in refused.value.zh
    assert "C9" in refused.value.zh
    assert refused.value.fix
    assert refused.value.fix_zh


def test_an_empty_set_of_rules_says_what_is_empty() -> None:
    for raised, what in ((EmptyRuleSet(), "decision"), (EmptyRuleSet("legal"), "legal")):
        assert f"({what})" in raised.en
        assert f"({what})" in raised.zh
    with pytest.raises(EmptyRuleSet, match=r"\(purpose\)"):
        worst([], "purpose")
    with pytest.raises(EmptyRuleSet, match=r"\(decision\)"):
        worst([])


def test_a_decision_holds_its_question_and_its_case() -> None:
    """What was asked, where, and on which facts: of it and of each alternative."""
    for world in WORLDS:
        if "error" in world.expect:
            continue
        decision, asked = world.decision, world.question
        known = world.facts.at(asked.known_at)
        for one in (decision, *decision.alternatives):
            assert one.question == asked, world.name
            assert one.certificate == known.certificates[asked.certificate]
            assert one.region == one.dossier.target.region
            assert (one.dossier.purpose, one.dossier.as_of) == (asked.purpose, asked.as_of)
            assert one.dossier.comparing is (asked.against is not None)
            assert len(one.findings) + len(one.not_checked) == len(SPECIFIED)
            assert all(finding.dossier is not None for finding in one.found)


def edition(rule: Rule, since: date, until: date | None = None) -> Rule:
    return replace(rule, in_force=since, ends=until)


def test_a_rule_is_in_force_from_its_first_instant_until_before_its_last() -> None:
    """Days begin at midnight in China."""
    rule_set.cache_clear()
    gwp = next(rule for rule in ALL if rule.id == "R14")
    others = tuple(rule for rule in ALL if rule.id != "R14")
    rules = (*others, edition(gwp, date(2026, 6, 1), date(2026, 6, 2)))
    begins, ends = (datetime(2026, 6, day, tzinfo=timezone(timedelta(hours=8))) for day in (1, 2))
    tick = timedelta(microseconds=1)
    for at, there in ((begins - tick, False), (begins, True), (ends - tick, True), (ends, False)):
        applied = rule_set(rules, Purpose.LABEL, at)
        assert ("R14" in [a.rule.id for a in applied.rules]) is there, at
        assert ("R14" in applied.not_checked) is not there


def test_a_rule_reads_of_each_side_what_it_declares_and_whether_there_is_a_footprint() -> None:
    """Every path that a rule declares is read on one side, or the rule is of both."""
    rule_set.cache_clear()
    dossier = next(world for world in WORLDS if world.expect.get("technical") == "EQUAL").decision.dossier
    for applied in rule_set(ALL, Purpose.LABEL, dossier.as_of).rules:
        rule = applied.rule
        paths = [*rule.reads, "certificate.fulfilments"] + ["record_type"] * rule.needs_footprint
        roots = [path.split(".")[0] for path in paths]
        assert len(applied.of_case(dossier)) == sum(root in OF_CASE for root in roots), rule.id
        assert len(applied.of_place(dossier)) == sum(root in OF_PLACE for root in roots), rule.id
        assert applied.of_both is any(root in OF_BOTH for root in roots), rule.id
        assert applied.converts is (rule.turn >= 1), rule.id
