"""What the public may read of a certificate behind a mark, and where it is recognised. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from huren.graph.model.certificate import Certificate, CertificateState
from huren.graph.model.facts import Known
from huren.graph.model.supply import Stage
from huren.graph.model.terms import Purpose
from huren.graph.model.text import Text
from huren.mappings.decide import Recogniser
from huren.mappings.decision import Decision
from huren.mappings.dossier import category_of, record_type_of
from huren.mappings.explain import place_name, scheme_name
from huren.mappings.matrix import destinations_of
from huren.mappings.outcome import SURE
from huren.mappings.quantity import said
from huren.mappings.rules.record_type import NAMES
from huren.mappings.state import state_at
from huren.mappings.words import listed, moment, named, word


@dataclass(frozen=True, slots=True)
class RecognisedAt:
    """A region or scheme that recognises the certificate for display, and how."""

    place: Text
    standing: Text
    illustrative: bool


@dataclass(frozen=True, slots=True)
class PublicMark:
    """All that the page shows. ``value`` None: not stated, or ``frozen`` while it is disputed (S3-24),
    and then no place is listed either.

    ``facts``: the other rows of the page by their names, in order.
    """

    number: str
    state: str
    value: str | None
    unit: str
    frozen: bool
    facts: tuple[tuple[Text, Text], ...]
    recognised: tuple[RecognisedAt, ...]
    illustrative: bool
    day: str

    @property
    def state_says(self) -> Text:
        """The state in words."""
        return word("state", self.state)


@dataclass(frozen=True, slots=True)
class Names:
    """The names of the product and of the holder, as recorded; empty where they are not."""

    product: Text
    holder: Text


def public_mark(certificate: Certificate, names: Names, as_of: datetime, known: Known) -> PublicMark:
    """The page on ``certificate``; ``known`` must hold it.

    Cost: a decision for each region that an agreement names and each scheme beside these.
    """
    state = state_at(certificate, as_of, known)
    frozen = state == CertificateState.DISPUTED
    decisions = () if frozen else _decisions(certificate, as_of, known)
    stated = certificate.value is not None and not frozen
    return PublicMark(
        number=certificate.number,
        state=state,
        value=said(certificate.value) if stated and certificate.value is not None else None,
        unit=f"kg CO2e/{certificate.unit}" if certificate.unit else "kg CO2e",
        frozen=frozen,
        facts=tuple(_facts(certificate, names, known)),
        recognised=tuple(_recognised(d, known) for d in decisions if d.standing in SURE),
        illustrative=certificate.illustrative or known_illustrative(certificate, known),
        day=moment(as_of).zh[:10],
    )


def known_illustrative(certificate: Certificate, known: Known) -> bool:
    """Whether the scheme, the rule or the body of the certificate was made up for demonstration."""
    grounds = (
        known.schemes.get(certificate.scheme),
        known.rules.get(certificate.rule or ""),
        known.bodies.get(certificate.body or ""),
    )
    return any(ground.illustrative for ground in grounds if ground)


def _decisions(certificate: Certificate, as_of: datetime, known: Known) -> Iterator[Decision]:
    category, issuer = category_of(certificate, known), known.schemes.get(certificate.scheme)
    if category is None:
        return
    own = issuer.accepted_in if issuer else ()
    recogniser = Recogniser(known, Purpose.CONSUMER_DISPLAY, as_of, remember=True)
    for place in dict.fromkeys((*own, *destinations_of(category, as_of, known))):
        yield recogniser.answer(certificate.number, place)


def _recognised(decision: Decision, known: Known) -> RecognisedAt:
    place = place_name(decision.question.destination, known)
    return RecognisedAt(place, word("recognised", decision.standing), decision.illustrative)


def _facts(certificate: Certificate, names: Names, known: Known) -> Iterator[tuple[Text, Text]]:
    """The rows that have something to say, in the order of the page."""
    category = known.categories.get(category_of(certificate, known) or "")
    body = known.bodies.get(certificate.body or "")
    kind = record_type_of(certificate, known.schemes.get(certificate.scheme), known)
    stages = [stage for stage in Stage if stage in (certificate.stages or ())]
    rows = (
        (Text("产品", "Product"), names.product),
        (Text("型号", "Model"), _same(certificate.model)),
        (Text("产品类别", "Category"), category.name if category else Text()),
        (Text("持证人", "Holder"), named(names.holder, certificate.holder)),
        (Text("记录类型", "Kind of record"), NAMES[kind] if kind else Text()),
        (Text("核算边界", "Boundary"), listed(word("stage", stage) for stage in stages)),
        (Text("全球增温潜势", "GWP set"), _same(", ".join(sorted(certificate.gwp_sets or ())))),
        (Text("签发日期", "Issued"), moment(certificate.issued) if certificate.issued else Text()),
        (
            Text("有效期至", "Valid until"),
            moment(certificate.valid_until) if certificate.valid_until else Text(),
        ),
        (Text("认证制度", "Scheme"), scheme_name(certificate.scheme, known)),
        (Text("认证机构", "Body"), named(body.name if body else Text(), certificate.body or "")),
    )
    return (row for row in rows if row[1].zh or row[1].en)


def _same(text: str | None) -> Text:
    return Text(text or "", text or "")
