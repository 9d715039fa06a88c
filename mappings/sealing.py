"""A decision as a JSON document that anyone can keep, read and compare. Pure: no clock, no key.

Every number is a decimal text and every instant RFC 3339 in UTC, so that the canonical bytes (RFC 8785) do
not hang on how a language writes numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from hashlib import sha256
from typing import Any

from pydantic import TypeAdapter, ValidationError

from huren.errors import BadSeal
from huren.graph.model.canonical import canonical, parse
from huren.graph.model.terms import Purpose
from huren.mappings.decision import Decision, Question
from huren.mappings.outcome import Outcome
from huren.mappings.rule import Finding

FORMAT = "huren-decision/1"
"""Name and version of the form. A reader refuses every other."""

Document = Mapping[str, Any]
"""A sealed decision as JSON kinds; ``docs/sealing.md`` has its members."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a decision was made and sealed with: the graph's revision, the engine's version, the instant.

    ``hidden``: facts of the certificates that were left out, since who sealed it may not see them.
    """

    revision: int
    engine: str
    sealed_at: datetime
    hidden: frozenset[str] = frozenset()


def _text(found: Any) -> str:
    if not isinstance(found, str):
        raise ValueError("not a text")
    return found


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if written(found) != text:
        raise ValueError(text)
    return found


# A new member of the question is one line: its name, the field of Question, and how it is read back.
QUESTION: tuple[tuple[str, str, Callable[[Any], Any]], ...] = (
    ("certificate", "certificate", _text),
    ("destination", "destination", _text),
    ("purpose", "purpose", Purpose),
    ("asOf", "as_of", _instant),
    ("knownAt", "known_at", _instant),
    ("against", "against", lambda found: None if found is None else _text(found)),
)


def document(decision: Decision, made: Made) -> dict[str, Any]:
    """``decision`` as a document. Cost: O(findings of all alternatives), some milliseconds."""
    asked = decision.question
    return {
        "format": FORMAT,
        "engine": made.engine,
        "revision": str(made.revision),
        "sealedAt": written(made.sealed_at),
        "question": {name: plain(getattr(asked, field)) for name, field, _ in QUESTION},
        "ruleEditions": {f.rule: f.edition for d in _all(decision) for f in d.findings},
        "hidden": sorted(made.hidden),
        **_body(decision),
    }


def _all(decision: Decision) -> Iterable[Decision]:
    yield decision
    for other in decision.alternatives:
        yield from _all(other)


def _body(decision: Decision) -> dict[str, Any]:
    return {
        "scheme": decision.scheme,
        "region": decision.region,
        "standing": decision.standing.value,
        "legal": decision.legal.value,
        "technical": decision.technical.value,
        "value": plain(decision.value),
        "preview": plain(decision.preview),
        "comparison": plain(decision.comparison),
        "deciding": [f.rule for f in decision.deciding],
        "findings": [_finding(f) for f in decision.findings],
        "missing": list(decision.missing),
        "notChecked": list(decision.not_checked),
        "illustrative": decision.illustrative,
        "alternatives": [_body(other) for other in decision.alternatives],
    }


def _finding(found: Finding) -> dict[str, Any]:
    return {
        "rule": found.rule,
        "code": found.code,
        "edition": found.edition,
        "verdict": found.verdict.value,
        "outcome": found.outcome.value,
        "applies": found.applies,
        "hard": found.hard,
        "hardness": found.hardness.value,
        "clause": plain(found.clause),
        "because": plain(found.because),
        "says": plain(found.says),
        "fix": plain(found.fix),
        "missing": list(found.missing),
        "conditions": plain(found.conditions),
        "warnings": plain(found.warnings),
        "illustrative": found.illustrative,
        "inputs": [{"path": path, "value": text_of(value)} for path, value in found.inputs],
    }


def plain(value: Any) -> Any:
    """A frozen value of the domain as JSON kinds, the same for equal values.

    >>> plain((Decimal("1.50"), date(2026, 6, 1), Outcome.EQUAL, True, None))
    ['1.50', '2026-06-01', 'EQUAL', True, None]
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(plain(name)): plain(part) for name, part in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(map(plain, value), key=canonical)
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return _simple(value.value if isinstance(value, Enum) else value)


