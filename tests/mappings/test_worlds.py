"""Every world in the folder comes out as it says, and every outcome of every rule has a world."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from huren.errors import NotFound
from huren.graph.model.terms import Purpose
from huren.graph.model.text import Lang
from huren.mappings.decide import recognise
from huren.mappings.decision import Decision
from huren.mappings.rule import Kind
from huren.mappings.rules import ALL, SPECIFIED

RULES = frozenset(SPECIFIED)


def seen(decision: Decision, key: str) -> Any:
    """What the decision says about one key of a world's ``expect``."""
    found = {f.rule: f for f in decision.findings}
    if key in RULES:
        return found[key].outcome.value
    if key.removesuffix("_missing") in RULES:
        return list(found[key.removesuffix("_missing")].missing)
    if key in ("value", "low", "high"):
        return None if decision.value is None else getattr(decision.value, key)
    named = {
        "missing": lambda: sorted(decision.missing),
        "conditions": lambda: sorted(f"{f.rule}.{c.id}" for f in found.values() for c in f.conditions),
        "deciding": lambda: [f.rule for f in decision.deciding],
        "unit": lambda: decision.value and decision.value.unit,
        "preview": lambda: decision.preview and decision.preview.value,
        "steps": lambda: [s.rule for s in decision.value.steps] if decision.value else [],
        "alternatives": lambda: [d.scheme or d.region for d in decision.alternatives],
        "not_applied": lambda: [
            f.rule for f in found.values() if not f.applies and f.verdict is not Kind.COMPARISON
        ],
        "warned": lambda: [f.rule for f in found.values() if f.warnings],
        "scheme": lambda: decision.scheme or "",
        "comparison": lambda: decision.comparison and decision.comparison.verdict.value,
        "needed": lambda: decision.comparison and decision.comparison.needed,
        "gsd": lambda: decision.value and decision.value.gsd,
    }
    return named[key]() if key in named else getattr(decision, key)


def same(wanted: Any, found: Any) -> bool:
    if isinstance(wanted, (int, Decimal)) and not isinstance(wanted, bool) and isinstance(found, Decimal):
        return abs(found - wanted) <= abs(wanted) * Decimal("1e-6")
    if isinstance(wanted, list) and isinstance(found, list):
        return sorted(wanted) == sorted(found)
    return bool(wanted == found)


def test_world(world: Any) -> None:
    if "error" in world.expect:
        with pytest.raises(NotFound, match=world.expect["error"]):
            recognise(world.question, world.facts)
        return
    decision = world.decision
    wrong = {
        key: (wanted, seen(decision, key))
        for key, wanted in world.expect.items()
        if not same(wanted, seen(decision, key))
    }
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
