"""A token that is revoked at one worker of `huren serve` is refused by the other once that is answered."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from httpx2 import AsyncClient, Limits

from huren.graph.database import Address
from huren.resolvers.context import Exchange
from tests.http.integrator import register
from tests.http.test_serve import serving, url_of
from tests.http.test_workers import children


@pytest.fixture
async def workers(address: Address, tmp_path: Path) -> AsyncIterator[list[AsyncClient]]:
    """A connection to each of two workers: the other one was asleep when it was made."""
    with serving(address, tmp_path) as process:
        url = url_of(process)
        async with AsyncExitStack() as stack:
            found = []
            for resting in children(process.pid):
                client = AsyncClient(base_url=url, limits=Limits(max_connections=1))
                found.append(await stack.enter_async_context(client))
                os.kill(resting, signal.SIGSTOP)
                assert (await client.get("/livez")).status_code == 200
                os.kill(resting, signal.SIGCONT)
            yield found


async def test_a_revoked_token_is_refused_by_every_worker_from_the_answer_on(
    workers: list[AsyncClient], exchange: Exchange
) -> None:
    here, there = workers
    caller = await register(here, exchange.database)
    elsewhere = replace(caller, http=there)
    for _ in range(10):
        token = await caller.access_token()
        assert (await elsewhere.call(token)).status_code == 200
        assert (await caller.call(token)).status_code == 200
        assert (await caller.post("/oauth/revoke", {"token": token})).status_code == 200
        assert (await elsewhere.call(token)).status_code == 401
        assert (await caller.call(token)).status_code == 401
