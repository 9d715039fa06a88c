"""What the data behind a footprint are worth, in GraphQL."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import strawberry

from huren.graph.model import quality as model
from huren.graph.model.supply import GwpSet
from huren.mappings.statistics import Suppressed
from huren.resolvers.quality import Placed
from huren.schema.context import Info, say
from huren.schema.coverage import Products
from huren.schema.paging import check_first
from huren.schema.product import Product
from huren.schema.quantity import Quantity, kg_co2e
from huren.schema.region import InLang
from huren.schema.scalars import DayText, DecimalText, exact, maybe

First = Annotated[int, strawberry.argument(description="How many, weightiest first: 1 to 100.")]
ONE_PERCENT = DecimalText(Decimal("0.01"))
Tolerance = Annotated[
    DecimalText, strawberry.argument(description="Share of the declared total that still is a match.")
]


@strawberry.type(description="A rating over the chain, weighted by the size of contributions; high is bad.")
class ChainRating:
    """Of data quality from 1 (best) to 5, or of age in years."""

    weighted: DecimalText | None = strawberry.field(
        description="Mean over the products that state it; null where none does."
    )
    stated: DecimalText | None = strawberry.field(description="Their part of all contributions by size.")
    worst: DecimalText | None = strawberry.field(description="The worst of a product that contributes.")
    product: Product | None = strawberry.field(description="That product.")

    @classmethod
    def of(cls, value: model.Rated, products: Products) -> ChainRating:
        """The door from the domain."""
        return cls(
            weighted=maybe(value.weighted),
            stated=maybe(value.stated),
            worst=maybe(value.worst),
            product=Product.maybe(products.get(value.product or "")),
        )


@strawberry.type(description="The part of a chain that states one level of traceability.")
class TraceabilityShare:
    """Levels are in the words of who stated them."""

    level: str | None = strawberry.field(description="As stated; null: none stated.")
    products: int = strawberry.field(description="How many products.")
    share: DecimalText | None = strawberry.field(description="Their part of all contributions by size.")


@strawberry.type(description="A product that brings much of a total by poor data.")
class WeakLink:
    """By contribution times worst rating; an unrated product counts as rated 5."""

    key: str = strawberry.field(description="owner/code of the product.")
    product: Product | None = strawberry.field(description="The product; null where only its key is known.")
    value: DecimalText = strawberry.field(description="kg CO2e emitted there.")
    share: DecimalText | None = strawberry.field(description="Of the total; null where the total is 0.")
    rating: DecimalText | None = strawberry.field(
        description="The worst of its three data quality ratings; null: it states none."
    )
    years: DecimalText | None = strawberry.field(description="Age of its data; null: not stated.")

    @classmethod
    def of(cls, part: model.WeakLink, products: Products) -> WeakLink:
        """The door from the domain."""
        return cls(
            key=part.product,
            product=Product.maybe(products.get(part.product)),
            value=exact(part.value),
            share=maybe(part.share),
            rating=maybe(part.rating),
            years=maybe(part.years),
        )


@strawberry.type(description="A product of the chain whose data have been overtaken.")
class StaleData:
    """Its period ended before a supplier's present data begin, or before the day asked."""

    key: str = strawberry.field(description="owner/code of the product.")
    product: Product | None = strawberry.field(description="The product; null where only its key is known.")
    ended: DayText = strawberry.field(description="Last day of its data.")
    supplier_key: str | None = strawberry.field(
        description="owner/code of the supplier whose data began last; null: older than the day asked."
    )
    began: DayText | None = strawberry.field(description="First day of that supplier's data.")
    value: DecimalText = strawberry.field(description="kg CO2e emitted at the product.")
    share: DecimalText | None = strawberry.field(description="Of the total; null where the total is 0.")

    @classmethod
    def of(cls, part: model.Stale, products: Products) -> StaleData:
        """The door from the domain."""
        return cls(
            key=part.product,
            product=Product.maybe(products.get(part.product)),
            ended=DayText(part.ended),
            supplier_key=part.supplier,
            began=None if part.began is None else DayText(part.began),
            value=exact(part.value),
            share=maybe(part.share),
        )


