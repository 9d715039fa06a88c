"""Footprints: roll-ups of products that the caller may see, as they are and as they could be."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from huren.auth.grounds import Basis, Ground
from huren.auth.scopes import FOOTPRINT_READ
from huren.errors import HurenError, LimitExceeded
from huren.graph import products
from huren.graph.answer import PARTS, RollUp
from huren.graph.model.access import FieldClass
from huren.graph.model.audit import Read
from huren.graph.model.supply import GwpSet, Prefer, Product, Supply
from huren.graph.network.network import Certificate
from huren.graph.revision import Pin
from huren.graph.rollup import roll_up_within
from huren.graph.system import System
from huren.mappings.units import convert
from huren.resolvers import directory
from huren.resolvers.computing import compute
from huren.resolvers.context import Context
from huren.resolvers.sight import Known, Sight

T = TypeVar("T")

MOST_PRODUCTS = 10_000
MOST_LINKS = 1_000_000
"""Products in all chains that one request may ask for together: some 50 MB."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a product's chain. ``amount`` None: one ``unit``; ``unit`` None: the declared one.

    ``parts``: of the answer, which will be looked at, so that they are worked out off the event loop.
    """

    product: str
    amount: float | None = None
    unit: str | None = None
    gwp: GwpSet = GwpSet.AR6
    prefer: Prefer = Prefer.MODELLED
    allow_partial: bool = False
    parts: frozenset[str] = PARTS

    def in_unit(self, unit: str) -> Question:
        """The same, the amount being in ``unit``."""
        return replace(self, unit=unit)


@dataclass(frozen=True, slots=True)
class Footprint:
    """The answer to a question about ``product``; ``products`` are those that the caller may see, by key."""

    product: Product
    answer: RollUp
    products: Mapping[str, Product]


async def footprint(ctx: Context, asked: Question) -> Footprint:
    """The footprint of a product with all its suppliers. One small query where nothing changed.

    Raises: Forbidden, NotFound, and what :func:`huren.graph.rollup.roll_up_within` raises.
    """
    ctx.caller.require(FOOTPRINT_READ)
    return await rolled_up(ctx, asked)


async def rolled_up(ctx: Context, asked: Question) -> Footprint:
    """As :func:`footprint`, for use cases with a scope of their own."""
    (root,), system = await compiled(ctx, asked.prefer, [asked.product])
    return await rolled_up_within(ctx, asked, root, system)


async def rolled_up_within(ctx: Context, asked: Question, root: Product, system: System) -> Footprint:
    """The question asked of ``root`` in a graph that is compiled already; whose data were read is noted."""
    amount = await declared_units(asked, root)
    work = _work(ctx, asked)
    answer = await compute(len(system.keys), work, system, root.key, amount=amount)
    note_owners(ctx, root, answer)
    return Footprint(root, answer, shown(ctx, system.supply.products))


async def footprints(ctx: Context, asked: Question, refs: Sequence[str]) -> list[Footprint | HurenError]:
    """The same question of many products, in their order; in place of an answer, why there is none.

    Cost: the graph is compiled once for all. Raises: Forbidden; LimitExceeded; NotFound or Conflict for a
    name that is not one product's.
    """
    ctx.caller.require(FOOTPRINT_READ)
    bound(len(refs), MOST_PRODUCTS, "products", "个产品")
    products, system = await compiled(ctx, asked.prefer, refs)
    answers = await asyncio.to_thread(_each, asked, products, system, _work(ctx, asked))
    every = shown(ctx, system.supply.products)
    for product, answer in zip(products, answers, strict=True):
        if isinstance(answer, RollUp):
            note_owners(ctx, product, answer)
    return [
        Footprint(product, answer, every) if isinstance(answer, RollUp) else answer
        for product, answer in zip(products, answers, strict=True)
    ]


def _work(ctx: Context, asked: Question) -> Callable[..., RollUp]:
    """What answers the question of a product in a system, with the parts that will be looked at."""
    rolled = partial(
        roll_up_within, gwp=asked.gwp, allow_partial=asked.allow_partial, at=ctx.exchange.clock()
    )
    asked_for = asked.parts | {"owners"} if ctx.caller.administrator else asked.parts  # for the log
    return lambda system, product, amount: rolled(system, product, amount=amount).work_out(asked_for)


def _each(
    asked: Question, products: Sequence[Product], system: System, work: Callable[..., RollUp]
) -> list[RollUp | HurenError]:
    found: list[RollUp | HurenError] = []
    links = 0
    for product in products:
        try:
            answer = work(system, product.key, amount=_in_declared_units(asked, product))
        except HurenError as error:
            found.append(error)
        else:
            found.append(answer)
            links += answer.products_count
            bound(links, MOST_LINKS, "products in all chains together", "个供应链产品(合计)")
    return found


async def told(answer: RollUp, part: Callable[[RollUp], T]) -> T:
    """A part of an answer that has questions of its own."""
    return await compute(len(answer.solved.system.keys), part, answer)


async def accuracy(answer: RollUp) -> Certificate:
    """What is proven of the solution that an answer was taken from: of all products, or of its own chain."""
    system = answer.solved.system
    found = await compute(len(system.keys), system.certificate, answer.gwp)
    if found.certified:
        return found
    return await compute(len(system.keys), system.proven, answer.gwp, answer.solved.root.chain)


async def compiled(ctx: Context, prefer: Prefer, refs: Sequence[str]) -> tuple[list[Product], System]:
    """The products named, and the supply graph as the caller sees it: all of it, or cut at releases."""
    if ctx.caller.administrator:
        system = await ctx.exchange.snapshots.system(prefer, ctx.pinned())
        every = system.supply.products
        return [directory.find(every, ref) for ref in refs], system
    supply, seen = await looked(ctx)
    found = await named(ctx, seen, refs)
    keys = [found[ref].key for ref in refs]
    cut = await seen.cut(supply, keys)
    system = await compute(len(cut.products), System.of, cut, prefer)
    return [cut.products[key] for key in keys], system


def shown(ctx: Context, every: Mapping[str, Product]) -> Mapping[str, Product]:
    """Those of the products of a graph as the caller sees it of which it may see more than the key."""
    return every if ctx.caller.administrator else Known(every)


def note_owners(ctx: Context, root: Product, answer: RollUp) -> None:
    """Whose data a live roll-up read: those of all products of its chain."""
    note_read(ctx, root, answer.owners if ctx.caller.administrator else ())


def note_read(ctx: Context, root: Product, owners: Iterable[str]) -> None:
    """Whose data were read, once an owner; what is cut is noted where it is cut."""
    for owner in sorted(set(owners) - {ctx.caller.org}) if ctx.caller.administrator else ():
        ground = Ground(Basis.ADMINISTRATOR).text
        ctx.read_restricted(Read(root.key, owner, FieldClass.RECIPE.value, ctx.purpose, ground))


async def looked(ctx: Context) -> tuple[Supply, Sight]:
    """The supply graph, and what the caller may see at its revision."""
    supply = await ctx.exchange.snapshots.current(ctx.pinned())
    at = Pin(supply.revision, supply.as_of or ctx.exchange.clock())
    return supply, await ctx.sight(at)


async def named(ctx: Context, seen: Sight, refs: Sequence[str]) -> dict[str, Product]:
    """The visible product that each of ``refs`` names. One query. Raises: NotFound, Conflict."""
    return await products.find_many(ctx.database, seen.pin, refs, seen.visible())


async def declared_units(asked: Question, root: Product) -> float:
    """The amount asked for in the product's declared unit. The first conversion of all loads a table."""
    if asked.unit is None or asked.unit == root.declared_unit:
        return _in_declared_units(asked, root)
    return await asyncio.to_thread(_in_declared_units, asked, root)


def _in_declared_units(asked: Question, root: Product) -> float:
    amount = 1.0 if asked.amount is None else asked.amount
    return amount if asked.unit is None else convert(amount, asked.unit, root.declared_unit)


def bound(given: int, most: int, what: str, what_zh: str) -> None:
    """Raises: LimitExceeded for more than ``most`` of something in one request."""
    if given > most:
        raise LimitExceeded(
            f"at most {most:,} {what} at once, not {given:,}",
            f"一次最多 {most:,} {what_zh},而非 {given:,}",
            fix=f"Ask in parts of at most {most:,}, or run `huren export` for all of them.",
            fix_zh=f"请分批查询,每批不超过 {most:,};如需全部,请运行 `huren export`。",
        )
