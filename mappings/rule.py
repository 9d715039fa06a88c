"""A rule of comparability as a value, and what it finds in one case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from operator import attrgetter

from huren.graph.model.text import Text
from huren.mappings.dossier import Dossier
from huren.mappings.judgement import Condition, Judgement
from huren.mappings.outcome import Outcome
from huren.mappings.purposes import Hardness
from huren.mappings.quantity import Quantity


class Kind(StrEnum):
    """May the destination accept it; is the number the same quantity; is one lower (in neither verdict)."""

    LEGAL = "LEGAL"
    TECHNICAL = "TECHNICAL"
    COMPARISON = "COMPARISON"


@dataclass(frozen=True, slots=True)
class Clause:
    """Where a rule comes from: the text and its clause."""

    text: str
    number: str = ""

    def __str__(self) -> str:
        return f"{self.text} {self.number}".strip()


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule in one edition.

    ``id`` never changes; ``code`` says its meaning; ``turn`` is its place among the conversions;
    ``reads`` are the facts that its comparison rests on, as paths on the dossier; ``outcomes`` are all that
    ``compare`` can give; ``fix`` tells the holder what would help.
    """

    id: str
    code: str
    kind: Kind
    says: Text
    clause: Clause
    compare: Callable[[Dossier, Quantity], Judgement]
    outcomes: frozenset[Outcome]
    reads: tuple[str, ...]
    fix: Text
    turn: int = 0
    edition: str = "1"
    in_force: date = date(2018, 8, 1)
    ends: date | None = None
    needs_footprint: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule found; ``inputs`` are the facts it rests on, by path."""

    rule: str
    code: str
    edition: str
    verdict: Kind
    outcome: Outcome
    applies: bool
    hard: bool
    clause: Clause
    because: Text
    says: Text
    fix: Text
    missing: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    warnings: tuple[Text, ...] = ()
    quantity: Quantity | None = None
    illustrative: bool = False
    hardness: Hardness = Hardness.HARD
    inputs: tuple[tuple[str, object], ...] = ()


@cache
def _reader(paths: tuple[str, ...]) -> Callable[[Dossier], tuple[object, ...]]:
    return attrgetter(*paths) if len(paths) > 1 else lambda dossier: (attrgetter(*paths)(dossier),)


def inputs_read(rule: Rule, dossier: Dossier) -> tuple[tuple[str, object], ...]:
    """The facts that ``rule`` rests on, by path."""
    return tuple(zip(rule.reads, _reader(rule.reads)(dossier), strict=True))


def finding(rule: Rule, judgement: Judgement, hardness: Hardness, dossier: Dossier) -> Finding:
    """``judgement`` as a finding of ``rule`` under a purpose."""
    return Finding(
        rule=rule.id,
        code=rule.code,
        edition=rule.edition,
        verdict=rule.kind,
        outcome=judgement.outcome,
        applies=judgement.applies,
        hard=hardness is Hardness.HARD,
        clause=rule.clause,
        because=judgement.because,
        says=rule.says,
        fix=Text() if judgement.outcome is Outcome.EQUAL else rule.fix,
        missing=judgement.missing,
        conditions=judgement.conditions,
        warnings=judgement.warnings,
        quantity=judgement.quantity,
        illustrative=judgement.illustrative,
        hardness=hardness,
        inputs=inputs_read(rule, dossier),
    )
