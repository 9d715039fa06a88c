"""Products in the graph: reading them at a pin, registering them, stating what stands behind them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
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
from huren.graph.snapshot.excerpt import restated, upstream_of
from huren.graph.snapshot.snapshot import Recipes
from huren.graph.supply import Snapshots
from huren.graph.system import check_loops
from huren.graph.visible import ALL_OF_THEM, CANDIDATES, EVERYTHING, VISIBLE, Visible
from huren.graph.writing import Effect, Stamp

Cut = Callable[[Supply, Sequence[str]], Awaitable[Supply]]
"""A supply graph to what somebody sees of it upstream of some products."""

GET = f"""
UNWIND $keys AS key
MATCH (p:Product {{key: key}})
{CURRENT}
RETURN {PRODUCT}
"""

# A key wins over a code that reads the same.
FIND = f"""
UNWIND $refs AS ref
CALL (ref) {{
  CALL (ref) {{
    MATCH (p:Product {{key: ref}}) RETURN p
    UNION
    MATCH (p:Product {{code: ref}}) RETURN p
  }}
  {CURRENT}
  {VISIBLE}
  RETURN {PRODUCT}
  ORDER BY p.key <> ref, p.owner <> $home, p.key LIMIT 6
}}
RETURN ref, owner, code, facts
"""

_CHOSEN = f"""
WHERE p.key > $after AND ($owner IS NULL OR p.owner = $owner)
{CURRENT}
{VISIBLE}
WITH p, i
WHERE ($category IS NULL OR i.category = $category)
  AND ($region IS NULL OR i.region = $region
       OR EXISTS {{ (:Region {{id: i.region}})-[:IN*1..6]->(:Region {{id: $region}}) }})
  AND ($text IS NULL OR toLower(p.code) CONTAINS $text OR toLower(i.nameZh) CONTAINS $text
       OR toLower(i.nameEn) CONTAINS $text)
"""

_PAGE = f"{_CHOSEN}RETURN {PRODUCT}\nORDER BY p.key LIMIT $limit\n"

_COUNT = f"{_CHOSEN}RETURN count(*) AS count\n"

PAGE_OF_ALL, PAGE = ALL_OF_THEM + _PAGE, CANDIDATES + _PAGE

COUNT_OF_ALL, COUNT = ALL_OF_THEM + _COUNT, CANDIDATES + _COUNT


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


async def find(db: Database, pin: Pin, ref: str, visible: Visible = EVERYTHING) -> Product:
    """The one product that ``ref`` names; as :func:`find_many`."""
    return (await find_many(db, pin, [ref], visible))[ref]


async def find_many(
    db: Database, pin: Pin, refs: Sequence[str], visible: Visible = EVERYTHING
) -> dict[str, Product]:
    """The products of keys "owner/code", or of codes of one's own or unique among the visible ones.

    One query. Raises: NotFound for the first that is not there; Conflict, naming the candidates.
    """
    rows = await db.read(FIND, refs=list(dict.fromkeys(refs)), revision=pin.revision, **visible.lists())
    found: dict[str, list[Product]] = {ref: [] for ref in refs}
    for row in rows:
        found[row["ref"]].append(product_of(row))
    return {ref: _one(ref, candidates, visible) for ref, candidates in found.items()}


def _one(ref: str, found: list[Product], visible: Visible) -> Product:
    if not found:
        raise no_product(ref)
    if len(found) > 1 and found[0].key != ref and found[0].owner != visible.home:
        raise ambiguous(ref, [product.key for product in found])
    return found[0]


async def page(  # noqa: PLR0913, PLR0917  (the question, by name)
    db: Database,
    pin: Pin,
    where: ProductFilter,
    first: int,
    after: str = "",
    visible: Visible = EVERYTHING,
) -> Page:
    """The ``first`` visible products after the key ``after``. One query.

    Cost: the visible keys, and the products looked at until the page is full.
    """
    query = PAGE_OF_ALL if visible.everything else PAGE
    rows = await db.read(query, limit=first + 1, **_chosen(pin, where, after, visible))
    products = tuple(product_of(row) for row in rows)
    return Page(products[:first], len(products) > first)


async def count(db: Database, pin: Pin, where: ProductFilter, visible: Visible = EVERYTHING) -> int:
    """How many products a page without end would hold. One query; cost: all that are visible."""
    query = COUNT_OF_ALL if visible.everything else COUNT
    rows = await db.read(query, **_chosen(pin, where, "", visible))
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


def put_inputs(snapshots: Snapshots, key: str, inputs: Sequence[Input], writer: Cut | None = None) -> Effect:
    """Replace the inputs of a product; all else it states stays. Answers its key.

    ``writer`` tells what is upstream of some products as its writer sees it (None: all there is), so that no
    error tells of more.
    The effect raises NotFound for a product or supplier that is not there, ConsumingLoop where the product
    would consume all it makes. Raises: BadInput for an amount that is not finite.
    """
    for row in inputs:
        finite(row.amount, key, row.supplier)

    async def effect(tx: AsyncManagedTransaction, stamp: Stamp) -> dict[str, Any]:
        product, recipe = await _standing(tx, stamp, key)
        changed = replace(recipe, inputs=tuple(inputs))
        # The lock is held, so the graph this was checked against is the one it is written to.
        supply = await snapshots.current(stamp.revision - 1)
        roots = [key, *dict.fromkeys(row.supplier for row in inputs)]
        for root in roots:
            if root not in supply.products:
                raise no_product(root)
        chain = await (writer or _whole)(supply, roots)
        await asyncio.to_thread(lambda: check_loops(restated(chain, {key: changed}), [key]))
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


async def _whole(supply: Supply, roots: Sequence[str]) -> Supply:
    assert isinstance(supply.recipes, Recipes)
    return (await asyncio.to_thread(upstream_of, supply.recipes.snapshot, roots)).supply()


async def _present(tx: AsyncManagedTransaction, stamp: Stamp, key: str) -> tuple[Product, Recipe] | None:
    row = await (await tx.run(RECIPES, keys=[key], revision=stamp.revision - 1)).single()
    return (product_of(row), recipe_of(row)) if row else None


async def _standing(tx: AsyncManagedTransaction, stamp: Stamp, key: str) -> tuple[Product, Recipe]:
    present = await _present(tx, stamp, key)
    if present is None:
        raise no_product(key)
    return present


def _chosen(pin: Pin, where: ProductFilter, after: str, visible: Visible) -> dict[str, Any]:
    return {
        "revision": pin.revision,
        "after": after,
        "owner": where.owner,
        "category": where.category,
        "region": where.region,
        "text": where.text.lower() if where.text else None,
        **visible.lists(),
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
