"""What experts recorded as the same: rule texts (R12) and scales of data quality (R22)."""

from __future__ import annotations

from dataclasses import dataclass

from huren.graph.model.dated import Instant, Number, When
from huren.graph.model.terms import EquivalenceFinding


@dataclass(frozen=True, slots=True)
class Equivalence:
    """An expert record that results under one rule text stand for results under another.

    ``text`` and ``other`` are product category rules or standards as certificates and profiles name them;
    an absent edition means every one. It holds both ways.
    """

    id: str
    text: str
    other: str
    edition: str | None = None
    other_edition: str | None = None
    finding: EquivalenceFinding = EquivalenceFinding.EQUIVALENT
    categories: tuple[str, ...] = ()
    since: When | None = None
    until: When | None = None
    by: str = ""
    source: str = ""
    illustrative: bool = False
    recorded_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class ScalePoint:
    """One rating on the scale mapped from, and what it is on the scale mapped to."""

    rating: Number
    becomes: Number


@dataclass(frozen=True, slots=True)
class ScaleMap:
    """A published map between two scales of data quality; a rating between two points takes the worse."""

    id: str
    from_scale: str
    to_scale: str
    points: tuple[ScalePoint, ...]
    since: When | None = None
    until: When | None = None
    source: str = ""
    illustrative: bool = False
    recorded_at: Instant | None = None
