"""Regions in GraphQL."""

from __future__ import annotations

from typing import Annotated

import strawberry

from huren.graph.model import region as model
from huren.graph.model.region import RegionKind
from huren.graph.model.text import Lang
from huren.schema.context import Info, say
from huren.schema.scalars import DayText

InLang = Annotated[
    Lang | None, strawberry.argument(description="Default: what Accept-Language prefers, else Chinese.")
]


@strawberry.type(description="That a region lies in another one, for a period.")
class RegionMembership:
    """One step up."""

    region: strawberry.ID = strawberry.field(description="Code of the region around it.")
    since: DayText | None = strawberry.field(description="First day; null: from the start.")
    until: DayText | None = strawberry.field(
        description="First day on which it no longer holds; null: still."
    )


@strawberry.type(
    description="A region: country, province, prefecture, district, or an alliance of provinces."
)
class Region:
    """A region by its code."""

    value: strawberry.Private[model.Region]
    id: strawberry.ID = strawberry.field(
        description="ISO 3166 for countries and provinces, GB/T 2260 below, an own name for alliances."
    )
    kind: RegionKind = strawberry.field(description="Its level.")

    @strawberry.field(description="Name of the region.")
    def name(self, info: Info, lang: InLang = None) -> str:
        return say(info, self.value.name, lang)

    @strawberry.field(description="The regions directly around it.")
    def within(self) -> list[RegionMembership]:
        return [
            RegionMembership(
                region=strawberry.ID(m.within),
                since=None if m.since is None else DayText(m.since),
                until=None if m.until is None else DayText(m.until),
            )
            for m in self.value.memberships
        ]

    @classmethod
    def of(cls, value: model.Region) -> Region:
        """The door from the domain."""
        return cls(value=value, id=strawberry.ID(value.id), kind=value.kind)
