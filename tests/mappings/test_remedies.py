"""What would help: done, it helps; and where nothing helps, that is said."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huren.graph.model.certificate import Certificate, Fulfilment
from huren.graph.model.facts import Facts
from huren.mappings.decide import recognise
from huren.mappings.decision import Decision, Question
from huren.mappings.outcome import Outcome
from huren.mappings.remedies import Remedies, RemedyKind, remedies
from tests.mappings.conftest import COMPLETE, over, world_of

RECOGNISED = frozenset({Outcome.EQUAL, Outcome.CONVERTIBLE})
ACTS = frozenset({RemedyKind.CONDITION, RemedyKind.FACT})


def done(certificate: Certificate, found: Remedies, question: Question) -> Certificate:
    """``certificate`` with every condition recorded as met and every missing fact stated."""
    met = [
        Fulfilment(m.rule, m.condition, question.as_of, destination=item.scheme)
        for item in found.items
        for m in item.meets
    ]
    stated = {
        name.partition(".")[0]: getattr(COMPLETE, name.partition(".")[0])
        for item in found.items
        if item.kind is RemedyKind.FACT
        for name in item.missing
    }
    return replace(certificate, fulfilments=(*certificate.fulfilments, *met), **stated)


def after(question: Question, facts: Facts, found: Remedies) -> Decision:
    """The decision once ``found`` is done."""
    certificates = tuple(
        done(c, found, question) if c.number == question.certificate else c for c in facts.certificates
    )
    return recognise(question, replace(facts, certificates=certificates))


def decided(world: Any) -> Decision:
    if "error" in world.expect:
        pytest.skip("no decision is made")
    return world.decision


def test_done_they_give_recognition_where_it_was_conditional(worlds: Any) -> None:
    tried = 0
    for world in (w for w in worlds if "error" not in w.expect):
        decision = world.decision
        found = remedies(decision)
        mine = all(hasattr(COMPLETE, name.partition(".")[0]) for i in found.items for name in i.missing)
        acts = {item.kind for item in found.items} <= ACTS
        if decision.standing is Outcome.CONDITIONAL and acts and mine:
            tried += 1
            assert found.possible
            assert found.items
            assert after(world.question, world.facts, found).standing in RECOGNISED, world.name
    assert tried >= 15


OPEN: dict[str, dict[str, Any]] = {
    "another GWP set": {"certificate": {"gwp_sets": ["AR5"]}},
    "another unit": {"certificate": {"unit": "m2"}},
    "remote": {"certificate": {"assurance": {"on_site": False}}},
    "limited": {"scheme": [{"id": "CN-CFP", "profile": {"level": {"value": "reasonable"}}}],
                "certificate": {"assurance": {"level": "limited"}}},
    "young": {"certificate": {"assurance_system_since": "2025-05-30"}},
    "overdue": {"certificate": {"next_surveillance": "2026-05-01"}},
    "disputed": {"certificate": {"events": [{"state": "disputed", "valid_from": "2026-05-01"}]}},
    "blacklisted": {"body": [
        {"id": "BODY-CN", "events": [{"state": "blacklisted", "valid_from": "2026-01-01"}]}]},
    "factor of another year": {"certificate": {"electricity": [{"method": "location", "factor": {
        "value": "0.6205", "family": "footprint", "name": "CN", "year": 2023}}]}},
}  # fmt: skip


@given(st.sets(st.sampled_from(sorted(OPEN)), min_size=1))
def test_done_they_give_recognition_whatever_is_open_together(names: set[str]) -> None:
    world = world_of(reduce(over, (OPEN[name] for name in sorted(names))))
    decision = recognise(world.question, world.facts)
    assert decision.standing is Outcome.CONDITIONAL
    found = remedies(decision)
    assert len(found.items) <= len(names)
    assert after(world.question, world.facts, found).standing in RECOGNISED


def test_none_is_needed_where_it_is_recognised_and_some_elsewhere(world: Any) -> None:
    decision = decided(world)
    found = remedies(decision)
    assert (found == Remedies(possible=True)) is (decision.standing in RECOGNISED)
    assert len({item.says for item in found.items}) == len(found.items)
    assert all(item.says.zh and item.says.en and item.rules for item in found.items)


def test_each_names_what_it_settles(world: Any) -> None:
    """Every hard open finding, and every soft one that is shown, is settled by some item."""
    decision = decided(world)
    found = remedies(decision)
    if not found.possible or decision.alternatives:
        pytest.skip("the hopeless ones alone are listed, or another scheme's")
    least = {True: Outcome.CONDITIONAL, False: Outcome.UNKNOWN}
    open_rules = {
        f.rule
        for f in decision.findings
        if f.applies and f.outcome.severity >= least[f.hard].severity and decision.standing not in RECOGNISED
    }
    assert {rule for item in found.items for rule in item.rules} == open_rules


BEYOND = {
    "carbon-neutral-mark": {"R5", "R10"},
    "management-system": {"R5", "R10"},
    "cbam-value": {"R5", "R10"},
    "void-from-the-start": {"R24"},
    "wrong-direction": {"R3"},
    "memorandum-grounds-nothing": {"R1"},
    "two-agreements-do-not-make-a-third": {"R4"},
    "urea-is-not-on-the-list": {"R6"},
    "export-own-scheme-only": {"R5"},
    "method-reissue-refused": {"R2"},
    "destination-refuses-conversion": {"R14"},
}
MENDED = {
    "suspended-in-may": {"R24"},
    "expired": {"R24"},
    "first-party-for-a-label": {"R23"},
    "body-never-approved": {"R9"},
    "accounting-report-is-no-certificate": {"R5"},
}


@pytest.mark.parametrize("name", BEYOND)
def test_says_when_no_act_of_the_holder_helps(name: str, worlds: Any) -> None:
    (world,) = (w for w in worlds if w.name == name)
    found = remedies(recognise(world.question, world.facts))
    assert not found.possible
    assert {rule for item in found.items for rule in item.rules} == BEYOND[name]
    assert {item.kind for item in found.items} == {RemedyKind.BEYOND}


@pytest.mark.parametrize("name", MENDED)
def test_gives_the_fix_of_what_blocks_where_the_holder_can_do_it(name: str, worlds: Any) -> None:
    (world,) = (w for w in worlds if w.name == name)
    found = remedies(recognise(world.question, world.facts))
    assert found.possible
    assert [(item.kind, set(item.rules)) for item in found.items] == [(RemedyKind.FIX, MENDED[name])]


def test_one_missing_fact_is_asked_once_however_many_rules_need_it(worlds: Any) -> None:
    (world,) = (w for w in worlds if w.name == "ended-agreement-day-of-issue-unknown")
    (item,) = remedies(recognise(world.question, world.facts)).items
    assert item.missing == ("issued",)
    assert set(item.rules) >= {"R3", "R9", "R24"}


def test_one_verification_settles_all_that_a_verifier_can(make: Any) -> None:
    remote = {"party": "third", "level": "limited", "on_site": False, "coverage": "product"}
    profile = {"level": {"value": "reasonable"}}
    blacklisted = {"state": "blacklisted", "valid_from": "2026-01-01"}
    world = make(
        {
            "certificate": {"assurance": remote},
            "scheme": [{"id": "CN-CFP", "profile": profile}],
            "body": [{"id": "BODY-CN", "events": [blacklisted]}],
        }
    )
    (item,) = remedies(recognise(world.question, world.facts)).items
    meets = {(m.rule, m.condition) for m in item.meets}
    assert meets == {("R9", "re_verify"), ("R23", "level"), ("R23", "site_visit")}
    assert "a visit on site" in item.says.en


def test_of_an_alliance_every_member_is_remedied(make: Any) -> None:
    world = make({"ask": {"destination": "JJJ"}, "certificate": {"without": ["assurance"]}})
    found = remedies(recognise(world.question, world.facts))
    assert {item.region for item in found.items} == {"CN-BJ", "CN-TJ", "CN-HE"}


LOCAL = {
    "id": "BJ-OTHER",
    "name": {"zh": "北京另一制度", "en": "another Beijing scheme"},
    "level": "local",
    "accepted_in": ["CN-BJ"],
    "record_types": {"value": ["footprint_certificate"]},
}


def test_of_the_schemes_of_a_region_the_one_that_asks_least_is_taken(make: Any) -> None:
    """The national scheme lacks two facts; the other of Beijing blocks for want of an agreement."""
    world = make(
        {"certificate": {"without": ["assurance"]}, "scheme": [LOCAL], "ask": {"destination": "CN-BJ"}}
    )
    decision = recognise(world.question, world.facts)
    assert {d.scheme for d in (decision, *decision.alternatives)} == {"CN-CFP", "BJ-OTHER"}
    found = remedies(decision)
    assert found.possible
    assert {item.scheme for item in found.items} == {"CN-CFP"}
