"""Entries that belong to no write: reads of others' restricted data, exports. Committed in groups.

The first to come is committed at once; whoever comes meanwhile waits for that and goes together. So an
entry waits for two commits at most, and a busy process makes no more commits than it can.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count

from neo4j import AsyncManagedTransaction

from huren.graph.database import Database
from huren.graph.log.append import LOCK_HEAD, append
from huren.graph.model.audit import Entry
from huren.graph.outcome import known

MOST = 1_000
"""Entries in one transaction."""

# The lock comes before the question: it waits for the earlier attempt, which may still be at its commit.
PRESENT = f"""{LOCK_HEAD}
OPTIONAL MATCH (e:LogEntry) WHERE e.id IN $ids
RETURN count(e) AS present
"""

_Waiting = tuple[Sequence[Entry], "asyncio.Future[None]"]


@dataclass(slots=True)
class Audit:
    """The group committer of one process. Locks the head of the log alone; no data revision is raised."""

    database: Database
    patience: float = 3.0
    _waiting: list[_Waiting] = field(default_factory=list, repr=False)
    _worker: asyncio.Task[None] | None = field(default=None, repr=False)

    async def record(self, entries: Sequence[Entry]) -> None:
        """Return once ``entries`` are on record for good. To be awaited before the answer leaves.

        Cost: up to two commits (some milliseconds each). Raises: Unavailable, and then the answer must not
        be given; the entries may be on record nevertheless.
        """
        if not entries:
            return
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((entries, done))
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())
        await done

    async def _work(self) -> None:
        while self._waiting:
            group = self._taken()
            try:
                await self._commit([entry for entries, _ in group for entry in entries])
            except Exception as error:
                for _, done in group:
                    if not done.done():
                        done.set_exception(error)
            else:
                for _, done in group:
                    if not done.done():
                        done.set_result(None)

    def _taken(self) -> list[_Waiting]:
        """Those that go next: at least one, and no more than MOST entries together where that can be."""
        group, size = [self._waiting.pop(0)], 0
        size = len(group[0][0])
        while self._waiting and size + len(self._waiting[0][0]) <= MOST:
            group.append(self._waiting.pop(0))
            size += len(group[-1][0])
        return group

    async def _commit(self, entries: Sequence[Entry]) -> None:
        attempts = count()

        async def attempt() -> None:
            again = next(attempts) > 0
            await self.database.write_with(partial(_once, self.database, entries=entries, again=again))

        await known(attempt, self.patience)


async def _once(db: Database, tx: AsyncManagedTransaction, entries: Sequence[Entry], again: bool) -> None:
    """Append, unless an earlier attempt whose outcome was not known did so."""
    if again:
        ids = [entry.id for entry in entries]
        if (await (await tx.run(PRESENT, ids=ids)).single(strict=True))["present"]:
            return
    await append(db, tx, entries)
