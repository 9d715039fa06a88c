"""A decision in a paragraph: what it must say, and some that a person has read."""

from __future__ import annotations

import tomllib
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from huren.errors import NotFound
from huren.graph.model.certificate import Certificate, CertificateState
from huren.graph.model.profile import Profile
from huren.graph.model.supply import Stage
from huren.graph.model.terms import Purpose
from huren.mappings.decide import recognise
from huren.mappings.decision import Decision
from huren.mappings.evidence import Evidence
from huren.mappings.explain import explain
from huren.mappings.outcome import Outcome
from huren.mappings.quantity import said
from huren.mappings.rules import ALL, SPECIFIED
from huren.mappings.words import fact, words

READ = tomllib.loads((Path(__file__).parent / "explanations.toml").read_text(encoding="utf-8"))


def decided(world: Any) -> Decision:
    if "error" in world.expect:
        pytest.skip("no decision is made")
    return world.decision


@pytest.mark.parametrize("name", READ)
def test_reads_as_a_person_found_it_right(name: str, worlds: Any) -> None:
    (world,) = (w for w in worlds if w.name == name)
    rules = [rule for rule in ALL if rule.id in READ[name]["rules"]]
    said = explain(recognise(world.question, world.facts, rules), world.facts.at(world.question.known_at))
    assert said.zh.partition("未检查的规则")[0] == "".join(READ[name]["zh"])
    assert said.en.partition(" Rules not checked")[0] == " ".join(READ[name]["en"])


def test_says_what_was_asked_and_why(world: Any) -> None:
    decision = decided(world)
    text = explain(decision, world.facts.at(world.question.known_at))
    for found in decision.deciding:
        assert found.because.zh in text.zh, found
        assert found.because.en in text.en, found
    for name in (decision.certificate.number, decision.certificate.holder, decision.question.destination):
        assert name in text.zh
        assert name in text.en


def test_says_every_condition_warning_and_missing_fact_in_words(world: Any) -> None:
    decision = decided(world)
    text = explain(decision)
    for found in decision.findings:
        for says in (*found.warnings, *(c.says for c in found.conditions)):
            if found.applies:
                assert says.zh in text.zh
                assert says.en in text.en
    for path in decision.missing:
        assert f"{fact(path).zh}({path})" in text.zh
        assert f"{fact(path).en} ({path})" in text.en
        assert fact(path).zh != path
    for rule in decision.not_checked:
        assert f"({rule})" in text.zh


def test_gives_the_number_and_each_step_to_it(world: Any) -> None:
    decision = decided(world)
    derived = decision.value or decision.preview
    text = explain(decision)
    if derived is None:
        stated = decision.certificate.value
        assert ("states no value" if stated is None else said(stated)) in text.en
        return
    for part in (f"{said(derived.value)} {derived.unit}", *(step.formula for step in derived.steps)):
        assert part in text.zh
        assert part in text.en


def test_rests_on_this_decision_alone(world: Any) -> None:
    decision = decided(world)
    assert explain(decision) == explain(replace(decision, alternatives=()))


def test_warns_of_illustrative_data_and_of_nothing_else(world: Any) -> None:
    decision = decided(world)
    assert ("示例数据" in explain(decision).zh) is decision.illustrative
    assert ("illustrative data" in explain(decision).en) is decision.illustrative


def test_an_answer_for_the_decider_alone_is_not_called_a_condition(make: Any) -> None:
    report = {"certificate": {"record_type": "accounting_report"}, "ask": {"purpose": "LOAN_LIMIT"}}
    world = make(report)
    text = explain(recognise(world.question, world.facts))
    assert "由决策者酌定" in text.zh
    assert "the open conditions" not in text.en


def test_a_finding_that_was_refused_is_not_listed_among_the_conditions(worlds: Any) -> None:
    (world,) = (w for w in worlds if w.name == "method-reissue-refused")
    assert "Conditions to be met" not in explain(recognise(world.question, world.facts)).en


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("purpose", list(Purpose)),
        ("standing", list(Outcome)),
        ("legal", list(Outcome)),
        ("technical", list(Outcome)),
        ("evidence", list(Evidence)),
        ("stage", list(Stage)),
        ("state", list(CertificateState)),
        ("rule", list(SPECIFIED)),
        ("fact", [f.name for f in fields(Certificate)]),
        ("parameter", [f.name for f in fields(Profile)]),
    ],
)
def test_everything_has_a_word_in_both_languages(kind: str, names: list[str]) -> None:
    said = words()[kind]
    assert set(names) <= set(said)
    assert all(text.zh and text.en for text in said.values())


def test_a_certificate_that_is_not_on_record_has_no_explanation(make: Any) -> None:
    world = make({"ask": {"certificate": "NONE"}})
    with pytest.raises(NotFound):
        recognise(world.question, world.facts)
