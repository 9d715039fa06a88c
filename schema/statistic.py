"""Statistics in GraphQL."""

from __future__ import annotations

from decimal import Decimal

import strawberry

from huren.graph.districts import PROVINCES
from huren.mappings import statistics as model
from huren.mappings.statistics import Suppressed
from huren.resolvers import statistics
from huren.schema.context import Info, say
from huren.schema.region import InLang
from huren.schema.scalars import DecimalText


@strawberry.type(description="A class of products in a partition.")
class StatisticClass:
    """With its unit."""

    category: str = strawberry.field(description="Product class.")
    unit: str = strawberry.field(description="What its footprints are per.")


@strawberry.type(description="Fixed cells over which statistics are published.")
class StatisticPartition:
    """Nobody can draw others."""

    value: strawberry.Private[model.Partition]
    id: str = strawberry.field(description="Names it.")
    classes: list[StatisticClass] = strawberry.field(description="Its classes of products.")
    regions: list[str] = strawberry.field(description="Its provinces.")
    contributors: int = strawberry.field(description="The fewest organisations that a cell is told of.")
    largest_share: DecimalText = strawberry.field(description="The largest share of one of them.")
    p: DecimalText = strawberry.field(description="How close the second may come to guessing the largest.")

    @strawberry.field(description="What its cells are.")
    def name(self, info: Info, lang: InLang = None) -> str:
        return say(info, self.value.name, lang)

    @classmethod
    def of(cls, value: model.Partition) -> StatisticPartition:
        """The door from the domain."""
        return cls(
            value=value,
            id=value.id,
            classes=[StatisticClass(category=name, unit=unit) for name, unit in value.classes.items()],
            regions=sorted(PROVINCES.values()),
            contributors=value.contributors,
            largest_share=DecimalText(Decimal(str(value.share))),
            p=DecimalText(Decimal(str(value.p))),
        )


@strawberry.type(description="What is told of a cell: means over disjoint groups of at least three owners.")
class Statistic:
    """As known when its quarter ended."""

    category: str = strawberry.field(description="Product class.")
    region: str = strawberry.field(description="Province.")
    quarter: str = strawberry.field(description="Quarter in which the numbers were released.")
    unit: str = strawberry.field(description="kg CO2e per this unit.")
    contributors: str | None = strawberry.field(description="How many owners, as a class such as 3-5.")
    low: DecimalText | None = strawberry.field(description="Mean of the lowest third; from 9 owners on.")
    median: DecimalText | None = strawberry.field(
        description="Mean of the middle third; below 9 owners, of all: never one owner's number."
    )
    high: DecimalText | None = strawberry.field(description="Mean of the highest third; from 9 owners on.")
    suppressed: Suppressed | None = strawberry.field(description="Why nothing is told; else null.")

    @strawberry.field(description="Why nothing is told, in a sentence; else empty.")
    def because(self, info: Info, lang: InLang = None) -> str:
        return say(info, self.suppressed.says, lang) if self.suppressed else ""

    @classmethod
    def of(cls, value: statistics.Statistic) -> Statistic:
        """The door from the domain."""
        cell, told = value.cell, value.figures
        return cls(
            category=cell.category,
            region=cell.region,
            quarter=cell.quarter,
            unit=value.unit,
            contributors=told.contributors,
            low=_number(told.low),
            median=_number(told.middle),
            high=_number(told.high),
            suppressed=told.suppressed,
        )


def _number(text: str | None) -> DecimalText | None:
    return None if text is None else DecimalText(Decimal(text))
