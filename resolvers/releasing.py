"""What an owner lets others see: releases of its products' footprints, and grants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from huren.auth.scopes import PRODUCT_READ, RELEASE_WRITE
from huren.errors import BadInput
from huren.graph import grants, organisations, releases
from huren.graph.model.access import EVERYONE, FieldClass
from huren.graph.model.grant import Grant
from huren.graph.model.release import Release
from huren.graph.model.terms import Purpose
from huren.graph.organisations import no_organisation
from huren.graph.writing import Answer, Effect
from huren.mappings.releasing import Terms, check_terms, release_of
from huren.resolvers.context import Context
from huren.resolvers.footprints import Question, rolled_up
from huren.resolvers.registering import own
from huren.resolvers.sight import owner_of
from huren.resolvers.writing import write


@dataclass(frozen=True, slots=True)
class GrantTerms:
    """What is granted: ``products`` by name, none for all of one's own."""

    grantee: str
    fields: tuple[FieldClass, ...]
    purposes: tuple[Purpose, ...] = ()
    products: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


async def publish(ctx: Context, key: str, terms: Terms) -> Answer:
    """Roll up one declared unit of one's own product, and release the number. Answers the release's id.

    Raises: Forbidden, BadInput, NotFound, and what the roll-up raises.
    """
    ctx.caller.require(RELEASE_WRITE)
    check_terms(terms, ctx.exchange.clock())

    async def prepare() -> Effect:
        product = await own(ctx, terms.product)
        await _known(ctx, terms.audience)
        asked = Question(product.key, gwp=terms.gwp, allow_partial=terms.allow_partial)
        answer = (await rolled_up(ctx, asked)).answer
        return releases.publish(release_of(_id(ctx, key), answer, terms))

    return await write(ctx, "publishRelease", key, terms, prepare)


async def withdraw(ctx: Context, key: str, id: str) -> Answer:
    """Take back a release of one's own. Raises: Forbidden, NotFound, Conflict."""
    ctx.caller.require(RELEASE_WRITE)

    async def prepare() -> Effect:
        await _mine(ctx, id)
        return releases.withdraw(id)

    return await write(ctx, "withdrawRelease", key, {"release": id}, prepare)


async def on_record(ctx: Context, id: str) -> Release:
    """The release that the caller has just written."""
    return await _mine(ctx, id)


async def history(ctx: Context, product: str, most: int) -> tuple[Release, ...]:
    """The last releases of one's own product, the latest first. Raises: Forbidden, NotFound."""
    ctx.caller.require(PRODUCT_READ)
    found = await own(ctx, product)
    return await releases.of_product(ctx.database, await ctx.pin(), found.key, most)


async def give(ctx: Context, key: str, terms: GrantTerms) -> Answer:
    """Grant another organisation sight of one's products. Answers the grant's id.

    Raises: Forbidden, BadInput, NotFound for the grantee or a product.
    """
    ctx.caller.require(RELEASE_WRITE)

    async def prepare() -> Effect:
        _check(ctx, terms)
        await _known(ctx, [terms.grantee])
        keys = [(await own(ctx, ref)).key for ref in terms.products]
        if foreign := [found for found in keys if owner_of(found) != ctx.caller.org]:
            raise not_yours(foreign[0])
        return grants.give(_grant(ctx, key, terms, keys))

    return await write(ctx, "grantAccess", key, terms, prepare)


async def take_back(ctx: Context, key: str, id: str) -> Answer:
    """End a grant that one gave. Raises: Forbidden, NotFound, Conflict."""
    ctx.caller.require(RELEASE_WRITE)

    async def prepare() -> Effect:
        ctx.wrote()
        found = await grants.get(ctx.database, await ctx.pin(), id)
        if found.grantor != ctx.caller.org:
            raise grants.no_grant(id)
        return grants.withdraw(id)

    return await write(ctx, "withdrawGrant", key, {"grant": id}, prepare)


async def grant_on_record(ctx: Context, id: str) -> Grant:
    """The grant that the caller has just written."""
    return await grants.get(ctx.database, await ctx.pin(), id)


async def given(ctx: Context, most: int) -> tuple[Grant, ...]:
    """The last grants that one gave or got, the latest first. Raises: Forbidden."""
    ctx.caller.require(PRODUCT_READ)
    return await grants.listed(ctx.database, await ctx.pin(), ctx.caller.org, most)


async def _mine(ctx: Context, id: str) -> Release:
    found = await releases.get(ctx.database, await ctx.pin(), id)
    if owner_of(found.product) != ctx.caller.org and not ctx.caller.administrator:
        raise releases.no_release(id)
    return found


async def _known(ctx: Context, names: Sequence[str]) -> None:
    wanted = [name for name in names if name != EVERYONE]
    found = await organisations.get_many(ctx.database, wanted) if wanted else {}
    for name in wanted:
        if name not in found or found[name].id != name:
            raise no_organisation(name)


def _id(ctx: Context, key: str) -> str:
    """An id that a repeated write makes again, and that tells nobody how many there are."""
    return sha256(f"{ctx.caller.org} {key}".encode()).hexdigest()[:32]


def _grant(ctx: Context, key: str, terms: GrantTerms, keys: Sequence[str]) -> Grant:
    return Grant(
        _id(ctx, key),
        ctx.caller.org,
        terms.grantee,
        frozenset(terms.fields),
        frozenset(terms.purposes),
        frozenset(keys),
        terms.since,
        terms.until,
    )


def _check(ctx: Context, terms: GrantTerms) -> None:
    begins = max(terms.since or ctx.exchange.clock(), ctx.exchange.clock())
    if not terms.fields:
        raise _bad("a grant names at least one class of fields", "授权须至少包含一类字段")
    if terms.grantee == ctx.caller.org:
        raise _bad("nobody needs a grant of its own data", "本机构数据无需授权给自己")
    if terms.until is not None and terms.until <= begins:
        raise _bad("the grant would end before it begins", "授权的结束时间早于开始时间")


def _bad(en: str, zh: str) -> BadInput:
    return BadInput(
        en,
        zh,
        fix="Name another organisation, the classes of fields, and an end that lies ahead.",
        fix_zh="请写明其他机构、字段类别和将来的结束时间。",
    )


def not_yours(key: str) -> BadInput:
    """The error for a product of another organisation."""
    return BadInput(
        f"`{key}` is not of your organisation",
        f"“{key}”不属于本机构",
        fix="Its owner grants sight of it.",
        fix_zh="须由其所有者授权。",
    )
