"""Disputes about released footprints: who opens and closes them; while open, nobody else sees the number."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from huren.auth.scopes import CERTIFICATE_WRITE, PRODUCT_READ
from huren.errors import BadInput, Conflict
from huren.graph import certificates, disputes, products
from huren.graph.model.dispute import Dispute
from huren.graph.model.supply import Product
from huren.graph.writing import Answer, Effect
from huren.resolvers.context import Context
from huren.resolvers.registering import own
from huren.resolvers.writing import write

LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class DisputeTerms:
    """What is disputed, why, and where that stands (a case number, a notary's record)."""

    product: str
    reason: str
    source: str = ""


async def begin(ctx: Context, key: str, terms: DisputeTerms) -> Answer:
    """Dispute the releases of a product: as its owner, as the body of its certificate, as administrator.

    Answers the dispute's id. Raises: Forbidden, BadInput without reason, NotFound.
    """
    ctx.caller.require(CERTIFICATE_WRITE)

    async def prepare() -> Effect:
        reason, source = _text(terms.reason, 1), _text(terms.source, 0)
        found = await _party(ctx, terms.product)
        id = sha256(f"dispute {ctx.caller.org} {key}".encode()).hexdigest()[:32]
        return disputes.begin(Dispute(id, found.key, ctx.caller.org, reason, source))

    return await write(ctx, "openDispute", key, terms, prepare)


async def close(ctx: Context, key: str, id: str, outcome: str) -> Answer:
    """Close a dispute that one opened, or as administrator: an owner cannot end what its body began.

    Raises: Forbidden, BadInput without outcome, NotFound, Conflict for one that is closed.
    """
    ctx.caller.require(CERTIFICATE_WRITE)

    async def prepare() -> Effect:
        ctx.wrote()
        found = await disputes.get(ctx.database, await ctx.pin(), id)
        if ctx.caller.org != found.opened_by and not ctx.caller.administrator:
            raise disputes.no_dispute(id)
        if found.closed_at is not None:
            raise _closed(id)
        return disputes.close(id, ctx.caller.org, _text(outcome, 1))

    return await write(ctx, "closeDispute", key, {"id": id, "outcome": outcome}, prepare)


async def listed(ctx: Context, product: str, most: int) -> tuple[Dispute, ...]:
    """The last disputes of a product that one may dispute, the latest first. Raises: Forbidden, NotFound."""
    ctx.caller.require(PRODUCT_READ)
    found = await _party(ctx, product)
    return await disputes.of_product(ctx.database, await ctx.pin(), found.key, most)


async def on_record(ctx: Context, id: str) -> Dispute:
    """The dispute that the caller has just written to."""
    return await disputes.get(ctx.database, await ctx.pin(), id)


async def _party(ctx: Context, ref: str) -> Product:
    """The product, if it is the caller's to dispute, as it stands when a write has its turn."""
    ctx.wrote()
    pinned = await ctx.pin()
    about = (await certificates.of_products(ctx.database, pinned, [ref]))[ref]
    if any(certificate.body == ctx.caller.org for certificate in about):
        return (await products.get_many(ctx.database, pinned, [ref]))[ref]
    return await own(ctx, ref)


def _text(text: str, least: int) -> str:
    if least <= len(text.strip()) <= LONGEST:
        return text.strip()
    raise BadInput(
        f"a text of {least} to {LONGEST:,} characters is needed",
        f"须为 {least} 至 {LONGEST:,} 个字符的文本",
        fix="Say why, and how it ended.",
        fix_zh="请写明理由和结果。",
    )


def _closed(id: str) -> Conflict:
    return Conflict(
        f"the dispute `{id}` is closed already",
        f"争议“{id}”已结束",
        fix="Open another one, if there is.",
        fix_zh="如另有争议,请另行提出。",
    )
