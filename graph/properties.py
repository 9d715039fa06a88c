"""Inventories as rows of the database: what a node and its relations hold of a product and its recipe."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import Any

import orjson
from pydantic import TypeAdapter

from huren.graph.model.supply import Declared, Product, Provenance, Recipe

_DECLARED = TypeAdapter(Declared)


def inventory_row(product: Product, recipe: Recipe) -> dict[str, Any]:
    """A row of :data:`huren.graph.inventories.INVENTORIES`."""
    inventory = {**properties(product, recipe), "digest": digest_of(product, recipe)}
    return {"product": product.key, "owner": product.owner, "code": product.code, "inventory": inventory}


def properties(product: Product, recipe: Recipe) -> dict[str, Any]:
    """What an inventory states, but for its inputs. Nothing is stored of what is absent."""
    stated = {**_attributes(product), **_emissions(recipe), **_unlinked(recipe)}
    stated["declared"] = _DECLARED.dump_json(recipe.declared).decode() if recipe.declared else None
    return {name: value for name, value in stated.items() if value not in (None, False, [])}


def needs_rows(pairs: Iterable[tuple[Product, Recipe]]) -> Iterator[list[Any]]:
    """Rows of :data:`huren.graph.inventories.NEEDS`, one for each product that needs anything."""
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
