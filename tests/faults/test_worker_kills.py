"""kill -9 of an API worker under load: nothing acknowledged is lost, nothing is done twice."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest
from httpx2 import AsyncClient, HTTPError, Timeout

from huren.graph.database import Address
from huren.resolvers.context import Exchange
from tests.faults.load import check, check_refusals, resumed, writing
from tests.http.test_metrics import Told
from tests.http.test_serve import minted, serving, url_of
from tests.http.test_workers import children

BACK = 5.0
"""Seconds: the bound of row 1."""


@pytest.fixture(autouse=True)
async def fresh(exchange: Exchange) -> None:
    """No writes of another test."""
    await exchange.database.alter("MATCH (w:Write {name: 'registerProduct'}) DETACH DELETE w")


async def kill(address: Address, exchange: Exchange, home: Path, rounds: int) -> None:
    """``rounds`` times: kill a worker in the middle of the writes, and see them go on."""
    with serving(address, home) as process:
        url, token, slowest, weak = url_of(process), minted(home), 0.0, 0.0
        async with (
            AsyncClient(base_url=url, timeout=Timeout(10)) as http,
            writing(http, token) as history,
        ):
            for number in range(rounds):
                oldest = min(children(process.pid))  # whom most connections are with
                os.kill(oldest, signal.SIGKILL)
                slowest = max(slowest, await resumed(history, BACK))
                weak = max(weak, await whole(http, number + 1))
    print(f"\n{rounds} kills: {history.said()}; writes went on after {slowest:.2f} s at most,")
    print(f"two workers answered again after {weak:.1f} s at most")
    assert history.unknown, "no kill met a request in flight"
    check_refusals(history)
    await check(exchange.database, history)


async def whole(http: AsyncClient, restarts: int) -> float:
    """Wait until the successor answers too; the seconds that took."""
    began = time.monotonic()
    for _ in range(300):
        with suppress(HTTPError):  # of a connection to the one that was killed
            if Told((await http.get("/metrics")).text)("huren_worker_restarts_total") == restarts:
                return time.monotonic() - began
        await asyncio.sleep(0.1)
    raise AssertionError("no successor")


async def test_a_killed_worker_loses_nothing(address: Address, exchange: Exchange, tmp_path: Path) -> None:
    await kill(address, exchange, tmp_path, 3)


@pytest.mark.long
async def test_a_worker_killed_twenty_times_loses_nothing(
    address: Address, exchange: Exchange, tmp_path: Path
) -> None:
    await kill(address, exchange, tmp_path, 20)
