"""Reference records: schemes, the rules they certify by, agreements; and the rules of recognition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from huren.auth.scopes import REFERENCE_READ
from huren.graph.model.facts import Known
from huren.graph.model.scheme import CertificationRule
from huren.mappings.rule import Rule
from huren.mappings.rules import ALL
from huren.mappings.withdrawal import withdrawals
from huren.resolvers.context import Context


async def known(ctx: Context, known_at: datetime | None = None) -> Known:
    """All reference records as known at ``known_at`` (default: all recorded so far). Raises: Forbidden."""
    ctx.caller.require(REFERENCE_READ)
    return await ctx.exchange.knowledge.at(await ctx.pin(known_at))


async def rules(ctx: Context, known_at: datetime | None = None) -> Sequence[CertificationRule]:
    """Certification rules by id, their withdrawal by national rules among their events. Raises: Forbidden."""
    found = await known(ctx, known_at)
    ordered = (found.rules[name] for name in sorted(found.rules))
    return [replace(rule, events=(*rule.events, *withdrawals(rule, found))) for rule in ordered]


async def criteria(ctx: Context) -> Sequence[Rule]:
    """The rules of recognition that this version applies. Raises: Forbidden."""
    ctx.caller.require(REFERENCE_READ)
    return ALL
