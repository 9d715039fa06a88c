"""The whole supply graph with its footprints as tables, for who administers the exchange."""

from __future__ import annotations

from huren.auth.grounds import Basis, Ground
from huren.auth.scopes import EXCHANGE_ADMINISTER, FOOTPRINT_READ
from huren.graph.model.access import FieldClass
from huren.graph.model.audit import Read
from huren.graph.model.supply import GwpSet, Prefer
from huren.graph.tables import Tables
from huren.resolvers.context import Context
from huren.resolvers.sight import owner_of

EVERY_PRODUCT = "*"


async def tables(ctx: Context, gwp: GwpSet = GwpSet.AR6, prefer: Prefer = Prefer.MODELLED) -> Tables:
    """All products, inputs and emissions at the present revision; whose they are is on record before that.

    Raises: Forbidden, Unavailable, and what :meth:`huren.graph.system.System.of` raises.
    """
    ctx.caller.require(EXCHANGE_ADMINISTER)
    ctx.caller.require(FOOTPRINT_READ)
    system = await ctx.exchange.snapshots.system(prefer, ctx.pinned())
    ground = Ground(Basis.ADMINISTRATOR).text
    for owner in sorted({owner_of(key) for key in system.keys} - {ctx.caller.org}):
        subject = f"{owner}/{EVERY_PRODUCT}"
        ctx.read_restricted(Read(subject, owner, FieldClass.RECIPE.value, ctx.purpose, ground))
    await ctx.record_reads()
    return Tables(system, gwp)
