"""A local Neo4j for whoever asks: fetched once, started when first needed, stopped when last needed.

Several processes on one home share one server.  A client is a process that holds the home's client lock;
however it dies, the kernel drops the lock and the guardian (see :mod:`huren.graph.guardian`) notices.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from huren.graph.database import Address
from huren.graph.failures import Failure, explain
from huren.graph.guardian import Orders
from huren.graph.home import Home, LocalDatabaseError, Lock, Phase, State
from huren.graph.jars import Progress, fetch
from huren.graph.java import archive_of, java_of
from huren.graph.model.text import Text
from huren.graph.signin import panicked, sign_in

_TICK = 0.05
_LOOK = 5.0  # seconds between two looks at whether the server is well
_RENEWAL = 30.0  # what a restart may take before it is asked for again
_GUARDIANS = 5  # so many that did not even say why they ended are enough
_TELLS = {
    Phase.PREPARING: Text(zh="正在为快速启动做准备(仅首次)", en="preparing quick starts, this once"),
    Phase.STARTING: Text(zh="正在启动 Neo4j", en="starting Neo4j"),
}
_WAITING = Text(zh="正在等待另一进程放开该数据库", en="waiting for another process to let go of the database")
_TELL = 3.0  # seconds of waiting that are not worth a word
_ROOM = 64 << 20  # bytes without which a database need not be started


@dataclass(frozen=True, slots=True)
class LocalOptions:
    """What may be chosen about the local server; times in seconds.

    ``neo4j_home``: an unpacked Neo4j 5.26 instead of the fetched one; ``java_home``: a JDK 17 or later
    instead of the one huren brings; ``repository``: a Maven repository nearer than the default one.
    """

    home: Path
    cache: Path
    java_home: Path | None = None
    neo4j_home: Path | None = None
    repository: str | None = None
    heap: str = "1g"
    grace: float = 2.0
    start_within: float = 300.0


def _silent(_: Text) -> None: ...


@asynccontextmanager
async def local_server(options: LocalOptions, progress: Progress = _silent) -> AsyncIterator[Address]:
    """The address of this home's running Neo4j, kept running until the block ends.

    When the last user leaves, waits until the server has stopped (about a second).  ``progress`` may be
    called from another thread.  Cost: 4 s to boot; the first time 30 s more and 260 MB of ``cache``.
    Raises: LocalDatabaseError, saying what to do.
    """
    server = _LocalServer(options, progress)
    try:
        address = await server.start()
        watches = [asyncio.create_task(server.keep_guarded()), asyncio.create_task(server.keep_well(address))]
        try:
            yield address
        finally:
            for watch in watches:
                watch.cancel()
            await asyncio.gather(*watches, return_exceptions=True)
    finally:
        await server.leave()


def orders(options: LocalOptions, home: Home, progress: Progress = _silent) -> Orders:
    """What a server of ``home`` is to be run with; fetches what is missing.  Raises: LocalDatabaseError."""
    if shutil.disk_usage(home.root).free < _ROOM:
        raise explain(Failure.DISK, home)
    java, cache = java_of(options.java_home), options.cache.expanduser().absolute()
    if options.neo4j_home is not None:
        jars = options.neo4j_home / "lib"
        _require_neo4j(jars)
    else:
        jars = fetch(cache, options.repository, progress)
    return Orders(home, java, jars, options.heap, options.grace, archive_of(java, jars, cache))


class _LocalServer:
    def __init__(self, options: LocalOptions, progress: Progress) -> None:
        self._options, self._progress = options, progress
        self._home = Home(options.home.expanduser().absolute())
        self._home.create()
        self._client = Lock(self._home.clients)
        self._orders: Orders | None = None
        self._spawned = 0

    async def start(self) -> Address:
        """Become a client, see to it that a guardian lives, and wait until the server answers."""
        began = time.time()
        self._orders = await asyncio.to_thread(orders, self._options, self._home, self._progress)
        await self._enter(began)
        told: Phase | None = None
        while True:
            state = await self._state_since(began)
            if state is not None and state.phase is Phase.READY:
                with suppress(ConnectionError, TimeoutError):
                    async with asyncio.timeout(10):
                        return await sign_in(self._home, state.port, _password(self._home))
            elif state is not None and state.phase is not told and state.phase in _TELLS:
                told = state.phase
                self._progress(_TELLS[told])
            self._in_time(began)
            await asyncio.sleep(_TICK)

    async def _enter(self, began: float) -> None:
        """Become a client: once a guardian on its way out, a backup or a restore holds the lock no more."""
        told = False
        while not self._client.share() or self._home.restored.exists():
            if self._client.own() and self._home.settle():
                raise restored(self._home)
            self._in_time(began)
            if not told and time.time() - began > _TELL:
                told = True
                self._progress(_WAITING)
            await asyncio.sleep(_TICK)

    async def keep_guarded(self) -> None:
        """While this client lives, give the home a new guardian whenever the old one was killed."""
        pause = 0.5
        while True:
            await asyncio.sleep(pause)
            if self._home.guarded():
                pause = 0.5
                continue
            pause = min(2 * pause, 30.0)
            with suppress(OSError):
                await asyncio.to_thread(self._spawn)

    async def keep_well(self, address: Address) -> None:
        """Have a server that panicked started anew, once the disk has room: by itself it never recovers."""
        while True:
            await asyncio.sleep(_LOOK)
            if await panicked(address) and shutil.disk_usage(self._home.root).free >= _ROOM:
                self._tell_guardian(signal.SIGUSR2)
                await asyncio.sleep(_RENEWAL)

    async def leave(self) -> None:
        """Stop being a client; the last one waits until the server is gone."""
        try:
            end = time.monotonic() + 30
            while time.monotonic() < end:
                if not self._home.guarded() or self._others():
                    break
                await asyncio.sleep(_TICK)
        finally:
            self._client.close()

    def _others(self) -> bool:
        """Are there other clients?  If not, tell the guardian that nobody is coming back."""
        if self._client.own():
            self._client.free()
            self._tell_guardian(signal.SIGUSR1)
            return False
        shared = self._client.share()  # not so while the guardian holds it, on its way out
        self._client.free()
        return shared

    async def _state_since(self, began: float) -> State | None:
        """What a living guardian says; starts one where there is none.

        Raises LocalDatabaseError when a guardian gave up since ``began``.
        """
        state = self._home.read_state()
        if self._home.guarded():
            return state if state and _alive(state.guardian) else None
        if state and state.phase is Phase.FAILED and state.at >= began:
            raise explain(Failure(state.why), self._home)
        self._spawned += 1
        if self._spawned > _GUARDIANS:
            raise explain(Failure.OTHER, self._home)
        await asyncio.to_thread(self._spawn)
        return None

    def _spawn(self) -> None:
        assert self._orders is not None
        # It forks once more and so leaves no zombie with us; what it prints goes to a file of the home.
        with (self._home.root / "guardian.log").open("ab") as log:
            subprocess.run(
                self._orders.argv(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._home.root,
                check=False,
            )

    def _tell_guardian(self, what: signal.Signals) -> None:
        state = self._home.read_state()
        if state and self._home.guards_here(state.guardian):
            with suppress(ProcessLookupError):
                os.kill(state.guardian, what)

    def _in_time(self, began: float) -> None:
        if time.time() - began > self._options.start_within:
            raise explain(Failure.OTHER, self._home)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def restored(home: Home) -> LocalDatabaseError:
    """A cut-off restore was finished just now, and this process may have read keys of before."""
    return LocalDatabaseError(
        f"a restore of `{home.root}` had been cut off; it is finished now",
        f"“{home.root}”的恢复曾被中断,现已完成",
        fix="Start the same command again.",
        fix_zh="请重新运行同一命令。",
    )


def _password(home: Home) -> str:
    """The password of this home's server, made the first time and readable by this user alone."""
    if not home.password.exists():
        draft = home.password.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(24), encoding="utf-8")
        with suppress(FileExistsError):  # another process was first: its password it is
            os.link(draft, home.password)
        draft.unlink()
    return home.password.read_text(encoding="utf-8")


def _require_neo4j(jars: Path) -> None:
    if not any(jars.glob("neo4j-server-5.26.*.jar")):
        raise LocalDatabaseError(
            f"there is no Neo4j 5.26 in `{jars.parent}`",
            f"“{jars.parent}”中没有 Neo4j 5.26",
            fix="Set NEO4J_HOME to the folder of an unpacked Neo4j Community 5.26, or unset it.",
            fix_zh="请将 NEO4J_HOME 设为已解压的 Neo4j Community 5.26 文件夹,或取消设置。",
        )
