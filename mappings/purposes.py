"""What a purpose makes hard: it changes the floor, never the facts. The table is ``purposes.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from importlib import resources

from huren.graph.model.dated import start
from huren.graph.model.terms import Purpose
from huren.mappings.outcome import EmptyRuleSet


class Hardness(StrEnum):
    """What a purpose makes of a rule."""

    HARD = "hard"
    SOFT = "soft"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class PurposeTable:
    """Which rules one purpose makes hard, soft or none, from ``since`` on."""

    purpose: Purpose
    since: date
    otherwise: Hardness
    named: tuple[tuple[str, Hardness], ...]

    def hardness(self, rule: str) -> Hardness:
        """What this purpose makes of ``rule`` (its id)."""
        return dict(self.named).get(rule, self.otherwise)


@cache
def tables() -> tuple[PurposeTable, ...]:
    """All tables on record, read once."""
    text = (resources.files("huren.mappings") / "purposes.toml").read_text(encoding="utf-8")
    return tuple(
        PurposeTable(
            purpose=Purpose(row["purpose"]),
            since=row["since"],
            otherwise=Hardness(row["otherwise"]),
            named=tuple((rule, h) for h in Hardness for rule in row.get(h.value, ())),
        )
        for row in tomllib.loads(text)["table"]
    )


@cache
def _by_purpose(purpose: Purpose) -> tuple[tuple[datetime, dict[str, Hardness], Hardness], ...]:
    mine = sorted((t for t in tables() if t.purpose is purpose), key=lambda t: t.since)
    return tuple((start(t.since), dict(t.named), t.otherwise) for t in mine)


def hardness(rule: str, purpose: Purpose, at: datetime) -> Hardness:
    """What ``purpose`` makes of ``rule`` at ``at``.

    Raises: EmptyRuleSet on a day before the first table of the purpose.
    """
    in_force = [row for row in _by_purpose(purpose) if row[0] <= at]
    if not in_force:
        raise EmptyRuleSet(purpose.value)
    _, named, otherwise = in_force[-1]
    return named.get(rule, otherwise)