def _simple(value: Any) -> str | bool | None:
    if isinstance(value, date):
        return written(value) if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, bool | str) or value is None:
        return value
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def text_of(value: Any) -> str | None:
    """A fact as one text: itself where it is simple, else its canonical JSON; None where not on record.

    >>> text_of(frozenset({"b", "a"})), text_of(Decimal("1E+3")), text_of(None)
    ('["a","b"]', '1000', None)
    """
    found = plain(value)
    if isinstance(found, dict | list | bool):
        return canonical(found).decode()
    return None if found is None else str(found)


def written(at: datetime) -> str:
    """An instant in UTC.

    >>> written(datetime.fromisoformat("2026-06-01T08:00:00+08:00"))
    '2026-06-01T00:00:00Z'
    """
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def digest(payload: bytes) -> str:
    """SHA-256 of a payload, hexadecimal."""
    return sha256(payload).hexdigest()


@dataclass(frozen=True, slots=True)
class _Said:
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class _Found:
    rule: str
    edition: str
    outcome: Outcome
    because: _Said


@dataclass(frozen=True, slots=True)
class _Value:
    value: str
    unit: str
    low: str
    high: str


@dataclass(frozen=True, slots=True)
class _Document:
    """The members that a reader relies on."""

    format: str
    engine: str
    revision: str
    sealedAt: str  # noqa: N815  (its name in the document)
    question: dict[str, str | None]
    ruleEditions: dict[str, str]  # noqa: N815  (its name in the document)
    scheme: str | None
    region: str | None
    standing: Outcome
    legal: Outcome
    technical: Outcome
    value: _Value | None
    preview: _Value | None
    deciding: list[str]
    findings: list[_Found]
    missing: list[str]
    alternatives: list[dict[str, Any]]
    hidden: list[str] = field(default_factory=list)


_SHAPE = TypeAdapter(_Document)


def read(payload: bytes) -> Document:
    """The document in a payload whose signature holds.

    Raises: BadSeal where the payload is not canonical, or is no decision of this format.
    """
    try:
        found = parse(payload)
        same = canonical(found) == payload
    except ValueError:
        same = False
    if not same:
        raise _bad("its payload is not canonical JSON (RFC 8785)", "其内容不是规范化 JSON(RFC 8785)")
    try:
        _SHAPE.validate_python(found)
        question_of(found), sealed_at(found)
    except (ValidationError, ValueError, KeyError, TypeError) as error:
        raise _bad("its payload is no decision document", "其内容不是决定文件") from error
    if found["format"] != FORMAT:
        raise _bad(f"its format is `{found['format']}`, not `{FORMAT}`", f"其格式不是 `{FORMAT}`")
    whole: Document = found
    return whole


def question_of(sealed: Document) -> Question:
    """The question that was asked. Raises: ValueError, KeyError where a member is not what it must be."""
    asked = sealed["question"]
    given: dict[str, Any] = {field: of(asked[name]) for name, field, of in QUESTION}
    return Question(**given)


def hidden_in(sealed: Document) -> frozenset[str]:
    """The facts that were left out; seals of before there was such a thing hold all."""
    return frozenset(sealed.get("hidden", ()))


def sealed_at(sealed: Document) -> datetime:
    """When it was signed. Raises: ValueError, KeyError."""
    return _instant(sealed["sealedAt"])


def _bad(en: str, zh: str) -> BadSeal:
    return BadSeal(
        f"the sealed decision is refused: {en}",
        f"封存的决定无效:{zh}",
        fix="Ask who sealed it for the original, or seal the decision anew.",
        fix_zh="请向封存方索取原件,或重新封存。",
    )
