"""`huren serve` as a process: it answers, says where, stops when told, and needs its database."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from httpx2 import ASGITransport, AsyncClient, Client

from huren.app import create_app, exchange_over
from huren.auth.keys import Keys
from huren.auth.principal import Principal
from huren.auth.scopes import ALL_SCOPES
from huren.graph.database import Address, Database
from tests.faults.link import linked
from tests.http.conftest import Caller, token_for


@contextmanager
def serving(address: Address, home: Path, *options: str, **more: str) -> Iterator[subprocess.Popen[str]]:
    """The command, on a free port and the run's database."""
    environ = {
        **os.environ,
        "HUREN_HOME": str(home),
        "NEO4J_URI": address.uri,
        "NEO4J_USERNAME": address.user,
        "NEO4J_PASSWORD": address.password,
        "LC_ALL": "C.UTF-8",
        **more,
    }
    command = [sys.executable, "-m", "huren.cli", "serve", "--port", "0", *options]
    process = subprocess.Popen(
        command, env=environ, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, process_group=0
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=20)


def url_of(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    for line in process.stderr:
        if found := re.search(r"(https?://\S+)/graphql", line):
            return found[1]
    raise AssertionError("it ended without saying where it answers")


def minted(home: Path) -> str:
    """A token of the home's administrator."""
    done = subprocess.run(
        [sys.executable, "-m", "huren.cli", "token", "mint"],
        env={**os.environ, "HUREN_HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_answers_and_stops(address: Address, tmp_path: Path, number: int) -> None:
    with serving(address, tmp_path) as process:
        url = url_of(process)
        with Client(headers={"authorization": f"Bearer {minted(tmp_path)}"}) as client:
            assert client.get(f"{url}/readyz").json()["status"] == "ready"
            answer = client.post(f"{url}/graphql", json={"query": "{ schemes { id } }"})
            assert {"id": "CN-CFP"} in answer.json()["data"]["schemes"]
        began = time.monotonic()
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
        assert time.monotonic() - began < 10
        assert process.returncode == 0
        assert out == ""
        assert err.endswith("stopped\n")
        assert "Traceback" not in err


def test_a_port_in_use_is_said_before_anything_starts(address: Address, tmp_path: Path) -> None:
    with serving(address, tmp_path) as process:
        port = url_of(process).rpartition(":")[2]
        second = subprocess.run(
            [sys.executable, "-m", "huren.cli", "serve", "--port", port],
            env={**os.environ, "HUREN_HOME": str(tmp_path / "other"), "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
    assert second.returncode == 1
    assert second.stderr.startswith(f"port {port} of `127.0.0.1` cannot be had")
    assert not (tmp_path / "other").exists()


async def test_without_its_database_it_says_so(address: Address, keys: Keys) -> None:
    async with linked(address) as (_, other):
        database = await Database.open(other)
    app = create_app(exchange_over(database, keys))
    async with AsyncClient(transport=ASGITransport(app), base_url="http://huren.test") as client:
        caller = Caller(client, keys, token_for(keys, Principal("admin", "test", ALL_SCOPES)))
        for query in (b"{ schemes { id } }", b'{ product(id: \\"x\\") { id } }'):
            began = time.monotonic()
            answer = await caller.send(b'{"query": "' + query + b'"}')
            assert answer.status_code == 503
            assert answer.headers["retry-after"] == "1"
            assert answer.json()["errors"][0]["extensions"]["code"] == "SERVICE_UNAVAILABLE"
            assert "data" not in answer.json()
            assert time.monotonic() - began < 6
        assert (await client.get("/readyz")).status_code == 503
        assert (await client.get("/livez")).status_code == 200
    await database.close()
