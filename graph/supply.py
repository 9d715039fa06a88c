"""The supply graph kept in process, one copy for all readers, following the graph's writes."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine, Mapping
from contextlib import aclosing, suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from huren.errors import Unavailable
from huren.graph.database import Database
from huren.graph.following import following
from huren.graph.jars import Progress
from huren.graph.model.supply import Prefer, Recipe, Supply
from huren.graph.model.text import Text
from huren.graph.revision import pin
from huren.graph.snapshot import reading
from huren.graph.snapshot.blob import Blob
from huren.graph.snapshot.snapshot import Draft, Snapshot
from huren.graph.system import System

log = logging.getLogger("huren")

LONG = 2.0
"""Seconds of reading that are worth a word, and a copy on disk."""


def _silent(_: Text) -> None: ...


class Snapshots:
    """The supply graph at its present revision, and what every roll-up of it shares.

    Belongs to one event loop. A reader that gives up does not stop a refresh that others wait for. Columns
    are read and changed in threads; what a reader was given never changes (see
    :mod:`huren.graph.snapshot.snapshot`). ``blob``: where a copy is kept for the next start.
    """

    def __init__(self, db: Database, blob: Blob | None = None, progress: Progress = _silent) -> None:
        self._db, self._blob, self._progress = db, blob, progress
        self._snapshot = Snapshot()
        self._supply = self._snapshot.supply()
        self._refresh: asyncio.Task[None] | None = None
        self._systems: dict[Prefer, tuple[Mapping[str, Recipe], asyncio.Future[System]]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._long, self._stored = False, 0

    async def current(self, at_least: int = 0) -> Supply:
        """All products and recipes, stamped with the revision and its time; never older than ``at_least``.

        Cost: one small query where nothing changed, else the products changed since, a thousand a query.
        Raises: Unavailable where the database is behind ``at_least``.
        """
        present = await pin(self._db)
        if present.revision < at_least:
            raise _behind(at_least)
        while self._supply.revision < present.revision:
            if self._refresh is None or self._refresh.done():
                self._refresh = asyncio.create_task(self._catch_up(present.revision, present.known_at))
                self._refresh.add_done_callback(_noticed)
            await asyncio.shield(self._refresh)
        return self._supply

    async def system(self, prefer: Prefer = Prefer.MODELLED, at_least: int = 0) -> System:
        """The present supply graph compiled and solved, once for each ``prefer`` after a product changed.

        Cost: after a write, what changed and depends on it; see :func:`following`.
        Raises: what :meth:`System.of` raises.
        """
        supply = await self.current(at_least)
        kept = self._systems.get(prefer)
        if kept is None or kept[0] is not supply.recipes:
            solving = asyncio.create_task(_solved(supply, prefer, kept[1] if kept else None))
            solving.add_done_callback(_noticed)
            kept = self._systems[prefer] = supply.recipes, solving
        return replace(await asyncio.shield(kept[1]), supply=supply)

    def begin(self) -> None:
        """Start to read, so that the first question finds more done; it hears what goes wrong."""
        self._aside(self.current())

    async def aclose(self) -> None:
        """Leave the next start a copy of what this one had to read."""
        for task in (*self._tasks, *((self._refresh,) if self._refresh else ())):
            task.cancel()
        with suppress(Unavailable):
            await self.store()

    async def check(self) -> bool:
        """Whether the products kept are those in the database; if not, all is read anew at the next question.

        Cost: one look at every product there. Raises: Unavailable.
        """
        held = self._snapshot
        there = await reading.tally(self._db, held.revision)
        if there != held.tally():
            self.distrust(f"it holds {held.tally()} products and revisions, the database {there}")
        return there == held.tally()

    def distrust(self, why: str) -> None:
        """Forget the snapshot and all that was solved of it: the next question reads all anew.

        For whoever finds that it cannot be right, as by the certificate of a solution.
        """
        log.warning("the supply graph in memory at revision %d is read anew: %s", self._supply.revision, why)
        self._snapshot, self._systems = Snapshot(), {}
        self._supply, self._stored = self._snapshot.supply(), 0
        if self._blob:
            self._blob.remove()

    async def store(self) -> None:
        """Keep a copy for the next start, where reading takes long and no other process has kept it."""
        held = self._snapshot
        if self._blob and self._long and held.revision > self._stored:
            name = await reading.identity(self._db, held.revision)
            there = await asyncio.to_thread(self._blob.header)
            if name is not None and not (there and there.identity == name):
                await asyncio.to_thread(self._blob.write, held, name)
            self._stored = held.revision

    async def _catch_up(self, revision: int, as_of: datetime) -> None:
        began, held = time.monotonic(), self._snapshot
        base = held if held.revision else await self._kept()
        fresh = base if base.revision >= revision else await self._follow(base, revision, as_of)
        if self._snapshot is not held:
            return  # it was distrusted meanwhile, and so is what was made of it
        supply = self._supply if fresh.heads is held.heads else fresh.supply()
        self._snapshot = fresh
        self._supply = replace(supply, revision=fresh.revision, as_of=fresh.as_of)
        if base is not held and base.revision:
            self._long, self._stored = True, base.revision
            self._aside(self.check())
        if time.monotonic() - began > LONG:
            self._long = True
            self._aside(self.store())

    async def _follow(self, base: Snapshot, revision: int, as_of: datetime) -> Snapshot:
        """What ``base`` has become at ``revision``: a chunk is read while those before it are put in."""
        keys = await reading.changed_keys(self._db, base.revision, revision)
        if not keys:
            return replace(base, revision=revision, as_of=as_of)
        draft = await asyncio.to_thread(Draft, base, keys)
        told, adding = _Told(self._progress, len(keys)), asyncio.create_task(asyncio.sleep(0))
        try:
            async with aclosing(reading.chunks(self._db, revision, keys)) as chunks:
                async for done, rows in chunks:
                    await adding
                    told.look(done)
                    adding = asyncio.create_task(asyncio.to_thread(draft.add, rows))
        finally:
            await asyncio.wait([adding])  # a thread that goes on would meet the next refresh
        await adding
        return await asyncio.to_thread(draft.done, revision, as_of)

    async def _kept(self) -> Snapshot:
        """The copy on disk, where there is one of this very history; else nothing."""
        header = await asyncio.to_thread(self._blob.header) if self._blob else None
        if not self._blob or not header:
            return Snapshot()
        name = await reading.identity(self._db, header.revision)
        return await asyncio.to_thread(self._blob.read, name or "")

    def _aside(self, work: Coroutine[Any, Any, Any]) -> None:
        """Work that no reader waits for."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(_noticed)


