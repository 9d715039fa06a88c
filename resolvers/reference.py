"""Reference records: schemes, the rules they certify by, agreements; and the rules of recognition."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from huren.auth.scopes import REFERENCE_READ
from huren.graph.model.facts import Known
from huren.mappings.rule import Rule
from huren.mappings.rules import ALL
from huren.resolvers.context import Context


async def known(ctx: Context, known_at: datetime | None = None) -> Known:
    """All reference records as known at ``known_at`` (default: all recorded so far). Raises: Forbidden."""
    ctx.caller.require(REFERENCE_READ)
    return await ctx.exchange.knowledge.at(await ctx.pin(known_at))


async def criteria(ctx: Context) -> Sequence[Rule]:
    """The rules of recognition that this version applies. Raises: Forbidden."""
    ctx.caller.require(REFERENCE_READ)
    return ALL
