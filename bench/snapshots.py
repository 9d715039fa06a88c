"""A national supply graph in a process: what it weighs, how soon a stored one is there, how fast it is read.

What a write costs the next question is in :mod:`bench.writes`. The peers: 700 MB of process memory for a
million products of nine inputs, solved; two seconds for loading them; and for reading from the database the
same query through the bare driver, its rows thrown away.
"""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

from neo4j import AsyncDriver, AsyncGraphDatabase, AsyncManagedTransaction

from bench.imports import INPUTS as IMPORTED
from bench.imports import ours as imported
from bench.imports import server
from bench.measure import Claim
from bench.writes import run as followed
from huren.commands.memory import resident
from huren.graph.revision import pin
from huren.graph.snapshot import reading
from huren.graph.snapshot.blob import Blob
from huren.graph.snapshot.snapshot import Draft, Snapshot
from huren.graph.supply import Snapshots
from huren.graph.system import System

PRODUCTS = int(os.environ.get("BENCH_PRODUCTS", "1000000"))
INPUTS, CHUNK = 9, 10_000
BUDGET = 700e6 / 1_000_000
"""Bytes of memory a product, everything included."""
SECONDS = 2.0 / 1_000_000
IMPORTS, ROUNDS = 5, 5

T = TypeVar("T")


def key(i: int) -> str:
    """A key as long as real ones: a USCC and an article number."""
    return f"9132{i % 5_000:014d}/SKU-{i:08d}"


def rows(start: int, stop: int) -> Iterator[dict[str, Any]]:
    """Products as the database has them: named in both languages, with provenance; suppliers come before."""
    draw = random.Random(start)
    for i in range(start, stop):
        suppliers = sorted({draw.randrange(i) for _ in range(INPUTS)} if i else ())
        yield {
            "key": key(i),
            "revision": 1,
            "nameZh": f"产品型号{i}",
            "nameEn": f"product grade {i}",
            "declaredUnit": ("kg", "kWh", "piece", "t")[i % 4],
            "category": f"category {i % 400}",
            "region": f"CN-{i % 34}",
            "site": f"site {i % 9_000}",
            "periodStart": "2025-01-01",
            "periodEnd": "2025-12-31",
            "dqrTech": 1 + i % 5,
            "gas": ["CO2", "CH4"],
            "kg": [draw.random(), draw.random() / 100],
            "origin": ["fossil", "fossil"],
            "unlinkedStated": True,
            "inputs": [_input(j, draw) for j in suppliers],
        }


def _input(supplier: int, draw: random.Random) -> list[Any]:
    stage, kind = draw.choice(("raw_material", "production", "")), draw.choice(("primary", "secondary"))
    amount, gsd = draw.random() / INPUTS, 1.05 + draw.randrange(97) / 100
    return [key(supplier), stage, amount, kind, f"source {supplier % 20_000}", gsd]


def build(path: Path) -> int:
    """Store a snapshot of PRODUCTS products; its size in bytes."""
    draft = Draft(Snapshot(), [key(i) for i in range(PRODUCTS)])
    for start in range(0, PRODUCTS, CHUNK):
        draft.add(list(rows(start, min(start + CHUNK, PRODUCTS))))
    Blob(path).write(draft.done(1, None), "bench")
    return path.stat().st_size


def load(path: Path) -> float:
    """Seconds until it is there, in a process that has just started."""
    began = time.perf_counter()
    assert len(Blob(path).read("bench").heads) == PRODUCTS
    return time.perf_counter() - began


def weigh(path: Path) -> int:
    """Bytes that a process holds with the snapshot and its solution."""
    snapshot = Blob(path).read("bench")
    system = System.of(snapshot.supply())
    assert len(system.keys) == PRODUCTS
    return resident(os.getpid())


def apart(work: Callable[[Path], T], path: Path) -> T:
    """``work`` in a new process, which nothing has used memory of."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(work, path).result()


async def bare(driver: AsyncDriver, keys: list[str], revision: int) -> float:
    """Inputs a second of the query alone."""
    began = time.perf_counter()
    async with driver.session() as session:
        for start in range(0, len(keys), reading.CHUNK):
            part = keys[start : start + reading.CHUNK]

            async def work(tx: AsyncManagedTransaction, part: list[str] = part) -> None:
                result = await tx.run(reading.STATED, keys=part, revision=revision)
                async for _ in result:
                    pass

            await session.execute_read(work)
    return IMPORTS * IMPORTED / (time.perf_counter() - began)


async def read() -> Claim:
    """The read of the whole graph beside the bare query, turn by turn."""
    async with server() as (address, exchange):
        for n in range(IMPORTS):
            await imported(exchange, f"o{n}", n)
        db, at = exchange.database, await pin(exchange.database)
        keys = await reading.changed_keys(db, 0, at.revision)
        auth = (address.user, address.password)
        async with AsyncGraphDatabase.driver(address.uri, auth=auth) as driver:
            rounds = []
            for _ in range(ROUNDS + 1):
                began = time.perf_counter()
                await Snapshots(db).current()
                mine = IMPORTS * IMPORTED / (time.perf_counter() - began)
                rounds.append((mine, await bare(driver, keys, at.revision)))
    each, peer = median(one / other for one, other in rounds[1:]), median(other for _, other in rounds[1:])
    note = f"{len(keys):,} products, {IMPORTS * IMPORTED:,} inputs; median of {ROUNDS} pairs"
    return Claim("supply graph from the database", each * peer, peer, "inputs/s", 1 / 1.3, note)


async def run() -> list[Claim]:
    """Bytes and seconds are claimed as products for a gigabyte and a second, so that more is better."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "supply.snapshot"
        stored = apart(build, path)
        seconds, held = apart(load, path), apart(weigh, path)
    note = f"{PRODUCTS:,} products, {INPUTS} inputs each; {stored / 1e6:,.0f} MB on disk"
    return [
        Claim("products in memory, solved", PRODUCTS / held * 1e9, 1e9 / BUDGET, "/GB", 1.0, note),
        Claim("products loaded", PRODUCTS / seconds, 1 / SECONDS, "/s", 1.0, note),
        await read(),
        *await followed(),
    ]
