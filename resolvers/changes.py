"""The feed of changes, as the caller may see it."""

from __future__ import annotations

from collections.abc import Sequence

from huren.auth.scopes import CERTIFICATE_READ, PRODUCT_READ, REFERENCE_READ
from huren.graph import changes
from huren.graph.changes import ChangeKind, Page, Place
from huren.resolvers.context import Context


def needs(kind: ChangeKind) -> str:
    """The scope that reads what a kind of change is about."""
    if kind is ChangeKind.PRODUCT_STATED:
        return PRODUCT_READ
    return CERTIFICATE_READ if kind.name.startswith("CERTIFICATE_") else REFERENCE_READ


async def page(ctx: Context, kinds: Sequence[ChangeKind] | None, first: int, after: Place) -> Page:
    """The changes after a place: of ``kinds``, by default of all that the caller may read.

    Raises: Forbidden for a kind asked for that the caller may not read, or where it may read none.
    """
    mine = [kind for kind in ChangeKind if ctx.caller.may(needs(kind))]
    if kinds is None and not mine:
        ctx.caller.require(REFERENCE_READ)
    for kind in kinds or ():
        ctx.caller.require(needs(kind))
    wanted = mine if kinds is None else kinds
    pin = await ctx.pin()
    owners = None if ctx.caller.administrator else (ctx.caller.org,)
    return await changes.page(ctx.database, pin, wanted, owners, first=first, after=after)
