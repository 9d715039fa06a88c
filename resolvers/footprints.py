"""Footprints: roll-ups of products that the caller may see, as they are and as they could be."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
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
from huren.resolvers.products import owner_of
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
    """The answer to a question about ``product``; ``products`` are those that the caller may see, by key."""

    product: Product
    answer: RollUp
    products: Mapping[str, Product]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The same question of the chain as it is, and with other suppliers."""

    before: Footprint
    after: Footprint


async def footprint(ctx: Context, asked: Question) -> Footprint:
    """The footprint of a product with all its suppliers. One small query where nothing changed.

    Raises: Forbidden, NotFound, and what :func:`huren.graph.rollup.roll_up_within` raises.
    """
    ctx.caller.require(FOOTPRINT_READ)
    system = await ctx.exchange.snapshots.system(asked.prefer, ctx.pinned())
    root = ctx.exchange.directory.find(system.supply.products, asked.product, ctx.caller)
    amount = await _declared_units(asked, root)
    work = partial(roll_up_within, gwp=asked.gwp, allow_partial=asked.allow_partial, at=ctx.exchange.clock())
    answer = await compute(len(system.keys), work, system, root.key, amount=amount)
    return _shown(ctx.caller, root, answer, system.supply)


async def footprint_if(ctx: Context, asked: Question, replacements: Sequence[tuple[str, str]]) -> WhatIf:
    """The footprint as it is, and with every visible input of each first product taken from the second.

    Raises: as :func:`footprint`, and what :func:`huren.graph.whatif.what_if` raises.
    """
    ctx.caller.require(FOOTPRINT_READ)
    supply = await ctx.exchange.snapshots.current(ctx.pinned())
    named = partial(ctx.exchange.directory.find, supply.products, viewer=ctx.caller)
    root, steps = named(asked.product), [Replace(named(old).key, named(new).key) for old, new in replacements]
    amount = await _declared_units(asked, root)
    work = partial(roll_up, prefer=asked.prefer, gwp=asked.gwp, allow_partial=asked.allow_partial)
    work = partial(work, at=ctx.exchange.clock(), amount=amount)
    changed = await compute(len(supply.products), _changed, ctx.caller, supply, steps)
    answers = [await compute(len(supply.products), work, chain, root.key) for chain in (supply, changed)]
    return WhatIf(*(_shown(ctx.caller, root, answer, supply) for answer in answers))


def _shown(viewer: Principal, root: Product, answer: RollUp, supply: Supply) -> Footprint:
    """``answer`` as ``viewer`` may see it: it names no product that is hidden from them."""
    return Footprint(root, within_sight(answer, partial(_seen, viewer)), supply.products)


async def _declared_units(asked: Question, root: Product) -> float:
    """The amount asked for in the product's declared unit. The first conversion of all loads a table."""
    amount = 1.0 if asked.amount is None else asked.amount
    if asked.unit is None or asked.unit == root.declared_unit:
        return amount
    return await asyncio.to_thread(convert, amount, asked.unit, root.declared_unit)


def _seen(viewer: Principal, key: str) -> bool:
    return sees(viewer, owner_of(key))


def _changed(viewer: Principal, supply: Supply, steps: Sequence[Replace]) -> Supply:
    """``supply`` with the replacements made, but in recipes that ``viewer`` may not see."""
    after = what_if(supply, steps)
    if viewer.administrator:
        return after
    hidden = {key: recipe for key, recipe in supply.recipes.items() if not _seen(viewer, key)}
    return replace(after, recipes={**after.recipes, **hidden})
