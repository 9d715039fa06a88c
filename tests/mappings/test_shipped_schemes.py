"""Every shipped scheme as a destination and as an issuer, on the shipped data (``tests/worlds_shipped``)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from huren.graph.model.dated import start
from huren.graph.model.terms import Purpose
from huren.mappings.catalogue import catalogue, demonstration
from huren.mappings.decide import recognise
from huren.mappings.decision import Decision, Question
from huren.mappings.outcome import Outcome
from huren.mappings.records import decode, encode

FOLDER = Path(__file__).parent.parent / "worlds_shipped"
AS_OF = date(2026, 6, 1)
KNOWN_AT = start(date(2028, 1, 1))
FACTS = catalogue().facts(demonstration())
CERTIFICATES = {c.number: encode(c) for c in demonstration()}


def situations(name: str) -> list[dict[str, Any]]:
    text = (FOLDER / f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text, parse_float=Decimal)["situation"]  # type: ignore[no-any-return]


AS_DESTINATION, AS_ISSUER = situations("as-destination"), situations("as-issuer")


def stated(situation: Mapping[str, Any]) -> dict[str, Any]:
    """The certificate: one of the demonstration's, with the facts of the situation laid over it."""
    but = dict(situation.get("but", {}))
    gone = but.pop("without", ())
    certificate = CERTIFICATES[situation["ask"]["certificate"]]
    if but.get("breakdown"):
        but["breakdown"] = {**dict(certificate["breakdown"]), **but["breakdown"]}
    return {key: value for key, value in (certificate | but).items() if key not in gone}


def decided(situation: Mapping[str, Any]) -> Decision:
    ask, certificate = situation["ask"], decode("certificate", stated(situation))
    question = Question(
        certificate.number,
        ask["destination"],
        Purpose(ask.get("purpose", "LABEL")),
        start(ask.get("as_of", AS_OF)),
        KNOWN_AT,
    )
    return recognise(question, replace(FACTS, certificates=(certificate,)))


def seen(decision: Decision, key: str) -> Any:
    rule, _, part = key.partition("_")
    found = next(f for f in decision.findings if f.rule == rule)
    if part == "missing":
        return list(found.missing)
    if part == "value":
        return None if found.quantity is None else found.quantity.value
    return found.outcome.value


@pytest.mark.parametrize("situation", AS_DESTINATION + AS_ISSUER, ids=lambda s: s["says"][:60])
def test_it_comes_out_as_it_says(situation: dict[str, Any]) -> None:
    decision, expect = decided(situation), situation["expect"]
    found = {key: seen(decision, key) for key in expect}
    assert found == expect, {f.rule: f.because.en for f in decision.findings}
    # What is blocked and hard for the purpose decides.
    hard = {f.rule for f in decision.findings if f.hard and f.applies and f.outcome is Outcome.BLOCKED}
    blocked = {rule for rule, outcome in expect.items() if outcome == "BLOCKED"}
    assert blocked & hard <= {f.rule for f in decision.deciding}


def test_every_scheme_is_asked_as_a_destination() -> None:
    """By its id; a region stands for schemes, and is beside the point here."""
    asked = {situation["ask"]["destination"] for situation in AS_DESTINATION}
    assert asked == {scheme.id for scheme in catalogue().schemes}


def test_every_scheme_has_issued_a_certificate() -> None:
    issuers = {stated(situation)["scheme"] for situation in AS_ISSUER}
    assert issuers == {scheme.id for scheme in catalogue().schemes}


def test_each_says_why() -> None:
    sentences = [situation["says"] for situation in AS_DESTINATION + AS_ISSUER]
    assert len(set(sentences)) == len(sentences) > 70
    assert all(situation["expect"] for situation in AS_DESTINATION + AS_ISSUER)
