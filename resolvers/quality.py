"""What the data behind footprints are worth, where one stands in its class, and what rests on a source."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from huren.auth.scopes import FOOTPRINT_READ
from huren.errors import BadInput
from huren.graph import products
from huren.graph.downstream import known_throughout, resting_on
from huren.graph.model.quality import Check, Quality, Resting
from huren.graph.model.supply import GwpSet, Prefer, Product, Supply
from huren.graph.products import ProductFilter
from huren.graph.quality import quality
from huren.graph.root import Solved
from huren.graph.system import System
from huren.graph.verification import verification
from huren.mappings.benchmark import Benchmark, benchmark
from huren.mappings.statistics import partitions
from huren.mappings.units import convert
from huren.resolvers import footprints
from huren.resolvers.computing import compute
from huren.resolvers.context import Context
from huren.resolvers.sight import Sight, owner_of

MOST_PRODUCTS = 1_000
_RULES = "class-province-quarter"


@dataclass(frozen=True, slots=True)
class Placed:
    """A gate total per ``unit`` among those of its class that the caller may use."""

    category: str
    unit: str
    value: float
    found: Benchmark


@dataclass(frozen=True, slots=True)
class Dependants:
    """Products that rest on ``source``; ``products`` by key, those that the caller may see."""

    source: Product
    found: tuple[Resting, ...]
    products: Mapping[str, Product]
    revision: int


async def assess(ctx: Context, solved: Solved) -> Quality:
    """Data quality of a footprint that the caller was given, as of today."""
    return await compute(len(solved.root.chain), quality, solved, ctx.exchange.clock().date())


async def verify(solved: Solved) -> tuple[Check, ...]:
    """Its declared totals recomputed. Raises: what :func:`verification` raises."""
    return await compute(len(solved.root.chain), verification, solved)


async def place(ctx: Context, solved: Solved) -> Placed | None:
    """Where its gate total stands among products of its class; None for a product without class.

    Those that are completely known, of the same dimension of unit, that the caller sees: of others, by what
    they released to it. At most 1,000, by key. Cost: a query, and where a chain is cut three a tier.
    """
    root = solved.system.supply.products[solved.system.keys[solved.root.position]]
    if root.category is None:
        return None
    keys, system = await _class(ctx, solved, root.category)
    total = float(solved.system.x[solved.root.position] @ solved.weights.counted)
    values = await compute(len(system.keys), _values, system, keys, root, solved.gwp)
    found = benchmark(total, values, partitions()[_RULES])
    return Placed(root.category, root.declared_unit, total, found)


async def _class(ctx: Context, solved: Solved, category: str) -> tuple[Sequence[str], System]:
    """The products of a class that the caller may use, in a system that holds them."""
    supply, seen = await footprints.looked(ctx)
    keys = await visible(ctx, supply, seen, ProductFilter(category=category))
    if ctx.caller.administrator:
        return [key for key in keys if key in solved.system.index], solved.system
    return keys, await _cut(seen, supply, keys, solved.system.prefer)


async def visible(ctx: Context, supply: Supply, seen: Sight, where: ProductFilter) -> list[str]:
    """Keys of the first visible products. One query."""
    page = await products.page(ctx.database, seen.pin, where, MOST_PRODUCTS, "", seen.visible())
    return [product.key for product in page.products if product.key in supply.products]


async def _cut(seen: Sight, supply: Supply, keys: Sequence[str], prefer: Prefer) -> System:
    """What is behind products, as they are seen."""
    cut = await seen.cut(supply, keys)
    return await compute(len(cut.products), System.of, cut, prefer)


def _values(system: System, keys: Sequence[str], root: Product, gwp: GwpSet) -> Mapping[str, Sequence[float]]:
    """Gate totals of others than the root's owner, by owner, per unit of the root."""
    values: dict[str, list[float]] = defaultdict(list)
    known_ones, totals = known_throughout(system), system.x @ system.weights[gwp].counted
    for key in keys:
        at, product = system.at(key), system.supply.products[key]
        if product.owner == root.owner or not (known_ones[at] and isfinite(totals[at])):
            continue
        try:
            values[product.owner].append(
                float(totals[at]) * convert(1.0, root.declared_unit, product.declared_unit)
            )
        except BadInput:
            continue  # of another dimension: not to be compared
    return values


async def dependants(ctx: Context, source: str, gwp: GwpSet, prefer: Prefer) -> Dependants:
    """What rests on a product: for the administrator anything, for others their own products.

    Of one's own, the first 1,000 by key. Raises: Forbidden, NotFound, Conflict.
    """
    ctx.caller.require(FOOTPRINT_READ)
    if ctx.caller.administrator:
        (root,), system = await footprints.compiled(ctx, prefer, [source])
    else:
        supply, seen = await footprints.looked(ctx)
        key = (await footprints.named(ctx, seen, [source]))[source].key
        own = await visible(ctx, supply, seen, ProductFilter(owner=ctx.caller.org))
        system = await _cut(seen, supply, list(dict.fromkeys([key, *own])), prefer)
        root = system.supply.products[key]
    found = await compute(len(system.keys), resting_on, system, root.key, gwp)
    footprints.note_read(ctx, root, {owner_of(one.product) for one in found})
    every = footprints.shown(ctx, system.supply.products)
    return Dependants(root, found, every, system.supply.revision)
