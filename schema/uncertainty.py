"""How sure a footprint is, in GraphQL."""

from __future__ import annotations

from typing import Annotated

import strawberry

from huren.graph.model import uncertainty as model
from huren.graph.model.supply import Origin, Stage
from huren.graph.model.uncertainty import Shape
from huren.graph.uncertainty.analytic import Study
from huren.resolvers import uncertainty
from huren.schema.coverage import Products
from huren.schema.paging import check_first
from huren.schema.product import Product
from huren.schema.quantity import Quantity, kg_co2e
from huren.schema.scalars import DecimalText, exact, maybe

First = Annotated[int, strawberry.argument(description="How many, largest first: 1 to 100.")]
Assume = Annotated[
    DecimalText | None,
    strawberry.argument(
        description="Geometric standard deviation, at least 1, of the numbers that state none; default: they "
        "add nothing, and `unstated` says how many they are."
    ),
]
Samples = Annotated[
    int, strawberry.argument(description="100 to 10,000; each counts as one field in the cost.")
]
Seed = Annotated[int, strawberry.argument(description="From 0; the same seed gives the same figures.")]
Full = Annotated[
    bool,
    strawberry.argument(description="Draw every number, not only those that make 99.9 % of the variance."),
]


@strawberry.type(description="From `low` to `high`, kg CO2e.")
class Interval:
    """Central: as much lies below as above."""

    low: DecimalText = strawberry.field(description="Its lower end.")
    high: DecimalText = strawberry.field(description="Its upper end.")

    @classmethod
    def of(cls, value: model.Interval) -> Interval:
        """The door from the domain."""
        return cls(low=exact(value.low), high=exact(value.high))


@strawberry.type(description="What one number adds to the variance of a total: which datum to collect next.")
class VariancePart:
    """An amount of an input, or an emission."""

    key: str = strawberry.field(description="owner/code of the product whose number it is.")
    product: Product | None = strawberry.field(description="The product; null where only its key is known.")
    supplier_key: str | None = strawberry.field(description="Of an input: owner/code of what is needed.")
    supplier: Product | None = strawberry.field(description="Of an input: the supplying product.")
    gas: str | None = strawberry.field(description="Of an emission: what is emitted.")
    origin: Origin | None = strawberry.field(description="Of an emission: where the gas comes from.")
    stage: Stage | None = strawberry.field(description="Stage of the product; null: none stated.")
    source: str | None = strawberry.field(description="Where the number is from.")
    gsd: DecimalText | None = strawberry.field(description="As stated; null: the assumed one.")
    elasticity: DecimalText | None = strawberry.field(
        description="Relative change of the total per relative change of the number; null at a mean of 0."
    )
    variance: DecimalText = strawberry.field(description="What it adds, in (kg CO2e)².")
    share: DecimalText | None = strawberry.field(description="Of the variance, 0 to 1.")

    @classmethod
    def of(cls, part: model.VariancePart, products: Products) -> VariancePart:
        """The door from the domain."""
        return cls(
            key=part.product,
            product=Product.maybe(products.get(part.product)),
            supplier_key=part.supplier,
            supplier=Product.maybe(products.get(part.supplier or "")),
            gas=part.gas,
            origin=part.origin,
            stage=part.stage,
            source=part.source,
            gsd=maybe(part.gsd),
            elasticity=maybe(part.elasticity),
            variance=exact(part.variance),
            share=maybe(part.share),
        )


