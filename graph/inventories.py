"""Writing inventories: a product's attributes, emissions and unlinked inputs, and what it needs.

Append-only: a new inventory hangs on its write, and is the current one once that write is published.
The rows serve a mutation of one product and an import of many alike. :mod:`huren.graph.recipes` reads them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from neo4j import AsyncManagedTransaction
from pydantic import TypeAdapter

from huren.graph.model.supply import Declared, Product, Provenance, Recipe
from huren.graph.writing import digest

INVENTORIES = """
UNWIND $rows AS row
MATCH (w:Write {id: $write})
MERGE (p:Product {key: row.product}) ON CREATE SET p.owner = row.owner, p.code = row.code
CREATE (p)-[:HAS]->(i:Inventory)-[:WRITTEN_BY]->(w)
SET i = row.inventory, i.write = $write
"""

# One row a product again: the suppliers of one product share its lookup.
NEEDS = """
UNWIND $rows AS row
MATCH (p:Product {key: row.product})
UNWIND row.needs AS need
MATCH (s:Product {key: need.supplier})
CREATE (p)-[:NEEDS {write: $write, amount: need.amount, stage: need.stage, kind: need.kind,
                    source: need.source, gsd: need.gsd}]->(s)
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
    await tx.run(NEEDS, write=write, rows=[needs_row(product.key, recipe) for product, recipe in pairs])


def inventory_row(product: Product, recipe: Recipe) -> dict[str, Any]:
    """A row of INVENTORIES."""
    inventory = {**_attributes(product), **_emissions(recipe), **_unlinked(recipe)}
    inventory["declared"] = _DECLARED.dump_json(recipe.declared).decode() if recipe.declared else None
    needs = needs_row(product.key, recipe)["needs"]
    inventory["digest"] = digest([inventory, sorted(needs, key=str)])
    return {"product": product.key, "owner": product.owner, "code": product.code, "inventory": inventory}


def needs_row(product: str, recipe: Recipe) -> dict[str, Any]:
    """A row of NEEDS."""
    needs = [
        {
            "supplier": row.supplier,
            "amount": float(row.amount),
            "stage": row.stage or "",
            **_provenance(row.provenance),
        }
        for row in recipe.inputs
    ]
    return {"product": product, "needs": needs}


def _attributes(product: Product) -> dict[str, Any]:
    return {
        "product": product.key,
        "nameZh": product.name.zh,
        "nameEn": product.name.en,
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
    rows, provenances = recipe.emissions, [_provenance(row.provenance) for row in recipe.emissions]
    return {
        "gas": [row.gas for row in rows],
        "origin": [row.origin.value for row in rows],
        "stage": [row.stage or "" for row in rows],
        "kg": [float(row.kg) for row in rows],
        "gwpSet": [row.gwp_set or "" for row in rows],
        "emissionKind": [p["kind"] for p in provenances],
        "emissionSource": [p["source"] for p in provenances],
        "emissionGsd": [p["gsd"] for p in provenances],
    }


def _unlinked(recipe: Recipe) -> dict[str, Any]:
    return {
        "flow": [row.flow for row in recipe.unlinked],
        "flowAmount": [float(row.amount) for row in recipe.unlinked],
        "flowUnit": [row.unit for row in recipe.unlinked],
        "unlinkedStated": recipe.unlinked_stated,
    }


def _provenance(provenance: Provenance) -> dict[str, Any]:
    """A list cannot hold null, so what is absent is '' there, and a gsd of 0."""
    return {
        "kind": provenance.data_kind or "",
        "source": provenance.source or "",
        "gsd": float(provenance.gsd or 0.0),
    }
