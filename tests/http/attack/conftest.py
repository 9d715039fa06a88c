"""The same exchange as for the other tests, but patient: a battery keeps a small machine busy."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from huren.app import exchange_over, prepare
from huren.auth.keys import Keys
from huren.graph.connect import connect
from huren.graph.database import Address, Deadlines
from huren.resolvers.context import Exchange
from tests.http.conftest import EMPTY, START

PATIENT = Deadlines(60, 55, 240, 200)


@pytest.fixture(scope="module")
async def exchange(address: Address, keys: Keys) -> AsyncIterator[Exchange]:
    """An exchange with the reference data and nothing else, for the tests of one file."""
    async with connect(address, PATIENT) as database:
        await database.alter(EMPTY)
        await database.alter(START)
        await prepare(database)
        yield exchange_over(database, keys, 60.0)
        await database.alter(EMPTY)
