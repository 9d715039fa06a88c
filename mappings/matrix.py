"""Which certificates of a category stand where: one decision for each pair. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from huren.graph.model.certificate import Certificate
from huren.graph.model.facts import Known
from huren.graph.model.scheme import Scheme
from huren.graph.model.terms import Purpose
from huren.mappings.decide import Decision, Question, recognise
from huren.mappings.destination import takes
from huren.mappings.lifetime import in_force


@dataclass(frozen=True, slots=True)
class Row:
    """One certificate before every destination, in the order of :attr:`Matrix.destinations`."""

    certificate: Certificate
    decisions: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Certificates by number against schemes by id."""

    destinations: tuple[Scheme, ...]
    rows: tuple[Row, ...]

    @property
    def illustrative(self) -> bool:
        """Whether any of the decisions rests on illustrative records."""
        return any(decision.illustrative for row in self.rows for decision in row.decisions)


def matrix(category: str, purpose: Purpose, as_of: datetime, known: Known) -> Matrix:
    """The certificates in ``known`` against every scheme in force at ``as_of`` that takes ``category``.

    Cost: certificates times schemes decisions, about 0.3 ms each. Raises: EmptyRuleSet.
    """
    destinations = tuple(
        scheme
        for _, scheme in sorted(known.schemes.items())
        if in_force(scheme, as_of, known) and takes(scheme, category, as_of, known)
    )
    rows = (
        Row(certificate, tuple(_decide(number, scheme.id, purpose, as_of, known) for scheme in destinations))
        for number, certificate in sorted(known.certificates.items())
    )
    return Matrix(destinations, tuple(rows))


def _decide(number: str, destination: str, purpose: Purpose, as_of: datetime, known: Known) -> Decision:
    return recognise(Question(number, destination, purpose, as_of, known.known_at), known)
