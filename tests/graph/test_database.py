"""Deadlines and outcomes of database calls, against the real server: busy, frozen, gone."""

from __future__ import annotations

import asyncio
import os
import signal
import time

import pytest
from neo4j import AsyncManagedTransaction
from neo4j.exceptions import ConstraintError, CypherSyntaxError

from huren.errors import BadInput, Unavailable
from huren.graph.database import Address, Database, Deadlines, OutcomeUnknown, rows_of

SLOW = "UNWIND range(1, 1000000000) AS i WITH i WHERE i % 2 = 0 RETURN count(i) AS n"
PUT = "CREATE (:Product {key: $key})"
PUT_ALL = "UNWIND $rows AS row CREATE (:Product {key: row.key, owner: $owner})"
COUNT = "MATCH (p:Product) RETURN count(p) AS n"
BUSY = (
    "SHOW TRANSACTIONS YIELD currentQuery WHERE currentQuery STARTS WITH 'UNWIND range' RETURN count(*) AS n"
)
QUICK = Deadlines(call=1.5, statement=1.0, bulk_call=2.0, bulk_statement=1.0)


async def test_reads_rows_as_dictionaries(database: Database) -> None:
    assert await database.read("UNWIND [1, 2] AS x RETURN x, $y AS y", y="z") == [
        {"x": 1, "y": "z"},
        {"x": 2, "y": "z"},
    ]


async def test_write_is_read_back_by_another_session(database: Database) -> None:
    await database.write_with(lambda tx: rows_of(tx, PUT, key="a"))
    assert await database.read(COUNT) == [{"n": 1}]


async def test_failed_work_writes_nothing(database: Database) -> None:
    async def work(tx: AsyncManagedTransaction) -> None:
        await rows_of(tx, PUT, key="a")
        raise BadInput("no", "否")

    with pytest.raises(BadInput):
        await database.write_with(work)
    assert await database.read(COUNT) == [{"n": 0}]


async def test_bulk_goes_batch_by_batch(database: Database) -> None:
    told: list[int] = []
    rows = ({"key": str(i)} for i in range(2_500))
    assert await database.bulk(PUT_ALL, rows, batch=1_000, done=told.append, owner="o") == 2_500
    assert told == [1_000, 1_000, 500]
    assert await database.read(COUNT) == [{"n": 2_500}]


async def test_mistakes_of_ours_are_not_called_unavailable(database: Database) -> None:
    with pytest.raises(CypherSyntaxError):
        await database.read("RETRUN 1")
    await database.write_with(lambda tx: rows_of(tx, PUT, key="a"))
    with pytest.raises(ConstraintError):
        await database.write_with(lambda tx: rows_of(tx, PUT, key="a"))


async def test_slow_statement_is_stopped_here_and_in_the_server(database: Database, address: Address) -> None:
    quick = await Database.open(address, QUICK)
    began = time.monotonic()
    with pytest.raises(Unavailable):
        await quick.read(SLOW)
    assert time.monotonic() - began < QUICK.call + 1
    await asyncio.sleep(2)
    assert await database.read(BUSY) == [{"n": 0}]
    assert await quick.ready()
    await quick.close()


async def test_deadlock_is_retried(database: Database) -> None:
    await database.bulk(PUT_ALL, [{"key": "a"}, {"key": "b"}], owner="o")
    met = asyncio.Barrier(2)
    touch = "MATCH (p:Product {key: $key}) SET p.seen = coalesce(p.seen, 0) + 1"

    def both(first: str, second: str) -> asyncio.Task[None]:
        attempts = 0

        async def work(tx: AsyncManagedTransaction) -> None:
            nonlocal attempts
            attempts += 1
            await rows_of(tx, touch, key=first)
            if attempts == 1:
                await met.wait()
            await rows_of(tx, touch, key=second)

        return asyncio.create_task(database.write_with(work))

    await asyncio.gather(both("a", "b"), both("b", "a"))
    assert await database.read("MATCH (p:Product) RETURN p.seen AS seen") == [{"seen": 2}, {"seen": 2}]


async def test_frozen_server_hangs_nobody(database: Database, address: Address, jvm: int) -> None:
    quick = await Database.open(address, QUICK)
    os.kill(jvm, signal.SIGSTOP)
    began = time.monotonic()
    calls = (
        *(quick.read("RETURN 1") for _ in range(20)),
        *(quick.write_with(lambda tx: rows_of(tx, PUT, key="a")) for _ in range(20)),
    )
    failures = await asyncio.gather(*calls, return_exceptions=True)
    assert time.monotonic() - began < QUICK.call + 1
    assert all(isinstance(f, Unavailable) for f in failures)
    assert all(isinstance(f, OutcomeUnknown) for f in failures[20:])
    assert not await quick.ready()
    os.kill(jvm, signal.SIGCONT)
    began = time.monotonic()
    while not await quick.ready():
        assert time.monotonic() - began < 10
    assert _in_use(quick) == 0
    await quick.close()


async def test_closing_does_not_wait_for_a_frozen_server(address: Address, jvm: int) -> None:
    quick = await Database.open(address, QUICK)
    os.kill(jvm, signal.SIGSTOP)
    began = time.monotonic()
    await quick.close()
    assert time.monotonic() - began < QUICK.call + 1


async def test_cancelled_call_gives_its_connection_back(address: Address) -> None:
    quick = await Database.open(address)
    call = asyncio.create_task(quick.read(SLOW))
    await asyncio.sleep(0.3)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert await quick.ready()
    assert _in_use(quick) == 0
    await quick.close()


async def test_nobody_at_the_address() -> None:
    with pytest.raises(Unavailable):
        await Database.open(Address("bolt://127.0.0.1:9", "neo4j", "x"), QUICK)


@pytest.mark.parametrize("uri", ["http://127.0.0.1:7687", "127.0.0.1:7687", "nonsense"])
async def test_address_that_is_none(uri: str) -> None:
    with pytest.raises(BadInput, match="not the address"):
        await Database.open(Address(uri, "neo4j", "x"))


async def test_wrong_password(address: Address) -> None:
    with pytest.raises(BadInput, match="refused"):
        await Database.open(Address(address.uri, address.user, "wrong"))


def _in_use(database: Database) -> int:
    pool = database._driver._pool
    return sum(pool.in_use_connection_count(key) for key in pool.connections)
