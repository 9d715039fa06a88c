"""Processes that the guardian starts and ends, and the ports they listen on."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from huren.graph.home import Home

_TICK = 0.05
_STOP_WITHIN = 20.0
_PR_SET_PDEATHSIG = 1


class Child:
    """One process, its output in a file; on Linux it ends when the one that started it does."""

    def __init__(self, command: list[str], output: Path, folder: Path) -> None:
        with output.open("wb") as out:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=folder,
                preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509  # the guardian has one thread
            )
        self.pid = self._process.pid

    def lives(self) -> bool:
        return self._process.poll() is None

    def succeeded(self) -> bool:
        return self._process.poll() == 0

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """Ask it to end; kill it if it does not."""
        self._process.terminate()
        try:
            self._process.wait(_STOP_WITHIN)
        except subprocess.TimeoutExpired:
            self.kill()


def end_stray(home: Home) -> None:
    """End a JVM that an earlier guardian of this home left behind: it may be on its way out, or frozen."""
    state = home.read_state()
    if state is None:
        return
    for how, seconds in ((signal.SIGTERM, _STOP_WITHIN), (signal.SIGKILL, 5.0)):
        if not home.runs_here(state.jvm):
            return
        try:
            os.kill(state.jvm, how)
        except ProcessLookupError:
            return
        end = time.monotonic() + seconds
        while home.runs_here(state.jvm) and time.monotonic() < end:
            time.sleep(_TICK)


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


def answers(port: int) -> bool:
    """Does anybody accept connections on this loopback port?"""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _die_with(parent: int) -> Callable[[], None] | None:
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def arrange() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return arrange
