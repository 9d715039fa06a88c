"""Disputes in GraphQL."""

from __future__ import annotations

import strawberry

from huren.graph.model import dispute as model
from huren.schema.release import instant
from huren.schema.scalars import InstantText


@strawberry.type(
    description="A dispute about what was released of a product: while open, it is not displayed."
)
class Dispute:
    """Of all its releases, later ones too."""

    id: strawberry.ID = strawberry.field(description="Id of the dispute.")
    product: str = strawberry.field(description="Key of the product.")
    opened_by: str = strawberry.field(description="Organisation that opened it.")
    reason: str = strawberry.field(description="What is disputed.")
    source: str = strawberry.field(description="Where that stands, such as a case number.")
    recorded_at: InstantText | None = strawberry.field(description="Since when.")
    closed_at: InstantText | None = strawberry.field(description="When it ended; null while it is open.")
    closed_by: str | None = strawberry.field(description="Organisation that closed it.")
    outcome: str = strawberry.field(description="How it ended; empty while it is open.")

    @classmethod
    def of(cls, value: model.Dispute) -> Dispute:
        """The door from the domain."""
        return cls(
            id=strawberry.ID(value.id),
            product=value.product,
            opened_by=value.opened_by,
            reason=value.reason,
            source=value.source,
            recorded_at=instant(value.recorded_at),
            closed_at=instant(value.closed_at),
            closed_by=value.closed_by,
            outcome=value.outcome,
        )
