"""What-if in GraphQL."""

from __future__ import annotations

import strawberry

from huren.graph.model.rollup import share
from huren.resolvers import footprints
from huren.schema.ids import key_of
from huren.schema.rollup import UNIT, Quantity, RollUp
from huren.schema.scalars import DecimalText, exact, maybe


@strawberry.input(
    name="ReplaceInput", description="Every visible input of `supplier` is taken from `by` instead."
)
class ReplaceInput:
    """In the same amount, upstream included; both must have the same declared unit."""

    supplier: strawberry.ID = strawberry.field(description="Relay id, owner/code, or a unique code.")
    by: strawberry.ID = strawberry.field(description="Relay id, owner/code, or a unique code.")

    def value(self) -> tuple[str, str]:
        """The door to the domain."""
        return key_of("Product", self.supplier), key_of("Product", self.by)


@strawberry.type(description="A footprint as it is, and as it would be.")
class WhatIf:
    """Both under the same options."""

    before: RollUp = strawberry.field(description="As it is.")
    after: RollUp = strawberry.field(description="With the replacements made.")
    difference: Quantity = strawberry.field(description="`after` less `before`, totals.")
    share: DecimalText | None = strawberry.field(description="The difference as a share of `before`.")
    revision: str = strawberry.field(description="Revision of the graph that was read: a decimal counter.")

    @classmethod
    def of(cls, value: footprints.WhatIf) -> WhatIf:
        """The door from the domain."""
        before, after = RollUp.of(value.before), RollUp.of(value.after)
        difference = value.after.answer.total - value.before.answer.total
        return cls(
            before=before,
            after=after,
            difference=Quantity(value=exact(difference), unit=UNIT),
            share=maybe(share(difference, value.before.answer.total)),
            revision=before.revision,
        )
