"""``inputs.csv``, ``emissions.csv`` and ``unlinked.csv``: what stands behind each product of a package.

Names are resolved, amounts converted to the supplier's unit, and rows that differ in their amount alone
are added up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from math import fsum

from huren.errors import BadInput
from huren.graph import gwp
from huren.graph.model.supply import (
    NO_PROVENANCE,
    Emission,
    Input,
    Origin,
    Product,
    Provenance,
    Stage,
    Unlinked,
)
from huren.mappings import units
from huren.mappings.package import cells, vocabulary
from huren.mappings.package.problems import Fault, quoted
from huren.mappings.package.products import Names, ambiguous
from huren.mappings.package.table import Table

PROVENANCE = ("data_kind", "source", "gsd")
INPUTS = ("consumer", "supplier", "amount", "unit")
INPUT_COLUMNS = (*INPUTS, "stage", *PROVENANCE)
EMISSIONS = ("product", "gas", "kg_per_declared_unit")
EMISSION_COLUMNS = (*EMISSIONS, "origin", "stage", "gwp_set", *PROVENANCE)
UNLINKED = ("consumer", "flow", "amount", "unit")

_HINTS = 20
"""For so many unknown suppliers a near name is sought; each search reads all names."""


@dataclass(slots=True)
class Suppliers:
    """What each supplier's name means: a product of the package, else one that the importer may use."""

    products: Mapping[str, Product]
    names: Names
    outside: Mapping[str, tuple[Product, ...]]
    _searched: set[str] = field(default_factory=set)

    def get(self, name: str) -> Product | Fault:
        """The product, or why there is none."""
        key = self.names.keys.get(name)
        if key is not None:
            return self.products[key]
        candidates = () if name in self.names.keys else self.outside.get(name, ())
        if len(candidates) == 1:
            return candidates[0]
        if name in self.names.keys or candidates:
            return ambiguous(name, [product.key for product in candidates])
        return self._no_supplier(name)

    def _no_supplier(self, name: str) -> Fault:
        self._searched.add(name)
        near = get_close_matches(name, self.names.keys, n=1) if len(self._searched) <= _HINTS else []
        hint, hint_zh = (f"Did you mean `{near[0]}`? ", f"是否为“{near[0]}”?") if near else ("", "")
        return Fault(
            f"no product `{quoted(name)}` in this package or among those you may use",
            f"本数据包和可用产品中均无“{quoted(name)}”",
            f"{hint}Add the product, correct the id, or list the need in unlinked.csv.",
            f"{hint_zh}请补充该产品、改正编号,或将该投入列入 unlinked.csv。",
        )


def inputs(table: Table, suppliers: Suppliers) -> dict[str, list[Input]]:
    """Inputs by consumer. Cost: about four microseconds a row."""

    def supplier(name: str) -> tuple[str, str] | Fault:
        found = suppliers.get(name)
        return found if isinstance(found, Fault) else (found.key, found.declared_unit)

    columns = zip(
        cells.needed(table, "consumer", suppliers.names.get),
        cells.needed(table, "supplier", supplier),
        cells.numbers(table, "amount"),
        cells.needed(table, "unit", cells.unit),
        cells.maybe(table, "stage", cells.choice("stage", vocabulary.STAGES)),
        _provenance(table),
        strict=True,
    )
    # Equal provenances are identical, and an id is hashed at a fraction of the cost.
    kept: dict[tuple[str, str, Stage | None, int], tuple[int, Provenance, list[float]]] = {}
    for row, (consumer, found, amount, unit, stage, provenance) in enumerate(columns):
        if consumer is None or found is None or unit is None:
            continue
        key, to = found
        stated = amount if unit == to or not to else _converted(table, row, amount, unit, to)
        kept.setdefault((consumer, key, stage, id(provenance)), (row, provenance, []))[2].append(stated)
    made: dict[str, list[Input]] = {}
    for (consumer, key, stage, _), (row, provenance, amounts) in kept.items():
        total = _total(table, row, "amount", amounts)
        made.setdefault(consumer, []).append(Input(key, total, stage, provenance))
    return made


def emissions(table: Table, names: Names) -> dict[str, list[Emission]]:
    """Emissions by product, gases by their one name."""
    columns = zip(
        cells.needed(table, "product", names.get),
        cells.needed(table, "gas", _gas),
        cells.maybe(table, "origin", cells.choice("origin", vocabulary.ORIGINS)),
        cells.maybe(table, "stage", cells.choice("stage", vocabulary.STAGES)),
        cells.maybe(table, "gwp_set", cells.choice("gwp_set", vocabulary.GWP_SETS)),
        _provenance(table),
        cells.numbers(table, "kg_per_declared_unit"),
        strict=True,
    )
    kept: dict[tuple[str, Emission], tuple[int, list[float]]] = {}
    for row, (product, gas, origin, stage, gwp_set, provenance, kg) in enumerate(columns):
        if product is None or gas is None:
            continue
        characterised = gwp_set if gas == gwp.CO2E else None
        kind = Emission(gas, 0.0, origin or Origin.UNSPECIFIED, stage, characterised, provenance)
        kept.setdefault((product, kind), (row, []))[1].append(kg)
    made: dict[str, list[Emission]] = {}
    for (product, kind), (row, kilograms) in kept.items():
        total = _total(table, row, "kg_per_declared_unit", kilograms)
        made.setdefault(product, []).append(replace(kind, kg=total))
    return made


def unlinked(table: Table, names: Names) -> dict[str, list[Unlinked]]:
    """Needs that nothing supplies, by consumer, each row as stated; any unit that is known will do."""
    columns = zip(
        cells.needed(table, "consumer", names.get),
        cells.words(table, "flow"),
        cells.numbers(table, "amount"),
        cells.needed(table, "unit", cells.unit),
        strict=True,
    )
    made: dict[str, list[Unlinked]] = {}
    for consumer, flow, amount, unit in columns:
        if consumer and unit:
            made.setdefault(consumer, []).append(Unlinked(flow, amount, unit))
    return made


def _provenance(table: Table) -> Sequence[Provenance]:
    """One value for each different provenance, so that equal ones are identical."""
    if not any(name in table.columns for name in PROVENANCE):
        return [NO_PROVENANCE] * table.size
    kinds = cells.maybe(table, "data_kind", cells.choice("data_kind", vocabulary.DATA_KINDS))
    spreads = cells.maybe_numbers(table, "gsd", cells.at_least_one)
    stated = list(zip(kinds, cells.texts(table, "source"), spreads, strict=True))
    made = {each: Provenance(*each) for each in set(stated)}
    made[None, None, None] = NO_PROVENANCE
    return [made[each] for each in stated]


def _gas(cell: str) -> str | Fault:
    return gwp.canonical(cell) or cells.unknown("gas", cell, (*gwp.GASES, gwp.CO2E))


def _converted(table: Table, row: int, amount: float, unit: str, to: str) -> float:
    try:
        return units.convert(amount, unit, to)
    except BadInput as bad:
        table.wrong(row, "unit", Fault.of(bad))
        return 0.0


def _total(table: Table, row: int, column: str, parts: list[float]) -> float:
    """The sum, rounded once, whatever the order of the rows."""
    try:
        return fsum(parts) if len(parts) > 1 else parts[0]
    except OverflowError:
        table.wrong(row, column, _OVERFLOW)
        return 0.0


_OVERFLOW = Fault(
    "the rows that say the same add up beyond what a number can hold",
    "同类行相加后超出数值范围",
    "Check the exponents of these rows.",
    "请核对这些行的指数。",
)
