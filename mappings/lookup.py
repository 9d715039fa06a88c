"""Looks both sides of a question up, each thing once however many certificates and destinations are asked."""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime
from typing import Any

from huren.graph.model.agreement import Agreement
from huren.graph.model.certificate import Certificate
from huren.graph.model.dated import end, start
from huren.graph.model.facts import Known
from huren.graph.model.profile import Profile
from huren.graph.model.scheme import Scheme
from huren.graph.model.terms import Purpose
from huren.mappings.agreement_terms import Sides
from huren.mappings.destination import members, targets
from huren.mappings.dossier import MAX_HOPS, Case, Place, Target, case_of, category_of, profile_of
from huren.mappings.lifetime import end_of_agreement
from huren.mappings.route import Route, Standing, find_route
from huren.mappings.wanted import wanted


class Lookup:
    """The records behind questions of one purpose as of one instant, found in ``known`` and kept."""

    def __init__(self, known: Known, purpose: Purpose, as_of: datetime) -> None:
        self.known, self.purpose, self.as_of = known, purpose, as_of
        self._standing: Standing | None = None
        self._days: list[datetime] | None = None
        self._profiles: dict[tuple[str, str | None], Profile] = {}
        self._members: dict[str, tuple[str, ...]] = {}
        self._places: dict[tuple[str, str | None], tuple[Place, ...]] = {}
        self._routes: dict[tuple[Any, ...], Route] = {}

    def case(self, certificate: Certificate) -> Case:
        """The issuing side of ``certificate``."""
        issuer = self.known.schemes.get(certificate.scheme)
        profile = None if issuer is None else self._profile(issuer, category_of(certificate, self.known))
        return case_of(certificate, profile, self.known)

    def members(self, destination: str) -> tuple[str, ...]:
        """The members of an alliance; the destination alone where it is none."""
        if destination not in self._members:
            self._members[destination] = members(destination, self.as_of, self.known)
        return self._members[destination]

    def places(self, destination: str, category: str | None) -> tuple[Place, ...]:
        """The scheme named, or each that accepts the category in the region. Raises: NotFound."""
        key = (destination, category)
        if key not in self._places:
            found = targets(destination, category, self.as_of, self.known)
            self._places[key] = tuple(self._place(target, category) for target in found)
        return self._places[key]

    def route(self, case: Case, place: Place) -> Route:
        """The best route from one to the other, found once for all certificates it is the same for."""
        certificate, target = case.certificate, place.target
        key = (
            certificate.scheme,
            self._issue_period(case.issued),
            case.category,
            case.record_type,
            certificate.fulfilments,
            target.scheme.id,
            target.region,
        )
        if key not in self._routes:
            self._routes[key] = find_route(self._sides(case, place), self._agreements())
        return self._routes[key]

    def _agreements(self) -> Standing:
        if self._standing is None:
            self._standing = Standing(self.known, self.as_of)
        return self._standing

    def _place(self, target: Target, category: str | None) -> Place:
        profile = self._profile(target.scheme, category)
        hops = wanted("destination.max_hops", profile.max_hops, self.as_of, MAX_HOPS).value
        return Place(target, profile, hops or MAX_HOPS)

    def _profile(self, scheme: Scheme, category: str | None) -> Profile:
        key = (scheme.id, category)
        if key not in self._profiles:
            self._profiles[key] = profile_of(scheme, category, self.as_of, self.known)
        return self._profiles[key]

    def _sides(self, case: Case, place: Place) -> Sides:
        return Sides(
            scheme=case.certificate.scheme,
            issuer=case.issuer,
            accepting=place.target.scheme,
            region=place.target.region,
            issued=case.issued,
            category=case.category,
            record_type=case.record_type,
            fulfilments=case.certificate.fulfilments,
            purpose=self.purpose,
            at=self.as_of,
            max_hops=place.max_hops,
        )

    def _issue_period(self, issued: datetime | None) -> int | None:
        """Between which days that agreements name ``issued`` lies: all that a route reads of it."""
        if issued is None:
            return None
        if self._days is None:
            agreements = self.known.agreements.values()
            self._days = sorted({day for a in agreements for day in _days_of_issue(a, self.known)})
        return bisect_right(self._days, issued)


def _days_of_issue(agreement: Agreement, known: Known) -> list[datetime]:
    """The instants at which a certificate's day of issue begins to matter to ``agreement``."""
    days = []
    if agreement.issued_from is not None:
        days.append(start(agreement.issued_from, agreement.zone))
    if agreement.issued_until is not None:
        days.append(end(agreement.issued_until, agreement.zone))
    if agreement.transition is not None:
        before = agreement.transition.issued_before
        ended = end_of_agreement(agreement, known)
        days += [ended] if ended is not None else []
        days += [start(before, agreement.zone)] if before is not None else []
    return days
