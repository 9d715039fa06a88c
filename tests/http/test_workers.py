"""The processes of `huren serve`: two answer on one port, and whoever ends or grows too large is replaced."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import astuple
from http.client import HTTPConnection
from pathlib import Path

import psutil
import pytest
from httpx2 import AsyncClient, Client, HTTPError, get

from huren.commands import workers
from huren.commands.memory import MIB, resident
from huren.commands.worker import BEATS_EVERY, Orders
from huren.commands.workers import Workers
from huren.graph.database import Address
from tests.http.test_serve import minted, serving, url_of

HELLO = b'{"query": "{ __typename }"}'


def children(pid: int) -> set[int]:
    """The processes that a process started and that live."""
    said = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    return {int(line) for line in said.stdout.split()}


def lives(pid: int) -> bool:
    """Is there such a process?"""
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


def until(what: Callable[[], object], seconds: float) -> float:
    """Wait until ``what`` holds; the seconds it took."""
    began = time.monotonic()
    while not what():
        assert time.monotonic() - began < seconds, "it does not come"
        time.sleep(0.05)
    return time.monotonic() - began


class Asking:
    """Somebody who asks all the while, each time on a new connection."""

    def __init__(self, url: str) -> None:
        self.url, self.asked, self.failed = url, 0, 0
        self.longest = 0.0
        """Seconds without an answer."""

    @contextmanager
    def all_the_while(self, threads: int = 4) -> Iterator[Asking]:
        over = threading.Event()
        askers = [threading.Thread(target=self._ask, args=(over,)) for _ in range(threads)]
        for asker in askers:
            asker.start()
        try:
            yield self
        finally:
            over.set()
            for asker in askers:
                asker.join(timeout=30)

    def _ask(self, over: threading.Event) -> None:
        last = time.monotonic()
        while not over.is_set():
            self.asked += 1
            line = HTTPConnection("127.0.0.1", int(self.url.rpartition(":")[2]), timeout=10)
            try:
                line.request("GET", "/livez")
                assert line.getresponse().status == 200
            except OSError:
                self.failed += 1
                continue
            finally:
                line.close()
            self.longest, last = max(self.longest, time.monotonic() - last), time.monotonic()


def test_each_of_two_workers_answers_on_the_one_port(address: Address, tmp_path: Path) -> None:
    with serving(address, tmp_path, HUREN_RATE_CLIENT="100") as process:
        url, token = url_of(process), minted(tmp_path)
        workers = children(process.pid)
        assert len(workers) == 2
        for resting in workers:
            os.kill(resting, signal.SIGSTOP)
            try:
                with Client(headers={"authorization": f"Bearer {token}"}) as client:
                    answer = client.post(
                        f"{url}/graphql", content=HELLO, headers={"content-type": "application/json"}
                    )
                assert answer.json()["data"] == {"__typename": "Query"}
                assert '"client";q=500;w=10' in answer.headers["ratelimit-policy"]  # half of 100 a second
            finally:
                os.kill(resting, signal.SIGCONT)


def test_a_killed_worker_has_a_successor(address: Address, tmp_path: Path) -> None:
    with serving(address, tmp_path) as process:
        asking, before = Asking(url_of(process)), children(process.pid)
        victim, other = sorted(before)
        with asking.all_the_while():
            time.sleep(1)
            os.kill(victim, signal.SIGKILL)
            after = until(lambda: len(children(process.pid) - before) == 1, 5)
            time.sleep(3)
        assert other in children(process.pid)
        print(f"killed: successor after {after:.2f} s, {asking.failed} of {asking.asked} requests failed")
        assert asking.longest < 5
        assert asking.failed <= 8  # what it had in its hands
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)
    assert f"worker {victim} was ended by signal 9; another takes its place" in err
    assert "Traceback" not in err


def slow_request(port: int, token: str, size: int) -> socket.socket:
    """A connection on which all of a body has come but its last byte."""
    head = (
        f"POST /graphql HTTP/1.1\r\nhost: huren\r\nauthorization: Bearer {token}\r\n"
        f"content-type: application/json\r\nconnection: close\r\ncontent-length: {size}\r\n\r\n"
    )
    line = socket.create_connection(("127.0.0.1", port), timeout=20)
    line.sendall(head.encode() + HELLO[:-1].ljust(size - 1))
    return line


def rest(line: socket.socket) -> bytes:
    """What comes once the last byte is sent."""
    line.sendall(HELLO[-1:])
    got = b""
    while chunk := line.recv(65_536):
        got += chunk
    return got


def test_a_worker_that_grew_too_large_is_let_go(address: Address, tmp_path: Path) -> None:
    with serving(address, tmp_path, "--workers", "1", "--memory", "256") as process, ExitStack() as stack:
        url, token = url_of(process), minted(tmp_path)
        port, [large] = int(url.rpartition(":")[2]), children(process.pid)
        before = resident(large)
        asking = Asking(url)
        stack.enter_context(asking.all_the_while(2))
        held = [stack.enter_context(slow_request(port, token, MIB)) for _ in range(150)]
        until(lambda: resident(large) > 256 * MIB, 10)
        until(lambda: len(children(process.pid)) == 2, 10)
        assert b" 200 OK" in rest(held[0])  # what it had begun it finishes
        for line in held[1:]:
            line.close()
        until(lambda: not lives(large), 20)
        print(f"{before / MIB:.0f} MiB at rest; replaced with {asking.failed} of {asking.asked} failed")
        assert asking.failed == 0
        [successor] = children(process.pid)
        assert resident(successor) < 256 * MIB
        process.send_signal(signal.SIGTERM)
        stack.close()
        _, err = process.communicate(timeout=20)
    assert f"worker {large} holds more than 256 MiB; another takes its place" in err


@pytest.mark.skipif("sys.platform != 'linux'")
def test_the_kernel_holds_a_worker_to_its_memory(address: Address, tmp_path: Path) -> None:
    with serving(address, tmp_path, "--memory", "300") as process:
        url_of(process)
        for worker in children(process.pid):
            limits = Path(f"/proc/{worker}/limits").read_text("ascii")
            [most] = re.findall(r"Max data size +(\d+)", limits)
            assert 450 * MIB < int(most) < 1024 * MIB


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stopping_finishes_what_is_in_flight_and_leaves_no_process(
    address: Address, tmp_path: Path, number: int
) -> None:
    with serving(address, tmp_path) as process:
        url, token = url_of(process), minted(tmp_path)
        workers = children(process.pid)
        with slow_request(int(url.rpartition(":")[2]), token, 100) as line:
            time.sleep(0.5)
            os.killpg(process.pid, number)  # as Ctrl-C does: to all of the group
            time.sleep(0.5)
            process.send_signal(number)  # again, by somebody who cannot wait
            time.sleep(0.5)
            assert b" 200 OK" in rest(line)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert err.endswith("stopped\n")
    assert not any(lives(worker) for worker in workers)


def test_without_their_keeper_the_workers_end(address: Address, tmp_path: Path) -> None:
    with serving(address, tmp_path) as process:
        url, workers = url_of(process), children(process.pid)
        process.kill()
        seconds = until(lambda: not any(lives(worker) for worker in workers), 15)
        print(f"without a keeper gone after {seconds:.1f} s")
        with pytest.raises(HTTPError):
            get(f"{url}/livez")


async def test_a_worker_that_hangs_has_a_successor(
    address: Address, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "SILENT", 3 * BEATS_EVERY)
    monkeypatch.setenv("HUREN_HOME", str(tmp_path))
    ready = asyncio.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        orders = Orders(listener.fileno(), url, 1, 1024, *astuple(address))
        running = asyncio.create_task(Workers(orders, tmp_path).run(ready.set))
        await asyncio.wait_for(ready.wait(), 60)
        (hung,) = children(os.getpid()) & set(of_workers())
        os.kill(hung, signal.SIGSTOP)
        async with asyncio.timeout(60):
            while lives(hung):  # noqa: ASYNC110  (a process has no event to wait for)
                await asyncio.sleep(0.2)
        async with AsyncClient() as client:
            assert (await client.get(f"{url}/livez")).status_code == 200
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    assert f"worker {hung} has hung for 6 s; another takes its place" in capfd.readouterr().err


def of_workers() -> Iterator[int]:
    """The processes that are workers of some keeper."""
    for process in psutil.process_iter(["cmdline"]):
        if "huren.commands.worker" in (process.info["cmdline"] or ()):
            yield process.pid


@pytest.mark.slow
async def test_a_worker_that_cannot_start_is_tried_again(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = ""

    async def until_said(sentence: str, times: int) -> None:
        nonlocal said
        async with asyncio.timeout(60):
            while said.count(sentence) < times:
                await asyncio.sleep(0.1)
                said += capfd.readouterr().err

    with socket.create_server(("127.0.0.1", 0)) as listener:
        orders = Orders(listener.fileno(), "http://x", 1, 1024, "mongodb://127.0.0.1", "neo4j", "none")
        with monkeypatch.context() as python:
            python.setattr(sys, "executable", str(tmp_path / "none"))
            running = asyncio.create_task(Workers(orders, tmp_path).run(lambda: pytest.fail("it is ready")))
            await until_said("no worker can be started: No such file or directory", 1)
        await until_said("ended with status 1; another takes its place", 2)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    assert "`mongodb://127.0.0.1` is not the address of a Neo4j server" in said


def test_renewed_workers_take_over_without_a_gap(address: Address, tmp_path: Path) -> None:
    with serving(address, tmp_path) as process:
        asking, before = Asking(url_of(process)), children(process.pid)
        with asking.all_the_while(2):
            process.send_signal(signal.SIGUSR1)
            until(lambda: not any(lives(worker) for worker in before), 30)
        assert len(children(process.pid) - before) == 2
        assert asking.failed == 0
        assert asking.asked > 100
