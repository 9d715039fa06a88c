"""Roll-ups in GraphQL. Everything is for the amount asked; values are kg CO2e."""

from __future__ import annotations

from typing import Annotated, cast

import strawberry
from strawberry.utils.str_converters import to_camel_case

from huren.errors import HurenError
from huren.graph import answer
from huren.graph.model import rollup as model
from huren.graph.model.supply import GwpSet, Prefer, Stage
from huren.graph.model.supply import Product as ProductModel
from huren.resolvers import footprints, quality, uncertainty
from huren.resolvers.footprints import Footprint
from huren.schema.accuracy import Accuracy, CreditLoop
from huren.schema.context import Info
from huren.schema.coverage import Coverage, Products
from huren.schema.diagram import NODES, Diagram, Nodes
from huren.schema.paging import MOST_NODES, check_first
from huren.schema.product import Product
from huren.schema.quality import ONE_PERCENT, ClassBenchmark, Quality, Tolerance, Verification
from huren.schema.quantity import Quantity, kg_co2e
from huren.schema.scalars import DecimalText, InstantText, exact, maybe
from huren.schema.selection import selected, sibling_first
from huren.schema.splits import GasAmount, OwnerValue, RegionValue, StageValue, TierValue
from huren.schema.uncertainty import Assume, Uncertainty

TOP = 10
_PARTS = {to_camel_case(part): part for part in answer.PARTS} | {
    "other": "contributions",
    "diagram": "contributions",
}

First = Annotated[int, strawberry.argument(description="How many, largest first: 1 to 100.")]


@strawberry.type(description="What is emitted at one product of the chain.")
class Contribution:
    """The products' contributions and `other` sum to the total."""

    key: str = strawberry.field(description="owner/code of the product.")
    product: Product | None = strawberry.field(
        description="The product; null where the caller knows it by a recipe that names it alone."
    )
    value: DecimalText = strawberry.field(description="kg CO2e.")
    share: DecimalText | None = strawberry.field(description="Of the total; null where the total is 0.")

    @classmethod
    def of(cls, part: model.Contribution, products: Products) -> Contribution:
        """The door from the domain."""
        product = Product.maybe(products.get(part.product))
        return cls(key=part.product, product=product, value=exact(part.value), share=maybe(part.share))


@strawberry.type(description="What a list cut short leaves out.")
class Other:
    """Together with the list it sums to the total."""

    count: int = strawberry.field(description="How many entries.")
    value: DecimalText = strawberry.field(description="kg CO2e, all of them together.")
    share: DecimalText | None = strawberry.field(description="Of the total; null where the total is 0.")


@strawberry.type(description="A direct input of the root, with all that is behind it.")
class InputValue:
    """First tier, cumulative."""

    key: str = strawberry.field(description="owner/code of the supplying product.")
    supplier: Product | None = strawberry.field(
        description="The supplying product; null where the caller knows it by its own recipe alone."
    )
    stage: Stage = strawberry.field(description="Stage of the root that needs it.")
    amount: DecimalText = strawberry.field(description="Of the supplier's declared unit.")
    value: DecimalText = strawberry.field(description="kg CO2e, its suppliers included.")
    share: DecimalText | None = strawberry.field(description="Of the total; null where the total is 0.")

    @classmethod
    def of(cls, part: model.InputPart, products: Products) -> InputValue:
        """The door from the domain."""
        return cls(
            key=part.supplier,
            supplier=Product.maybe(products.get(part.supplier)),
            stage=part.stage,
            amount=exact(part.amount),
            value=exact(part.value),
            share=maybe(part.share),
        )


@strawberry.type(description="One structural path from the root to a product that emits.")
class SupplyPath:
    """All paths together sum to the total."""

    products: list[Product] = strawberry.field(description="The products, root first.")
    amount: DecimalText = strawberry.field(description="Of the last product's declared unit.")
    value: DecimalText = strawberry.field(
        description="kg CO2e emitted at its end to serve the root along it."
    )
    share: DecimalText | None = strawberry.field(description="Of the total; null where the total is 0.")

    @classmethod
    def of(cls, path: model.Path, products: Products) -> SupplyPath:
        """The door from the domain."""
        return cls(
            products=[Product.of(products[key]) for key in path.products],
            amount=exact(path.amount),
            value=exact(path.value),
            share=maybe(path.share),
        )


