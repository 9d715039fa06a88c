"""kill -9 of the database under load: nothing acknowledged is lost, and nobody waits for what is gone."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from httpx2 import AsyncClient, Timeout

from huren.graph.connect import connect
from huren.graph.local import LocalOptions
from tests.faults.load import check, check_refusals, readiness, resumed, writing
from tests.faults.served import Served, serving


@dataclass
class Fallible:
    """A service whose database is its own to lose."""

    options: LocalOptions
    served: Served
    http: AsyncClient

    async def lose_it(self, rounds: int) -> None:
        """``rounds`` times: kill the database in the middle of the writes, and see them go on."""
        async with writing(self.http, self.served.token) as history:
            for number in range(rounds):
                os.kill(self.served.jvm, signal.SIGKILL)
                killed = time.monotonic()
                await readiness(self.http, 503, 5)
                down = await readiness(self.http, 200, 90)
                longest = history.longest(killed, time.monotonic())
                back = await resumed(history, 30)
                times = f"down {down:.1f} s, refused in {longest:.2f} s, back {back:.1f} s later"
                print(f"\nround {number + 1}: {times}")
                assert longest < 5
        print(history.said())
        check_refusals(history)
        async with connect(self.options) as database:
            await check(database, history)


@pytest.fixture
async def fallible(local_options: LocalOptions, tmp_path: Path) -> AsyncIterator[Fallible]:
    options = replace(local_options, home=tmp_path / "home")
    with serving(options) as served:
        async with AsyncClient(base_url=served.url, timeout=Timeout(10)) as http:
            yield Fallible(options, served, http)


async def test_a_killed_database_loses_nothing(fallible: Fallible) -> None:
    await fallible.lose_it(1)


@pytest.mark.long
async def test_a_database_killed_five_times_loses_nothing(fallible: Fallible) -> None:
    await fallible.lose_it(5)
