"""Products and their recipes as they stand in the graph at a pinned revision.

The current inventory of a product is the one whose write has the greatest revision not after the pin;
only products that have one exist for a reader.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from sys import intern
from typing import Any

from pydantic import TypeAdapter

from huren.graph.database import Database
from huren.graph.model.supply import (
    NO_PROVENANCE,
    Declared,
    Emission,
    GwpSet,
    Input,
    Origin,
    Product,
    Provenance,
    Recipe,
    Stage,
    Unlinked,
)
from huren.graph.model.text import Text

# No label on w: with one, a planner that has seen few writes starts from their index, and reads for each
# product all that an import ever wrote.
CURRENT = """
CALL (p) {
  MATCH (p)-[:HAS]->(i:Inventory)-[:WRITTEN_BY]->(w)
  WHERE w.revision <= $revision
  RETURN i ORDER BY w.revision DESC LIMIT 1
}
"""
"""Takes the product ``p`` to its current inventory ``i``; a product without one leaves no row."""

PRODUCT = """p.owner AS owner, p.code AS code,
  i {.nameZh, .nameEn, .declaredUnit, .category, .region, .site, .periodStart, .periodEnd,
     .dqrTech, .dqrGeo, .dqrTime, .traceability, .unverified} AS facts"""

# One row a product, whatever it needs: a row for each input costs the driver twenty times as much.
RECIPES = f"""
UNWIND $keys AS key
MATCH (p:Product {{key: key}})
{CURRENT}
RETURN {PRODUCT},
  [i.gas, i.origin, i.stage, i.kg, i.gwpSet, i.emissionKind, i.emissionSource, i.emissionGsd] AS emissions,
  [i.flow, i.flowAmount, i.flowUnit] AS unlinked,
  i.unlinkedStated AS unlinkedStated,
  i.declared AS declared,
  [(p)-[n:NEEDS {{write: i.write}}]->(s:Product) |
     [s.key, n.amount, n.stage, n.kind, n.source, n.gsd]] AS inputs
"""

_DECLARED = TypeAdapter(Declared)


async def read_recipes(db: Database, revision: int, keys: Sequence[str]) -> dict[str, tuple[Product, Recipe]]:
    """Products with all that stands behind them, by key; absent where there is none at ``revision``.

    One query. Inputs come by supplier, then stage and amount.
    """
    rows = await db.read(RECIPES, keys=list(keys), revision=revision)
    pairs = ((product_of(row), recipe_of(row)) for row in rows)
    return {product.key: (product, recipe) for product, recipe in pairs}


def product_of(row: Any) -> Product:
    """The product in the columns of PRODUCT."""
    facts = row["facts"]
    return Product(
        intern(row["owner"]),
        row["code"],
        Text(facts["nameZh"] or "", facts["nameEn"] or ""),
        intern(facts["declaredUnit"]),
        facts["category"] or None,
        facts["region"] or None,
        facts["site"] or None,
        _day(facts["periodStart"]),
        _day(facts["periodEnd"]),
        facts["dqrTech"],
        facts["dqrGeo"],
        facts["dqrTime"],
        facts["traceability"] or None,
        bool(facts["unverified"]),
    )


def recipe_of(row: Any) -> Recipe:
    """The recipe in the other columns of RECIPES."""
    return Recipe(
        tuple(_inputs(row["inputs"])),
        tuple(_emissions(row["emissions"])),
        tuple(Unlinked(*flow) for flow in _rows(row["unlinked"])),
        bool(row["unlinkedStated"]),
        _DECLARED.validate_json(row["declared"]) if row["declared"] else None,
    )


def _inputs(rows: Sequence[Sequence[Any]]) -> Iterator[Input]:
    ordered = sorted(rows, key=lambda row: (row[0], row[2] or "", row[1], row[3] or "", row[4] or ""))
    for supplier, amount, stage, *provenance in ordered:
        yield Input(intern(supplier), amount, Stage(stage) if stage else None, _provenance(*provenance))


def _emissions(columns: Sequence[Sequence[Any] | None]) -> Iterator[Emission]:
    for gas, origin, stage, kg, gwp, *provenance in _rows(columns):
        yield Emission(
            intern(gas),
            kg,
            Origin(origin),
            Stage(stage) if stage else None,
            GwpSet(gwp) if gwp else None,
            _provenance(*provenance),
        )


def _rows(columns: Sequence[Sequence[Any] | None]) -> Iterator[tuple[Any, ...]]:
    """Parallel lists as rows; a list that was left out is blank all the way, and the first never is."""
    blank = [""] * len(columns[0] or ())
    return zip(*(column or blank for column in columns), strict=True)


def _provenance(kind: str | None, source: str | None, gsd: float | None) -> Provenance:
    if not (kind or source or gsd):
        return NO_PROVENANCE
    return Provenance(intern(kind) if kind else None, intern(source) if source else None, gsd or None)


def _day(value: Any) -> date | None:
    if isinstance(value, str):
        return date.fromisoformat(value) if value else None
    return value.to_native() if value else None
