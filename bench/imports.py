"""`huren import` against a bare UNWIND loop of the driver: the same products and inputs, the same server.

The peer is the least that can be written: MERGE the products, MATCH two ends and CREATE the relationship
with its amount, 5,000 rows a transaction, rows ready in memory. Ours starts from the bytes of a package and
ends with it published: read, checked, linked, loops looked for, written with inventory and provenance.
"""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any, LiteralString

from neo4j import GraphDatabase, ManagedTransaction

from bench.measure import Claim
from huren.app import exchange_over
from huren.auth.keys import local_keys
from huren.graph.connect import connect
from huren.graph.database import Address
from huren.graph.local import LocalOptions, local_server
from huren.resolvers.context import Exchange
from huren.resolvers.imports import import_package
from huren.settings import Settings

PRODUCTS, INPUTS, SEED, WARM = 10_000, 80_000, 7, 5
WARM_UPS = 3
"""Until the server has compiled both; the first rounds of either run at half speed."""

BARE_CONSTRAINT = "CREATE CONSTRAINT bare_key IF NOT EXISTS FOR (n:Bare) REQUIRE n.key IS UNIQUE"
BARE_PRODUCTS = "UNWIND $rows AS row MERGE (:Bare {key: row.key})"
BARE_INPUTS = """
UNWIND $rows AS row
MATCH (c:Bare {key: row.consumer})
MATCH (s:Bare {key: row.supplier})
CREATE (c)-[:BARE_NEEDS {amount: row.amount}]->(s)
"""


def pairs(seed: int) -> list[tuple[int, int, float]]:
    """Consumer, supplier, amount: eight inputs a product, each from a product of a lower number."""
    draw = random.Random(seed)
    found = [(draw.randrange(1, PRODUCTS), draw.random(), draw.random() / 10) for _ in range(INPUTS)]
    return [(consumer, int(consumer * part), amount) for consumer, part, amount in found]


def package(owner: str, seed: int) -> dict[str, bytes]:
    """A supply package of those products and inputs."""
    products = "".join(f"p{i},product {i},kg,{owner}\n" for i in range(PRODUCTS))
    inputs = "".join(f"p{c},p{s},{amount!r},kg\n" for c, s, amount in pairs(seed))
    emissions = "".join(f"p{i},CO2,fossil,{i / PRODUCTS!r}\n" for i in range(PRODUCTS))
    return {
        "datapackage.json": b'{"name": "bench", "resources": []}',
        "products.csv": ("id,name,declared_unit,owner\n" + products).encode(),
        "inputs.csv": ("consumer,supplier,amount,unit\n" + inputs).encode(),
        "emissions.csv": ("product,gas,origin,kg_per_declared_unit\n" + emissions).encode(),
    }


def bare(address: Address, name: str, seed: int) -> float:
    """Inputs a second of the bare loop."""
    products = [{"key": f"{name}/p{i}"} for i in range(PRODUCTS)]
    inputs: list[dict[str, Any]] = [
        {"consumer": f"{name}/p{c}", "supplier": f"{name}/p{s}", "amount": amount}
        for c, s, amount in pairs(seed)
    ]
    with GraphDatabase.driver(address.uri, auth=(address.user, address.password)) as driver:
        began = time.perf_counter()
        with driver.session() as session:
            for query, rows in ((BARE_PRODUCTS, products), (BARE_INPUTS, inputs)):
                for start in range(0, len(rows), 5_000):
                    session.execute_write(_run, query, rows[start : start + 5_000])
        return INPUTS / (time.perf_counter() - began)


def _run(tx: ManagedTransaction, query: LiteralString, rows: list[dict[str, Any]]) -> None:
    tx.run(query, rows=rows).consume()


async def ours(exchange: Exchange, name: str, seed: int) -> float:
    """Inputs a second of an import."""
    files = package(name, seed)
    began = time.perf_counter()
    await import_package(exchange, files, exchange.administrator, "bench")
    return INPUTS / (time.perf_counter() - began)


async def run() -> list[Claim]:
    """Cold: each first on a server just started, for itself. Warm: the median of pairs on one server."""
    cold = [await _once(first) for first in ("ours", "bare")]
    async with server() as (address, exchange):
        for n in range(WARM_UPS):
            bare(address, f"warm{n}", SEED)
            await ours(exchange, f"warm{n}", SEED)
        rounds = [
            (await ours(exchange, f"o{n}", SEED + n), bare(address, f"b{n}", SEED + n)) for n in range(WARM)
        ]
    note = f"{PRODUCTS:,} products, {INPUTS:,} inputs, seed {SEED}"
    each = median(one / other for one, other in rounds)
    warm = median(other for _, other in rounds)
    return [
        Claim("import, cold", cold[0], cold[1], "inputs/s", 0.8, note),
        Claim("import, warm", each * warm, warm, "inputs/s", 0.8, f"{note}; median of {WARM} pairs"),
    ]


@asynccontextmanager
async def server() -> AsyncIterator[tuple[Address, Exchange]]:
    """A server of its own in an empty home, downloads shared with the user's."""
    with tempfile.TemporaryDirectory() as home:
        settings = replace(Settings.from_env(os.environ), uri=None, home=Path(home))
        assert isinstance(settings.server, LocalOptions)
        async with local_server(settings.server) as address, connect(address) as database:
            await database.alter(BARE_CONSTRAINT)
            yield address, exchange_over(database, local_keys(Path(home)))


async def _once(first: str) -> float:
    async with server() as (address, exchange):
        if first == "ours":
            return await ours(exchange, "cold", SEED)
        return bare(address, "cold", SEED)
