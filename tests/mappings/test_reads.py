"""A rule rests on the facts that it declares and on nothing else: what memory and `inputs` stand on."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huren.errors import NotFound
from huren.graph.model.certificate import Certificate
from huren.graph.model.facts import Facts
from huren.mappings.decide import Recogniser, recognise
from huren.mappings.decision import Question
from huren.mappings.dossier import Dossier
from huren.mappings.quantity import stated
from huren.mappings.rule import Rule
from huren.mappings.rules import ALL

STEPS = (1, 2, 7, 53)
"""How far away the cases are from which facts are taken that a rule does not declare."""
OWN = ("category", "record_type", "issued", "zone", "issuer", "issuer_rule", "issuer_profile")


def dossiers(worlds: Any) -> list[Dossier]:
    found = []
    for world in worlds:
        if "error" not in world.expect:
            decision = world.decision
            found += [d.findings[0].dossier for d in (decision, *decision.alternatives)]
    return found


@pytest.fixture(scope="module")
def cases(worlds: Any) -> list[Dossier]:
    return dossiers(worlds)


@cache
def declared(rule: Rule, path: str) -> bool:
    """Whether ``rule`` says that it reads ``path``, or what decides it."""
    reads = {*rule.reads, "certificate.fulfilments"}
    root = path.partition(".")[0]
    if path.startswith("profile.") and {"target.scheme.id", "category"} <= reads:
        return True
    if rule.needs_footprint and path == "record_type":
        return True
    covers = {"issuer": "certificate.scheme", "issuer_rule": "certificate.rule", "zone": "certificate.scheme"}
    return (
        any(read in (path, root) or read.startswith(f"{path}.") for read in reads)
        or covers.get(path) in reads
    )


@cache
def undeclared(rule: Rule, kind: Any, prefix: str) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind) if not declared(rule, f"{prefix}{f.name}"))


def mixed(rule: Rule, case: Dossier, donor: Dossier) -> Dossier:
    """``case`` with all that ``rule`` does not declare taken from ``donor``."""

    def part(mine: Any, theirs: Any, prefix: str) -> Any:
        names = undeclared(rule, type(mine), prefix)
        return replace(mine, **{name: getattr(theirs, name) for name in names})

    own, other = case.case, donor.case
    certificate = part(own.certificate, other.certificate, "certificate.")
    issuing = {name: getattr(other, name) for name in OWN if not declared(rule, name)}
    profile = part(case.profile, donor.profile, "profile.")
    return replace(
        case,
        case=replace(own, certificate=certificate, **issuing),
        place=replace(case.place, profile=profile, wants={}),
        comparing=case.comparing if declared(rule, "comparing") else not case.comparing,
    )


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.id)
def test_nothing_else_is_read(rule: Rule, cases: list[Dossier]) -> None:
    for n, case in enumerate(cases):
        quantity = stated(case.certificate)
        if rule.needs_footprint and not case.carries_footprint:
            continue
        before = rule.compare(case, quantity)
        for step in STEPS:
            other = mixed(rule, case, cases[(n + step) % len(cases)])
            assert rule.compare(other, quantity) == before, case.certificate
            if before.quantity is None and quantity.stated and stated(other.certificate).stated:
                # Where a number is left alone, the facts read decide that of any other as well.
                assert rule.compare(other, stated(other.certificate)) == before, case.certificate


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.id)
def test_every_fact_declared_is_there(rule: Rule, cases: list[Dossier]) -> None:
    assert len(set(rule.reads)) == len(rule.reads)
    for path in rule.reads:
        value: Any = cases[0]
        for name in path.split("."):
            assert value is None or hasattr(value, name), path
            value = getattr(value, name, None)


places = st.lists(
    st.sampled_from(["CN-BJ", "CN-CFP", "CN-SH", "JJJ", "ISO14067", "FR-PPE2", "TJ-PILOT", "EU-CFB"]),
    min_size=1,
    max_size=4,
)


@given(question=..., known=..., one=..., two=..., where=places)
def test_what_is_remembered_is_what_would_be_found(
    question: Question, known: Facts, one: Certificate, two: Certificate, where: list[str]
) -> None:
    three = (known.certificates[0], replace(one, number="C2"), replace(two, number="C3"))
    seen = replace(known, certificates=three).at(question.known_at)
    recogniser = Recogniser(seen, question.purpose, question.as_of, remember=True)
    for number in seen.certificates:
        for place in where:
            alone = recognise(replace(question, certificate=number, destination=place), seen)
            found = recogniser.answer(number, place)
            assert found == alone
            for mine, theirs in zip(found.findings, alone.findings, strict=True):
                assert mine.inputs == theirs.inputs


def test_a_certificate_not_on_record_is_named(make: Any) -> None:
    world = make({})
    with pytest.raises(NotFound, match="C9"):
        recognise(replace(world.question, against="C9"), world.facts)
