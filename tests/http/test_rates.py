"""Each client and organisation has so many units of cost; the answers say how many are left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import cast

import pytest
from httpx2 import ASGITransport, AsyncClient

from huren.app import create_app
from huren.auth.keys import Keys
from huren.auth.principal import Principal
from huren.auth.scopes import ALL_SCOPES
from huren.errors import RateLimited
from huren.graph.database import Database
from huren.graph.revision import utc_now
from huren.graph.supply import Snapshots
from huren.http.endpoint import Endpoint
from huren.http.rates import Rates
from huren.resolvers.context import Exchange
from huren.resolvers.knowledge import Knowledge
from huren.settings import Settings
from tests.http.conftest import NEW, OLD, Caller, token_for

HELLO = b'{"query": "{ __typename }"}'
ROLL_UP_UNITS = 400
"""Members of a roll-up with all hundred contributions, by name, stage and share."""


@asynccontextmanager
async def limited(keys: Keys, endpoint: Endpoint) -> AsyncIterator[Callable[..., Caller]]:
    """Callers of an application with these limits."""
    absent = cast(Database, None), cast(Snapshots, None), cast(Knowledge, None)
    app = create_app(Exchange(*absent, utc_now, keys, "admin"), None, endpoint)
    async with AsyncClient(transport=ASGITransport(app), base_url="http://huren.test") as client:
        yield lambda org, name="test": Caller(client, keys, token_for(keys, Principal(org, name, ALL_SCOPES)))


@pytest.mark.parametrize("accept", [NEW, OLD])
async def test_a_client_that_asks_too_much_waits(keys: Keys, accept: str) -> None:
    async with limited(keys, Endpoint(client=1, organisation=2)) as caller:
        one, other = caller("a"), caller("a", "second")
        answers = [await one.send(HELLO, accept=accept) for _ in range(12)]
        assert [answer.status_code for answer in answers].count(200) == 10
        last = answers[-1]
        assert last.status_code == 429
        assert 1 <= int(last.headers["retry-after"]) <= 20
        error = last.json()["errors"][0]
        assert error["extensions"]["code"] == "RATE_LIMITED"
        assert error["extensions"]["messageZh"]
        assert last.json()["extensions"]["cost"] == {"requested": 1, "actual": 0, "available": 0}
        assert [(await other.send(HELLO)).status_code for _ in range(11)].count(200) == 10
        third = await caller("a", "third").send(HELLO)  # the organisation has used its twenty
        assert third.status_code == 429
        assert "organisation" in third.json()["errors"][0]["message"]
        assert (await caller("b").send(HELLO)).status_code == 200


async def test_what_is_left_is_said_on_every_answer(keys: Keys) -> None:
    async with limited(keys, Endpoint(client=10, organisation=20)) as caller:
        sent = [await caller("a").send(body) for body in (HELLO, b"{", b'{"query": "{"}', HELLO)]
        assert [answer.status_code for answer in sent] == [200, 400, 400, 200]
        policy = '"client";q=100;w=10, "organisation";q=200;w=10'
        for used, answer in enumerate(sent, 1):
            assert answer.headers["ratelimit-policy"] == policy
            told = f'"client";r={100 - used};t=10, "organisation";r={200 - used};t=10'
            assert answer.headers["ratelimit"] == told
            assert answer.json()["extensions"]["cost"]["available"] == 100 - used
        nobody = await caller("a").client.post("/graphql", content=HELLO)
        assert (nobody.status_code, nobody.headers["ratelimit-policy"]) == (401, policy)


async def test_what_is_asked_for_must_be_there_and_what_came_is_paid() -> None:
    rates = Rates(Endpoint(client=100, organisation=0))
    caller = Principal("a", "test", ALL_SCOPES)
    first, second = rates.account(caller), rates.account(caller)
    await first.reserve(900)
    with pytest.raises(RateLimited):
        await second.reserve(200)
    assert (await second.settle(0)).available == 100
    assert (await first.settle(3)).available == 997
    third = rates.account(caller)
    await third.reserve(200)
    assert (await third.settle(5_000)).available == 0  # more came than was asked: all that is left
    assert not rates._held


async def test_an_unlimited_client_is_told_so(keys: Keys) -> None:
    async with limited(keys, Endpoint(client=0, organisation=0)) as caller:
        answer = await caller("a").send(HELLO)
    assert answer.json()["extensions"]["cost"] == {"requested": 1, "actual": 1, "available": None}
    assert "ratelimit" not in answer.headers


async def test_workers_share_the_limit() -> None:
    assert [p.item.amount for p in Rates(Endpoint(client=100, organisation=200, workers=4)).policies] == [
        250,
        500,
    ]


async def test_by_default_one_of_two_workers_lets_a_client_ask_500_roll_ups_a_second() -> None:
    endpoint = replace(Settings.from_env({}).endpoint, workers=2)
    rates, caller = Rates(endpoint), Principal("a", "test", ALL_SCOPES)
    for _ in range(10 * 500):
        account = rates.account(caller)
        await account.reserve(ROLL_UP_UNITS)
        await account.settle(ROLL_UP_UNITS)


async def test_a_request_that_was_cut_off_holds_nothing(keys: Keys) -> None:
    rates, caller = Rates(Endpoint(client=10)), Principal("a", "test", ALL_SCOPES)

    async def work() -> None:
        account = rates.account(caller)
        try:
            await account.reserve(50)
            await asyncio.sleep(60)
        finally:
            await account.settle(0)

    task = asyncio.create_task(work())
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert not rates._held
