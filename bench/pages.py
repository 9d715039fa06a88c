"""The product page: a product, its inputs with their suppliers, its firm's certificates, in one document.

Our own time is what passes while no query of the database is under way: the document looked up, resolvers,
visibility, completion, JSON. Its peer is graphql-core alone over dictionaries in memory, parsed and validated
before, with JSON by orjson. The page over HTTP stands beside its own queries, sent bare through the driver.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

import httpx2
import orjson
from graphql import ExecutionResult, execute, parse
from graphql import build_schema as schema_of
from neo4j import AsyncGraphDatabase

from bench.measure import Claim
from bench.served import huren, served
from huren.app import exchange_over
from huren.auth.keys import local_keys
from huren.auth.principal import Principal
from huren.auth.scopes import SCOPES
from huren.graph.connect import connect
from huren.graph.database import Address, Database
from huren.graph.local import LocalOptions, local_server
from huren.graph.model.text import Lang
from huren.resolvers.context import Exchange
from huren.schema.build import build_schema
from huren.schema.context import RequestContext
from huren.schema.execution import Request, Runner
from huren.settings import Settings

ROUNDS, WARM = 300, 30
QUERY = """{
  product(id: "MODM2") {
    id code declaredUnit category site periodStart
    inputs { supplierKey amount stage supplier { id key code declaredUnit category unverified } }
  }
  certificates(first: 3, filter: {holder: "91120116MADEM002X4"}) {
    nodes { id number issued value unit events { state validFrom } }
  }
}"""
PEER = schema_of("""
  type Event { state: String validFrom: String }
  type Certificate {
    id: ID number: String issued: String value: String unit: String events: [Event]
  }
  type Certificates { nodes: [Certificate] }
  type Product {
    id: ID key: String code: String declaredUnit: String category: String site: String periodStart: String
    unverified: Boolean inputs: [Input]
  }
  type Input { supplierKey: String amount: String stage: String supplier: Product }
  input Filter { holder: String }
  type Query { product(id: ID): Product certificates(first: Int, filter: Filter): Certificates }
""")


@dataclass(slots=True)
class Asked:
    """The queries of one page, and the seconds in which at least one was under way."""

    queries: list[tuple[Any, dict[str, Any]]] = field(default_factory=list)
    seconds: float = 0.0
    _open: int = 0
    _since: float = 0.0

    @asynccontextmanager
    async def one(self, query: Any, params: dict[str, Any]) -> AsyncIterator[None]:
        """While the block lasts, this query is under way."""
        self.queries.append((query, params))
        if not self._open:
            self._since = time.perf_counter()
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1
            if not self._open:
                self.seconds += time.perf_counter() - self._since


async def page(runner: Runner, exchange: Exchange, asked: Asked) -> bytes:
    """One answer, as it would leave."""
    plain = Database.read

    async def read(self: Database, query: Any, **params: Any) -> Any:
        async with asked.one(query, params):
            return await plain(self, query, **params)

    caller = Principal(exchange.administrator, "bench", frozenset(SCOPES))
    with patch.object(Database, "read", read):
        answer = await runner.run(Request(QUERY), RequestContext.of(exchange, caller, Lang.EN, "bench"))
    return orjson.dumps(answer.body())


async def timed(work: Callable[[], Awaitable[float]]) -> float:
    """The median of what ``work`` says it took, after it has warmed up."""
    return median([await work() for _ in range(WARM + ROUNDS)][WARM:])


async def inside(exchange: Exchange) -> tuple[float, Asked, dict[str, Any]]:
    """Seconds of our own for a page; what it asked of the database; what it answered."""
    runner = Runner(build_schema())
    asked = Asked()
    body: dict[str, Any] = orjson.loads(await page(runner, exchange, asked))
    assert "errors" not in body, body["errors"]

    async def one() -> float:
        asked, began = Asked(), time.perf_counter()
        await page(runner, exchange, asked)
        return time.perf_counter() - began - asked.seconds

    return await timed(one), asked, body["data"]


async def core(data: dict[str, Any]) -> float:
    """Seconds of graphql-core for the same answer from memory, its document at hand."""
    document = parse(QUERY)

    async def one() -> float:
        began = time.perf_counter()
        result = execute(PEER, document, root_value=data)
        assert isinstance(result, ExecutionResult)
        orjson.dumps({"data": result.data})
        return time.perf_counter() - began

    return await timed(one)


async def bare(address: Address, asked: Asked) -> float:
    """Seconds for the page's queries, one after the other through the driver."""
    auth = (address.user, address.password)
    async with AsyncGraphDatabase.driver(address.uri, auth=auth) as driver, driver.session() as session:

        async def one() -> float:
            began = time.perf_counter()
            for query, params in asked.queries:
                await (await session.run(query, params)).fetch(10_000)
            return time.perf_counter() - began

        return await timed(one)


def over_http(home: Path, query: str = QUERY) -> float:
    """Seconds for an answer at one connection, median."""
    token = huren(home, "token", "mint").strip()
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    with served(home) as url, httpx2.Client(headers=headers) as client:
        took = []
        for _ in range(WARM + ROUNDS):
            began = time.perf_counter()
            answer = client.post(f"{url}/graphql", content=orjson.dumps({"query": query}))
            took.append(time.perf_counter() - began)
            assert answer.status_code == 200, answer.text
        return median(took[WARM:])


async def run() -> list[Claim]:
    """Both claims, as pages a second, so that a ratio of 0.5 keeps the limit of twice the peer's time."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        huren(home, "demo")
        settings = replace(Settings.from_env(os.environ), uri=None, home=home)
        assert isinstance(settings.server, LocalOptions)
        async with local_server(settings.server) as address, connect(address) as database:
            ours, asked, data = await inside(exchange_over(database, local_keys(home)))
            peer, queries = await core(data), await bare(address, asked)
        http = await asyncio.to_thread(over_http, home)
    count = f"{len(asked.queries)} queries"
    return [
        Claim("page, our own time", 1 / ours, 1 / peer, "pages/s", 0.5, "peer: graphql-core, from memory"),
        Claim("page over HTTP", 1 / http, 1 / queries, "pages/s", 0.5, f"peer: its {count}, bare"),
    ]
