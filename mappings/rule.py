"""A rule of comparability as a value, and what it finds in one case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One rule in one edition; there is one object of it.

    ``id`` never changes; ``code`` says its meaning; ``turn`` is its place among the conversions;
    ``reads`` are all the facts that its comparison rests on, as paths on the dossier, besides the day, the
    purpose and the reference records, which one question has in common; ``outcomes`` are all that
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
    """What one rule found. ``counts``: what that adds to the standing for the purpose."""

    by: Rule
    judgement: Judgement
    hardness: Hardness
    counts: Outcome
    dossier: Dossier = field(repr=False, compare=False)

    @property
    def rule(self) -> str:
        """Id of the rule."""
        return self.by.id

    @property
    def code(self) -> str:
        """The meaning of the rule, such as gwp_set."""
        return self.by.code

    @property
    def edition(self) -> str:
        """Edition of the rule."""
        return self.by.edition

    @property
    def verdict(self) -> Kind:
        """The verdict that it enters."""
        return self.by.kind

    @property
    def clause(self) -> Clause:
        """Where the rule comes from."""
        return self.by.clause

    @property
    def says(self) -> Text:
        """What the rule says."""
        return self.by.says

    @property
    def fix(self) -> Text:
        """What would help; empty where nothing is needed."""
        return Text() if self.outcome is Outcome.EQUAL else self.by.fix

    @property
    def outcome(self) -> Outcome:
        """How the comparison ended."""
        return self.judgement.outcome

    @property
    def applies(self) -> bool:
        """Whether there was anything to compare."""
        return self.judgement.applies

    @property
    def because(self) -> Text:
        """Why, in a sentence."""
        return self.judgement.because

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of facts that are not on record."""
        return self.judgement.missing

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Its open conditions."""
        return self.judgement.conditions

    @property
    def warnings(self) -> tuple[Text, ...]:
        """What to keep in mind though it passed."""
        return self.judgement.warnings

    @property
    def quantity(self) -> Quantity | None:
        """The number after its conversion, or a preview of it."""
        return self.judgement.quantity

    @property
    def illustrative(self) -> bool:
        """Whether it rests on illustrative records."""
        return self.judgement.illustrative

    @property
    def hard(self) -> bool:
        """Whether it decides the standing; else it is shown to the decider."""
        return self.hardness is Hardness.HARD

    @property
    def inputs(self) -> tuple[tuple[str, object], ...]:
        """The facts that it rests on, by path."""
        return tuple(zip(self.by.reads, facts_at(self.by.reads)(self.dossier), strict=True))


def finding(rule: Rule, judgement: Judgement, hardness: Hardness, dossier: Dossier) -> Finding:
    """``judgement`` as a finding of ``rule``; a soft BLOCKED or UNKNOWN is shown to the decider."""
    counts = judgement.outcome
    if hardness is not Hardness.HARD and judgement.applies:
        shown = counts.severity >= Outcome.UNKNOWN.severity
        counts = Outcome.CONDITIONAL if shown else Outcome.EQUAL
    return Finding(rule, judgement, hardness, counts, dossier)


@cache
def facts_at(paths: tuple[str, ...]) -> Callable[[object], tuple[object, ...]]:
    """A reader of the facts at ``paths`` (dotted) of a dossier, as a tuple in their order."""
    if not paths:
        return lambda dossier: ()
    read = attrgetter(*paths)
    return read if len(paths) > 1 else lambda dossier: (read(dossier),)
