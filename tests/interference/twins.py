"""Two worlds side by side: two databases, the whole application over each, one clock, the same keys."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import takewhile
from time import perf_counter
from typing import Any
from uuid import uuid4

from httpx2 import ASGITransport, AsyncClient, Response

from huren.app import create_app, exchange_over, prepare
from huren.auth.keys import Keys
from huren.auth.principal import Principal
from huren.auth.scopes import MEMBER_SCOPES
from huren.auth.tokens import mint
from huren.errors import BadPackage, HurenError
from huren.graph.connect import connect
from huren.graph.database import Address, Database, Deadlines, rows_of
from huren.graph.local import LocalOptions
from huren.graph.log.read import head
from huren.graph.model.audit import Entry
from huren.graph.revision import pin
from huren.graph.writing import Effect, Write, write_once
from huren.resolvers.context import Exchange
from huren.resolvers.imports import import_package

BEFORE = datetime(2026, 5, 1, tzinfo=UTC)
BEGIN = datetime(2026, 6, 1, tzinfo=UTC)
JSON = "application/json"
PATIENCE = 120.0
"""Seconds for an answer: that a machine is busy is no difference between two worlds."""

# What each world draws for itself, named one by one, each with the reason why nobody learns from it.
MASKS = {
    "the id of a request is drawn for each request": (rb'"requestId":"[0-9a-f]{32}"', b'"requestId":"*"'),
    # What was taken out is compared: `requested` and `actual`.
    "a bucket fills by this machine's clock": (rb'"available":\d+', b'"available":0'),
}
MASKED_HEADERS = {
    "ratelimit": "the same bucket",
    "content-length": "the body is compared, and what is masked in it has no fixed length",
}

_EMPTY = "MATCH (n) WHERE NOT n:Migration CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS"
_START = "MERGE (r:Revision {id: 'graph'}) ON CREATE SET r.value = 0"
_KEEP = "MATCH (n) SET n:Kept"
# What was put on the log stays there.
_SWEEP = """
MATCH (n) WHERE NOT n:Kept AND NOT n:LogHead|LogEntry|LogNode
CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS
"""
# The reference data were put on record by this machine's clock, which two worlds do not share.
_SET_CLOCKS = """
MATCH (n) UNWIND [name IN keys(n) WHERE n[name] IS :: ZONED DATETIME NOT NULL] AS name
SET n[name] = $instant
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything that the one who asked can observe, but the time it took."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: str


@dataclass
class Clock:
    """The one clock of both worlds."""

    now: datetime = BEGIN

    def __call__(self) -> datetime:
        return self.now


@dataclass
class World:
    """One of the two: its database, and the application over it."""

    database: Database
    keys: Keys
    clock: Clock
    seconds: list[float] = field(default_factory=list)
    exchange: Exchange = field(init=False)
    client: AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        """A fresh process, as it were: nothing is remembered of the database."""
        self.exchange = replace(exchange_over(self.database, self.keys, PATIENCE), clock=self.clock)
        transport = ASGITransport(create_app(self.exchange), raise_app_exceptions=False)
        self.client = AsyncClient(transport=transport, base_url="http://huren.test")

    async def reset(self) -> None:
        """Only the reference data are left."""
        await self.database.alter(_SWEEP)
        self.open()

    async def timed(self, method: str, path: str, content: bytes, headers: Mapping[str, str]) -> Response:
        begun = perf_counter()
        answer = await self.client.request(method, path, content=content, headers=dict(headers))
        self.seconds.append(perf_counter() - begun)
        return answer


