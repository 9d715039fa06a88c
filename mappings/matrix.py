"""Which certificates of a category stand where: one decision for each pair. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from huren.graph.model.certificate import Certificate
from huren.graph.model.facts import Known
from huren.graph.model.scheme import Scheme
from huren.graph.model.terms import NO_FOOTPRINT, Purpose
from huren.mappings.decide import Recogniser
from huren.mappings.decision import Decision
from huren.mappings.destination import takes
from huren.mappings.lifetime import in_force
from huren.mappings.route import accepts_in


@dataclass(frozen=True, slots=True)
class Row:
    """One certificate before every destination, in the order of :attr:`Matrix.destinations`."""

    certificate: Certificate
    decisions: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Certificates by number against destinations: regions and schemes by id."""

    destinations: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def illustrative(self) -> bool:
        """Whether any of the decisions rests on illustrative records."""
        return any(decision.illustrative for row in self.rows for decision in row.decisions)


def matrix(destinations: Iterable[str], purpose: Purpose, as_of: datetime, known: Known) -> Matrix:
    """The certificates in ``known`` against ``destinations``, in their order, each once.

    Cost: certificates times destinations decisions; what is alike to a rule is judged once.
    Raises: NotFound for an unknown destination; EmptyRuleSet.
    """
    columns = tuple(dict.fromkeys(destinations))
    recogniser = Recogniser(known, purpose, as_of, remember=True)
    rows = (
        Row(certificate, tuple(recogniser.answer(number, column) for column in columns))
        for number, certificate in sorted(known.certificates.items())
    )
    return Matrix(columns, tuple(rows))


def destinations_of(category: str, as_of: datetime, known: Known) -> tuple[str, ...]:
    """Where to ask: the regions that agreements name, then the schemes that none of these accepts.

    A scheme that a region accepts answers there; of the others those in force count that take the
    category and attest footprints at all.
    """
    sides = (side for a in known.agreements.values() for side in (a.issuing, a.accepting))
    regions = sorted({region for side in sides for region in side.regions})
    schemes = (
        id
        for id, scheme in sorted(known.schemes.items())
        if in_force(scheme, as_of, known)
        and takes(scheme, category, as_of, known)
        and _attests_footprints(scheme)
        and not any(accepts_in(scheme, region, as_of, known) for region in regions)
    )
    return (*regions, *schemes)


def _attests_footprints(scheme: Scheme) -> bool:
    kinds = scheme.record_types.value if scheme.record_types else None
    return not kinds or not kinds <= NO_FOOTPRINT
