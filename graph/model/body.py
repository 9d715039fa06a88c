"""Certification and verification bodies: what they were approved for, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from huren.graph.model.dated import Instant, StatusEvent, When
from huren.graph.model.text import Text


class BodyState(StrEnum):
    """What happened to a body (S3-23); ``reinstated`` ends a suspension or a blacklisting."""

    SUSPENDED = "suspended"
    REINSTATED = "reinstated"
    EXITED = "exited"
    BLACKLISTED = "blacklisted"


@dataclass(frozen=True, slots=True)
class Approval:
    """Approval under ``scheme`` for ``categories`` (empty: all) in a period (S1-20)."""

    scheme: str
    categories: tuple[str, ...] = ()
    since: When | None = None
    until: When | None = None
    source: str = ""
    recorded_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Signatory:
    """A person authorised to sign (S4-15), by register number, in a period."""

    id: str
    since: When | None = None
    until: When | None = None
    recorded_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Competence:
    """A proficiency test, peer review or accreditation abroad: kind, result, day (S4-15, S4-20, S3-22).

    ``by``: id of the reviewing body, or the name of who tested or accredited.
    """

    kind: str
    on: When
    passed: bool | None = None
    by: str = ""
    recorded_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """A body by its id. ``events`` hold suspension, exit and blacklisting with both times.

    ``ties``: ids of bodies that it is tied to by ownership or persons, and so may not review.
    """

    id: str
    name: Text
    uscc: str | None = None
    region: str | None = None
    auditors: int | None = None
    ties: tuple[str, ...] = ()
    approvals: tuple[Approval, ...] = ()
    signatories: tuple[Signatory, ...] = ()
    competence: tuple[Competence, ...] = ()
    events: tuple[StatusEvent[BodyState], ...] = ()
    source: str = ""
    illustrative: bool = False
    recorded_at: Instant | None = None
