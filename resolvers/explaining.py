"""Why: what a viewer may see of a product, and on which grounds; for its owner and the auditor alone."""

from __future__ import annotations

from dataclasses import dataclass

from huren.auth.scopes import AUDIT_READ, PRODUCT_READ
from huren.auth.visibility import Access, Viewer
from huren.errors import Forbidden
from huren.graph import organisations, products
from huren.graph.model.access import FieldClass
from huren.graph.model.audit import Read
from huren.graph.model.supply import Product
from huren.graph.model.terms import Purpose
from huren.graph.visible import EVERYTHING
from huren.resolvers.context import Context
from huren.resolvers.sight import Sight, sight


@dataclass(frozen=True, slots=True)
class Explained:
    """The decision about one class of fields of ``product``, as ``viewer`` would meet it now."""

    product: str
    viewer: str
    field: FieldClass
    purpose: Purpose | None
    access: Access


async def access(
    ctx: Context, product: str, viewer: str, fields: tuple[FieldClass, ...], purpose: Purpose | None
) -> tuple[Explained, ...]:
    """What ``viewer`` may see of ``product``, by class of fields; any of one's own, with `audit:read` of all.

    Raises: Forbidden for another's product, NotFound for a product or viewer that is not there.
    """
    found, audited = await _mine(ctx, product), await organisations.get(ctx.database, viewer)
    if found.owner != ctx.caller.org:
        for field in fields:
            ctx.read_restricted(Read(found.key, found.owner, f"access {field}", purpose, AUDIT_READ))
    seen = await _sight_of(ctx, audited.id, purpose)
    await seen.look_up([found])
    return tuple(
        Explained(found.key, audited.id, field, purpose, seen.access(found, field)) for field in fields
    )


async def _mine(ctx: Context, ref: str) -> Product:
    if ctx.caller.may(AUDIT_READ):
        return await products.find(ctx.database, await ctx.pin(), ref, EVERYTHING)
    ctx.caller.require(PRODUCT_READ)
    found = await products.find(ctx.database, await ctx.pin(), ref, (await ctx.sight()).visible())
    if found.owner != ctx.caller.org:
        raise Forbidden(
            f"why who may see `{found.key}` is for its owner, and needs the scope `{AUDIT_READ}` of others",
            f"“{found.key}”的访问理由仅限其所有者查看,其他机构须有权限 `{AUDIT_READ}`",
            fix=f"Ask about a product of your own, or with a token that holds `{AUDIT_READ}`.",
            fix_zh=f"请查询本机构的产品,或使用含 `{AUDIT_READ}` 权限的令牌。",
        )
    return found


async def _sight_of(ctx: Context, org: str, purpose: Purpose | None) -> Sight:
    """The sight that a client of ``org`` would have; the home's administrator sees all."""
    viewer = Viewer(org, administrator=org == ctx.exchange.administrator)
    return await sight(ctx.database, await ctx.pin(), viewer, purpose, ctx.exchange.clock())
