"""Certificates: reading them as they were known at a moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from huren.auth.scopes import CERTIFICATE_READ
from huren.graph import certificates
from huren.graph.certificates import CertificateFilter, Page
from huren.graph.model.certificate import Certificate
from huren.resolvers.context import Context
from huren.resolvers.products import find


async def certificate(ctx: Context, number: str, known_at: datetime | None = None) -> Certificate:
    """The certificate as known at ``known_at`` (default: now). Raises: Forbidden, NotFound."""
    ctx.caller.require(CERTIFICATE_READ)
    return await certificates.get(ctx.database, await ctx.pin(known_at), number)


async def page(
    ctx: Context, where: CertificateFilter, first: int, after: str, as_of: datetime | None = None
) -> Page:
    """The certificates after the number ``after``; a status holds at ``as_of`` (default now).

    Raises: Forbidden, NotFound for a product.
    """
    ctx.caller.require(CERTIFICATE_READ)
    found, at = await _keyed(ctx, where), as_of or ctx.exchange.clock()
    return await certificates.page(ctx.database, await ctx.pin(), found, first=first, as_of=at, after=after)


async def count(ctx: Context, where: CertificateFilter) -> int:
    """How many certificates there are now. Cost: all of them. Raises: Forbidden, NotFound for a product."""
    ctx.caller.require(CERTIFICATE_READ)
    found = await _keyed(ctx, where)
    return await certificates.count(ctx.database, await ctx.pin(), found, as_of=ctx.exchange.clock())


async def _keyed(ctx: Context, where: CertificateFilter) -> CertificateFilter:
    """``where`` with its product by key."""
    if where.product is None:
        return where
    return replace(where, product=(await find(ctx, where.product)).key)


async def on_record(ctx: Context, number: str) -> Certificate:
    """The certificate that the caller has just written."""
    return await certificates.get(ctx.database, await ctx.pin(), number)
