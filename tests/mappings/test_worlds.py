"""Every world in the folder comes out as it says, and every outcome of every rule has a world."""

from __future__ import annotations

from typing import Any

import pytest

from huren.errors import NotFound
from huren.graph.model.terms import Purpose
from huren.graph.model.text import Lang
from huren.mappings.decide import recognise
from huren.mappings.rules import ALL
from tests.mappings.expected import RULES, wrong_in


def test_world(world: Any) -> None:
    if "error" in world.expect:
        with pytest.raises(NotFound, match=world.expect["error"]):
            recognise(world.question, world.facts)
        return
    decision = world.decision
    wrong = wrong_in(decision, world.expect)
    because = {f.rule: f.because.en for f in decision.findings}
    assert not wrong, (wrong, because)


def test_every_finding_speaks_both_languages(world: Any) -> None:
    if "error" in world.expect:
        pytest.skip("no decision is made")
    for found in world.decision.findings:
        for text in (found.because, found.says, *(c.says for c in found.conditions), *found.warnings):
            assert text.zh, found
            assert text.en, found
        assert found.because.say(Lang.ZH) != found.because.say(Lang.EN)


def test_every_outcome_of_every_rule_has_a_world(worlds: Any) -> None:
    shown = {(rule, outcome) for world in worlds for rule, outcome in world.expect.items() if rule in RULES}
    possible = {(rule.id, outcome.value) for rule in ALL for outcome in rule.outcomes}
    assert possible - shown == set()


def test_no_rule_gives_an_outcome_it_does_not_declare(world: Any) -> None:
    if "error" in world.expect:
        pytest.skip("no decision is made")
    declared = {rule.id: rule.outcomes for rule in ALL}
    for found in world.decision.findings:
        assert found.outcome in declared[found.rule], found


def test_every_purpose_has_a_world(worlds: Any) -> None:
    assert {world.question.purpose for world in worlds} == set(Purpose)
