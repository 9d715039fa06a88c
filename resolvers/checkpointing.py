"""Checkpoints without being asked: after so many entries, after so many seconds, and at the end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from huren.errors import DamagedLog, HurenError
from huren.graph.log import read
from huren.graph.log.trail import Trail
from huren.resolvers.auditing import checkpoint
from huren.resolvers.context import Exchange

log = logging.getLogger("huren")


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A checkpoint is made after so many new ``entries``, or after ``seconds``; looked at every ``look``."""

    entries: int = 256
    seconds: float = 60.0
    look: float = 2.0


@asynccontextmanager
async def checkpointing(exchange: Exchange, rhythm: Rhythm = Rhythm()) -> AsyncIterator[None]:
    """Make them while the block runs, and one at its end. What fails is said in the log, and tried again."""
    task = asyncio.create_task(_keep(exchange, rhythm))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await _try(exchange)


async def _keep(exchange: Exchange, rhythm: Rhythm) -> None:
    waited = 0.0
    while True:
        await asyncio.sleep(rhythm.look)
        waited += rhythm.look
        if waited >= rhythm.seconds or await _new(exchange) >= rhythm.entries:
            waited = 0.0
            await _try(exchange)


async def _new(exchange: Exchange) -> int:
    """How many entries are new since the last; 0 where that cannot be told just now."""
    with suppress(HurenError):
        last = await asyncio.to_thread(Trail(exchange.keys.log.folder).last)
        size = (await read.head(exchange.database)).size
        return abs(size - (last.checkpoint.size if last else 0))
    return 0


async def _try(exchange: Exchange) -> None:
    try:
        await checkpoint(exchange)
    except DamagedLog as error:
        log.critical("no checkpoint was signed: %s", error)
    except (HurenError, OSError) as error:
        log.warning("no checkpoint was made just now: %s", error)
