"""Is one footprint lower than another: the question."""

from __future__ import annotations

from typing import Annotated

import strawberry

from huren.graph.model.rollup import share
from huren.graph.model.supply import GwpSet, Prefer
from huren.graph.model.text import Text
from huren.mappings.comparison import Compared
from huren.resolvers import uncertainty
from huren.schema.arguments import AllowPartial, Amount, Gwp, PreferArg, ProductRef, Unit, question
from huren.schema.context import Info, say
from huren.schema.ids import key_of
from huren.schema.quantity import Quantity, kg_co2e
from huren.schema.region import InLang
from huren.schema.rollup import RollUp
from huren.schema.scalars import DecimalText, exact, maybe
from huren.schema.uncertainty import Assume, Interval, StatedSpreads

Against = Annotated[
    strawberry.ID, strawberry.argument(description="The product to compare with, named alike.")
]


@strawberry.type(description="Two footprints of the same amount, and whether one is lower.")
class FootprintComparison:
    """What both rest on moves together, and cancels as far as they rest on it alike."""

    reason: strawberry.Private[Text]
    product: RollUp = strawberry.field(description="The footprint asked about.")
    against: RollUp = strawberry.field(description="The one it is compared with.")
    difference: Quantity = strawberry.field(description="The first less the second, at stated values.")
    share: DecimalText | None = strawberry.field(description="The difference as a share of the second.")
    mean: Quantity = strawberry.field(description="The difference with every number at its mean.")
    sd: Quantity | None = strawberry.field(
        description="Standard deviation of the difference; null where no number states a spread."
    )
    interval95: Interval | None = strawberry.field(description="Of the difference.")
    correlation: DecimalText | None = strawberry.field(
        description="Of both totals, -1 to 1; null where one of them does not vary."
    )
    chance_lower: DecimalText | None = strawberry.field(
        description="Probability that the first is lower; null where numbers that matter state no spread."
    )
    spreads: StatedSpreads = strawberry.field(description="Of the numbers that do not cancel.")
    verdict: Compared = strawberry.field(
        description="LOWER and HIGHER from two standard deviations on, between products of one class that "
        "count the same stages, both chains and all spreads known (R28)."
    )

    @strawberry.field(description="Why, in a sentence.")
    def because(self, info: Info, lang: InLang = None) -> str:
        return say(info, self.reason, lang)

    @classmethod
    def of(cls, value: uncertainty.Comparison) -> FootprintComparison:
        """The door from the domain."""
        found = value.difference
        spread = found.spread if found.stated.anything else None
        return cls(
            reason=value.judged.because,
            product=RollUp.of(value.a),
            against=RollUp.of(value.b),
            difference=kg_co2e(found.total),
            share=maybe(share(found.total, found.b.total)),
            mean=kg_co2e(found.spread.mean),
            sd=None if spread is None else kg_co2e(spread.sd),
            interval95=None if spread is None else Interval.of(spread.interval(0.95)),
            correlation=maybe(found.correlation),
            chance_lower=exact(found.chance_lower) if found.stated.complete else None,
            spreads=StatedSpreads.of(found.stated),
            verdict=value.judged.verdict,
        )


@strawberry.type
class UncertaintyQuery:
    """Of footprints."""

    @strawberry.field(description="Whether a product's footprint is lower than another's beyond their doubt.")
    async def compare_footprints(  # noqa: PLR0913, PLR0917  (the arguments of the question)
        self,
        info: Info,
        product: ProductRef,
        against: Against,
        amount: Amount = None,
        unit: Unit = None,
        gwp: Gwp = GwpSet.AR6,
        prefer: PreferArg = Prefer.MODELLED,
        allow_partial: AllowPartial = False,
        assume: Assume = None,
    ) -> FootprintComparison | None:
        asked = question(product, amount, unit, gwp, prefer, allow_partial)
        gsd, other = None if assume is None else float(assume), key_of("Product", against)
        return FootprintComparison.of(await uncertainty.compare(info.context, asked, other, gsd))
