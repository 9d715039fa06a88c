"""The guardian of one home's Neo4j: a small process of its own that starts, watches and stops the JVM.

Run as ``python -m huren.graph.guardian HOME JAVA JARS HEAP GRACE [ARCHIVE]``.  It lives while any client
holds the home's client lock and GRACE seconds longer (SIGUSR1: not longer).  It starts anew a JVM that died,
or that a client found beyond recovery (SIGUSR2), and takes the JVM with it: on Linux the kernel ends the JVM
when the guardian is killed, elsewhere the next guardian ends it.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from huren.graph.children import Child, answers, end_stray, free_port
from huren.graph.failures import Failure, why_it_failed
from huren.graph.home import Home, Lock, Phase, State
from huren.graph.java import command, making, recording, using, write_conf

_TICK = 0.1
_SETTLED = 30.0  # a server that was ready for this long had not failed to start
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Orders:
    """What a guardian is told on its command line."""

    home: Home
    java: Path
    jars: Path
    heap: str
    grace: float
    archive: Path | None

    def argv(self) -> list[str]:
        parts = [self.home.root, self.java, self.jars, self.heap, self.grace, self.archive or ""]
        return [sys.executable, "-P", "-m", "huren.graph.guardian", *map(str, parts)]

    @classmethod
    def of(cls, argv: list[str]) -> Orders:
        home, java, jars, heap, grace, archive = argv
        made = Path(archive) if archive else None
        return cls(Home(Path(home)), Path(java), Path(jars), heap, float(grace), made)

    def command(self, home: Home, archive: tuple[str, ...]) -> list[str]:
        return command(home, self.java, self.jars, self.heap, archive)


class Guardian:
    """Keeps one JVM while there are clients; :meth:`run` returns when nothing of it is left."""

    def __init__(self, orders: Orders) -> None:
        self._orders, self._home = orders, orders.home
        self._clients = Lock(orders.home.clients)
        self._told_to_stop = False
        self._told_to_renew = False
        self._grace = orders.grace
        self._idle_since: float | None = None
        self._port = 0

    def told_to_stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._told_to_stop = True

    def told_to_hurry(self, _signal: int, _frame: FrameType | None) -> None:
        self._grace = 0.0

    def told_to_renew(self, _signal: int, _frame: FrameType | None) -> None:
        self._told_to_renew = True

    def run(self) -> None:
        """Start the JVM, and again when it dies, until nobody needs it or it cannot be started."""
        self._say(Phase.STARTING)
        end_stray(self._home)
        archive = self._archive()
        failures = 0
        while not self._over():
            self._port = free_port(_port_before(self._home))
            ready_for, failure = self._one_life(archive)
            if failure is None:
                break
            failures = 1 if ready_for > _SETTLED else failures + 1
            if failures >= _ATTEMPTS or failure is not Failure.OTHER:
                return self._say(Phase.FAILED, why=failure)
        return self._say(Phase.STOPPED)

    def _one_life(self, archive: Path | None) -> tuple[float, Failure | None]:
        """Run one JVM to its end: seconds it was ready, and why it died unless it was stopped."""
        write_conf(self._home, self._port)
        jvm = Child(self._orders.command(self._home, using(archive)), self._home.console, self._home.neo4j)
        self._say(Phase.STARTING, jvm.pid)
        ready_at: float | None = None
        while jvm.lives():
            if ready_at is None and answers(self._port):
                ready_at = time.monotonic()
                self._say(Phase.READY, jvm.pid)
            if self._over():
                jvm.stop()
                return 0.0, None
            if ready_at and self._told_to_renew:
                jvm.stop()
                self._told_to_renew = False
                return time.monotonic() - ready_at, Failure.OTHER
            time.sleep(_TICK)
        return time.monotonic() - (ready_at or time.monotonic()), why_it_failed(self._home)

    def _archive(self) -> Path | None:
        """The archive to start from, made the first time; None where there is none to be had."""
        archive = self._orders.archive
        if archive is None or archive.exists():
            return archive
        training = self._home.training
        draft, made = training.root / "classes.aotconf", archive.with_suffix(f".{os.getpid()}")
        try:
            training.create()
            if self._train(training, draft):
                orders = self._orders.command(training, making(draft, made))
                self._finished(Child(orders, training.console, training.root))
                made.replace(archive)
        except OSError:  # an archive saves time, no more
            pass
        finally:
            shutil.rmtree(training.root, ignore_errors=True)
            made.unlink(missing_ok=True)
        return archive if archive.exists() else None

    def _train(self, training: Home, draft: Path) -> bool:
        port = free_port(0)
        write_conf(training, port)
        jvm = Child(self._orders.command(training, recording(draft)), training.console, training.neo4j)
        self._say(Phase.PREPARING, jvm.pid)
        while jvm.lives() and not answers(port) and not self._over():
            time.sleep(_TICK)
        asked = [sys.executable, "-P", "-m", "huren.graph.training", str(training.root), str(port)]
        trained = self._finished(Child(asked, training.debug_log, training.root))
        jvm.stop()
        return trained

    def _finished(self, child: Child) -> bool:
        """Wait for a child that ends by itself; end it when nobody waits any more."""
        while child.lives():
            if self._over():
                child.kill()
            time.sleep(_TICK)
        return child.succeeded()

    def _over(self) -> bool:
        """Was I told to stop, or has nobody been here for the time of grace?"""
        if self._told_to_stop:
            return True
        if not self._clients.own():
            self._grace, self._idle_since = self._orders.grace, None
            return False
        self._idle_since = self._idle_since or time.monotonic()
        if time.monotonic() - self._idle_since >= self._grace:
            self._told_to_stop = True  # and the lock is kept: who comes now waits and starts anew
            return True
        self._clients.free()
        return False

    def _say(self, phase: Phase, jvm: int = 0, why: str = "") -> None:
        said = self._home.read_state()
        port = self._port or (said.port if said else 0)
        jvm = jvm or (said.jvm if said and phase is Phase.STARTING else 0)
        self._home.write_state(State(phase, os.getpid(), jvm, port, time.time(), why))


def _port_before(home: Home) -> int:
    state = home.read_state()
    return state.port if state else 0


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
    signal.signal(signal.SIGUSR2, guardian.told_to_renew)
    lock = Lock(orders.home.guardian)
    end = time.monotonic() + 2
    while not lock.own():  # a client that only looks holds it for an instant
        if time.monotonic() > end:
            return
        time.sleep(0.02)
    guardian.run()


if __name__ == "__main__":
    main(sys.argv[1:])
