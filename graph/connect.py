"""From a choice of server to an open, migrated database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from huren.graph.database import Address, Database, Deadlines
from huren.graph.jars import Progress
from huren.graph.local import LocalOptions, local_server
from huren.graph.migrate import migrate
from huren.graph.model.text import Text


def _silent(_: Text) -> None: ...


@asynccontextmanager
async def located(server: Address | LocalOptions, progress: Progress = _silent) -> AsyncIterator[Address]:
    """Where the server listens; a managed local one runs until the block ends. Raises: LocalDatabaseError."""
    if isinstance(server, LocalOptions):
        async with local_server(server, progress) as address:
            yield address
    else:
        yield server


@asynccontextmanager
async def connect(
    server: Address | LocalOptions, deadlines: Deadlines | None = None, progress: Progress = _silent
) -> AsyncIterator[Database]:
    """The database at an address, or of a managed local server, with every migration applied.

    Closed at the end of the block; the local server stops when its last user has left.
    Raises: Unavailable, BadInput, Conflict (see migrate), LocalDatabaseError.
    """
    async with AsyncExitStack() as stack:
        address = await stack.enter_async_context(located(server, progress))
        database = await Database.open(address, deadlines)
        stack.push_async_callback(database.close)
        await migrate(database)
        yield database
