"""The managed local Neo4j: shared, started again, and never left behind, however its processes end."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from huren.graph.connect import connect
from huren.graph.database import Database
from huren.graph.home import Home, LocalDatabaseError, Phase
from huren.graph.local import LocalOptions, local_server
from huren.graph.model.text import Text

CLIENT = Path(__file__).parent / "local_client.py"
PUT = "MERGE (m:Kept {id: $id})"
KEPT = "MATCH (m:Kept) RETURN count(m) AS n"


@pytest.fixture(scope="module")
def options(local_options: LocalOptions, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalOptions]:
    """A home of this module alone, whose processes are all gone at the end."""
    home = tmp_path_factory.mktemp("local")
    yield replace(local_options, home=home)
    for process in _processes(home):
        process.kill()


class Client:
    """One process that uses the server of ``options``."""

    def __init__(self, options: LocalOptions) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(CLIENT), str(options.home), str(options.cache)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def wait_ready(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def end(self, how: signal.Signals) -> None:
        self.process.send_signal(how)
        self.process.wait(timeout=60)

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def client(options: LocalOptions) -> Iterator[Callable[[], Client]]:
    """Starts clients; none of them outlives the test."""
    started: list[Client] = []

    def start() -> Client:
        started.append(Client(options))
        return started[-1]

    yield start
    for one in started:
        one.close()


def _processes(home: Path) -> list[psutil.Process]:
    """Guardians and JVMs of ``home``, by their command lines."""
    mine = (f"huren.graph.guardian {home} ", f"huren.graph.training {home}/", f"--home-dir={home}/")
    return [
        p
        for p in psutil.process_iter(["cmdline"])
        if any(mark in " ".join(p.info["cmdline"] or ()) + " " for mark in mine)
    ]


def _within(seconds: float, condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False


def _gone(home: Path, seconds: float = 30) -> bool:
    return _within(seconds, lambda: not _processes(home))


async def _answers_again(database: Database, seconds: float = 90) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if await database.ready():
            return True
        await asyncio.sleep(0.2)
    return False


def test_two_first_starts_share_one_server_until_the_last_is_killed(
    options: LocalOptions, client: Callable[[], Client]
) -> None:
    clients = [client(), client()]
    for one in clients:
        one.wait_ready()
    before = {p.pid for p in _processes(options.home)}
    assert len(before) == 2  # one guardian, one JVM
    clients[0].end(signal.SIGKILL)
    assert not _gone(options.home, 2 * options.grace)
    assert {p.pid for p in _processes(options.home)} == before
    clients[1].end(signal.SIGKILL)
    assert _gone(options.home)


async def test_second_start_reuses_what_is_there(options: LocalOptions) -> None:
    said: list[Text] = []
    home = Home(options.home)
    async with connect(options, progress=said.append) as database:
        await database.write_with(lambda tx: tx.run(PUT, id="a"))
        password, port = home.password.read_text(), _port(home)
    assert _processes(options.home) == []  # whoever leaves last waits until nothing is left
    assert [text.en for text in said] == ["starting Neo4j"]
    async with connect(options) as database:
        assert await database.read(KEPT) == [{"n": 1}]
        async with connect(options) as another:
            assert await another.read(KEPT) == [{"n": 1}]
        assert await database.ready()
        assert (home.password.read_text(), _port(home)) == (password, port)
    assert home.password.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_client_leaves_nothing(
    options: LocalOptions, client: Callable[[], Client], how: signal.Signals
) -> None:
    first = client()
    first.wait_ready()
    first.end(how)
    assert _gone(options.home)


def test_client_killed_while_the_server_boots_leaves_nothing(
    options: LocalOptions, client: Callable[[], Client]
) -> None:
    first = client()
    assert _within(60, lambda: len(_processes(options.home)) == 2)
    first.end(signal.SIGKILL)
    assert _gone(options.home)


async def test_killed_jvm_and_killed_guardian_are_replaced(options: LocalOptions) -> None:
    async with connect(options) as database:
        home = Home(options.home)
        jvm, guardian = _pids(home)
        os.kill(jvm, signal.SIGKILL)
        assert await _answers_again(database)
        assert _pids(home)[1] == guardian
        os.kill(guardian, signal.SIGKILL)
        assert _within(30, lambda: not psutil.pid_exists(guardian))
        await asyncio.sleep(1)  # the client notices
        assert await _answers_again(database)
        assert _pids(home)[1] != guardian
        assert len(_processes(options.home)) == 2
    assert _processes(options.home) == []


def test_all_killed_at_once_leave_nothing_and_the_next_start_works(
    options: LocalOptions, client: Callable[[], Client]
) -> None:
    first = client()
    first.wait_ready()
    _, guardian = _pids(Home(options.home))
    os.kill(first.process.pid, signal.SIGSTOP)  # so that it cannot call a new guardian first
    os.kill(guardian, signal.SIGKILL)
    first.end(signal.SIGKILL)
    assert _gone(options.home)
    following = client()
    following.wait_ready()
    following.end(signal.SIGTERM)
    assert _gone(options.home)


async def test_damaged_store_is_named(options: LocalOptions) -> None:
    for store in (options.home / "neo4j" / "data" / "databases" / "neo4j").glob("neostore*"):
        store.write_bytes(b"\xff" * 8192)
    with pytest.raises(LocalDatabaseError, match="damaged"):
        async with local_server(options):
            pass
    assert _gone(options.home)
    assert Home(options.home).read_state().phase in {Phase.STOPPED, Phase.FAILED}  # type: ignore[union-attr]


def _pids(home: Home) -> tuple[int, int]:
    state = home.read_state()
    assert state is not None
    return state.jvm, state.guardian


def _port(home: Home) -> int:
    state = home.read_state()
    assert state is not None
    return state.port
