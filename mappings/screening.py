"""Many applicants before one destination: what each holds, how it stands, and what is missing. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from huren.errors import NotFound
from huren.graph.model.certificate import Certificate
from huren.graph.model.facts import Known
from huren.graph.model.organisation import Organisation
from huren.graph.model.terms import Purpose
from huren.graph.model.text import Text
from huren.mappings.decide import Recogniser
from huren.mappings.decision import Decision
from huren.mappings.destination import members, targets
from huren.mappings.dossier import category_of
from huren.mappings.evidence import Evidence, evidence
from huren.mappings.outcome import Outcome
from huren.mappings.remedies import remedies


class ApplicantKind(StrEnum):
    """What an applicant was found to be."""

    FIRM = "FIRM"
    CERTIFICATE = "CERTIFICATE"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Applicant:
    """An applicant as asked, and what is on record of it; ``certificates`` are the firm's, or its own."""

    name: str
    kind: ApplicantKind
    organisation: Organisation | None = None
    certificates: tuple[Certificate, ...] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """What every certificate is asked. ``category`` None: certificates of every category count."""

    destination: str
    purpose: Purpose
    as_of: datetime
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Screened:
    """One certificate of an applicant: its decision, and what it is worth as evidence."""

    decision: Decision
    evidence: Evidence | None


@dataclass(frozen=True, slots=True)
class Row:
    """One applicant. ``certificates``: the best first. ``missing``: what there is to do for recognition."""

    applicant: Applicant
    certificates: tuple[Screened, ...]
    missing: tuple[Text, ...]

    @property
    def standing(self) -> Outcome | None:
        """The best standing; None where there is no certificate to decide on."""
        return self.certificates[0].decision.standing if self.certificates else None


@dataclass(frozen=True, slots=True)
class Screening:
    """A row for each applicant, in their order, the same one twice where it was named twice."""

    rows: tuple[Row, ...]

    @property
    def kinds(self) -> Mapping[ApplicantKind, int]:
        """How many applicants there are of each kind."""
        return Counter(row.applicant.kind for row in self.rows)

    @property
    def standings(self) -> Mapping[Outcome, int]:
        """How many applicants have each best standing; those without certificate are not among them."""
        return Counter(row.standing for row in self.rows if row.standing)


VOLUNTARY = Text(
    "未见产品碳足迹证书的记录。认证遵循自愿原则,没有证书不属于违规",
    "no footprint certificate is on record; certification is voluntary, so having none is no violation",
)
NOT_ON_RECORD = Text(
    "未见此企业或证书的记录,请核对代码或编号。认证遵循自愿原则,没有记录不属于违规",
    "no firm or certificate of this name is on record: check the code or number; certification is voluntary, "
    "so this is no violation",
)


def check_terms(terms: Terms, known: Known) -> None:
    """Raises: NotFound for a destination or a category that is not on record."""
    for place in members(terms.destination, terms.as_of, known):
        targets(place, terms.category, terms.as_of, known)
    if terms.category is not None and terms.category not in known.categories:
        raise NotFound(
            f"no product category `{terms.category}` is on record",
            f"没有产品类别“{terms.category}”的记录",
            fix="Name a category by its id, such as `pv_module`, or leave it out.",
            fix_zh="请填写产品类别的标识,例如 `pv_module`,或省略此项。",
        )


def screen(applicants: Sequence[Applicant], terms: Terms, known: Known) -> Screening:
    """Decide on every certificate once and compose the rows.

    Cost: one decision a certificate. Raises: NotFound as :func:`check_terms`; EmptyRuleSet.
    """
    check_terms(terms, known)
    certificates = {c.number: c for a in applicants for c in a.certificates if _taken(c, terms, known)}
    with_them = replace(known, certificates=certificates)
    recogniser = Recogniser(with_them, terms.purpose, terms.as_of, remember=True)
    screened = {
        number: Screened(
            recogniser.answer(number, terms.destination), evidence(certificate, terms.as_of, known)
        )
        for number, certificate in sorted(certificates.items())
    }
    rows: dict[str, Row] = {}
    for one in applicants:
        if one.name not in rows:
            mine = [screened[c.number] for c in one.certificates if c.number in screened]
            rows[one.name] = _row(one, mine, terms)
    return Screening(tuple(rows[one.name] for one in applicants))


def _taken(certificate: Certificate, terms: Terms, known: Known) -> bool:
    """Whether the certificate is of the category asked for, or of one below it."""
    if terms.category is None:
        return True
    category = category_of(certificate, known)
    return category is not None and terms.category in known.category_line(category)


def _row(applicant: Applicant, mine: Iterable[Screened], terms: Terms) -> Row:
    best_first = tuple(sorted(mine, key=_rank))
    return Row(applicant, best_first, _missing(applicant, best_first, terms))


def _rank(one: Screened) -> tuple[int, int, str]:
    """By standing, then the stronger evidence, then the number."""
    strength = -1 if one.evidence is None else list(Evidence).index(one.evidence)
    return one.decision.standing.severity, -strength, one.decision.certificate.number


def _missing(applicant: Applicant, best_first: tuple[Screened, ...], terms: Terms) -> tuple[Text, ...]:
    if best_first:
        return tuple(item.says for item in remedies(best_first[0].decision).items)
    if applicant.kind is ApplicantKind.UNKNOWN:
        return (NOT_ON_RECORD,)
    if applicant.certificates:
        others = ", ".join(sorted({c.category or "?" for c in applicant.certificates}))
        return (
            Text(
                f"没有类别 {terms.category} 的证书;记录中的类别:{others}",
                f"no certificate of category {terms.category}; those on record are of: {others}",
            ),
        )
    return (VOLUNTARY,)