@strawberry.type(description="Data quality of a roll-up; weights are the sizes of contributions.")
class Quality:
    """Of what the caller sees; a release states no kind of data."""

    value: strawberry.Private[model.Quality]
    products: strawberry.Private[Products]
    primary_share: DecimalText | None = strawberry.field(
        description="Of the emissions by size, those stated as primary data (PACT); null without emissions."
    )
    secondary_share: DecimalText | None = strawberry.field(description="Those stated as secondary data.")
    unstated_share: DecimalText | None = strawberry.field(description="Those that state no kind of data.")

    @strawberry.field(description="Technological representativeness.")
    def technological(self) -> ChainRating:
        return ChainRating.of(self.value.technological, self.products)

    @strawberry.field(description="Geographical representativeness.")
    def geographical(self) -> ChainRating:
        return ChainRating.of(self.value.geographical, self.products)

    @strawberry.field(description="Temporal representativeness.")
    def temporal(self) -> ChainRating:
        return ChainRating.of(self.value.temporal, self.products)

    @strawberry.field(description="Age of the data in years, from the last day of their period until today.")
    def age(self) -> ChainRating:
        return ChainRating.of(self.value.age, self.products)

    @strawberry.field(description="By level of traceability, largest share first.")
    def traceability(self) -> list[TraceabilityShare]:
        return [
            TraceabilityShare(level=one.level, products=one.products, share=maybe(one.share))
            for one in self.value.traceability
        ]

    @strawberry.field(description="Where better data or less emission would do most.")
    def weak_links(self, first: First = 10) -> list[WeakLink]:
        return [WeakLink.of(link, self.products) for link in self.value.weak(check_first(first))]

    @strawberry.field(description="Products whose data have been overtaken, by contribution.")
    def stale(
        self,
        before: Annotated[
            DayText | None, strawberry.argument(description="Data that ended before this day count too.")
        ] = None,
        first: First = 10,
    ) -> list[StaleData]:
        found = self.value.stale(before)[: check_first(first)]
        return [StaleData.of(one, self.products) for one in found]

    @classmethod
    def of(cls, value: model.Quality, products: Products) -> Quality:
        """The door from the domain."""
        return cls(
            value=value,
            products=products,
            primary_share=maybe(value.kinds.primary),
            secondary_share=maybe(value.kinds.secondary),
            unstated_share=maybe(value.kinds.unstated),
        )


@strawberry.type(description="A declared total beside the one recomputed from the product's model.")
class Verification:
    """Per declared unit of the product."""

    key: str = strawberry.field(description="owner/code of the product.")
    product: Product | None = strawberry.field(description="The product; null where only its key is known.")
    declared: Quantity = strawberry.field(description="As stored.")
    computed: Quantity = strawberry.field(description="As its model gives it, within the same boundary.")
    difference: Quantity = strawberry.field(description="Computed less declared.")
    relative: DecimalText | None = strawberry.field(
        description="The difference as a share of the declared total; null where that is 0."
    )
    matches: bool = strawberry.field(description="Whether both are the same to the tolerance.")
    gwp: GwpSet = strawberry.field(description="Set of factors of both.")
    gwp_stated: bool = strawberry.field(
        description="Whether the declared total states it; else it is the one asked."
    )
    to_grave: bool = strawberry.field(description="Whether both reach past the gate.")
    complete: bool = strawberry.field(description="Whether the model is known to its last input.")

    @classmethod
    def of(cls, check: model.Check, tolerance: float, products: Products) -> Verification:
        """The door from the domain."""
        return cls(
            key=check.product,
            product=Product.maybe(products.get(check.product)),
            declared=kg_co2e(check.declared),
            computed=kg_co2e(check.computed),
            difference=kg_co2e(check.difference),
            relative=maybe(check.relative),
            matches=check.matches(tolerance),
            gwp=check.gwp,
            gwp_stated=check.gwp_stated,
            to_grave=check.to_grave,
            complete=check.complete,
        )


@strawberry.type(description="Where a gate total stands among those of its class that the caller may use.")
class ClassBenchmark:
    """Told only over at least three other owners, none of them dominant, as the statistics are."""

    suppression: strawberry.Private[Suppressed | None]
    category: str = strawberry.field(description="The product class.")
    value: Quantity = strawberry.field(description="The product's own, cradle to gate, per `per`.")
    per: str = strawberry.field(description="Its declared unit, which all others are put into.")
    products: int | None = strawberry.field(description="How many other products; null where suppressed.")
    owners: int | None = strawberry.field(description="How many other owners; null where suppressed.")
    rank: int | None = strawberry.field(description="1: the lowest of all; null where suppressed.")
    place: DecimalText | None = strawberry.field(
        description="Part of the others that lie below it, those alike by half; null where suppressed."
    )
    quantiles: list[DecimalText] | None = strawberry.field(
        description="Of the others: 10, 25, 50, 75, 90 %, kg CO2e; null where suppressed."
    )
    suppressed: Suppressed | None = strawberry.field(description="Why nothing is told; else null.")

    @strawberry.field(description="Why nothing is told, in a sentence; else empty.")
    def because(self, info: Info, lang: InLang = None) -> str:
        return say(info, self.suppression.says, lang) if self.suppression else ""

    @classmethod
    def of(cls, placed: Placed | None) -> ClassBenchmark | None:
        """The door from the domain."""
        if placed is None:
            return None
        found = placed.found
        return cls(
            suppression=found.suppressed,
            category=placed.category,
            value=kg_co2e(placed.value),
            per=placed.unit,
            products=found.products,
            owners=found.owners,
            rank=found.rank,
            place=maybe(found.place),
            quantiles=None if found.quantiles is None else [exact(one) for one in found.quantiles],
            suppressed=found.suppressed,
        )
