"""Organisations: who is behind a product or a certificate."""

from __future__ import annotations

from collections.abc import Sequence

from huren.auth.scopes import REFERENCE_READ
from huren.graph import organisations
from huren.graph.model.organisation import Organisation
from huren.resolvers.context import Context


async def organisation(ctx: Context, name: str) -> Organisation:
    """The organisation of this USCC or id. Raises: Forbidden, NotFound."""
    ctx.caller.require(REFERENCE_READ)
    return await organisations.get(ctx.database, name)


async def by_name(ctx: Context, names: Sequence[str]) -> dict[str, Organisation]:
    """Organisations by id, for those that a visible thing names. One query."""
    return await organisations.get_many(ctx.database, names)
