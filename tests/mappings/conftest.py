"""Worlds: situations a lawyer can read, laid over the defaults that stand in one place."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from huren.graph.model.dated import start
from huren.graph.model.facts import Facts
from huren.graph.model.terms import Purpose
from huren.mappings.decide import Question
from huren.mappings.records import decode

WORLDS = Path(__file__).parent.parent / "worlds"
FIELDS = {
    "agreement": "agreements",
    "body": "bodies",
    "category": "categories",
    "code_map": "code_maps",
    "instrument": "instruments",
    "membership": "memberships",
    "rule": "rules",
    "scheme": "schemes",
}


@dataclass(frozen=True)
class World:
    """One situation: a question, the facts, and what must come out."""

    name: str
    question: Question
    facts: Facts
    expect: Mapping[str, Any]


def over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """``above`` laid over ``below``, table by table; ``without`` takes keys away."""
    merged = dict(below)
    for key, value in above.items():
        both = isinstance(value, Mapping) and isinstance(below.get(key), Mapping)
        merged[key] = over(below[key], value) if both else value
    for key in merged.pop("without", ()):
        merged.pop(key, None)
    return merged


def records(kind: str, below: list[Any], above: list[Any]) -> tuple[Any, ...]:
    """The default records with those of the world laid over by id, and its own."""
    first = {row.get("id", n): row for n, row in enumerate(below)}
    for n, row in enumerate(above):
        name = row.get("id", f"own {n}")
        seen = f"{name} again {n}" if "recorded_at" in row else name
        first[seen] = over(first.get(name, {}), row)
    return tuple(decode(kind, row) for row in first.values())


def instant(when: Any) -> datetime:
    """A day of the question begins in China."""
    return start(when)


def read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)


def world_of(stated: Mapping[str, Any], name: str = "world") -> World:
    """The world that ``stated`` (a parsed file) describes."""
    below = read(WORLDS / "defaults.toml")
    ask = over(below["ask"], stated.get("ask", {}))
    certificate = over(below["certificate"], stated.get("certificate", {}))
    facts = {f: records(kind, below.get(kind, []), stated.get(kind, [])) for kind, f in FIELDS.items()}
    question = Question(
        certificate=ask["certificate"],
        destination=ask["destination"],
        purpose=Purpose(ask["purpose"]),
        as_of=instant(ask["as_of"]),
        known_at=instant(ask["known_at"]),
    )
    facts["certificates"] = (decode("certificate", certificate, name),)
    return World(name, question, Facts(**facts), stated.get("expect", {}))


def all_worlds() -> list[World]:
    """Every file in the folder but the defaults."""
    files = sorted(p for p in WORLDS.glob("*.toml") if p.name != "defaults.toml")
    return [world_of(read(path), path.stem) for path in files]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "world" in metafunc.fixturenames:
        metafunc.parametrize("world", all_worlds(), ids=lambda w: w.name)


@pytest.fixture(scope="session")
def worlds() -> list[World]:
    return all_worlds()


@pytest.fixture(scope="session")
def make() -> Any:
    """A world from a mapping, as a file would state it."""
    return world_of