@strawberry.type(description="Which products of the chain call themselves unverified.")
class UnverifiedPart:
    """Part of every answer, so that no such figure passes for a checked one."""

    any: bool = strawberry.field(description="Whether there are any.")
    count: int = strawberry.field(description="How many products.")
    share: DecimalText | None = strawberry.field(
        description="Their part of the contributions by size, 0 to 1."
    )


@strawberry.type(
    description="The footprint of a product with all its suppliers, solved exactly, loops included."
)
class RollUp:
    """For the amount asked."""

    root: strawberry.Private[ProductModel]
    value: strawberry.Private[answer.RollUp]
    products: strawberry.Private[Products]
    total: Quantity = strawberry.field(description="All gases but CO2 of biogenic origin.")
    total_including_biogenic: Quantity = strawberry.field(description="The total and CO2 of biogenic origin.")
    amount: Quantity = strawberry.field(description="What was asked for, in the product's declared unit.")
    gwp: GwpSet = strawberry.field(description="Set of factors the answer is under.")
    prefer: Prefer = strawberry.field(description="Which footprint counted where a product had both.")
    revision: str = strawberry.field(description="Revision of the graph that was read: a decimal counter.")
    as_of: InstantText | None = strawberry.field(description="When that revision was recorded.")

    @strawberry.field(description="How many products the chain has, root included.")
    def products_count(self) -> int:
        return self.value.products_count

    @strawberry.field(description="The product asked for.")
    def product(self) -> Product:
        return Product.of(self.root)

    @strawberry.field(description="Every gas and origin.")
    def by_gas(self) -> list[GasAmount]:
        return [GasAmount.of(part) for part in self.value.by_gas]

    @strawberry.field(description="By life-cycle stage of the root; they sum to the total.")
    def by_stage(self) -> list[StageValue]:
        return [
            StageValue(stage=p.stage, value=exact(p.value), share=maybe(p.share)) for p in self.value.by_stage
        ]

    @strawberry.field(description="By region of the emitting products; they sum to the total.")
    def by_region(self) -> list[RegionValue]:
        return [
            RegionValue(code=p.region, value=exact(p.value), share=maybe(p.share))
            for p in self.value.by_region
        ]

    @strawberry.field(
        description="By owner of the emitting products, largest first, then the rest; they sum to the total."
    )
    async def by_owner(self, first: First = TOP) -> list[OwnerValue]:
        parts = await footprints.told(self.value, lambda answer: answer.by_owner(check_first(first)))
        return [OwnerValue(code=p.owner, value=exact(p.value), share=maybe(p.share)) for p in parts]

    @strawberry.field(
        description="By tier of suppliers, the root first, then all further ones; they sum to the total."
    )
    async def by_tier(self, first: First = TOP) -> list[TierValue]:
        parts = await footprints.told(self.value, lambda answer: answer.by_tier(check_first(first)))
        return [TierValue.of(part) for part in parts]

    @strawberry.field(description="Nodes and links of the chain, for a Sankey diagram.")
    async def diagram(self, first: Nodes = NODES) -> Diagram:
        count = check_first(first, most=MOST_NODES)
        found = await footprints.told(self.value, lambda answer: answer.diagram(count))
        return Diagram.of(found, self.products)

    @strawberry.field(description="Emissions at each product of the chain, root included, by size.")
    def contributions(self, first: First = TOP) -> list[Contribution]:
        shown, _ = self.value.contributions.first(check_first(first))
        return [Contribution.of(part, self.products) for part in shown]

    @strawberry.field(description="What `contributions` leaves out; together they are the total.")
    def other(
        self,
        info: Info,
        first: Annotated[
            int | None, strawberry.argument(description="As in `contributions`; default: as asked beside it.")
        ] = None,
    ) -> Other:
        count = sibling_first(info, "contributions", TOP) if first is None else first
        _, other = self.value.contributions.first(check_first(count))
        return Other(count=other.count, value=exact(other.value), share=maybe(other.share))

    @strawberry.field(description="The first tier of suppliers, each with all that is behind it, by size.")
    def inputs(self, first: First = TOP) -> list[InputValue]:
        return [InputValue.of(part, self.products) for part in self.value.inputs[: check_first(first)]]

    @strawberry.field(description="The largest structural paths, exactly.")
    def paths(self, first: First = TOP) -> list[SupplyPath]:
        return [SupplyPath.of(path, self.products) for path in self.value.paths(check_first(first))]

    @strawberry.field(description="What the total does not know.")
    def coverage(self) -> Coverage:
        return Coverage.of(self.value.coverage, self.products)

    @strawberry.field(description="How much of it rests on unverified figures.")
    def unverified(self) -> UnverifiedPart:
        found = self.value.unverified
        return UnverifiedPart(any=bool(found.products), count=len(found.products), share=maybe(found.share))

    @strawberry.field(description="How sure the total is.")
    async def uncertainty(self, assume: Assume = None) -> Uncertainty | None:
        gsd = None if assume is None else float(assume)
        return Uncertainty.of(await uncertainty.study(self.value.solved, gsd), self.products)

    @strawberry.field(description="What the data behind it are worth.")
    async def quality(self, info: Info) -> Quality | None:
        return Quality.of(await quality.assess(info.context, self.value.solved), self.products)

    @strawberry.field(description="Declared totals in the chain, recomputed: the 100 largest of them.")
    async def verification(self, tolerance: Tolerance = ONE_PERCENT) -> list[Verification] | None:
        found = await quality.verify(self.value.solved)
        return [Verification.of(check, float(tolerance), self.products) for check in found]

    @strawberry.field(description="Where it stands in its class; null for a product without one.")
    async def benchmark(self, info: Info) -> ClassBenchmark | None:
        return ClassBenchmark.of(await quality.place(info.context, self.value.solved))

    @strawberry.field(description="Keys of the products whose declared total was taken.")
    def declared_used(self) -> list[str]:
        return list(self.value.declared_used)

    @strawberry.field(description="Those of them whose total has expired.")
    def expired_declared(self) -> list[str]:
        return list(self.value.expired_declared)

    @strawberry.field(description="Loops with credits in the chain.")
    def flagged_loops(self) -> list[CreditLoop]:
        return [
            CreditLoop(products=list(loop.members), residual=exact(loop.residual))
            for loop in self.value.flagged_loops
        ]

    @strawberry.field(description="What is proven of the solution that this was taken from.")
    async def accuracy(self) -> Accuracy:
        return Accuracy.of(await footprints.accuracy(self.value))

    @classmethod
    def tried(cls, found: Footprint | HurenError) -> RollUp | None:
        """As :meth:`of`; an error stays itself, which GraphQL tells at its place in the list."""
        return cls.of(found) if isinstance(found, Footprint) else cast(None, found)

    @classmethod
    def of(cls, footprint: Footprint) -> RollUp:
        """The door from the domain."""
        value = footprint.answer
        return cls(
            root=footprint.product,
            value=value,
            products=footprint.products,
            total=kg_co2e(value.total),
            total_including_biogenic=kg_co2e(value.total_including_biogenic),
            amount=Quantity(value=exact(value.amount), unit=footprint.product.declared_unit),
            gwp=value.gwp,
            prefer=value.prefer,
            revision=str(value.revision),
            as_of=None if value.as_of is None else InstantText(value.as_of),
        )


def parts(info: Info) -> frozenset[str]:
    """What of an answer the fields asked of a roll-up look at."""
    return frozenset(_PARTS[name] for name in selected(info) if name in _PARTS)
