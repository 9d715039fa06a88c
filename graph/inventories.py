"""Writing inventories: a product's attributes, emissions and unlinked inputs, and what it needs.

Append-only: a new inventory hangs on its write, and is the current one once that write is published.
The rows serve a mutation of one product and an import of many alike. :mod:`huren.graph.recipes` reads them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import Any

import orjson
from neo4j import AsyncManagedTransaction
from pydantic import TypeAdapter

from huren.graph.model.supply import Declared, Product, Provenance, Recipe

INVENTORIES = """
MATCH (w:Write {id: $write}) WHERE w.dropped IS NULL
UNWIND $rows AS row
MERGE (p:Product {key: row.product}) ON CREATE SET p.owner = row.owner, p.code = row.code
CREATE (p)-[:HAS]->(i:Inventory)-[:WRITTEN_BY]->(w)
SET i = row.inventory, i.write = $write
WITH row, i WHERE row.inventory.site IS NOT NULL
MERGE (t:Site {key: row.owner + '/' + row.inventory.site})
CREATE (i)-[:MADE_AT]->(t)
WITH row, t
MATCH (r:Region {id: row.inventory.region})
MERGE (t)-[:IN]->(r)
"""

# A row is a consumer and parallel lists of what it needs: [product, suppliers, amounts, stages, kinds,
# sources, gsds], null for a list in which all is absent. The consumer is looked up once for all of them.
NEEDS = """
UNWIND $rows AS row
MATCH (p:Product {key: row[0]})
UNWIND range(0, size(row[1]) - 1) AS k
MATCH (s:Product {key: row[1][k]})
CREATE (p)-[:NEEDS {write: $write, amount: row[2][k], stage: row[3][k], kind: row[4][k], source: row[5][k],
                    gsd: row[6][k]}]->(s)
"""

_DECLARED = TypeAdapter(Declared)


async def write_inventories(
    tx: AsyncManagedTransaction, write: str, items: Iterable[tuple[Product, Recipe]]
) -> None:
    """Write a new inventory of each product, under the write of id ``write``. Two queries.

    Every supplier must be a product on record or among ``items``; others are left out without a word.
    """
    pairs = list(items)
    await tx.run(INVENTORIES, write=write, rows=[inventory_row(*pair) for pair in pairs])
    await tx.run(NEEDS, write=write, rows=list(needs_rows(pairs)))


def inventory_row(product: Product, recipe: Recipe) -> dict[str, Any]:
    """A row of INVENTORIES. Nothing is stored of what is absent."""
    stated = {**_attributes(product), **_emissions(recipe), **_unlinked(recipe)}
    stated["declared"] = _DECLARED.dump_json(recipe.declared).decode() if recipe.declared else None
    inventory = {name: value for name, value in stated.items() if value not in (None, False, [])}
    inventory["digest"] = digest_of(product, recipe)
    return {"product": product.key, "owner": product.owner, "code": product.code, "inventory": inventory}


def needs_rows(pairs: Iterable[tuple[Product, Recipe]]) -> Iterator[list[Any]]:
    """Rows of NEEDS, one for each product that needs anything."""
    for product, recipe in pairs:
        rows = recipe.inputs
        if rows:
            columns = zip(*((row.stage, *_stated(row.provenance)) for row in rows), strict=True)
            yield [
                product.key,
                [row.supplier for row in rows],
                [float(row.amount) for row in rows],
                *(list(column) if any(column) else None for column in columns),
            ]


def digest_of(product: Product, recipe: Recipe) -> str:
    """Equal for two inventories that state the same in the same order; 32 hexadecimal digits."""
    return blake2b(orjson.dumps((product, recipe)), digest_size=16).hexdigest()


def _attributes(product: Product) -> dict[str, Any]:
    return {
        "product": product.key,
        "nameZh": product.name.zh or None,
        "nameEn": product.name.en or None,
        "declaredUnit": product.declared_unit,
        "category": product.category,
        "region": product.region,
        "site": product.site,
        "periodStart": product.period_start.isoformat() if product.period_start else None,
        "periodEnd": product.period_end.isoformat() if product.period_end else None,
        "dqrTech": product.dqr_tech,
        "dqrGeo": product.dqr_geo,
        "dqrTime": product.dqr_time,
        "traceability": product.traceability,
        "unverified": product.unverified,
    }


def _emissions(recipe: Recipe) -> dict[str, Sequence[Any]]:
    """Parallel lists. A list cannot hold null, so what is absent is '' there, and a gsd of 0.

    A list in which all is absent is left out: each costs the server a record of its own.
    """
    rows = recipe.emissions
    lists: dict[str, list[Any]] = {
        "origin": [row.origin for row in rows],
        "stage": [row.stage or "" for row in rows],
        "gwpSet": [row.gwp_set or "" for row in rows],
        "emissionKind": [row.provenance.data_kind or "" for row in rows],
        "emissionSource": [row.provenance.source or "" for row in rows],
        "emissionGsd": [float(row.provenance.gsd or 0.0) for row in rows],
    }
    stated = {name: values for name, values in lists.items() if any(values)}
    return {"gas": [row.gas for row in rows], "kg": [float(row.kg) for row in rows], **stated}


def _unlinked(recipe: Recipe) -> dict[str, Any]:
    rows = recipe.unlinked
    return {
        "flow": [row.flow for row in rows],
        "flowAmount": [float(row.amount) for row in rows],
        "flowUnit": [row.unit for row in rows],
        "unlinkedStated": recipe.unlinked_stated,
    }


def _stated(provenance: Provenance) -> tuple[str | None, str | None, float | None]:
    gsd = provenance.gsd
    return provenance.data_kind, provenance.source, None if gsd is None else float(gsd)