async def _solved(supply: Supply, prefer: Prefer, before: asyncio.Future[System] | None) -> System:
    """By what was solved before, where that went well."""
    if before:
        await asyncio.wait([before])
        if not before.cancelled() and before.exception() is None:
            return await asyncio.to_thread(following, before.result(), supply)
    return await asyncio.to_thread(System.of, supply, prefer)


class _Told:
    """Says how far a long read is, every two seconds."""

    def __init__(self, progress: Progress, of: int) -> None:
        self._progress, self._of, self._said = progress, of, time.monotonic()

    def look(self, done: int) -> None:
        if time.monotonic() - self._said > LONG:
            self._said = time.monotonic()
            zh, en = f"正在读取供应链图:{done:,} / {self._of:,}", "reading the supply graph"
            self._progress(Text(zh, f"{en}: {done:,} of {self._of:,} products"))


def _noticed(done: asyncio.Future[Any]) -> None:
    """Look at a failure that may have lost its last reader, so that asyncio does not report it."""
    if not done.cancelled():
        done.exception()


def _behind(revision: int) -> Unavailable:
    return Unavailable(
        f"the database has not reached revision {revision} yet",
        f"数据库尚未到达版本 {revision}",
        fix="Ask again in a moment.",
        fix_zh="请稍后重试。",
    )
