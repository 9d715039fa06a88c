"""Certification rules in GraphQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import strawberry

from huren.graph.model import scheme as model
from huren.graph.model.scheme import RuleKind
from huren.graph.model.terms import Level
from huren.schema.context import Info, say
from huren.schema.dated import TextEvent, when
from huren.schema.mirror import mirrored, shown
from huren.schema.region import InLang
from huren.schema.scalars import InstantText, WhenText

if TYPE_CHECKING:
    Facts = Any
else:
    Facts = mirrored(model.CertificationRule, put=False)


@strawberry.type(description="One edition of a rule or product standard that certificates are issued by.")
class CertificationRule:
    """A rule of a scheme; the rules of recognition are `criteria`."""

    value: strawberry.Private[model.CertificationRule]
    id: strawberry.ID = strawberry.field(description="Plain id.")
    scheme: str | None = strawberry.field(description="Id of its scheme.")
    edition: str = strawberry.field(description="Its edition.")
    kind: RuleKind = strawberry.field(description="General, specific or accounting.")
    level: Level = strawberry.field(description="Who made it.")
    region: str | None = strawberry.field(description="Region it holds in.")
    body: str | None = strawberry.field(description="Body whose own rule it is.")
    categories: list[str] = strawberry.field(description="Categories it is for.")
    filing_number: str | None = strawberry.field(description="Number of its filing (备案).")
    filed: WhenText | None = strawberry.field(description="When it was filed.")
    effective: WhenText | None = strawberry.field(description="First day in force; null: never in force.")
    withdrawn: WhenText | None = strawberry.field(description="When it was withdrawn.")
    supersedes: list[str] = strawberry.field(description="Ids of the rules it displaces.")
    source: str = strawberry.field(description="Where it is written.")
    illustrative: bool = strawberry.field(description="Made up to show how the exchange works.")
    recorded_at: InstantText | None = strawberry.field(
        description="When the exchange learnt of it as it stands here; null: with the shipped data."
    )

    @strawberry.field(description="Everything it states.")
    def facts(self) -> Facts:
        return shown(self.value)

    @strawberry.field(description="Name of the rule.")
    def name(self, info: Info, lang: InLang = None) -> str:
        return say(info, self.value.name, lang)

    @strawberry.field(description="Its changes of state, and how national rules withdraw it (S3-29).")
    def events(self) -> list[TextEvent]:
        return TextEvent.all_of(self.value.events)

    @classmethod
    def of(cls, value: model.CertificationRule) -> CertificationRule:
        """The door from the domain."""
        return cls(
            value=value,
            id=strawberry.ID(value.id),
            scheme=value.scheme,
            edition=value.edition,
            kind=value.kind,
            level=value.level,
            region=value.region,
            body=value.body,
            categories=[row.category for row in value.categories if row.category],
            filing_number=value.filing_number,
            filed=when(value.filed),
            effective=when(value.effective),
            withdrawn=when(value.withdrawn),
            supersedes=list(value.supersedes),
            source=value.source,
            illustrative=value.illustrative,
            recorded_at=None if value.recorded_at is None else InstantText(value.recorded_at),
        )
