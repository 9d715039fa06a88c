"""What moved, in GraphQL."""

from __future__ import annotations

from typing import Annotated

import strawberry

from huren.graph import moved as model
from huren.graph.model.supply import GwpSet, Prefer
from huren.resolvers.moved import Asked, Moves, moves
from huren.schema.arguments import AllowPartial, Gwp, PreferArg, instant
from huren.schema.context import Info
from huren.schema.coverage import Products
from huren.schema.ids import key_of
from huren.schema.paging import check_first
from huren.schema.product import Product
from huren.schema.quality import ONE_PERCENT
from huren.schema.quantity import Quantity, kg_co2e
from huren.schema.scalars import DecimalText, InstantText, maybe

Since = Annotated[
    InstantText | None, strawberry.argument(description="What was recorded by then is what was before.")
]
SinceRevision = Annotated[
    str | None, strawberry.argument(description="In place of `since`: the `revision` of an earlier answer.")
]
Owner = Annotated[
    str | None,
    strawberry.argument(
        description="Whose products, of which the caller sees the recipes; default: its own, for the "
        "administrator all."
    ),
]
AtLeast = Annotated[
    DecimalText, strawberry.argument(description="The least share of what it was, 0.01 for one per cent.")
]
First = Annotated[int, strawberry.argument(description="How many, largest share first: 1 to 100.")]


@strawberry.type(description="A product whose total is another one than it was.")
class Move:
    """Per declared unit; null where it had none, or only a partial one."""

    key: str = strawberry.field(description="owner/code of the product.")
    product: Product | None = strawberry.field(description="The product.")
    before: Quantity | None = strawberry.field(
        description="Its total per declared unit then; null where there was none to be given."
    )
    after: Quantity | None = strawberry.field(
        description="Its total now; null where there is none to be given."
    )
    share: DecimalText | None = strawberry.field(
        description="By how much of what it was it rose, or with a minus fell; null where it had none, or 0."
    )

    @classmethod
    def of(cls, move: model.Move, products: Products) -> Move:
        """The door from the domain."""
        return cls(
            key=move.product,
            product=Product.maybe(products.get(move.product)),
            before=None if move.before is None else kg_co2e(move.before),
            after=None if move.after is None else kg_co2e(move.after),
            share=maybe(move.share),
        )


@strawberry.type(description="Products whose total moved.")
class MoveList:
    """Those that came to have a total, or lost it, then by share."""

    moved: list[Move] = strawberry.field(description="As many as asked for.")
    count: int = strawberry.field(description="How many moved so much.")
    asked: int = strawberry.field(description="Of how many products: of an owner's, the first 1,000 by key.")
    since_revision: str = strawberry.field(description="The last revision that counts as before.")
    revision: str = strawberry.field(description="Revision of the graph that was read: a decimal counter.")
    as_of: InstantText | None = strawberry.field(description="When that revision was recorded.")

    @classmethod
    def of(cls, value: Moves) -> MoveList:
        """The door from the domain."""
        return cls(
            moved=[Move.of(one, value.products) for one in value.found],
            count=value.count,
            asked=value.asked,
            since_revision=str(value.since),
            revision=str(value.supply.revision),
            as_of=None if value.supply.as_of is None else InstantText(value.supply.as_of),
        )


@strawberry.type
class MovedQuery:
    """Between two states of the graph."""

    @strawberry.field(
        description="Whose total moved since an instant or a revision, by what the caller may see now."
    )
    async def moved(  # noqa: PLR0913, PLR0917  (the arguments of the question)
        self,
        info: Info,
        since: Since = None,
        since_revision: SinceRevision = None,
        owner: Owner = None,
        at_least: AtLeast = ONE_PERCENT,
        first: First = 10,
        gwp: Gwp = GwpSet.AR6,
        prefer: PreferArg = Prefer.MODELLED,
        allow_partial: AllowPartial = False,
    ) -> MoveList | None:
        whose = None if owner is None else key_of("Organisation", owner)
        when = instant(since), since_revision
        asked = Asked(*when, whose, float(at_least), gwp, prefer, allow_partial)
        return MoveList.of(await moves(info.context, asked, check_first(first)))
