"""Agreements of recognition between regions or schemes."""

from __future__ import annotations

from dataclasses import dataclass

from huren.graph.model.dated import CHINA, Instant, StatusEvent, When
from huren.graph.model.scheme import TextState
from huren.graph.model.terms import AgreementObject, ConsultationKind, RecordType
from huren.graph.model.text import Text


@dataclass(frozen=True, slots=True)
class Side:
    """The parties on one side: regions (or alliances) and schemes by id."""

    regions: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """A process step or term that a certificate must have gone through; ``id`` names its fulfilment."""

    id: str
    says: Text


@dataclass(frozen=True, slots=True)
class Transition:
    """What an ended agreement still covers: certificates issued before a day, until a day, on terms."""

    issued_before: When | None = None
    until: When | None = None
    terms: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Consultation:
    """One entry of the log that the parties keep (S2-21)."""

    on: When
    says: Text
    kind: ConsultationKind = ConsultationKind.CONSULTATION
    source: str = ""
    recorded_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """What ``accepting`` takes from ``issuing`` (and the reverse where ``both_ways``).

    ``objects`` is what is recognised. Empty ``categories`` or ``record_types``: all of them.
    ``effective`` None: not in force yet. ``passes_on``: what the issuing side itself recognised suffices
    (R4); ``direct_only``: only what it recognised by an agreement of its own, not what it derived.
    ``issued_from`` and ``issued_until`` limit the certificates by their day of issue. ``ends`` names
    agreements that this one ends when it takes effect.
    """

    id: str
    name: Text
    issuing: Side
    accepting: Side
    both_ways: bool = False
    objects: frozenset[AgreementObject] = frozenset({AgreementObject.RESULT})
    categories: tuple[str, ...] = ()
    record_types: frozenset[RecordType] = frozenset()
    steps: tuple[Step, ...] = ()
    signed: When | None = None
    effective: When | None = None
    ended: When | None = None
    issued_from: When | None = None
    issued_until: When | None = None
    transition: Transition | None = None
    passes_on: bool = False
    direct_only: bool = False
    ends: tuple[str, ...] = ()
    clause: str = ""
    source: str = ""
    zone: str = CHINA
    illustrative: bool = False
    consultations: tuple[Consultation, ...] = ()
    events: tuple[StatusEvent[TextState], ...] = ()
    recorded_at: Instant | None = None
