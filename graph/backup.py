"""Backup and restore of a managed home: Neo4j's own dump and load, and a trial of every copy.

A backup is loaded into a scratch home and asked before it counts as one; a restore is loaded, asked and
compared there before anything of the home is touched, and then put in place in a way that a kill cannot
leave half done (:meth:`huren.graph.home.Home.settle`).
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from huren.errors import Conflict
from huren.graph.admin import run
from huren.graph.archive import Facts
from huren.graph.database import Database, Deadlines
from huren.graph.home import Home, Lock
from huren.graph.jars import Progress
from huren.graph.local import LocalOptions, local_server
from huren.graph.log import read
from huren.graph.log.note import Note
from huren.graph.model.text import Text

DUMP = "neo4j.dump"
NODES = "MATCH (n) RETURN count(n) AS nodes"
REVISION = "MATCH (r:Revision {id: 'graph'}) RETURN r.value AS value"
VERSION = "CALL dbms.components() YIELD versions RETURN versions[0] AS version"

_TICK = 0.1
_PATIENCE = 30.0  # for a server on its way out
_SURE = 5  # looks after which a client is there to stay
_LONG = Deadlines(60.0, 50.0)


@dataclass(frozen=True, slots=True)
class Trial:
    """A backup that was loaded: what it holds; does it go on from the checkpoint, where one was given?"""

    facts: Facts
    goes_on: bool | None


@asynccontextmanager
async def held(home: Home) -> AsyncIterator[None]:
    """Nobody else uses ``home``, and nobody can begin to, while the block runs.

    Raises: Conflict, naming the processes, where somebody does.
    """
    lock = Lock(home.clients)
    try:
        await _hold(home, lock)
        yield
    finally:
        lock.close()


async def _hold(home: Home, lock: Lock) -> None:
    seen, end = 0, asyncio.get_running_loop().time() + _PATIENCE
    while True:
        if lock.own():
            if not home.guarded():
                return
            seen = 0  # a guardian without clients goes by itself
        elif lock.share():
            seen += 1
        lock.free()
        if seen >= _SURE or asyncio.get_running_loop().time() > end:
            raise _in_use(home)
        await asyncio.sleep(_TICK)


async def dump(options: LocalOptions, home: Home, folder: Path, progress: Progress) -> Path:
    """Neo4j's dump of the stopped ``home`` in ``folder``. Within :func:`held`. Raises: LocalDatabaseError."""
    words = ("database", "dump", "neo4j", f"--to-path={folder}", "--verbose")
    await run(options, home, words, progress, Text("正在导出数据库", "dumping the database"))
    return folder / DUMP


async def tried(
    options: LocalOptions, home: Home, folder: Path, checkpoint: Note | None, progress: Progress
) -> Trial:
    """Load the dump in ``folder`` into the scratch home of ``home``, start that, and ask what it holds.

    Within :func:`held`. Cost: as a restore. Raises: LocalDatabaseError, Unavailable.
    """
    copy = home.copy
    copy.create()
    if home.password.exists():  # the copy may become the home's own
        shutil.copy(home.password, copy.password)
    words = (
        "database",
        "load",
        "neo4j",
        f"--from-path={folder}",
        "--overwrite-destination=true",
        "--verbose",
    )
    await run(options, copy, words, progress, Text("正在载入备份", "loading the backup"))
    progress(Text("正在启动并检查载入的备份", "starting what was loaded, to look at it"))
    async with local_server(replace(options, home=copy.root), progress) as address:
        database = await Database.open(address, _LONG)
        try:
            return await _looked_at(database, checkpoint)
        finally:
            await database.close()


async def _looked_at(database: Database, checkpoint: Note | None) -> Trial:
    head = await read.head(database)
    revision = await database.read(REVISION)
    facts = Facts(
        neo4j=str((await database.read(VERSION))[0]["version"]),
        revision=revision[0]["value"] if revision else 0,
        nodes=(await database.read(NODES))[0]["nodes"],
        entries=head.size,
        root=head.root.hex(),
    )
    if checkpoint is None:
        return Trial(facts, None)
    was = checkpoint.checkpoint
    return Trial(facts, was.size <= head.size and await read.root_at(database, was.size) == was.root)


def place(home: Home, keys: Path | None) -> None:
    """Put the tried copy in the place of what ``home`` holds, and the files in ``keys`` beside. Within held.

    Decided by one rename; from then on every later start finishes what a kill cuts off.
    """
    ready = home.copy.root / "ready"
    if keys:
        keys.rename(ready)
    (ready / "neo4j").mkdir(parents=True)
    if not home.password.exists():
        shutil.copy(home.copy.password, home.password)
    home.copy.data.rename(ready / "neo4j" / "data")
    ready.rename(home.restored)
    home.settle()


@asynccontextmanager
async def scratch(home: Home) -> AsyncIterator[Path]:
    """An empty folder in the scratch home, which is removed at the end. Within :func:`held`."""
    copy = home.copy
    if copy.root.exists():  # of a run that was killed; its server is about to end
        async with held(copy):
            shutil.rmtree(copy.root)
    copy.create()
    try:
        folder = copy.root / "files"
        folder.mkdir()
        yield folder
    finally:
        shutil.rmtree(copy.root, ignore_errors=True)


def holds_data(home: Home) -> bool:
    """Is there a database in ``home``?"""
    return (home.data / "databases" / "neo4j").is_dir() or home.restored.is_dir()


def _in_use(home: Home) -> Conflict:
    who = ", ".join(str(pid) for pid in home.holders())
    return Conflict(
        f"`{home.root}` is in use" + (f" by process {who}" if who else ""),
        f"“{home.root}”正被" + (f"进程 {who} " if who else "其他进程") + "使用",
        fix="Stop `huren serve` and every other huren command on this home, and start again.",
        fix_zh="请停止 `huren serve` 及该目录上的其他 huren 命令后重试。",
    )
