"""Statistics: one cell of a fixed partition, as it was known when its quarter ended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from huren.auth.scopes import REFERENCE_READ
from huren.errors import BadInput
from huren.graph.districts import PROVINCES
from huren.graph.statistics import Contribution, contributions
from huren.mappings.statistics import Figures, Partition, figures, partitions, quarter_of
from huren.mappings.units import convert
from huren.resolvers.context import Context


@dataclass(frozen=True, slots=True)
class Cell:
    """Which cell: a product class, a province (ISO 3166-2), a closed quarter."""

    partition: str
    category: str
    region: str
    quarter: str


@dataclass(frozen=True, slots=True)
class Statistic:
    """What is told of a cell, per ``unit``."""

    cell: Cell
    unit: str
    figures: Figures


async def statistic(ctx: Context, cell: Cell) -> Statistic:
    """What is told of ``cell``; asked twice it is the same. Two queries; cost: the quarter's releases.

    Raises: Forbidden, BadInput for what is no cell of the partition or not over.
    """
    ctx.caller.require(REFERENCE_READ)
    by = _partition(cell)
    quarter = quarter_of(cell.quarter, ctx.exchange.clock())
    # Nothing under way can be recorded before the end of the quarter any more.
    await ctx.pin(quarter.end)
    found = await contributions(ctx.database, cell.category, quarter.start, quarter.end)
    unit = by.classes[cell.category]
    return Statistic(cell, unit, figures(_by_owner(found, cell.region, unit), by))


def published(ctx: Context) -> tuple[Partition, ...]:
    """The partitions there are. Raises: Forbidden."""
    ctx.caller.require(REFERENCE_READ)
    return tuple(partitions().values())


def province_of(region: str | None) -> str | None:
    """The province that a region of China lies in by its code.

    >>> province_of("130102"), province_of("CN-HE"), province_of(None)
    ('CN-HE', 'CN-HE', None)
    """
    return PROVINCES.get(region[:2], region) if region and region.isdigit() else region


def _by_owner(found: Iterable[Contribution], region: str, unit: str) -> Mapping[str, list[float]]:
    values: dict[str, list[float]] = defaultdict(list)
    for one in found:
        if province_of(one.region) != region:
            continue
        try:
            values[one.owner].append(one.kg * convert(1.0, unit, one.unit))
        except BadInput:
            continue  # of another dimension: no number of this cell
    return values


def _partition(cell: Cell) -> Partition:
    by = partitions().get(cell.partition)
    if by is None or cell.category not in by.classes or cell.region not in PROVINCES.values():
        raise BadInput(
            f"`{cell.partition}` has no cell of `{cell.category}` in `{cell.region}`",
            f"分区“{cell.partition}”没有“{cell.region}”的“{cell.category}”单元",
            fix="Take them from `statisticPartitions`, and a province by ISO 3166-2.",
            fix_zh="请从 `statisticPartitions` 取用,省份按 ISO 3166-2 填写。",
        )
    return by
