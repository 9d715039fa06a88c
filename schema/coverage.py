"""What a roll-up does not know, in GraphQL."""

from __future__ import annotations

import strawberry

from huren.graph.model import rollup as model
from huren.graph.model.supply import GwpSet
from huren.schema.context import Info
from huren.schema.product import Product
from huren.schema.scalars import DecimalText, exact, maybe


@strawberry.type(description="An input in the chain that nothing supplies.")
class UnlinkedNeed:
    """Per one declared unit of its consumer."""

    key: strawberry.Private[str]
    consumer: str = strawberry.field(description="The consumer's own code.")
    flow: str = strawberry.field(description="Name of what is needed.")
    amount: DecimalText = strawberry.field(description="Per one declared unit of the consumer.")
    unit: str = strawberry.field(description="Of `amount`.")

    @strawberry.field(description="The product that needs it.")
    async def product(self, info: Info) -> Product | None:
        return Product.maybe(await info.context.loaders.product.load(self.key))

    @classmethod
    def of(cls, part: model.UnlinkedPart) -> UnlinkedNeed:
        """The door from the domain."""
        code = part.consumer.partition("/")[2]
        return cls(
            key=part.consumer, consumer=code, flow=part.flow, amount=exact(part.amount), unit=part.unit
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
        return [UnlinkedNeed.of(part) for part in self.value.unlinked]

    @strawberry.field(description="CO2e counted under another GWP set.")
    def not_restated(self) -> list[NotRestated]:
        return [
            NotRestated(gwp_set=p.gwp_set, value=exact(p.value), share=maybe(p.share))
            for p in self.value.not_restated
        ]

    @strawberry.field(description="Codes of the products with neither input, emission nor declared total.")
    def unknown_products(self) -> list[str]:
        return [key.partition("/")[2] for key in self.value.unknown]

    @classmethod
    def of(cls, value: model.Coverage) -> Coverage:
        """The door from the domain."""
        return cls(
            value=value,
            complete=value.complete,
            unlinked_count=value.unlinked_count,
            unlinked_stated=value.unlinked_stated,
            products_concerned=exact(value.concerned),
        )
