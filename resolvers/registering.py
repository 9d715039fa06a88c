"""Products: stating them, and what stands behind them."""

from __future__ import annotations

from collections.abc import Sequence

from huren.auth.scopes import PRODUCT_WRITE
from huren.graph import organisations, products, regions
from huren.graph.model.organisation import Organisation
from huren.graph.model.supply import Declared, Emission, Product, Unlinked
from huren.graph.model.text import Text
from huren.graph.visible import EVERYTHING, Visible
from huren.graph.writing import Answer, Effect
from huren.mappings.package import is_uscc
from huren.mappings.registration import (
    InputDraft,
    check_declared,
    check_emission,
    check_product,
    check_unlinked,
    linked,
)
from huren.resolvers import products as seen
from huren.resolvers.context import Context
from huren.resolvers.writing import both, write


async def register(ctx: Context, key: str, product: Product) -> Answer:
    """Add a product of the caller's organisation, and the organisation where it is new. Answers its key.

    Raises: Forbidden, BadInput, Conflict where there is one of that code, NotFound for its region.
    """
    ctx.caller.require(PRODUCT_WRITE)

    async def prepare() -> Effect:
        stated = check_product(product)
        if stated.region:
            await regions.get(ctx.database, stated.region)
        effect = products.register(stated)
        if await organisations.get_many(ctx.database, [stated.owner]):
            return effect
        uscc = stated.owner if is_uscc(stated.owner) else None
        return both(organisations.register(Organisation(stated.owner, Text(), uscc)), effect)

    return await write(ctx, "registerProduct", key, product, prepare)


async def put_inputs(ctx: Context, key: str, ref: str, drafts: Sequence[InputDraft]) -> Answer:
    """Replace the inputs of a product. Answers its key.

    Raises: Forbidden, BadInput, NotFound, Conflict for an ambiguous name, ConsumingLoop.
    """
    ctx.caller.require(PRODUCT_WRITE)

    async def prepare() -> Effect:
        product = await own(ctx, ref)
        names = dict.fromkeys(draft.supplier for draft in drafts)
        suppliers = {name: await _standing(ctx, name) for name in names}
        inputs = [linked(draft, suppliers[draft.supplier]) for draft in drafts]
        return products.put_inputs(ctx.exchange.snapshots, product.key, inputs, (await ctx.sight()).cut)

    return await write(ctx, "putInputs", key, {"product": ref, "inputs": list(drafts)}, prepare)


async def put_inventory(  # noqa: PLR0913, PLR0917  (the statement, by name)
    ctx: Context,
    key: str,
    ref: str,
    emissions: Sequence[Emission],
    unlinked: Sequence[Unlinked] | None,
    declared: Declared | None,
) -> Answer:
    """Replace a product's emissions, unlinked inputs and declared total. Answers its key.

    ``unlinked`` None: not stated, which is not the same as none.
    Raises: Forbidden, BadInput, NotFound, Conflict for an ambiguous name.
    """
    ctx.caller.require(PRODUCT_WRITE)
    asked = {"product": ref, "emissions": emissions, "unlinked": unlinked, "declared": declared}

    async def prepare() -> Effect:
        product = await own(ctx, ref)
        rows = [check_emission(row) for row in emissions]
        missing = None if unlinked is None else [check_unlinked(row) for row in unlinked]
        return products.put_inventory(product.key, rows, missing, check_declared(declared))

    return await write(ctx, "putInventory", key, asked, prepare)


async def own(ctx: Context, ref: str) -> Product:
    """A product that the caller may state things of, as it stands when the write has its turn."""
    ctx.wrote()
    mine = EVERYTHING if ctx.caller.administrator else Visible((ctx.caller.org,))
    return await products.find(ctx.database, await ctx.pin(), ref, mine)


async def _standing(ctx: Context, ref: str) -> Product:
    """A visible product, as it stands when the write has its turn."""
    return await seen.find(ctx, ref)
