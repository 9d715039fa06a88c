"""What `huren log` does with the home's own database: checkpoint, export, erase."""

from __future__ import annotations

import os
from pathlib import Path

from huren.app import open_exchange
from huren.auth.log_keys import LogKeys
from huren.commands.console import tell
from huren.graph.connect import connect
from huren.graph.log import copying, read
from huren.graph.log.check import Copy
from huren.graph.log.export import written
from huren.graph.log.note import Note
from huren.graph.log.trail import Trail
from huren.resolvers import auditing
from huren.settings import Settings


async def checkpoint(settings: Settings) -> Note:
    """Raises: DamagedLog, saying where."""
    async with open_exchange(settings, tell) as exchange:
        return await auditing.checkpoint(exchange)


async def export(settings: Settings, file: Path, entries: bool) -> int:
    """Write the log up to a checkpoint made now; how many entries. Raises: DamagedLog."""
    async with open_exchange(settings, tell) as exchange:
        size = (await auditing.checkpoint(exchange)).checkpoint.size
        leaves = await read.leaves(exchange.database, 0, size)
        said = {one.position: one async for one in read.every(exchange.database)} if entries else None
    notes = Trail(exchange.keys.log.folder).notes()
    # Entries are confidential: nobody but the owner of the file reads it.
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.writelines(f"{line}\n" for line in written(leaves, said, notes))
    return size


async def erase(settings: Settings, id: str, ground: str) -> None:
    """Raises: NotFound, BadInput."""
    async with open_exchange(settings, tell) as exchange:
        await auditing.erase(exchange, id, ground)


async def copy(settings: Settings) -> tuple[Copy, Trail]:
    """The log as the database holds it, and what the home remembers of it. Writes nothing."""
    async with connect(settings.server, settings.deadlines, tell) as database:
        return await copying.copied(database), Trail(LogKeys(settings.home).folder)
