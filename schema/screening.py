"""Screening of many applicants in GraphQL."""

from __future__ import annotations

import strawberry

from huren.graph.model.terms import Purpose
from huren.mappings.evidence import Evidence
from huren.mappings.outcome import Outcome
from huren.mappings.screening import ApplicantKind, Row, Screened
from huren.resolvers.recognition import Answer
from huren.resolvers.screening import ScreeningAnswer
from huren.schema.certificate import Certificate
from huren.schema.context import Info, say
from huren.schema.decision import Decision, DerivedValue
from huren.schema.organisation import Organisation
from huren.schema.region import InLang
from huren.schema.scalars import InstantText


@strawberry.type(description="A certificate of an applicant at the destination.")
class ScreenedCertificate:
    """As `recognise` decides."""

    answer: strawberry.Private[Answer]
    standing: Outcome = strawberry.field(description="The one-line answer for the purpose.")
    legal: Outcome = strawberry.field(description="The legal verdict.")
    technical: Outcome = strawberry.field(description="The technical verdict.")
    evidence: Evidence | None = strawberry.field(
        description="What it is worth as evidence; null where its kind never carries a footprint."
    )
    value: DerivedValue | None = strawberry.field(
        description="Its value on the destination's terms; null unless `technical` is EQUAL or CONVERTIBLE."
    )
    deciding: list[str] = strawberry.field(description="Ids of the rules that make the standing what it is.")
    missing: list[str] = strawberry.field(description="Facts that are not on record, by path.")
    illustrative: bool = strawberry.field(description="Whether it rests on illustrative records.")

    @strawberry.field(description="The certificate, as it was known.")
    def certificate(self) -> Certificate:
        return Certificate.of(self.answer.decision.certificate)

    @strawberry.field(description="The decision with all its reasons.")
    def decision(self) -> Decision:
        return Decision.of(self.answer)

    @classmethod
    def of(cls, value: Screened, answer: ScreeningAnswer) -> ScreenedCertificate:
        """The door from the domain."""
        decision = value.decision
        return cls(
            answer=Answer(decision, answer.known, answer.pin.revision),
            standing=decision.standing,
            legal=decision.legal,
            technical=decision.technical,
            evidence=value.evidence,
            value=DerivedValue.of(decision.value),
            deciding=[finding.rule for finding in decision.deciding],
            missing=list(decision.missing),
            illustrative=decision.illustrative,
        )


@strawberry.type(description="One applicant.")
class ScreenedApplicant:
    """In the order in which they were named."""

    row: strawberry.Private[Row]
    answer: strawberry.Private[ScreeningAnswer]
    applicant: str = strawberry.field(description="As asked.")
    kind: ApplicantKind = strawberry.field(description="What it was found to be.")
    standing: Outcome | None = strawberry.field(
        description="The best of its certificates; null where there is none, which is no violation."
    )

    @strawberry.field(description="The firm; null where it is not on record, and for a certificate.")
    def organisation(self) -> Organisation | None:
        found = self.row.applicant.organisation
        return None if found is None else Organisation.of(found)

    @strawberry.field(description="Its certificates of the category, the best first.")
    def certificates(self) -> list[ScreenedCertificate]:
        return [ScreenedCertificate.of(one, self.answer) for one in self.row.certificates]

    @strawberry.field(description="What there is to do for its best certificate to be recognised.")
    def missing(self, info: Info, lang: InLang = None) -> list[str]:
        return [say(info, text, lang) for text in self.row.missing]

    @classmethod
    def of(cls, row: Row, answer: ScreeningAnswer) -> ScreenedApplicant:
        """The door from the domain."""
        return cls(
            row=row,
            answer=answer,
            applicant=row.applicant.name,
            kind=row.applicant.kind,
            standing=row.standing,
        )


@strawberry.type(description="How many applicants have this best standing.")
class StandingCount:
    """Of a summary."""

    standing: Outcome = strawberry.field(description="The best standing.")
    count: int = strawberry.field(description="How many applicants.")


@strawberry.type(description="How many applicants there are of each sort; each as often as it was named.")
class ScreeningSummary:
    """Counts."""

    applicants: int = strawberry.field(description="All of them.")
    firms: int = strawberry.field(description="Firms on record.")
    certificates: int = strawberry.field(description="Certificates on record.")
    unknown: int = strawberry.field(description="Neither.")
    without_certificate: int = strawberry.field(
        description="Firms without a certificate of the category: certification is voluntary."
    )
    recognised: int = strawberry.field(description="Those with a standing of EQUAL or CONVERTIBLE.")
    standings: list[StandingCount] = strawberry.field(description="By best standing, from good to bad.")

    @classmethod
    def of(cls, answer: ScreeningAnswer) -> ScreeningSummary:
        """The door from the domain."""
        screening = answer.screening
        kinds, standings = screening.kinds, screening.standings
        bare = [row for row in screening.rows if row.standing is None]
        return cls(
            applicants=len(screening.rows),
            firms=kinds[ApplicantKind.FIRM],
            certificates=kinds[ApplicantKind.CERTIFICATE],
            unknown=kinds[ApplicantKind.UNKNOWN],
            without_certificate=sum(row.applicant.kind is ApplicantKind.FIRM for row in bare),
            recognised=standings[Outcome.EQUAL] + standings[Outcome.CONVERTIBLE],
            standings=[StandingCount(standing=o, count=standings[o]) for o in Outcome],
        )


@strawberry.type(description="Many applicants before one destination.")
class Screening:
    """Replayable: the same `asOf` and `knownAt` give the same rows."""

    answer: strawberry.Private[ScreeningAnswer]
    destination: str = strawberry.field(description="As asked.")
    purpose: Purpose = strawberry.field(description="As asked.")
    category: str | None = strawberry.field(description="As asked; null: every category.")
    as_of: InstantText = strawberry.field(description="The day of the question.")
    known_at: InstantText = strawberry.field(description="What was known by then was read.")
    revision: str = strawberry.field(description="Revision of the graph that was read: a decimal counter.")

    @strawberry.field(description="One for each applicant, in their order.")
    def rows(self) -> list[ScreenedApplicant]:
        return [ScreenedApplicant.of(row, self.answer) for row in self.answer.screening.rows]

    @strawberry.field(description="Counts.")
    def summary(self) -> ScreeningSummary:
        return ScreeningSummary.of(self.answer)

    @classmethod
    def of(cls, answer: ScreeningAnswer) -> Screening:
        """The door from the domain."""
        return cls(
            answer=answer,
            destination=answer.terms.destination,
            purpose=answer.terms.purpose,
            category=answer.terms.category,
            as_of=InstantText(answer.terms.as_of),
            known_at=InstantText(answer.pin.known_at),
            revision=str(answer.pin.revision),
        )
