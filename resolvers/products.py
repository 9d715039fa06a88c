"""Products: reading those that the caller may see."""

from __future__ import annotations

from collections.abc import Sequence

from huren.auth.scopes import PRODUCT_READ
from huren.auth.visibility import owners, sees
from huren.graph import products
from huren.graph.model.supply import Product, Recipe
from huren.graph.products import Page, ProductFilter
from huren.resolvers.context import Context


async def product(ctx: Context, ref: str) -> Product:
    """The visible product of key "owner/code", or of a code that is unique among the visible ones.

    Raises: Forbidden, NotFound, Conflict naming the candidates.
    """
    ctx.caller.require(PRODUCT_READ)
    return await find(ctx, ref)


async def find(ctx: Context, ref: str) -> Product:
    """As :func:`product`, for use cases with a scope of their own."""
    return await products.find(ctx.database, await ctx.pin(), ref, owners(ctx.caller))


async def page(ctx: Context, where: ProductFilter, first: int, after: str) -> Page:
    """The visible products after the key ``after``. Raises: Forbidden."""
    ctx.caller.require(PRODUCT_READ)
    return await products.page(ctx.database, await ctx.pin(), where, first, after, owners(ctx.caller))


async def count(ctx: Context, where: ProductFilter) -> int:
    """How many visible products there are. Cost: all of them. Raises: Forbidden."""
    ctx.caller.require(PRODUCT_READ)
    return await products.count(ctx.database, await ctx.pin(), where, owners(ctx.caller))


async def visible(ctx: Context, keys: Sequence[str]) -> dict[str, Product]:
    """Products by key, those alone that the caller may see. One query."""
    found = await products.get_many(ctx.database, await ctx.pin(), keys)
    return {key: product for key, product in found.items() if sees(ctx.caller, product.owner)}


async def recipes(ctx: Context, keys: Sequence[str]) -> dict[str, Recipe]:
    """What stands behind visible products, by key. One query."""
    return await products.recipes_of(ctx.database, await ctx.pin(), keys)


def owner_of(key: str) -> str:
    """The organisation in a product key.

    >>> owner_of("acme/steel")
    'acme'
    """
    return key.partition("/")[0]
