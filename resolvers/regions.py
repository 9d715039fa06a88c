"""Regions: from countries to districts, and alliances."""

from __future__ import annotations

from collections.abc import Sequence

from huren.auth.scopes import REFERENCE_READ
from huren.graph import regions
from huren.graph.model.region import Region, RegionKind
from huren.resolvers.context import Context


async def every(ctx: Context, kinds: Sequence[RegionKind]) -> tuple[Region, ...]:
    """All regions of ``kinds``, by code. Raises: Forbidden."""
    ctx.caller.require(REFERENCE_READ)
    return await regions.every(ctx.database, *kinds)


async def by_code(ctx: Context, codes: Sequence[str]) -> dict[str, Region]:
    """Regions by code, for those that a visible thing names. One query."""
    return await regions.get_many(ctx.database, codes)
