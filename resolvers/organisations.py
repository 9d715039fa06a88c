"""Organisations: who is behind a product or a certificate."""

from __future__ import annotations

from collections.abc import Sequence

from huren.auth.scopes import EXCHANGE_ADMINISTER, REFERENCE_READ
from huren.graph import organisations, regions
from huren.graph.model.organisation import Organisation
from huren.graph.writing import Answer, Effect
from huren.mappings.registration import check_role
from huren.resolvers.context import Context
from huren.resolvers.writing import write


async def organisation(ctx: Context, name: str) -> Organisation:
    """The organisation of this USCC or id. Raises: Forbidden, NotFound."""
    ctx.caller.require(REFERENCE_READ)
    return await organisations.get(ctx.database, name)


async def by_name(ctx: Context, names: Sequence[str]) -> dict[str, Organisation]:
    """Organisations by id, for those that a visible thing names. One query."""
    return await organisations.get_many(ctx.database, names)


async def put(ctx: Context, key: str, stated: Organisation) -> Answer:
    """State who an organisation is: name, seat, region, roles. Answers its id.

    Raises: Forbidden, BadInput, Conflict for a USCC that is another's, NotFound for its region.
    """
    ctx.caller.require(EXCHANGE_ADMINISTER)

    async def prepare() -> Effect:
        if stated.region:
            await regions.get(ctx.database, stated.region)
        return organisations.register(check_role(stated, ctx.exchange.administrator))

    return await write(ctx, "putOrganisation", key, stated, prepare)


async def on_record(ctx: Context, name: str) -> Organisation:
    """The organisation that the caller has just written."""
    return await organisations.get(ctx.database, name)
