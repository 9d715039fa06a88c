"""Releases and grants in GraphQL: what an owner lets others see."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import strawberry

from huren.graph.model import grant as grants
from huren.graph.model import release as model
from huren.graph.model.access import FieldClass
from huren.graph.model.supply import GwpSet
from huren.graph.model.terms import Purpose
from huren.schema.recipe import StageAmount
from huren.schema.scalars import DecimalText, InstantText


@strawberry.type(description="A footprint that its owner released: it never changes, it can be withdrawn.")
class Release:
    """Per declared unit."""

    id: strawberry.ID = strawberry.field(description="Id of the release.")
    value: DecimalText = strawberry.field(description="kg CO2e per declared unit, rounded when released.")
    gwp_set: GwpSet = strawberry.field(description="Set of GWP factors.")
    digits: int = strawberry.field(description="Significant digits it was rounded to.")
    to_grave: bool = strawberry.field(description="Whether distribution, use and end of life are inside.")
    by_stage: list[StageAmount] = strawberry.field(description="Its breakdown; empty where none is released.")
    valid_until: InstantText | None = strawberry.field(description="Until when it is stated.")
    recorded_at: InstantText | None = strawberry.field(description="When it was released.")
    illustrative: bool = strawberry.field(
        description="Whether it left the country by a row of the export table that is made up."
    )

    @classmethod
    def of(cls, value: model.Release) -> Release:
        """The door from the domain."""
        return cls(
            id=strawberry.ID(value.id),
            value=DecimalText(Decimal(value.kg_co2e)),
            gwp_set=value.gwp_set,
            digits=value.digits,
            to_grave=value.to_grave,
            by_stage=[StageAmount(stage=stage, value=DecimalText(Decimal(kg))) for stage, kg in value.stages],
            valid_until=instant(value.valid_until),
            recorded_at=instant(value.recorded_at),
            illustrative=value.illustrative,
        )


@strawberry.type(description="A release as its owner sees it.")
class OwnRelease:
    """With whom it is meant for, and what became of it."""

    product: str = strawberry.field(description="Key of the product.")
    release: Release = strawberry.field(description="What others see.")
    audience: list[str] = strawberry.field(description="Organisations it is meant for; `*` is everyone.")
    for_statistics: bool = strawberry.field(description="Whether it counts in statistics.")
    withdrawn_at: InstantText | None = strawberry.field(description="When it was taken back.")

    @classmethod
    def of(cls, value: model.Release) -> OwnRelease:
        """The door from the domain."""
        return cls(
            product=value.product,
            release=Release.of(value),
            audience=sorted(value.audience),
            for_statistics=value.for_statistics,
            withdrawn_at=instant(value.withdrawn_at),
        )


@strawberry.type(description="What an owner lets another organisation see of its products.")
class Grant:
    """For purposes, until an end."""

    id: strawberry.ID = strawberry.field(description="Id of the grant.")
    grantor: str = strawberry.field(description="The owner.")
    grantee: str = strawberry.field(description="Who may see; `*` is everyone.")
    fields: list[FieldClass] = strawberry.field(description="What may be seen; each brings the identity.")
    purposes: list[Purpose] = strawberry.field(description="What for; empty for any purpose.")
    products: list[str] = strawberry.field(description="Keys of the products; empty for all of the owner's.")
    since: InstantText | None = strawberry.field(description="From when; null: from when it was recorded.")
    until: InstantText | None = strawberry.field(description="Before when; null: without end.")
    recorded_at: InstantText | None = strawberry.field(description="When it was recorded.")
    withdrawn_at: InstantText | None = strawberry.field(description="When it was taken back.")

    @classmethod
    def of(cls, value: grants.Grant) -> Grant:
        """The door from the domain."""
        return cls(
            id=strawberry.ID(value.id),
            grantor=value.grantor,
            grantee=value.grantee,
            fields=sorted(value.fields),
            purposes=sorted(Purpose(name) for name in value.purposes if name in set(Purpose)),
            products=sorted(value.products),
            since=instant(value.since),
            until=instant(value.until),
            recorded_at=instant(value.recorded_at),
            withdrawn_at=instant(value.withdrawn_at),
        )


def instant(value: datetime | None) -> InstantText | None:
    """An optional instant of the domain at the border."""
    return None if value is None else InstantText(value)
