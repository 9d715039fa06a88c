"""Schemes, the rules they certify by, and the legal texts they stand on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from huren.graph.model.certificate import Code
from huren.graph.model.dated import CHINA, Certainty, Instant, Parameter, StatusEvent, When
from huren.graph.model.profile import NO_PROFILE, Profile
from huren.graph.model.terms import Level, RecordType
from huren.graph.model.text import Text


class TextState(StrEnum):
    """States of a legal text, a rule or a scheme. Only ``in_force`` grounds anything."""

    DRAFT = "draft"
    MOU = "mou"
    FILED = "filed"
    PUBLISHED = "published"
    SIGNED = "signed"
    IN_FORCE = "in_force"
    SUSPENDED = "suspended"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


class RuleKind(StrEnum):
    """General: every product; specific: its categories; accounting: a product standard."""

    GENERAL = "general"
    SPECIFIC = "specific"
    ACCOUNTING = "accounting"


class RulePart(StrEnum):
    """The five parts of an implementation rule (S1-24): scope, basis, procedure, mark, management."""

    SCOPE = "scope"
    BASIS = "basis"
    PROCEDURE = "procedure"
    MARK = "mark"
    MANAGEMENT = "management"


@dataclass(frozen=True, slots=True)
class Listing:
    """A category (by id or by code) that a scheme or rule takes, with its period."""

    category: str | None = None
    code: Code | None = None
    since: When | None = None
    until: When | None = None


@dataclass(frozen=True, slots=True)
class Instrument:
    """A legal text with its own dated status, such as a notice, a plan or a memorandum."""

    id: str
    title: Text
    number: str | None = None
    issuer: str | None = None
    made: When | None = None
    published: When | None = None
    effective: When | None = None
    ended: When | None = None
    events: tuple[StatusEvent[TextState], ...] = ()
    source: str = ""
    recorded_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Scheme:
    """A certification scheme, standard or record format.

    ``issued_in`` are the regions on whose side its certificates stand, ``accepted_in`` those where it
    accepts, less ``except_in``. ``uses`` names the scheme whose approvals, rules and validity it takes.
    ``mark`` is what goods may carry: which mark, and what it shows. ``categories`` absent: it takes every
    category. ``pilot_area`` are the regions of a pilot, ``pilot_products`` the categories that its province
    proposed, two at most. ``approves_bodies`` False: anyone may verify.
    """

    id: str
    name: Text
    operator: str | None = None
    level: Level = Level.INTERNATIONAL
    base_standard: str | None = None
    instrument: str | None = None
    uses: str | None = None
    issued_in: tuple[str, ...] = ()
    accepted_in: tuple[str, ...] = ()
    except_in: tuple[str, ...] = ()
    record_types: Parameter[frozenset[RecordType]] | None = None
    mark: Parameter[Text] | None = None
    categories: Parameter[tuple[Listing, ...]] | None = None
    approves_bodies: bool = True
    rules_filed: bool = False
    pilot_area: tuple[str, ...] = ()
    pilot_products: tuple[str, ...] = ()
    zone: str = CHINA
    effective: When | None = None
    ended: When | None = None
    profile: Profile = NO_PROFILE
    certainty: Certainty = Certainty.VERIFIED
    source: str = ""
    illustrative: bool = False
    events: tuple[StatusEvent[TextState], ...] = ()
    recorded_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class CertificationRule:
    """One edition of a rule or product standard under ``scheme``.

    ``effective`` None: never in force. ``transition_until``: last day on which certificates under the
    rules that this one displaces (or under this one, once it falls) are still taken.
    ``locals_fall_on``: a later day than ``effective`` for local rules to fall, where it sets one.
    ``pcrs`` (a name or name@edition), ``model_version``, ``factor_set`` name what it calculates by (S4-6);
    ``factor_grade`` the grade of emission factors it asks for, ``green_power`` how such power counts (S4-9).
    """

    id: str
    name: Text
    scheme: str | None = None
    edition: str = "1"
    kind: RuleKind = RuleKind.SPECIFIC
    level: Level = Level.NATIONAL
    region: str | None = None
    body: str | None = None
    categories: tuple[Listing, ...] = ()
    country: str | None = None
    filing_number: str | None = None
    filed: When | None = None
    listed: When | None = None
    made: When | None = None
    published: When | None = None
    effective: When | None = None
    withdrawn: When | None = None
    locals_fall_on: When | None = None
    transition_until: When | None = None
    supersedes: tuple[str, ...] = ()
    parts: frozenset[RulePart] = frozenset()
    pcrs: tuple[str, ...] = ()
    model_version: str | None = None
    factor_set: str | None = None
    factor_grade: str | None = None
    green_power: str | None = None
    profile: Profile = NO_PROFILE
    certainty: Certainty = Certainty.VERIFIED
    source: str = ""
    illustrative: bool = False
    events: tuple[StatusEvent[TextState], ...] = ()
    recorded_at: Instant | None = None