@dataclass
class Twins:
    """Both worlds. Whatever is asked is asked of both; what differs in the answers was seen."""

    left: World
    right: World
    clock: Clock

    @property
    def both(self) -> tuple[World, World]:
        """The two, in order."""
        return self.left, self.right

    def token(self, org: str, scopes: frozenset[str]) -> str:
        """A token of ``org`` that both worlds trust."""
        principal = Principal(org, "test", scopes)
        issuer = self.left.keys.issuer
        return mint(issuer, principal, now=self.clock.now, life=timedelta(minutes=5))

    async def post(
        self, org: str, content: bytes, scopes: frozenset[str] = MEMBER_SCOPES, **headers: str
    ) -> tuple[Seen, Seen]:
        """A body as it stands, sent to both on behalf of ``org``."""
        token = self.token(org, scopes)
        sent = {"authorization": f"Bearer {token}", "content-type": JSON, "accept": JSON, **headers}
        return await self.send("POST", "/graphql", content, sent)

    async def ask(
        self, org: str, query: str, variables: Mapping[str, Any] | None = None, **rest: Any
    ) -> tuple[Seen, Seen]:
        """A GraphQL request, sent to both on behalf of ``org``."""
        return await self.post(org, json.dumps({"query": query, "variables": variables}).encode(), **rest)

    async def send(
        self, method: str, path: str, content: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> tuple[Seen, Seen]:
        """Any request, sent to both."""
        timed = [world.timed(method, path, content, headers or {}) for world in self.both]
        left, right = await asyncio.gather(*timed)
        return seen(left), seen(right)

    async def imported(self, org: str, files: Mapping[str, bytes]) -> tuple[str, str]:
        """What `huren import --as ORG` says in both."""
        left, right = await asyncio.gather(*(_imported(world.exchange, files, org) for world in self.both))
        return left, right

    async def write(self, effects: Sequence[Effect]) -> None:
        """One write in each world, ``effects`` in the order of the worlds: taken in both, or in none."""
        write = Write("huren", "test", f"w{self.clock.now.timestamp()}", "test", {})
        pairs = zip(self.both, effects, strict=True)
        writes = (write_once(w.database, write, effect, self.clock) for w, effect in pairs)
        done = await asyncio.gather(*writes, return_exceptions=True)
        refusals = [one for one in done if isinstance(one, BaseException)]
        assert len(refusals) != 1, f"one world alone refused: {refusals[0]!r}"
        if refusals:
            raise refusals[0]
        self.later()

    async def level(self) -> None:
        """As many revisions in both, and as many entries, where a planted leak did more in one alone."""
        revisions = [(await pin(world.database)).revision for world in self.both]
        for world, behind in zip(self.both, (max(revisions) - one for one in revisions), strict=True):
            for _ in range(behind):
                self.later()
                write = Write("huren", "test", f"w{self.clock.now.timestamp()}", "test", {})
                await write_once(world.database, write, _nothing, self.clock)
        logged = await self.logged()
        for world, behind in zip(self.both, (max(logged) - one for one in logged), strict=True):
            entry = Entry("", "test", self.clock(), "huren", "test", "huren", "", "test")
            await world.exchange.audit.record([replace(entry, id=uuid4().hex) for _ in range(behind)])
        self.later()

    async def logged(self) -> tuple[int, ...]:
        """How many entries the log of each world has."""
        return tuple(
            [one.size for one in await asyncio.gather(*(head(world.database) for world in self.both))]
        )

    def later(self, seconds: float = 1.0) -> None:
        """Time passes in both."""
        self.clock.now += timedelta(seconds=seconds)

    async def reset(self) -> None:
        """Only the reference data are left in both."""
        for world in self.both:
            await world.reset()


def difference(left: Any, right: Any) -> str:
    """Where two things seen begin to differ, in their own words."""
    one, other = str(left), str(right)
    at = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
    part = slice(max(0, at - 200), at + 200)
    return f"one world says\n{one[part]}\nand the other\n{other[part]}"


async def _nothing(tx: object, stamp: object) -> None: ...


def seen(answer: Response) -> Seen:
    """An answer as it is compared, what MASKS names taken out."""
    body = answer.content
    for pattern, instead in MASKS.values():
        body = re.sub(pattern, instead, body)
    headers = [(k, "*" if k in MASKED_HEADERS else v) for k, v in answer.headers.multi_items()]
    return Seen(answer.status_code, tuple(headers), body.decode())


async def _imported(exchange: Exchange, files: Mapping[str, bytes], org: str) -> str:
    try:
        return repr(await import_package(exchange, files, org, "test"))
    except BadPackage as bad:
        return repr([(one.code, one.en, one.zh, one.fix, one.place) for one in bad.problems])
    except HurenError as error:
        return repr((error.code, error.en, error.zh, error.fix))


@asynccontextmanager
async def twins(servers: Sequence[Address | LocalOptions], keys: Keys) -> AsyncIterator[Twins]:
    """Two worlds that hold the reference data and nothing else, and are empty again in the end."""
    async with AsyncExitStack() as stack:
        clock, worlds = Clock(), []
        for server in servers:
            database = await stack.enter_async_context(connect(server, Deadlines(PATIENCE, PATIENCE)))
            await database.alter(_EMPTY)
            await database.alter(_START)
            await prepare(database)
            await database.write_with(partial(rows_of, query=_SET_CLOCKS, instant=BEFORE))
            await database.alter(_KEEP)
            worlds.append(World(database, keys, clock))
        yield Twins(worlds[0], worlds[1], clock)
        for world in worlds:
            await world.database.alter(_EMPTY)
