"""One worker of `huren serve`: run as ``python -m huren.commands.worker`` by the keeper, and by nobody else.

It reads its orders from its standard input, answers on the socket that it inherits, says READY, and then
BEAT again and again: one that falls silent hangs. SIGTERM lets it finish what is in flight; so does the end
of its standard input, which is the end of the keeper.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import resource
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from starlette.applications import Starlette

from huren.app import create_app, join_exchange
from huren.commands.console import show, tell
from huren.commands.exposure import Tls
from huren.commands.memory import MIB, bound, resident
from huren.errors import HurenError
from huren.graph.database import Address
from huren.http.metrics import RESIDENT, RESTARTS
from huren.http.server import GRACE, Server, config
from huren.settings import Settings

READY, BEAT = b"ready\n", b"\n"
LONGEST_END = GRACE + 3.0
"""Seconds after which a worker that was told to stop is ended."""
BEATS_EVERY = 2.0
"""Seconds."""
_MOST_FILES = 16_384


@dataclass(frozen=True, slots=True)
class Size:
    """How many workers there are, and how many MiB each may hold before it is replaced."""

    workers: int = 2
    memory: int = 1024


@dataclass(frozen=True, slots=True)
class Orders:
    """What a worker is told: the rest it reads from the environment, as the keeper did.

    ``listener``: the inherited socket. ``uri``, ``user``, ``password``: of the database. ``again``: it takes
    another's place.
    """

    listener: int
    url: str
    workers: int
    memory: int
    uri: str
    user: str
    password: str = field(repr=False)
    cert: str = ""
    key: str = ""
    again: bool = False

    def line(self) -> bytes:
        """As it is sent."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @property
    def tls(self) -> Tls | None:
        """The files of TLS, where the service does it itself."""
        return Tls(Path(self.cert), Path(self.key)) if self.cert else None


async def work(orders: Orders) -> None:
    """Answer until told to stop."""
    settings = Settings.from_env(os.environ).at(Address(orders.uri, orders.user, orders.password))
    endpoint = replace(settings.endpoint, workers=orders.workers)
    async with join_exchange(settings, tell) as exchange:
        exchange.snapshots.begin()
        app = create_app(exchange, settings.authority(orders.url), endpoint)
        # What start-up made lives as long as the process; no collection need look at it again.
        gc.collect()
        gc.freeze()
        bound(orders.memory * MIB * 3 // 2)
        RESTARTS.inc(orders.again)
        beating = asyncio.create_task(_beat())
        await _serve(app, orders)
        beating.cancel()


async def _serve(app: Starlette, orders: Orders) -> None:
    tls = orders.tls.context() if orders.tls else None
    server = Server(config(app, tls), lambda: _say(READY))

    def stop() -> None:
        server.should_exit = True

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop)
    await server.serve(sockets=[socket.socket(fileno=orders.listener)])


async def _beat() -> None:
    while True:
        RESIDENT.set(resident(os.getpid()))
        await asyncio.sleep(BEATS_EVERY)
        _say(BEAT)


def _say(line: bytes) -> None:
    with suppress(BrokenPipeError):  # the keeper is gone, and standard input says so too
        os.write(sys.stdout.fileno(), line)


def _many_files() -> None:
    """As many open connections as the machine allows, within reason."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))


def _end_with_the_keeper() -> None:
    """Wait for the end of standard input in a thread: the loop may be busy when it comes."""
    os.read(sys.stdin.fileno(), 1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(LONGEST_END)
    os._exit(1)


def main() -> None:
    """Read the orders, and work."""
    orders = Orders(**json.loads(sys.stdin.buffer.readline()))
    _many_files()
    threading.Thread(target=_end_with_the_keeper, daemon=True).start()
    try:
        asyncio.run(work(orders))
    except HurenError as error:
        show(error)
        sys.exit(1)


if __name__ == "__main__":
    main()
