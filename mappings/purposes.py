"""What a purpose makes hard: it changes the floor, never the facts. The table is ``purposes.toml``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from huren.errors import BadInput, Place
from huren.graph.model.dated import start
from huren.graph.model.terms import Purpose
from huren.mappings.entries import parsed, table_lines
from huren.mappings.outcome import EmptyRuleSet

FILE = "purposes.toml"


class Hardness(StrEnum):
    """What a purpose makes of a rule."""

    HARD = "hard"
    SOFT = "soft"
    NONE = "none"


_HARDNESSES = ", ".join(Hardness)
_KEYS = frozenset({"purpose", "since", "otherwise", *Hardness})


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
    """All tables on record, read once. Raises: BadInput, the first of :func:`problems`."""
    for problem in problems(shipped()):
        raise problem
    return tuple(_table(row) for row in parsed(FILE, shipped())["table"])


def shipped() -> str:
    """The text of the table."""
    return (resources.files("huren.mappings") / FILE).read_text(encoding="utf-8")


def problems(text: str, file: str = FILE) -> Iterator[BadInput]:
    """Everything that is wrong with a table of purposes: unknown keys, purposes, hardness and rules, a rule
    named twice, two tables of one purpose from one day, a purpose without table."""
    try:
        whole = parsed(file, text)
    except BadInput as bad:
        yield bad
        return
    rows, lines = whole.get("table"), table_lines(text, "table")
    if set(whole) != {"table"} or not isinstance(rows, list) or not all(isinstance(r, dict) for r in rows):
        yield _refused(Place(file, None, ", ".join(whole)), "there is only [[table]]", "只能有 [[table]]")
        return
    seen: dict[tuple[str, str], int | None] = {}
    for row in rows:
        line = next(lines, None)
        for key, en, zh in (*_row_faults(row), *_doubled(row, seen)):
            yield _refused(Place(file, line, key), en, zh)
        seen.setdefault(_which(row), line)
    for purpose in sorted({p.value for p in Purpose} - {name for name, _ in seen}):
        yield _refused(Place(file, None, "purpose"), f"no table for {purpose}", f"缺少用途 {purpose} 的表")


def _which(row: Mapping[str, Any]) -> tuple[str, str]:
    return str(row.get("purpose")), str(row.get("since"))


Fault = tuple[str, str, str]
"""Key, and what is wrong in English and Chinese."""


def _row_faults(row: Mapping[str, Any]) -> Iterator[Fault]:
    for key in row:
        if key not in _KEYS:
            yield key, f"`{key}` is no key; hardness is one of {_HARDNESSES}", f"没有“{key}”这个键"
    if row.get("purpose") not in [purpose.value for purpose in Purpose]:
        yield "purpose", f"`{row.get('purpose')}` is no purpose", f"“{row.get('purpose')}”不是用途"
    if type(row.get("since")) is not date:
        yield "since", "`since` is not a day", "since 须为日期"
    if row.get("otherwise") not in [hardness.value for hardness in Hardness]:
        yield "otherwise", f"`otherwise` is not one of {_HARDNESSES}", f"otherwise 须为 {_HARDNESSES} 之一"
    yield from _rule_faults(row)


def _rule_faults(row: Mapping[str, Any]) -> Iterator[Fault]:
    # Rules read purposes, so their list can be read only once both are loaded.
    from huren.mappings.rules import SPECIFIED

    stated = {key.value: row.get(key.value, []) for key in Hardness}
    for key in [key for key, rules in stated.items() if not isinstance(rules, list)]:
        yield key, f"`{key}` is no list of rules", f"{key} 须为规则列表"
        stated[key] = []
    named = [(key, str(rule)) for key, rules in stated.items() for rule in rules]
    for key, rule in named:
        if rule not in SPECIFIED:
            yield key, f"`{rule}` is no rule", f"“{rule}”不是规则"
    for rule, times in Counter(rule for _, rule in named).items():
        if times > 1:
            yield "otherwise", f"`{rule}` is named {times} times", f"{rule} 出现 {times} 次"


def _doubled(row: Mapping[str, Any], seen: Mapping[tuple[str, str], int | None]) -> Iterator[Fault]:
    if _which(row) in seen:
        line = seen[_which(row)]
        yield "since", f"line {line} has a table of this purpose from this day", f"第 {line} 行已有同日的表"


def _refused(place: Place, en: str, zh: str) -> BadInput:
    return BadInput(en, zh, fix="Correct the table of purposes.", fix_zh="请改正用途表。", place=place)


def _table(row: Mapping[str, Any]) -> PurposeTable:
    return PurposeTable(
        purpose=Purpose(row["purpose"]),
        since=row["since"],
        otherwise=Hardness(row["otherwise"]),
        named=tuple((rule, h) for h in Hardness for rule in row.get(h.value, ())),
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
