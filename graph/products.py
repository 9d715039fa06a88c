"""Products in the graph: reading them at a pin, registering them, stating what stands behind them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from neo4j import AsyncManagedTransaction

from huren.errors import Conflict
from huren.graph.database import Database
from huren.graph.inventories import write_inventories
from huren.graph.model.supply import Declared, Emission, Input, Product, Recipe, Supply, Unlinked
from huren.graph.recipes import CURRENT, PRODUCT, RECIPES, product_of, read_recipes, recipe_of
from huren.graph.revision import Pin
from huren.graph.sides import finite, flow_of, no_product
from huren.graph.supply import Snapshots
from huren.graph.system import check_loops
from huren.graph.writing import Effect, Stamp

GET = f"""
UNWIND $keys AS key
MATCH (p:Product {{key: key}})
{CURRENT}
RETURN {PRODUCT}
"""

# A key wins over a code that reads the same.
FIND = f"""
CALL () {{
  MATCH (p:Product {{key: $ref}}) RETURN p
  UNION
  MATCH (p:Product {{code: $ref}}) RETURN p
}}
WITH p WHERE $owners IS NULL OR p.owner IN $owners
{CURRENT}
RETURN {PRODUCT}
ORDER BY p.key <> $ref, p.key LIMIT 6
"""

_CHOSEN = f"""
MATCH (p:Product)
WHERE p.key > $after AND ($owners IS NULL OR p.owner IN $owners) AND ($owner IS NULL OR p.owner = $owner)
{CURRENT}
WITH p, i
WHERE ($category IS NULL OR i.category = $category)
  AND ($region IS NULL OR i.region = $region
       OR EXISTS {{ (:Region {{id: i.region}})-[:IN*1..6]->(:Region {{id: $region}}) }})
  AND ($text IS NULL OR toLower(p.code) CONTAINS $text OR toLower(i.nameZh) CONTAINS $text
       OR toLower(i.nameEn) CONTAINS $text)
"""

PAGE = f"{_CHOSEN}RETURN {PRODUCT}\nORDER BY p.key LIMIT $limit\n"

COUNT = f"{_CHOSEN}RETURN count(*) AS count\n"


@dataclass(frozen=True, slots=True)
class ProductFilter:
    """Which products: None does not restrict. ``text`` occurs in the code or a name, in any case.

    ``region`` takes those of the districts in it too.
    """

    owner: str | None = None
    category: str | None = None
    region: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Products by key, and whether there are more after them."""

    products: tuple[Product, ...]
    more: bool


async def get_many(db: Database, pin: Pin, keys: Sequence[str]) -> dict[str, Product]:
    """Products by key; absent where there is none. One query."""
    rows = await db.read(GET, keys=list(keys), revision=pin.revision)
    return {product.key: product for product in map(product_of, rows)}


async def recipes_of(db: Database, pin: Pin, keys: Sequence[str]) -> dict[str, Recipe]:
    """What stands behind each product, by key: inputs, emissions, unlinked, declared. One query."""
    found = await read_recipes(db, pin.revision, keys)
    return {key: recipe for key, (_, recipe) in found.items()}


async def find(db: Database, pin: Pin, ref: str, owners: Collection[str] | None = None) -> Product:
    """The product of key "owner/code", or of a code that is unique among those of ``owners`` (None: all).

    One query. Raises: NotFound; Conflict, naming the candidates.
    """
    rows = await db.read(FIND, ref=ref, owners=_listed(owners), revision=pin.revision)
    found = [product_of(row) for row in rows]
    if not found:
        raise no_product(ref)
    if len(found) > 1 and found[0].key != ref:
        raise ambiguous(ref, [product.key for product in found])
    return found[0]


async def page(  # noqa: PLR0913, PLR0917  (the question, by name)
    db: Database,
    pin: Pin,
    where: ProductFilter,
    first: int,
    after: str = "",
    owners: Collection[str] | None = None,
) -> Page:
    """The ``first`` products after the key ``after`` that ``owners`` (None: all) own. One query.

    Cost: the products looked at until the page is full.
    """
    rows = await db.read(PAGE, limit=first + 1, **_chosen(pin, where, after, owners))
    products = tuple(product_of(row) for row in rows)
    return Page(products[:first], len(products) > first)


async def count(db: Database, pin: Pin, where: ProductFilter, owners: Collection[str] | None = None) -> int:
    """How many products a page without end would hold. One query; cost: all that ``owners`` own."""
    rows = await db.read(COUNT, **_chosen(pin, where, "", owners))
    return int(rows[0]["count"])


