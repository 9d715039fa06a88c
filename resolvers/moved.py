"""What moved: whose total is another one than it was, for who may see how it comes about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from huren.auth.scopes import FOOTPRINT_READ
from huren.errors import BadInput
from huren.graph.factors import FloatArray
from huren.graph.following import following
from huren.graph.model.access import FieldClass
from huren.graph.model.supply import GwpSet, Prefer, Product, Supply
from huren.graph.moved import Move, moved, totals
from huren.graph.past import Past, last, past
from huren.graph.products import ProductFilter
from huren.graph.revision import Pin
from huren.graph.snapshot.snapshot import Recipes
from huren.graph.system import System
from huren.resolvers import footprints, quality
from huren.resolvers.computing import compute
from huren.resolvers.context import Context
from huren.resolvers.sight import Sight, owner_of


@dataclass(frozen=True, slots=True)
class Asked:
    """Since when: an instant or a revision, one of them. ``owner``: whose products; None: the caller's own.

    Of the administrator, None asks for all.
    """

    since: datetime | None
    revision: str | None
    owner: str | None
    at_least: float
    gwp: GwpSet
    prefer: Prefer
    allow_partial: bool


@dataclass(frozen=True, slots=True)
class Moves:
    """The largest of ``count`` moves; ``asked``: of how many products; ``products`` by key, those known."""

    found: tuple[Move, ...]
    count: int
    asked: int
    products: Mapping[str, Product]
    since: int
    supply: Supply


@dataclass(frozen=True, slots=True)
class _Two:
    """Products, and their totals before and after, ``(products,)``."""

    keys: Sequence[str]
    before: FloatArray
    after: FloatArray
    supply: Supply
    since: int


async def moves(ctx: Context, asked: Asked, first: int) -> Moves:
    """Whose total moved, the largest share first. Both totals are of what the caller may see now.

    Of an owner's products, the first 1,000 by key. Cost: what was stated since is read; for who does not see
    every recipe both graphs are cut, and solved. Raises: Forbidden; BadInput for an instant or revision that
    is not past, for both or neither, for a share out of bounds.
    """
    ctx.caller.require(FOOTPRINT_READ)
    two = await (_of_all(ctx, asked) if ctx.caller.administrator else _of_seen(ctx, asked))
    at = moved(two.before, two.after, asked.at_least).tolist()
    found = tuple(Move(two.keys[i], _known(two.before[i]), _known(two.after[i])) for i in at[:first])
    every = two.supply.products
    if ctx.caller.administrator:
        for move in found:
            footprints.note_read(ctx, every[move.product], [owner_of(move.product)])
    seen = footprints.shown(ctx, every)
    return Moves(found, len(at), len(two.keys), seen, two.since, two.supply)


async def _of_all(ctx: Context, asked: Asked) -> _Two:
    system = await ctx.exchange.snapshots.system(asked.prefer, ctx.pinned())
    pin, then = await _then(ctx, asked, system.supply)
    earlier = await compute(len(system.keys), following, system, then.supply)
    names, starts = system.owners.names, system.owners.starts
    part = slice(None) if asked.owner is None else slice(0, 0)
    if asked.owner in names:
        at = names.index(asked.owner)
        part = slice(int(starts[at]), int(starts[at + 1]))
    before, after = [await _totals(one, asked) for one in (earlier, system)]
    before[[system.index[key] for key in then.absent]] = np.nan
    return _Two(system.keys[part], before[part], after[part], system.supply, pin.revision)


async def _of_seen(ctx: Context, asked: Asked) -> _Two:
    """The caller's own, or of another owner those whose recipe it sees."""
    supply, seen = await footprints.looked(ctx)
    pin, then = await _then(ctx, asked, supply)
    where = ProductFilter(owner=asked.owner or ctx.caller.org)
    keys = await quality.visible(ctx, supply, seen, where)
    await seen.look_up(supply.products[key] for key in keys)
    keys = [key for key in keys if seen.sees(supply.products[key], FieldClass.RECIPE)]
    # By the facts of today is decided who sees a product: whoever may not see it sees nothing of its past.
    earlier = replace(then.supply, products=supply.products)
    before = await _cut_totals(seen.at(pin), earlier, [key for key in keys if key not in then.absent], asked)
    after = await _cut_totals(seen, supply, keys, asked)
    return _Two(keys, _column(before, keys), _column(after, keys), supply, pin.revision)


async def _cut_totals(seen: Sight, supply: Supply, keys: Sequence[str], asked: Asked) -> dict[str, float]:
    cut = await seen.cut(supply, keys)
    system = await compute(len(cut.products), System.of, cut, asked.prefer)
    values = await _totals(system, asked)
    return {key: float(values[system.at(key)]) for key in keys}


def _column(values: Mapping[str, float], keys: Sequence[str]) -> FloatArray:
    return np.array([values.get(key, np.nan) for key in keys], np.float64)


async def _totals(system: System, asked: Asked) -> FloatArray:
    return await compute(len(system.keys), totals, system, asked.gwp, allow_partial=asked.allow_partial)


async def _then(ctx: Context, asked: Asked, supply: Supply) -> tuple[Pin, Past]:
    """The last write that counts, and the graph as it stood after it."""
    if (asked.since is None) == (asked.revision is None):
        raise _when("give either `since` or `sinceRevision`", "请在 `since` 与 `sinceRevision` 中择一填写")
    revision = supply.revision if asked.revision is None else _revision(asked.revision, supply.revision)
    known_at = (await ctx.pin(asked.since)).known_at if asked.since else ctx.exchange.clock()
    pin = await last(ctx.database, revision, known_at)
    assert isinstance(supply.recipes, Recipes)
    return pin, await past(ctx.database, supply.recipes.snapshot, pin.revision)


def _revision(given: str, present: int) -> int:
    if given.isascii() and given.isdecimal() and len(given) <= len(str(present)) and int(given) <= present:
        return int(given)
    raise _when(
        f"`{given[:20]}` is not a revision up to {present}", f"“{given[:20]}”不是 {present} 以内的版本号"
    )


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _when(en: str, zh: str) -> BadInput:
    fix = "Take the `revision` of an earlier answer, or name an instant that has passed."
    return BadInput(en, zh, fix=fix, fix_zh="请填写此前答复中的 `revision`,或一个已过去的时刻。")
