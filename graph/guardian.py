"""The guardian of one home's Neo4j: a small process of its own that starts, watches and stops the JVM.

Run as ``python -m huren.graph.guardian HOME JAVA JARS HEAP GRACE``.  It lives while any client holds the
home's client lock and GRACE seconds longer (SIGUSR1: not longer), starts a JVM that died anew, and takes
the JVM with it: on Linux the kernel ends the JVM when the guardian is killed, elsewhere the next guardian
ends it.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from huren.graph.failures import Failure, why_it_failed
from huren.graph.home import Home, Lock, Phase, State
from huren.graph.java import command, write_conf

_TICK = 0.1
_STOP_WITHIN = 20.0
_SETTLED = 30.0  # a server that was ready for this long had not failed to start
_ATTEMPTS = 3
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Orders:
    """What a guardian is told on its command line."""

    home: Home
    java: Path
    jars: Path
    heap: str
    grace: float

    def argv(self) -> list[str]:
        parts = [self.home.root, self.java, self.jars, self.heap, self.grace]
        return [sys.executable, "-P", "-m", "huren.graph.guardian", *map(str, parts)]

    @classmethod
    def of(cls, argv: list[str]) -> Orders:
        home, java, jars, heap, grace = argv
        return cls(Home(Path(home)), Path(java), Path(jars), heap, float(grace))


class Guardian:
    """Keeps one JVM while there are clients; :meth:`run` returns when nothing of it is left."""

    def __init__(self, orders: Orders) -> None:
        self._orders, self._home = orders, orders.home
        self._clients = Lock(orders.home.clients)
        self._told_to_stop = False
        self._grace = orders.grace
        self._port = 0

    def told_to_stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._told_to_stop = True

    def told_to_hurry(self, _signal: int, _frame: FrameType | None) -> None:
        self._grace = 0.0

    def run(self) -> None:
        """Start the JVM, and again when it dies, until nobody needs it or it cannot be started."""
        self._say(Phase.STARTING)
        end_stray(self._home)
        failures = 0
        while True:
            self._port = free_port(_port_before(self._home))
            ready_for, failure = self._one_life()
            if failure is None:
                return self._say(Phase.STOPPED)
            failures = 1 if ready_for > _SETTLED else failures + 1
            if failures >= _ATTEMPTS or failure is not Failure.OTHER:
                return self._say(Phase.FAILED, why=failure)

    def _one_life(self) -> tuple[float, Failure | None]:
        """Run one JVM to its end: seconds it was ready, and why it died unless it was stopped."""
        write_conf(self._home, self._port)
        with self._home.console.open("wb") as console:
            jvm = self._spawn(console.fileno())
        self._say(Phase.STARTING, jvm.pid)
        ready_at: float | None = None
        idle_since: float | None = None
        while jvm.poll() is None:
            if ready_at is None and _answers(self._port):
                ready_at = time.monotonic()
                self._say(Phase.READY, jvm.pid)
            idle_since = self._idle_since(idle_since)
            if self._told_to_stop or (idle_since is not None and self._nobody_since(idle_since)):
                stop(jvm.terminate, jvm.kill, lambda: jvm.poll() is not None)
                return 0.0, None
            time.sleep(_TICK)
        return time.monotonic() - (ready_at or time.monotonic()), why_it_failed(self._home)

    def _spawn(self, console: int) -> subprocess.Popen[bytes]:
        orders = self._orders
        return subprocess.Popen(
            command(self._home, orders.java, orders.jars, orders.heap),
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=console,
            cwd=self._home.neo4j,
            preexec_fn=_die_with_parent(os.getpid()),  # noqa: PLW1509  # this process has one thread
        )

    def _idle_since(self, before: float | None) -> float | None:
        if not self._clients.own():
            self._grace = self._orders.grace
            return None
        self._clients.free()
        return before or time.monotonic()

    def _nobody_since(self, idle_since: float) -> bool:
        # Held from here to the end: who comes now waits, finds no guardian, and starts one.
        return time.monotonic() - idle_since >= self._grace and self._clients.own()

    def _say(self, phase: Phase, jvm: int = 0, why: str = "") -> None:
        said = self._home.read_state()
        port = self._port or (said.port if said else 0)
        jvm = jvm or (said.jvm if said and phase is Phase.STARTING else 0)
        self._home.write_state(State(phase, os.getpid(), jvm, port, time.time(), why))


def end_stray(home: Home) -> None:
    """End a JVM that an earlier guardian of this home left behind."""
    state = home.read_state()
    if state is None or not home.runs_here(state.jvm):
        return
    pid = state.jvm
    stop(
        lambda: os.kill(pid, signal.SIGTERM),
        lambda: os.kill(pid, signal.SIGKILL),
        lambda: not home.runs_here(pid),
    )


def stop(ask: Callable[[], None], force: Callable[[], None], gone: Callable[[], bool]) -> None:
    """Ask a process to end, wait, then force it and wait again."""
    for order, seconds in ((ask, _STOP_WITHIN), (force, 5.0)):
        try:
            order()
        except ProcessLookupError:
            return
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if gone():
                return
            time.sleep(_TICK / 2)


def free_port(wished: int) -> int:
    """``wished`` if nobody listens there, else any free loopback port."""
    for port in (wished, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free loopback port")


def _port_before(home: Home) -> int:
    state = home.read_state()
    return state.port if state else 0


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _die_with_parent(parent: int) -> Callable[[], None] | None:
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def arrange() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return arrange


def main(argv: list[str]) -> None:
    """Become nobody's child, so that no client is left with a zombie, and guard."""
    if os.fork():
        os._exit(0)
    os.setsid()
    orders = Orders.of(argv)
    guardian = Guardian(orders)
    signal.signal(signal.SIGTERM, guardian.told_to_stop)
    signal.signal(signal.SIGINT, guardian.told_to_stop)
    signal.signal(signal.SIGUSR1, guardian.told_to_hurry)
    lock = Lock(orders.home.guardian)
    end = time.monotonic() + 2
    while not lock.own():  # a client that only looks holds it for an instant
        if time.monotonic() > end:
            return
        time.sleep(0.02)
    guardian.run()


if __name__ == "__main__":
    main(sys.argv[1:])
