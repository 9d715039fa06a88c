"""Agreements of recognition in GraphQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import strawberry

from huren.graph.model import agreement as model
from huren.graph.model.terms import AgreementObject
from huren.schema.context import Info, say
from huren.schema.dated import TextEvent, when
from huren.schema.mirror import mirrored, shown
from huren.schema.region import InLang
from huren.schema.scalars import InstantText, WhenText

if TYPE_CHECKING:
    AgreementSide = Any
    Facts = Any
else:
    AgreementSide = mirrored(model.Side, put=False)
    Facts = mirrored(model.Agreement, put=False)


@strawberry.type(description="An agreement of recognition: what one side takes from the other.")
class Agreement:
    """By its id."""

    value: strawberry.Private[model.Agreement]
    id: strawberry.ID = strawberry.field(description="Plain id.")
    issuing: AgreementSide = strawberry.field(description="Whose certificates are taken.")
    accepting: AgreementSide = strawberry.field(description="Who takes them.")
    both_ways: bool = strawberry.field(description="Whether the reverse holds too.")
    objects: list[AgreementObject] = strawberry.field(description="What is recognised.")
    categories: list[str] = strawberry.field(description="For which categories; none named: all.")
    signed: WhenText | None = strawberry.field(description="When it was signed.")
    effective: WhenText | None = strawberry.field(description="First day in force; null: not in force yet.")
    ended: WhenText | None = strawberry.field(description="Last day in force.")
    passes_on: bool = strawberry.field(
        description="Whether what the issuing side recognised itself suffices."
    )
    clause: str = strawberry.field(description="The clause that says so.")
    source: str = strawberry.field(description="Where it is written.")
    illustrative: bool = strawberry.field(description="Made up to show how the exchange works.")
    recorded_at: InstantText | None = strawberry.field(
        description="When the exchange learnt of it as it stands here; null: with the shipped data."
    )

    @strawberry.field(description="Everything it states.")
    def facts(self) -> Facts:
        return shown(self.value)

    @strawberry.field(description="Name of the agreement.")
    def name(self, info: Info, lang: InLang = None) -> str:
        return say(info, self.value.name, lang)

    @strawberry.field(description="Its changes of state.")
    def events(self) -> list[TextEvent]:
        return TextEvent.all_of(self.value.events)

    @classmethod
    def of(cls, value: model.Agreement) -> Agreement:
        """The door from the domain."""
        return cls(
            value=value,
            id=strawberry.ID(value.id),
            issuing=AgreementSide(regions=list(value.issuing.regions), schemes=list(value.issuing.schemes)),
            accepting=AgreementSide(
                regions=list(value.accepting.regions), schemes=list(value.accepting.schemes)
            ),
            both_ways=value.both_ways,
            objects=sorted(value.objects),
            categories=list(value.categories),
            signed=when(value.signed),
            effective=when(value.effective),
            ended=when(value.ended),
            passes_on=value.passes_on,
            clause=value.clause,
            source=value.source,
            illustrative=value.illustrative,
            recorded_at=None if value.recorded_at is None else InstantText(value.recorded_at),
        )
