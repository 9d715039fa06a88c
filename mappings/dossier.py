"""All that the rules may look at for one certificate and one destination, looked up once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from huren.graph.model.certificate import Certificate
from huren.graph.model.dated import Parameter, holds, start
from huren.graph.model.facts import Known
from huren.graph.model.profile import Profile, overlay
from huren.graph.model.scheme import CertificationRule, Listing, RuleKind, Scheme, TextState
from huren.graph.model.terms import NO_FOOTPRINT, Purpose, RecordType
from huren.mappings.agreement_terms import Sides
from huren.mappings.lifetime import rule_state
from huren.mappings.purposes import Hardness, hardness
from huren.mappings.route import Route, find_route
from huren.mappings.wanted import Wanted, wanted

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Target:
    """The accepting side: a scheme, and the region asked for where a region was.

    ``exists`` False: no scheme accepts there; ``scheme`` is then an empty placeholder.
    """

    scheme: Scheme
    region: str | None = None
    exists: bool = True


@dataclass(frozen=True, slots=True)
class Dossier:
    """One certificate before one destination. ``issuer`` is scheme A, ``target.scheme`` scheme B."""

    certificate: Certificate
    target: Target
    purpose: Purpose
    as_of: datetime
    known: Known
    issuer: Scheme | None
    issuer_rule: CertificationRule | None
    issuer_profile: Profile
    profile: Profile
    category: str | None
    record_type: RecordType | None
    route: Route

    def want(self, name: str, parameter: Parameter[T] | None, default: T | None = None) -> Wanted[T]:
        """A parameter of the destination, in force at ``as_of``."""
        return wanted(f"destination.{name}", parameter, self.as_of, default)

    @property
    def zone(self) -> str:
        """The zone of the printed days of the certificate."""
        return zone_of(self.issuer, self.target)

    @property
    def issued(self) -> datetime | None:
        """The instant from which the certificate stands."""
        return self.route.sides.issued

    @property
    def purpose_reads_agreements(self) -> bool:
        """Whether agreements matter for the purpose at all (R1 is not none)."""
        return hardness("R1", self.purpose, self.as_of) is not Hardness.NONE

    @property
    def carries_footprint(self) -> bool:
        """Whether the kind of record can carry the footprint of a product at all."""
        return self.record_type not in NO_FOOTPRINT


def zone_of(issuer: Scheme | None, target: Target) -> str:
    """The zone of the printed days of a certificate: that of its scheme."""
    return issuer.zone if issuer else target.scheme.zone


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
    own = [r for r in known.rules.values() if r.scheme in mine and rule_state(r, at) is TextState.IN_FORCE]
    for rule in sorted(own, key=lambda r: (r.kind is RuleKind.SPECIFIC, r.id)):
        if rule.kind is RuleKind.GENERAL or lists(rule.categories, category, at, known):
            profile = overlay(profile, rule.profile)
    return profile


def dossier_of(
    certificate: Certificate, target: Target, purpose: Purpose, as_of: datetime, known: Known
) -> Dossier:
    """Look up both sides. Cost: O(rules + agreements x hops)."""
    issuer = known.schemes.get(certificate.scheme)
    rule = known.rules.get(certificate.rule) if certificate.rule else None
    category = category_of(certificate, known)
    issuer_profile = Profile() if issuer is None else profile_of(issuer, category, as_of, known)
    profile = profile_of(target.scheme, category, as_of, known)
    hops = wanted("destination.max_hops", profile.max_hops, as_of, MAX_HOPS).value or MAX_HOPS
    kind = record_type_of(certificate, issuer, known)
    sides = Sides(
        certificate=certificate,
        issuer=issuer,
        accepting=target.scheme,
        region=target.region,
        issued=None if certificate.issued is None else start(certificate.issued, zone_of(issuer, target)),
        category=category,
        record_type=kind,
        purpose=purpose,
        at=as_of,
        max_hops=hops,
    )
    return Dossier(
        certificate=certificate,
        target=target,
        purpose=purpose,
        as_of=as_of,
        known=known,
        issuer=issuer,
        issuer_rule=rule,
        issuer_profile=issuer_profile if rule is None else overlay(issuer_profile, rule.profile),
        profile=profile,
        category=category,
        record_type=kind,
        route=find_route(sides, known),
    )


MAX_HOPS = 4
"""Default of the destination's ``max_hops`` (domain 3a)."""
