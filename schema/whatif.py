"""What-if in GraphQL."""

from __future__ import annotations

import strawberry

from huren.graph.model.rollup import share
from huren.graph.ranking import Ranked
from huren.graph.whatif import Change, Replace
from huren.resolvers import whatif
from huren.schema.coverage import Products
from huren.schema.ids import key_of
from huren.schema.product import Product
from huren.schema.quantity import UNIT, Quantity
from huren.schema.rollup import RollUp
from huren.schema.scalars import DecimalText, exact, maybe

REF = "Relay id, owner/code, or a unique code."
EVERYBODY = f"{REF} Default: every product of the chain that needs it."


@strawberry.input(
    name="ReplaceInput", description="What is visibly needed of `supplier` is taken from `by` instead."
)
class ReplaceInput:
    """In the same amount, upstream included; both must have the same declared unit."""

    supplier: strawberry.ID = strawberry.field(description=REF)
    by: strawberry.ID = strawberry.field(description=REF)
    share: DecimalText | None = strawberry.field(
        default=None,
        description="Of what is needed of both together, the part that comes from `by`: recycled content, "
        "green power. Default: 1.",
    )
    consumer: strawberry.ID | None = strawberry.field(default=None, description=EVERYBODY)

    def value(self) -> Replace:
        """The door to the domain."""
        part = 1.0 if self.share is None else float(self.share)
        return Replace(_key(self.supplier), _key(self.by), part, self.consumer and _key(self.consumer))


@strawberry.input(name="ChangeInput", description="What is visibly needed of `supplier` becomes `amount`.")
class ChangeInput:
    """Before any replacement."""

    supplier: strawberry.ID = strawberry.field(description=REF)
    amount: DecimalText = strawberry.field(
        description="Of the supplier's declared unit, per declared unit of the consumer; 0: none any more."
    )
    consumer: strawberry.ID | None = strawberry.field(default=None, description=EVERYBODY)

    def value(self) -> Change:
        """The door to the domain."""
        return Change(self.consumer and _key(self.consumer), _key(self.supplier), float(self.amount))


def _key(ref: str) -> str:
    return key_of("Product", ref)


@strawberry.type(description="A footprint as it is, and as it would be.")
class WhatIf:
    """Both under the same options."""

    before: RollUp = strawberry.field(description="As it is.")
    after: RollUp = strawberry.field(description="With all changes and replacements made.")
    difference: Quantity = strawberry.field(description="`after` less `before`, totals.")
    share: DecimalText | None = strawberry.field(description="The difference as a share of `before`.")
    revision: str = strawberry.field(description="Revision of the graph that was read: a decimal counter.")

    @classmethod
    def of(cls, value: whatif.WhatIf) -> WhatIf:
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


@strawberry.type(description="What taking one product instead of the supplier would do.")
class Alternative:
    """As if it had been taken wherever the supplier was."""

    key: str = strawberry.field(description="owner/code of the product.")
    product: Product | None = strawberry.field(description="The product.")
    intensity: Quantity = strawberry.field(description="What one declared unit of it stands for.")
    effect: Quantity = strawberry.field(description="What it would change of the total; negative is less.")
    share: DecimalText | None = strawberry.field(description="The effect as a share of the total.")

    @classmethod
    def of(cls, part: Ranked, products: Products) -> Alternative:
        """The door from the domain."""
        return cls(
            key=part.product,
            product=Product.maybe(products.get(part.product)),
            intensity=Quantity(value=exact(part.intensity), unit=UNIT),
            effect=Quantity(value=exact(part.effect), unit=UNIT),
            share=maybe(part.share),
        )


@strawberry.type(description="Replacements of one supplier, by what they would do.")
class Alternatives:
    """Each exact, loops included, as `whatIf` of it alone would be."""

    supplier: Product | None = strawberry.field(description="The one that would be replaced.")
    needed: Quantity = strawberry.field(description="What the chain needs of it, all tiers together.")
    intensity: Quantity = strawberry.field(description="What one declared unit of it stands for.")
    ranked: list[Alternative] = strawberry.field(description="Least first, as many as asked for.")
    asked: int = strawberry.field(description="How many were compared.")
    revision: str = strawberry.field(description="Revision of the graph that was read: a decimal counter.")

    @classmethod
    def of(cls, value: whatif.Alternatives, first: int) -> Alternatives:
        """The door from the domain."""
        answer, products = value.answer, value.products
        unit = products[answer.supplier].declared_unit
        return cls(
            supplier=Product.of(products[answer.supplier]),
            needed=Quantity(value=exact(answer.units), unit=unit),
            intensity=Quantity(value=exact(answer.intensity), unit=UNIT),
            ranked=[Alternative.of(part, products) for part in answer.ranked[:first]],
            asked=len(answer.ranked),
            revision=str(value.revision),
        )
