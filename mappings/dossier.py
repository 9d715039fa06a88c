"""All that the rules may look at for one certificate and one destination."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from huren.graph.model.certificate import Certificate
from huren.graph.model.dated import CHINA, Parameter, holds, start
from huren.graph.model.facts import Known
from huren.graph.model.profile import NO_PROFILE, Profile, overlay
from huren.graph.model.scheme import CertificationRule, Listing, RuleKind, Scheme, TextState
from huren.graph.model.terms import NO_FOOTPRINT, Purpose, RecordType
from huren.graph.model.text import Text
from huren.mappings.lifetime import rule_state
from huren.mappings.outcome import Outcome
from huren.mappings.purposes import Hardness, hardness
from huren.mappings.quantity import Quantity
from huren.mappings.route import Route
from huren.mappings.wanted import Wanted, wanted

T = TypeVar("T")

MAX_HOPS = 4
"""Default of the destination's ``max_hops`` (domain 3a)."""


@dataclass(frozen=True, slots=True)
class Target:
    """The accepting side: a scheme, and the region asked for where a region was.

    ``exists`` False: no scheme accepts there; ``scheme`` is then an empty placeholder.
    """

    scheme: Scheme
    region: str | None = None
    exists: bool = True


@dataclass(frozen=True, slots=True)
class Case:
    """The issuing side: a certificate, its scheme, and what follows from both. The same for every target."""

    certificate: Certificate
    issuer: Scheme | None
    issuer_rule: CertificationRule | None
    issuer_profile: Profile
    category: str | None
    record_type: RecordType | None
    zone: str
    issued: datetime | None


@dataclass(frozen=True, slots=True)
class Terms:
    """One of two numbers that are compared, on the destination's terms.

    ``outcome`` is the technical verdict on it, ``because`` and ``missing`` are of the finding that makes
    it so; ``gsd`` is None where no uncertainty is stated.
    """

    number: str
    category: str | None
    outcome: Outcome
    because: Text
    missing: tuple[str, ...]
    quantity: Quantity
    gsd: Decimal | None


@dataclass(frozen=True, slots=True)
class Rival:
    """What is compared: ``ours``, the certificate asked about, against ``theirs``."""

    ours: Terms
    theirs: Terms


@dataclass(frozen=True, slots=True)
class Place:
    """The accepting side: a target and its method profile for one category.

    ``wants`` are the parameters of it that were read so far.
    """

    target: Target
    profile: Profile
    max_hops: int = MAX_HOPS
    wants: dict[tuple[Any, ...], Wanted[Any]] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Dossier:
    """One certificate before one destination. ``issuer`` is scheme A, ``target.scheme`` scheme B.

    ``comparing``: whether the question is if the number is lower than another's; ``rival`` is then what
    the two are on the destination's terms, once all other rules have been applied.
    """

    case: Case
    place: Place
    purpose: Purpose
    as_of: datetime
    known: Known
    route: Route
    comparing: bool = False
    rival: Rival | None = None

    @property
    def certificate(self) -> Certificate:
        """The certificate asked about."""
        return self.case.certificate

    @property
    def issuer(self) -> Scheme | None:
        """The scheme that it stands under; None: not on record."""
        return self.case.issuer

    @property
    def issuer_rule(self) -> CertificationRule | None:
        """The rule that it names; None: none, or not on record."""
        return self.case.issuer_rule

    @property
    def issuer_profile(self) -> Profile:
        """What the issuing side demands of the method."""
        return self.case.issuer_profile

    @property
    def category(self) -> str | None:
        """The product category, stated or by its code."""
        return self.case.category

    @property
    def record_type(self) -> RecordType | None:
        """The kind of record, stated or the only one of the scheme."""
        return self.case.record_type

    @property
    def zone(self) -> str:
        """The zone of the printed days of the certificate."""
        return self.case.zone

    @property
    def issued(self) -> datetime | None:
        """The instant from which the certificate stands."""
        return self.case.issued

    @property
    def target(self) -> Target:
        """The scheme asked, and the region where one was."""
        return self.place.target

    @property
    def profile(self) -> Profile:
        """What the destination demands of the method."""
        return self.place.profile

    def want(self, name: str, parameter: Parameter[T] | None, default: T | None = None) -> Wanted[T]:
        """A parameter of the destination, in force at ``as_of``; read once for all that share ``wants``."""
        key = (name, id(parameter), default)
        found = self.place.wants.get(key)
        if found is None:
            found = self.place.wants[key] = wanted(f"destination.{name}", parameter, self.as_of, default)
        return found

    @property
    def purpose_reads_agreements(self) -> bool:
        """Whether agreements matter for the purpose at all (R1 is not none)."""
        return hardness("R1", self.purpose, self.as_of) is not Hardness.NONE

    @property
    def carries_footprint(self) -> bool:
        """Whether the kind of record can carry the footprint of a product at all."""
        return self.record_type not in NO_FOOTPRINT


def category_of(certificate: Certificate, known: Known) -> str | None:
    """The stated category, else the only one that has one of the stated codes."""
    if certificate.category is not None or not certificate.codes:
        return certificate.category
    found = [c.id for c in known.categories.values() if set(c.codes) & set(certificate.codes)]
    return found[0] if len(found) == 1 else None


def lists(listings: Iterable[Listing], category: str | None, at: datetime, known: Known) -> bool:
    """Whether ``category`` or a parent of it is listed by its id at ``at``."""
    line = () if category is None else known.category_line(category)
    return any(row.category in line and holds(row.since, row.until, at) for row in listings)


def record_type_of(certificate: Certificate, issuer: Scheme | None, known: Known) -> RecordType | None:
    """The stated type, else the only one that the scheme issues."""
    if certificate.record_type is not None or issuer is None:
        return certificate.record_type
    issued = issuer.record_types or known.root(issuer).record_types
    kinds = issued.value if issued else None
    return next(iter(kinds)) if kinds and len(kinds) == 1 else None


def profile_of(scheme: Scheme, category: str | None, at: datetime, known: Known) -> Profile:
    """The method profile of ``scheme`` for ``category``: its specific rules over itself over what it uses."""
    root = known.root(scheme)
    profile = root.profile if root.id == scheme.id else overlay(root.profile, scheme.profile)
    mine = (scheme.id, root.id)
    own = [
        r for r in known.rules.values() if r.scheme in mine and rule_state(r, at, known) is TextState.IN_FORCE
    ]
    for rule in sorted(own, key=lambda r: (r.kind is RuleKind.SPECIFIC, r.id)):
        if rule.kind is RuleKind.GENERAL or lists(rule.categories, category, at, known):
            profile = overlay(profile, rule.profile)
    return profile


def case_of(certificate: Certificate, profile: Profile | None, known: Known) -> Case:
    """The issuing side of ``certificate``; ``profile`` is that of its scheme for its category."""
    issuer = known.schemes.get(certificate.scheme)
    rule = known.rules.get(certificate.rule) if certificate.rule else None
    zone = issuer.zone if issuer else CHINA
    return Case(
        certificate=certificate,
        issuer=issuer,
        issuer_rule=rule,
        issuer_profile=overlay(profile or NO_PROFILE, rule.profile if rule else NO_PROFILE),
        category=category_of(certificate, known),
        record_type=record_type_of(certificate, issuer, known),
        zone=zone,
        issued=None if certificate.issued is None else start(certificate.issued, zone),
    )
