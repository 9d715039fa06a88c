"""Writes on behalf of a caller: once for each idempotency key, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from huren.graph.writing import Answer, Effect, Stamp, Write, write_once
from huren.resolvers.context import Context

Prepare = Callable[[], Awaitable[Effect]]
"""Looks up and checks what the write names, under the lock; a repeated write never comes to it."""


async def write(ctx: Context, name: str, key: str, asked: Any, prepare: Prepare) -> Answer:
    """Do ``name`` once for ``key``; ``asked`` is what the caller stated, as frozen values.

    Raises: Conflict for a key used for something else; what ``prepare`` and its effect raise; Unavailable.
    """
    caller = ctx.caller
    ground = "administrator" if caller.administrator else "own"
    body = {"asked": plain(asked)}
    whole = Write(caller.org, caller.client, key, name, body, ground=ground, request=ctx.request_id)

    async def effect(tx: Any, stamp: Stamp) -> Any:
        return await (await prepare())(tx, stamp)

    answer = await write_once(ctx.database, whole, effect, ctx.exchange.clock)
    ctx.wrote()
    return answer


def both(first: Effect, then: Effect) -> Effect:
    """Two effects in one write; the answer is that of the second."""

    async def effect(tx: Any, stamp: Stamp) -> Any:
        await first(tx, stamp)
        return await then(tx, stamp)

    return effect


def plain(value: Any) -> Any:
    """Frozen values as JSON kinds, the same for the same statement.

    >>> plain({"amount": Decimal("1.50"), "on": date(2026, 6, 1)})
    {'amount': '1.50', 'on': '2026-06-01'}
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, frozenset):
        return sorted(map(plain, value))
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
