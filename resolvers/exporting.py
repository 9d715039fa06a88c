"""Exports: an owner asks that footprint data may go abroad, an authority decides, either ends it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from huren.auth.export_table import ExportTable, table
from huren.auth.scopes import EXPORT_APPROVE, PRODUCT_READ, REFERENCE_READ, RELEASE_WRITE
from huren.errors import BadInput, Conflict, Forbidden
from huren.graph import exports, grants, organisations
from huren.graph.exports import Wanted
from huren.graph.model.access import FieldClass, Role
from huren.graph.model.export import Export, ExportEvent, ExportState
from huren.graph.writing import Answer, Effect
from huren.resolvers.context import Context
from huren.resolvers.registering import own
from huren.resolvers.releasing import not_yours
from huren.resolvers.writing import write

LONGEST_REASON = 2_000


@dataclass(frozen=True, slots=True)
class ExportTerms:
    """What is asked to go where: see :class:`huren.graph.model.export.Export`."""

    product: str
    country: str
    fields: tuple[FieldClass, ...]
    until: datetime
    reason: str
    recipient: str | None = None


async def request(ctx: Context, key: str, terms: ExportTerms) -> Answer:
    """Ask that fields of one's own product may go abroad. Answers the request's id.

    Raises: Forbidden, BadInput, NotFound for the product or the recipient.
    """
    ctx.caller.require(RELEASE_WRITE)

    async def prepare() -> Effect:
        _check(terms, ctx.exchange.clock())
        product = await own(ctx, terms.product)
        if product.owner != ctx.caller.org:
            raise not_yours(product.key)
        recipient = terms.recipient and await organisations.get(ctx.database, terms.recipient)
        if recipient and recipient.seat != terms.country:
            raise _elsewhere(recipient.id, terms.country)
        return exports.ask(
            Export(
                sha256(f"export {ctx.caller.org} {key}".encode()).hexdigest()[:32],
                product.key,
                product.owner,
                product.region,
                terms.country,
                frozenset(terms.fields),
                terms.until,
                terms.reason.strip(),
                recipient.id if recipient else None,
            )
        )

    return await write(ctx, "requestExport", key, terms, prepare)


async def decide(ctx: Context, key: str, id: str, approve: bool, reason: str) -> Answer:
    """Approve or refuse a request, as the authority that answers for the product's region.

    Raises: Forbidden for another, for the owner itself; BadInput without reason; NotFound, Conflict.
    """
    ctx.caller.require(EXPORT_APPROVE)
    state = ExportState.APPROVED if approve else ExportState.REFUSED

    async def prepare() -> Effect:
        found = await _visible(ctx, id)
        if found.owner == ctx.caller.org:
            raise _own_request(id)
        if found.state(ctx.exchange.clock()) is not ExportState.REQUESTED:
            raise _decided(found, ctx.exchange.clock())
        return exports.follow(id, ExportEvent(state, ctx.caller.org, _reason(reason)))

    return await write(ctx, "decideExport", key, {"id": id, "approve": approve, "reason": reason}, prepare)


async def withdraw(ctx: Context, key: str, id: str, reason: str) -> Answer:
    """End a request or an approval: by its owner, or by the authority that may decide it.

    Raises: Forbidden, BadInput without reason, NotFound, Conflict for what has ended already.
    """
    if not ctx.caller.may(EXPORT_APPROVE):
        ctx.caller.require(RELEASE_WRITE)

    async def prepare() -> Effect:
        found = await _visible(ctx, id)
        if found.state(ctx.exchange.clock()) not in (ExportState.REQUESTED, ExportState.APPROVED):
            raise _decided(found, ctx.exchange.clock())
        return exports.follow(id, ExportEvent(ExportState.WITHDRAWN, ctx.caller.org, _reason(reason)))

    return await write(ctx, "withdrawExport", key, {"id": id, "reason": reason}, prepare)


async def page(
    ctx: Context, first: int, after: str, state: ExportState | None
) -> tuple[tuple[Export, ...], bool]:
    """One's own requests, and with `export:approve` those that one may decide. Raises: Forbidden."""
    where = await _mine(ctx, state)
    return await exports.page(ctx.database, await ctx.pin(), where, first, after, ctx.exchange.clock())


async def on_record(ctx: Context, id: str) -> Export:
    """The request that the caller has just written to."""
    return await exports.get(ctx.database, await ctx.pin(), id)


def rows(ctx: Context) -> ExportTable:
    """The export table that this exchange goes by. Raises: Forbidden."""
    ctx.caller.require(REFERENCE_READ)
    return table()


async def _mine(ctx: Context, state: ExportState | None = None) -> Wanted:
    if not ctx.caller.may(EXPORT_APPROVE):
        ctx.caller.require(PRODUCT_READ)
        return Wanted(ctx.caller.org, state=state)
    rights = await grants.rights(ctx.database, await ctx.pin(), ctx.caller.org)
    return Wanted(ctx.caller.org, rights.territory, Role.MINISTRY in rights.roles, state)


async def _visible(ctx: Context, id: str) -> Export:
    """The request, as it stands when the write has its turn, if it is the caller's own or to decide."""
    ctx.wrote()
    where = await _mine(ctx)
    found = await exports.get(ctx.database, await ctx.pin(), id)
    if found.owner == where.owner or where.everywhere or found.region in where.territory:
        return found
    raise exports.no_export(id)


def _check(terms: ExportTerms, now: datetime) -> None:
    if terms.country not in table().countries or terms.country == table().home:
        raise _bad(f"`{terms.country}` is no country abroad", f"“{terms.country}”不是境外国家或地区")
    if not terms.fields:
        raise _bad("a request names at least one class of fields", "申请须至少包含一类字段")
    if FieldClass.IDENTITY in terms.fields:
        raise _bad("what names a product needs no approval", "产品名称无需审批")
    if terms.until <= now:
        raise _bad("`until` has passed", "`until` 已过")
    _reason(terms.reason)


def _reason(text: str) -> str:
    if not 1 <= len(text.strip()) <= LONGEST_REASON:
        raise _bad(
            f"a reason has 1 to {LONGEST_REASON:,} characters", f"理由须为 1 至 {LONGEST_REASON:,} 个字符"
        )
    return text.strip()


def _bad(en: str, zh: str) -> BadInput:
    return BadInput(
        en,
        zh,
        fix="Name a country abroad (ISO 3166-1), the classes of fields, an end that lies ahead, and why.",
        fix_zh="请写明境外国家(ISO 3166-1)、字段类别、将来的结束时间和理由。",
    )


def _elsewhere(recipient: str, country: str) -> BadInput:
    return _bad(f"`{recipient}` does not sit in `{country}`", f"“{recipient}”不在“{country}”")


def _own_request(id: str) -> Forbidden:
    return Forbidden(
        f"nobody decides on its own request (`{id}`)",
        f"不得审批本机构的申请(“{id}”)",
        fix="Another authority of the region, or a ministry, decides.",
        fix_zh="须由该地区的其他主管部门或国家部委审批。",
    )


def _decided(found: Export, now: datetime) -> Conflict:
    state = found.state(now).value
    return Conflict(
        f"the request `{found.id}` is {state}",
        f"申请“{found.id}”的状态为 {state}",
        fix="Send a new request.",
        fix_zh="请另行申请。",
    )
