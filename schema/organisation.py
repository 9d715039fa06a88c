"""Organisations in GraphQL."""

from __future__ import annotations

import strawberry

from huren.graph.model import organisation as model
from huren.graph.model.access import Role
from huren.schema.context import Info, say
from huren.schema.ids import to_id
from huren.schema.node import Node
from huren.schema.region import InLang


@strawberry.type(description="An organisation: owner of products, holder of certificates, or a body.")
class Organisation(Node):
    """An organisation by its id."""

    value: strawberry.Private[model.Organisation]
    code: str = strawberry.field(description="Its id in this exchange, the first part of its products' keys.")
    uscc: str | None = strawberry.field(description="Unified social credit code; null for foreign ones.")
    country: str | None = strawberry.field(description="Of its seat, by ISO 3166-1; null: not on record.")
    roles: list[Role] = strawberry.field(description="What it is to the exchange; empty: a firm.")

    @strawberry.field(description="Name of the organisation.")
    def name(self, info: Info, lang: InLang = None) -> str:
        return say(info, self.value.name, lang)

    @classmethod
    def of(cls, value: model.Organisation) -> Organisation:
        """The door from the domain."""
        return cls(
            value=value,
            id=strawberry.ID(to_id("Organisation", value.id)),
            code=value.id,
            uscc=value.uscc,
            country=value.seat,
            roles=sorted(value.roles),
        )