@strawberry.type(description="A Monte Carlo of a total; figures have six digits, the same on every machine.")
class Simulation:
    """Numbers that were not drawn stood at their mean."""

    samples: int = strawberry.field(description="As asked.")
    seed: int = strawberry.field(description="As asked.")
    varied: int = strawberry.field(description="How many numbers were drawn.")
    mean: Quantity = strawberry.field(description="Of all samples.")
    sd: Quantity = strawberry.field(description="Standard deviation of the samples.")
    median: Quantity = strawberry.field(description="Half of the samples lie below.")
    interval90: Interval = strawberry.field(description="From the 5 % to the 95 % quantile.")
    interval95: Interval = strawberry.field(description="From the 2.5 % to the 97.5 % quantile.")
    spread_ratio: DecimalText | None = strawberry.field(
        description="Its standard deviation over the analytic one; null where that is 0."
    )
    agrees: bool = strawberry.field(
        description="Whether both are the same to 5 % and three standard errors; else trust this one."
    )

    @classmethod
    def of(cls, value: model.Simulation) -> Simulation:
        """The door from the domain."""
        return cls(
            samples=value.samples,
            seed=value.seed,
            varied=value.varied,
            mean=kg_co2e(value.mean),
            sd=kg_co2e(value.sd),
            median=kg_co2e(value.median),
            interval90=Interval.of(value.interval_90),
            interval95=Interval.of(value.interval_95),
            spread_ratio=maybe(value.spread_ratio),
            agrees=value.agrees,
        )


@strawberry.type(description="How many numbers state their spread, of those that bear on a total.")
class StatedSpreads:
    """Inputs and emissions that are 0, or not counted, bear on nothing."""

    complete: bool = strawberry.field(
        description="Whether every number states a spread or had one assumed; else `sd` is a lower bound."
    )
    stated: int = strawberry.field(description="How many state a geometric standard deviation.")
    unstated: int = strawberry.field(description="How many state none.")
    unstated_share: DecimalText | None = strawberry.field(
        description="Their part of all elasticities by size, 0 to 1; null where nothing bears on the total."
    )
    assumed: DecimalText | None = strawberry.field(description="What was assumed for them; null: nothing.")

    @classmethod
    def of(cls, value: model.Stated) -> StatedSpreads:
        """The door from the domain."""
        return cls(
            complete=value.complete,
            stated=value.stated,
            unstated=value.unstated,
            unstated_share=maybe(value.unstated_share),
            assumed=maybe(value.assumed),
        )


@strawberry.type(
    description="First-order uncertainty of a total: every stated number is the median of a log-normal."
)
class Uncertainty:
    """Null figures: no number states a spread."""

    study: strawberry.Private[Study]
    products: strawberry.Private[Products]
    mean: Quantity = strawberry.field(
        description="The total with every number at its mean, above its median."
    )
    sd: Quantity | None = strawberry.field(description="Standard deviation.")
    shape: Shape | None = strawberry.field(description="The distribution that the intervals are of.")
    gsd: DecimalText | None = strawberry.field(
        description="Geometric standard deviation; null where the shape is normal."
    )
    interval90: Interval | None = strawberry.field(description="From the 5 % to the 95 % quantile.")
    interval95: Interval | None = strawberry.field(description="From the 2.5 % to the 97.5 % quantile.")
    spreads: StatedSpreads = strawberry.field(description="What of it is stated.")

    @strawberry.field(description="The numbers that add most to the variance, first.")
    def parameters(self, first: First = 10) -> list[VariancePart]:
        found = self.study.uncertainty().largest(check_first(first))
        return [VariancePart.of(part, self.products) for part in found]

    @strawberry.field(description="The same by Monte Carlo.")
    async def simulation(
        self, samples: Samples = 1_000, seed: Seed = 0, full: Full = False
    ) -> Simulation | None:
        return Simulation.of(await uncertainty.simulate(self.study, samples, seed, full=full))

    @classmethod
    def of(cls, study: Study, products: Products) -> Uncertainty:
        """The door from the domain."""
        found = study.uncertainty()
        spread = found.spread if found.stated.anything else None
        return cls(
            study=study,
            products=products,
            mean=kg_co2e(found.spread.mean),
            sd=None if spread is None else kg_co2e(spread.sd),
            shape=None if spread is None else spread.shape,
            gsd=None if spread is None else maybe(spread.gsd),
            interval90=None if spread is None else Interval.of(spread.interval(0.9)),
            interval95=None if spread is None else Interval.of(spread.interval(0.95)),
            spreads=StatedSpreads.of(found.stated),
        )
