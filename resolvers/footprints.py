"""Footprints: roll-ups of products that the caller may see, as they are and as they could be."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from huren.auth.principal import Principal
from huren.auth.scopes import FOOTPRINT_READ
from huren.auth.visibility import sees
from huren.graph.model.rollup import RollUp
from huren.graph.model.supply import GwpSet, Prefer, Product, Supply
from huren.graph.rollup import roll_up, roll_up_within
from huren.graph.whatif import Replace, what_if
from huren.mappings.units import convert
from huren.resolvers.context import Context, compute
from huren.resolvers.products import find, owner_of
from huren.resolvers.sight import within_sight


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a product's chain. ``amount`` None: one ``unit``; ``unit`` None: the declared one."""

    product: str
    amount: float | None = None
    unit: str | None = None
    gwp: GwpSet = GwpSet.AR6
    prefer: Prefer = Prefer.MODELLED
    allow_partial: bool = False


@dataclass(frozen=True, slots=True)
class Footprint:
    """The answer to a question about ``product``."""

    product: Product
    answer: RollUp


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The same question of the chain as it is, and with other suppliers."""

    before: Footprint
    after: Footprint


async def footprint(ctx: Context, asked: Question) -> Footprint:
    """The footprint of a product with all its suppliers.

    Raises: Forbidden, NotFound, and what :func:`huren.graph.rollup.roll_up_within` raises.
    """
    ctx.caller.require(FOOTPRINT_READ)
    root, pinned = await find(ctx, asked.product), await ctx.pin()
    system = await ctx.exchange.snapshots.system(asked.prefer, pinned.revision)
    amount = await _declared_units(asked, root)
    work = partial(roll_up_within, gwp=asked.gwp, allow_partial=asked.allow_partial, at=ctx.exchange.clock())
    answer = await compute(len(system.keys), work, system, root.key, amount=amount)
    return Footprint(root, within_sight(answer, partial(_seen, ctx.caller)))


async def footprint_if(ctx: Context, asked: Question, replacements: Sequence[tuple[str, str]]) -> WhatIf:
    """The footprint as it is, and with every visible input of each first product taken from the second.

    Raises: as :func:`footprint`, and what :func:`huren.graph.whatif.what_if` raises.
    """
    ctx.caller.require(FOOTPRINT_READ)
    root, pinned = await find(ctx, asked.product), await ctx.pin()
    steps = [Replace((await find(ctx, old)).key, (await find(ctx, new)).key) for old, new in replacements]
    supply = await ctx.exchange.snapshots.current(pinned.revision)
    amount = await _declared_units(asked, root)
    changed = _but_hidden(ctx.caller, supply, what_if(supply, steps))
    work = partial(roll_up, prefer=asked.prefer, gwp=asked.gwp, allow_partial=asked.allow_partial)
    work = partial(work, at=ctx.exchange.clock(), amount=amount)
    answers = [await compute(len(supply.products), work, chain, root.key) for chain in (supply, changed)]
    return WhatIf(*(Footprint(root, within_sight(answer, partial(_seen, ctx.caller))) for answer in answers))


async def _declared_units(asked: Question, root: Product) -> float:
    """The amount asked for in the product's declared unit. The first conversion of all loads a table."""
    amount = 1.0 if asked.amount is None else asked.amount
    if asked.unit is None or asked.unit == root.declared_unit:
        return amount
    return await asyncio.to_thread(convert, amount, asked.unit, root.declared_unit)


def _seen(viewer: Principal, key: str) -> bool:
    return sees(viewer, owner_of(key))


def _but_hidden(viewer: Principal, before: Supply, after: Supply) -> Supply:
    """``after``, but for the recipes that the viewer may not see: those stay as they are."""
    if viewer.administrator:
        return after
    hidden = {key: recipe for key, recipe in before.recipes.items() if not _seen(viewer, key)}
    return replace(after, recipes={**after.recipes, **hidden})
