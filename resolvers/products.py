"""Products: reading those that the caller may see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from huren.auth.scopes import PRODUCT_READ
from huren.graph import products
from huren.graph.model.access import FieldClass
from huren.graph.model.release import Release
from huren.graph.model.supply import Product, Recipe
from huren.graph.products import Page, ProductFilter
from huren.resolvers.context import Context
from huren.resolvers.sight import Sight


async def product(ctx: Context, ref: str) -> Product:
    """The visible product of key "owner/code", or of a code that is unique among the visible ones.

    Raises: Forbidden, NotFound, Conflict naming the candidates.
    """
    ctx.caller.require(PRODUCT_READ)
    return await find(ctx, ref)


async def find(ctx: Context, ref: str) -> Product:
    """As :func:`product`, for use cases with a scope of their own."""
    seen = await ctx.sight()
    found = await products.find(ctx.database, seen.pin, ref, seen.visible())
    return (await _shown(seen, [found]))[found.key]


async def page(ctx: Context, where: ProductFilter, first: int, after: str) -> Page:
    """The visible products after the key ``after``. Raises: Forbidden."""
    ctx.caller.require(PRODUCT_READ)
    seen = await ctx.sight()
    found = await products.page(ctx.database, seen.pin, where, first, after, seen.visible())
    return Page(tuple((await _shown(seen, found.products)).values()), found.more)


async def count(ctx: Context, where: ProductFilter) -> int:
    """How many visible products there are. Cost: all of them. Raises: Forbidden."""
    ctx.caller.require(PRODUCT_READ)
    seen = await ctx.sight()
    return await products.count(ctx.database, seen.pin, where, seen.visible())


async def visible(ctx: Context, keys: Sequence[str]) -> dict[str, Product]:
    """Products by key, those alone that the caller may see. Three queries at most."""
    seen = await ctx.sight()
    return await _shown(seen, (await products.get_many(ctx.database, seen.pin, keys)).values())


async def recipes(ctx: Context, keys: Sequence[str]) -> dict[str, Recipe]:
    """What stands behind products, by key, where the caller may see that. Three queries at most."""
    seen = await ctx.sight()
    found = await products.get_many(ctx.database, seen.pin, keys)
    await seen.look_up(found.values())
    shown = [key for key, product in found.items() if seen.sees(product, FieldClass.RECIPE)]
    return await products.recipes_of(ctx.database, seen.pin, shown) if shown else {}


async def suppliers(ctx: Context, keys: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Who supplies products, by key, where the caller may see that. Three queries at most."""
    seen = await ctx.sight()
    found = await products.get_many(ctx.database, seen.pin, keys)
    await seen.look_up(found.values())
    open_ones = (FieldClass.SUPPLIERS, FieldClass.RECIPE)
    shown = [key for key, product in found.items() if any(seen.sees(product, part) for part in open_ones)]
    recipes = await products.recipes_of(ctx.database, seen.pin, shown) if shown else {}
    return {key: tuple(sorted({row.supplier for row in recipe.inputs})) for key, recipe in recipes.items()}


async def released(ctx: Context, keys: Sequence[str]) -> dict[str, Release]:
    """What stands released of products before the caller, by key. Three queries at most."""
    seen = await ctx.sight()
    found = await products.get_many(ctx.database, seen.pin, keys)
    await seen.look_up(found.values())
    shown = {key: seen.release(product) for key, product in found.items()}
    return {key: release for key, release in shown.items() if release is not None}


async def _shown(seen: Sight, found: Iterable[Product]) -> dict[str, Product]:
    """``found`` by key, each with what may be seen of it."""
    every = list(found)
    await seen.look_up(every)
    masked = {product.key: seen.mask(product) for product in every}
    return {key: product for key, product in masked.items() if product is not None}