def register(product: Product) -> Effect:
    """Add a product of which nothing is known yet. Answers its key.

    The effect raises Conflict where its owner has a product of this code.
    """

    async def effect(tx: AsyncManagedTransaction, stamp: Stamp) -> dict[str, Any]:
        if await _present(tx, stamp, product.key):
            raise _taken(product.key)
        await write_inventories(tx, stamp.write, [(product, Recipe())])
        return {"product": product.key}

    return effect


def put_inputs(snapshots: Snapshots, key: str, inputs: Sequence[Input]) -> Effect:
    """Replace the inputs of a product; all else it states stays. Answers its key.

    The effect raises NotFound for a product or supplier that is not there, ConsumingLoop where the
    product would consume all it makes. Raises: BadInput for an amount that is not finite.
    """
    for row in inputs:
        finite(row.amount, key, row.supplier)

    async def effect(tx: AsyncManagedTransaction, stamp: Stamp) -> dict[str, Any]:
        product, recipe = await _standing(tx, stamp, key)
        changed = replace(recipe, inputs=tuple(inputs))
        # The lock is held, so the graph this was checked against is the one it is written to.
        supply = await snapshots.current(stamp.revision - 1)
        await asyncio.to_thread(_refuse, supply, key, changed)
        await write_inventories(tx, stamp.write, [(product, changed)])
        return {"product": key}

    return effect


def put_inventory(
    key: str,
    emissions: Sequence[Emission],
    unlinked: Sequence[Unlinked] | None,
    declared: Declared | None = None,
) -> Effect:
    """Replace a product's emissions, unlinked inputs and declared total; its inputs stay. Answers its key.

    ``unlinked`` None: not stated, which is not the same as none. The effect raises NotFound for a product
    that is not there. Raises: BadInput for an amount that is not finite or a gas without factor.
    """
    for row in emissions:
        finite(row.kg, key, row.gas)
        flow_of(row, key)
    for flow in unlinked or ():
        finite(flow.amount, key, flow.flow)
    if declared:
        finite(declared.kg_co2e, key, "declared total")

    async def effect(tx: AsyncManagedTransaction, stamp: Stamp) -> dict[str, Any]:
        product, recipe = await _standing(tx, stamp, key)
        lacks = tuple(unlinked or ())
        changed = Recipe(recipe.inputs, tuple(emissions), lacks, unlinked is not None, declared)
        await write_inventories(tx, stamp.write, [(product, changed)])
        return {"product": key}

    return effect


async def _present(tx: AsyncManagedTransaction, stamp: Stamp, key: str) -> tuple[Product, Recipe] | None:
    row = await (await tx.run(RECIPES, keys=[key], revision=stamp.revision - 1)).single()
    return (product_of(row), recipe_of(row)) if row else None


async def _standing(tx: AsyncManagedTransaction, stamp: Stamp, key: str) -> tuple[Product, Recipe]:
    present = await _present(tx, stamp, key)
    if present is None:
        raise no_product(key)
    return present


def _refuse(supply: Supply, key: str, changed: Recipe) -> None:
    for row in changed.inputs:
        if row.supplier not in supply.products:
            raise no_product(row.supplier)
    check_loops(replace(supply, recipes={**supply.recipes, key: changed}), [key])


def _listed(owners: Collection[str] | None) -> list[str] | None:
    return None if owners is None else list(owners)


def _chosen(
    pin: Pin, where: ProductFilter, after: str, owners: Collection[str] | None
) -> dict[str, str | int | list[str] | None]:
    return {
        "revision": pin.revision,
        "after": after,
        "owners": _listed(owners),
        "owner": where.owner,
        "category": where.category,
        "region": where.region,
        "text": where.text.lower() if where.text else None,
    }


def ambiguous(ref: str, keys: list[str]) -> Conflict:
    """The error for a code that the products of these ``keys`` share."""
    some = ", ".join(f"`{key}`" for key in keys[:5]) + (", …" if len(keys) > 5 else "")
    return Conflict(
        f"several products have the code `{ref}`: {some}",
        f"多个产品的编码为“{ref}”:{some}",
        fix="Name one of them by owner/code.",
        fix_zh="请用“所有者/编码”指明其中之一。",
    )


def _taken(key: str) -> Conflict:
    return Conflict(
        f"there is a product `{key}` already",
        f"产品“{key}”已存在",
        fix="Choose another code, or change the inventory of the product that is there.",
        fix_zh="请另选编码,或修改已有产品的清单。",
    )
