"""``footprints.csv``: stated totals that stand for the whole chain behind a product."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from math import fsum

from huren.errors import BadInput
from huren.graph.model.dated import end
from huren.graph.model.supply import GATE, Declared, Product, Stage
from huren.mappings import units
from huren.mappings.package import cells, vocabulary
from huren.mappings.package.problems import Fault
from huren.mappings.package.products import Names
from huren.mappings.package.table import Table

REQUIRED = ("product", "kg_co2e")
STAGES = tuple(stage.value for stage in Stage)
COLUMNS = (
    *REQUIRED,
    *("amount", "unit", "gwp_set", "boundary"),
    *STAGES,
    *("biogenic_kg_co2", "valid_until", "source"),
)
_ROUNDING = 0.01
"""How far a printed breakdown may miss its printed total, relative."""


def read_footprints(table: Table, products: Mapping[str, Product], names: Names) -> dict[str, Declared]:
    """Declared totals by product, each per one declared unit of its product."""
    per = _declared_units(table, products, names)
    totals, biogenic = cells.numbers(table, "kg_co2e"), cells.maybe_numbers(table, "biogenic_kg_co2")
    split = list(zip(*(cells.maybe_numbers(table, stage) for stage in STAGES), strict=True))
    sets = cells.maybe(table, "gwp_set", cells.choice("gwp_set", vocabulary.GWP_SETS))
    to_grave = cells.maybe(table, "boundary", cells.choice("boundary", vocabulary.BOUNDARIES))
    until, sources = cells.maybe(table, "valid_until", _until), cells.texts(table, "source")
    found: dict[str, Declared] = {}
    for row, key in enumerate(cells.needed(table, "product", names.get)):
        if key is None:
            continue
        stages = tuple(
            (stage, kg / per[row]) for stage, kg in zip(Stage, split[row], strict=True) if kg is not None
        )
        stated = (totals[row] / per[row], sets[row], bool(to_grave[row]), stages)
        if key in found:
            table.wrong(row, "product", _TWICE)
        found[key] = Declared(*stated, (biogenic[row] or 0.0) / per[row], until[row], sources[row])
        if fault := inconsistent(found[key]):
            table.wrong(row, "kg_co2e", fault)
    return found


def _declared_units(table: Table, products: Mapping[str, Product], names: Names) -> list[float]:
    """How many declared units of its product each row is stated for; 1 where it says nothing."""
    amounts = cells.maybe_numbers(table, "amount", cells.above_zero)
    found: list[float] = []
    for row, (name, amount, unit) in enumerate(
        zip(table.column("product"), amounts, table.column("unit"), strict=True)
    ):
        key = names.keys.get(name)
        to = products[key].declared_unit if key else ""
        try:
            converted = units.convert(amount or 1.0, unit, to) if unit and to else amount or 1.0
        except BadInput as bad:
            table.wrong(row, "unit", Fault.of(bad))
            converted = 1.0
        found.append(converted)
    return found


def _until(cell: str) -> datetime | Fault:
    day = cells.day(cell)
    return day if isinstance(day, Fault) else end(day)


def inconsistent(declared: Declared) -> Fault | None:
    """What is wrong with a breakdown: a stage past the gate it ends at, or a sum that misses the total."""
    if not declared.to_grave and any(stage not in GATE for stage, _ in declared.stages):
        return _BEYOND_GATE
    parts = [kg for _, kg in declared.stages]
    size = max(abs(declared.kg_co2e), fsum(map(abs, parts)))
    return _NO_SUM if parts and abs(fsum(parts) - declared.kg_co2e) > _ROUNDING * size else None


_TWICE = Fault(
    "the product has a footprint already",
    "该产品已有一行声明值",
    "Keep one row for each product.",
    "每个产品只保留一行。",
)
_BEYOND_GATE = Fault(
    "a cradle-to-gate footprint has a value for distribution, use or end of life",
    "“摇篮到大门”的声明值含有分销、使用或生命末期",
    "Set boundary to cradle_to_grave, or leave those stages blank.",
    "请将 boundary 设为 cradle_to_grave,或将这些阶段留空。",
)
_NO_SUM = Fault(
    "the stages do not add up to the total",
    "各阶段之和与总量不符",
    "State all stages or none, and check the total.",
    "请完整填写各阶段或全部留空,并核对总量。",
)
