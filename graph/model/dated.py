"""Days, instants, numbers and dated events: the small words that every recorded fact is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Generic, TypeVar

from pydantic import AfterValidator, BeforeValidator

S = TypeVar("S", bound=StrEnum)
T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")

CHINA = "+08:00"
"""Zone of a printed day where a scheme names no other."""

LARGEST = Decimal("1e15")
SMALLEST = Decimal("1e-15")


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("an instant needs an offset, such as 2026-06-01T00:00:00Z (RFC 3339)")
    return found


def _read_when(found: object) -> object:
    """Tell a day from an instant by how it is written; pydantic alone would take midnight for a day."""
    if isinstance(found, str):
        return date.fromisoformat(found) if len(found) == len("2026-06-01") else _instant(found)
    if isinstance(found, datetime) and found.tzinfo is None:
        raise ValueError("an instant needs an offset, such as 2026-06-01T00:00:00Z (RFC 3339)")
    if isinstance(found, date) or found is None:
        return found
    raise ValueError("write a day (2026-06-01) or an instant (2026-06-01T00:00:00Z)")


def _in_range(number: Decimal) -> Decimal:
    if number and not SMALLEST <= abs(number) <= LARGEST:
        raise ValueError("a number beyond 1e15 or below 1e-15 is a slip of the pen")
    return number


def _pairs(found: object) -> object:
    return tuple(found.items()) if isinstance(found, Mapping) else found


When = Annotated[date | datetime, BeforeValidator(_read_when)]
"""A printed day (in the scheme's zone, a last day included) or an RFC 3339 instant."""

Instant = Annotated[datetime, BeforeValidator(_read_when)]
"""An RFC 3339 instant with its offset."""

Number = Annotated[Decimal, AfterValidator(_in_range)]
"""A finite decimal, 0 or 1e-15 to 1e15 in magnitude."""

Table = Annotated[tuple[tuple[K, V], ...], BeforeValidator(_pairs)]
"""Pairs, written as a table or as a list of pairs, kept as a tuple so that records stay hashable."""


@lru_cache(maxsize=64)
def zone_of(offset: str) -> timezone:
    """The fixed zone "+08:00".

    Raises: ValueError for anything else than an offset.
    """
    zone = datetime.strptime(offset, "%z").tzinfo
    assert isinstance(zone, timezone)
    return zone


def start(when: date | datetime, zone: str = CHINA) -> datetime:
    """The first instant of a day in ``zone``; an instant is itself."""
    if isinstance(when, datetime):
        return when
    return datetime.combine(when, time(), zone_of(zone))


def end(when: date | datetime, zone: str = CHINA) -> datetime:
    """The first instant after a last day in ``zone``; an instant is itself (half-open).

    >>> end(date(2026, 6, 1)).isoformat()
    '2026-06-02T00:00:00+08:00'
    """
    if isinstance(when, datetime):
        return when
    return datetime.combine(when + timedelta(days=1), time(), zone_of(zone))


def holds(
    since: date | datetime | None, until: date | datetime | None, at: datetime, zone: str = CHINA
) -> bool:
    """Whether ``at`` lies in [since, until]; an absent side is open, a last day is included."""
    return (since is None or start(since, zone) <= at) and (until is None or at < end(until, zone))


@dataclass(frozen=True, slots=True)
class StatusEvent(Generic[S]):
    """A change of state: ``valid_from`` when it bites, ``recorded_at`` when the graph learnt of it.

    ``recorded_at`` is set by the store alone; None means known from the start (shipped data).
    """

    state: S
    valid_from: When
    reason: str = ""
    source: str = ""
    id: str | None = None
    recorded_at: Instant | None = None


class Certainty(StrEnum):
    """How far a parameter of a scheme is known; decides how a rule may use it (domain 3a)."""

    VERIFIED = "verified"
    SEED = "seed"
    KNOWN = "known"
    UNCERTAIN = "uncertain"
    DRAFT = "draft"


class IfNotMet(StrEnum):
    """What a scheme does with a certificate that differs in this parameter."""

    CONVERT = "convert"
    CONDITION = "condition"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Parameter(Generic[T]):
    """One dated field of a method profile. ``value`` None: the field exists, its value is not known."""

    value: T | None = None
    certainty: Certainty = Certainty.VERIFIED
    source: str = ""
    if_not_met: IfNotMet = IfNotMet.CONVERT
    since: When | None = None
    until: When | None = None
