"""What rests on a source, in GraphQL."""

from __future__ import annotations

from typing import Annotated

import strawberry

from huren.graph.model import quality as model
from huren.graph.model.supply import GwpSet, Prefer
from huren.resolvers import quality
from huren.schema.arguments import Gwp, PreferArg
from huren.schema.context import Info
from huren.schema.coverage import Products
from huren.schema.ids import key_of
from huren.schema.paging import check_first
from huren.schema.product import Product
from huren.schema.scalars import DecimalText, exact, maybe

Source = Annotated[
    strawberry.ID, strawberry.argument(description="Relay id, owner/code, or a code unique to the caller.")
]
StaleOnly = Annotated[bool, strawberry.argument(description="Only those that the source has overtaken.")]
First = Annotated[int, strawberry.argument(description="How many, largest share first: 1 to 100.")]


@strawberry.type(description="A product that rests on a source.")
class Dependant:
    """Up to its gate."""

    key: str = strawberry.field(description="owner/code of the product.")
    product: Product | None = strawberry.field(description="The product; null where only its key is known.")
    value: DecimalText = strawberry.field(
        description="kg CO2e per declared unit that come by way of the source."
    )
    share: DecimalText | None = strawberry.field(
        description="Of the product's own gate total; null where that is 0."
    )
    stale: bool = strawberry.field(
        description="Whether its data ended before those of the source, as they stand now, began."
    )

    @classmethod
    def of(cls, part: model.Resting, products: Products) -> Dependant:
        """The door from the domain."""
        return cls(
            key=part.product,
            product=Product.maybe(products.get(part.product)),
            value=exact(part.value),
            share=maybe(part.share),
            stale=part.stale,
        )


@strawberry.type(description="What rests on a source: what a change of its data would move.")
class DependantList:
    """By share, the largest first."""

    source: Product = strawberry.field(description="The source.")
    count: int = strawberry.field(description="How many products rest on it.")
    stale: int = strawberry.field(description="How many of them are stale.")
    dependants: list[Dependant] = strawberry.field(description="As many as asked for.")
    revision: str = strawberry.field(description="Revision of the graph that was read: a decimal counter.")

    @classmethod
    def of(cls, value: quality.Dependants, first: int, stale_only: bool) -> DependantList:
        """The door from the domain."""
        stale = [one for one in value.found if one.stale]
        shown = stale if stale_only else value.found
        return cls(
            source=Product.of(value.source),
            count=len(value.found),
            stale=len(stale),
            dependants=[Dependant.of(one, value.products) for one in shown[:first]],
            revision=str(value.revision),
        )


@strawberry.type
class DependantQuery:
    """Downstream."""

    @strawberry.field(
        description="What rests on a product: of one's own first 1,000, by key; for the administrator, all."
    )
    async def dependants(  # noqa: PLR0913, PLR0917  (the arguments of the question)
        self,
        info: Info,
        source: Source,
        first: First = 10,
        stale_only: StaleOnly = False,
        gwp: Gwp = GwpSet.AR6,
        prefer: PreferArg = Prefer.MODELLED,
    ) -> DependantList | None:
        most, key = check_first(first), key_of("Product", source)
        return DependantList.of(await quality.dependants(info.context, key, gwp, prefer), most, stale_only)
