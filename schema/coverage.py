"""What a roll-up does not know, in GraphQL."""

from __future__ import annotations

from collections.abc import Mapping

import strawberry

from huren.graph.model import rollup as model
from huren.graph.model.supply import GwpSet
from huren.graph.model.supply import Product as ProductModel
from huren.schema.product import Product
from huren.schema.scalars import DecimalText, exact, maybe

Products = Mapping[str, ProductModel]
"""Products by key, all that an answer names among them."""


@strawberry.type(description="An input in the chain that nothing supplies.")
class UnlinkedNeed:
    """Per one declared unit of its consumer."""

    consumer: str = strawberry.field(description="The consumer's own code.")
    flow: str = strawberry.field(description="Name of what is needed.")
    amount: DecimalText = strawberry.field(description="Per one declared unit of the consumer.")
    unit: str = strawberry.field(description="Of `amount`.")

    product: Product | None = strawberry.field(description="The product that needs it.")

    @classmethod
    def of(cls, part: model.UnlinkedPart, products: Products) -> UnlinkedNeed:
        """The door from the domain."""
        consumer = products[part.consumer]
        return cls(
            consumer=consumer.code,
            flow=part.flow,
            amount=exact(part.amount),
            unit=part.unit,
            product=Product.of(consumer),
        )


@strawberry.type(description="CO2e stated under another GWP set than the one asked, counted unchanged.")
class NotRestated:
    """It cannot be restated, since its gases are not known."""

    gwp_set: GwpSet | None = strawberry.field(description="Its own set; null: not stated.")
    value: DecimalText = strawberry.field(description="kg CO2e.")
    share: DecimalText | None = strawberry.field(description="Of the total; null where the total is 0.")


@strawberry.type(description="What a total does not know, anywhere upstream.")
class Coverage:
    """Of one roll-up."""

    value: strawberry.Private[model.Coverage]
    products: strawberry.Private[Products]
    complete: bool = strawberry.field(description="No unlinked input, and no product without any statement.")
    unlinked_count: int = strawberry.field(description="How many unlinked inputs the chain has.")
    unlinked_stated: bool = strawberry.field(
        description="False where a modelled product of the chain came without a list of unlinked inputs."
    )
    products_concerned: DecimalText = strawberry.field(
        description="Share of the chain's products, 0 to 1, that are unknown or have an unlinked input."
    )

    @strawberry.field(description="The 100 unlinked inputs that are needed most.")
    def unlinked(self) -> list[UnlinkedNeed]:
        return [UnlinkedNeed.of(part, self.products) for part in self.value.unlinked]

    @strawberry.field(description="CO2e counted under another GWP set.")
    def not_restated(self) -> list[NotRestated]:
        return [
            NotRestated(gwp_set=p.gwp_set, value=exact(p.value), share=maybe(p.share))
            for p in self.value.not_restated
        ]

    @strawberry.field(
        description="Keys of the products of which the caller sees no input, emission or total."
    )
    def unknown_products(self) -> list[str]:
        return list(self.value.unknown)

    @classmethod
    def of(cls, value: model.Coverage, products: Products) -> Coverage:
        """The door from the domain; ``products`` by key."""
        return cls(
            value=value,
            products=products,
            complete=value.complete,
            unlinked_count=value.unlinked_count,
            unlinked_stated=value.unlinked_stated,
            products_concerned=exact(value.concerned),
        )
