"""A slow, cut or silent link to the database, and a frozen database, while eight writers write."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from httpx2 import ASGITransport, AsyncClient

from huren.app import create_app, exchange_over
from huren.auth.keys import Keys
from huren.auth.principal import Principal
from huren.auth.scopes import ALL_SCOPES
from huren.graph.database import Address, Database
from huren.resolvers.context import Exchange
from tests.faults.link import Link, linked
from tests.faults.load import OPERATION, History, check, check_refusals, readiness, resumed, writing
from tests.http.conftest import token_for

SEEDS = (1, 2, 3)


@dataclass
class Wired:
    """A service at the end of a link, and the database at the other end for us to look into."""

    link: Link
    database: Database
    http: AsyncClient
    token: str

    def in_use(self) -> int:
        """Connections of its pool that somebody holds."""
        pool = self.database._driver._pool
        return sum(pool.in_use_connection_count(address) for address in pool.connections)

    async def recovers(self, history: History) -> None:
        """It is ready and writes again, by itself."""
        green = await readiness(self.http, 200, 10)
        back = await resumed(history, 15)
        print(f"\nready after {green:.1f} s, writes {back:.1f} s later")


@pytest.fixture
async def wired(address: Address, exchange: Exchange, keys: Keys) -> AsyncIterator[Wired]:
    async with linked(address) as (link, near):
        database = await Database.open(near)
        app = create_app(exchange_over(database, keys))
        transport = ASGITransport(app, raise_app_exceptions=False)
        async with AsyncClient(transport=transport, base_url="http://huren.test", timeout=30) as http:
            yield Wired(link, database, http, token_for(keys, Principal("admin", "test", ALL_SCOPES)))
        await database.close()


async def held(wired: Wired, exchange: Exchange, history: History) -> None:
    """Nothing acknowledged was lost or doubled, everything was answered in time, and nothing is left over."""
    print(history.said())
    check_refusals(history)
    await check(exchange.database, history)
    assert wired.in_use() == 0


@pytest.fixture(autouse=True)
async def fresh(exchange: Exchange) -> None:
    """No writes of another test."""
    await exchange.database.alter("MATCH (w:Write {name: 'registerProduct'}) DETACH DELETE w")


async def test_a_slow_link(wired: Wired, exchange: Exchange) -> None:
    """Half a second for each chunk each way: requests end in time, acknowledged or not."""
    async with writing(wired.http, wired.token) as history:
        wired.link.delay = 0.5
        began = time.monotonic()
        await asyncio.sleep(12)
        assert history.longest(began, time.monotonic()) < OPERATION + 1
        wired.link.delay = 0.0
        await wired.recovers(history)
    await held(wired, exchange, history)


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_link_that_is_cut_in_the_middle_of_messages(
    wired: Wired, exchange: Exchange, seed: int
) -> None:
    chance = random.Random(seed)
    async with writing(wired.http, wired.token) as history:
        for _ in range(20):
            wired.link.cut(after=chance.randrange(1, 3_000))
            await asyncio.sleep(chance.uniform(0.05, 0.3))
        await wired.recovers(history)
    await held(wired, exchange, history)
    assert history.unknown or history.acknowledged


async def test_a_link_that_swallows_everything(wired: Wired, exchange: Exchange) -> None:
    """The circuit opens, so that nobody waits any more; and closes when the link is well."""
    async with writing(wired.http, wired.token) as history:
        wired.link.hole = True
        red = await readiness(wired.http, 503, 5)
        await asyncio.sleep(OPERATION)
        assert wired.database.circuit.is_open
        began = time.monotonic()
        await asyncio.sleep(2)
        refused = history.longest(began, time.monotonic())
        assert refused < 1
        print(f"\nred after {red:.1f} s; once open, refused in {refused * 1e3:.0f} ms")
        wired.link.hole = False
        await wired.recovers(history)
        assert not wired.database.circuit.is_open
    await held(wired, exchange, history)


async def freeze(wired: Wired, exchange: Exchange, jvm: int, seconds: float) -> None:
    async with writing(wired.http, wired.token) as history:
        os.kill(jvm, signal.SIGSTOP)
        red = await readiness(wired.http, 503, 5)
        await asyncio.sleep(seconds - red)
        os.kill(jvm, signal.SIGCONT)
        await wired.recovers(history)
    await held(wired, exchange, history)


async def test_a_frozen_database(wired: Wired, exchange: Exchange, jvm: int) -> None:
    await freeze(wired, exchange, jvm, 8)


@pytest.mark.long
async def test_a_database_frozen_for_twenty_seconds(wired: Wired, exchange: Exchange, jvm: int) -> None:
    await freeze(wired, exchange, jvm, 20)
