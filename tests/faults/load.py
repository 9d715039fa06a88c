"""Eight writers who never give up, and the history of what they were told (after Jepsen: ok, or unknown)."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from httpx2 import AsyncClient, HTTPError, Response

from huren.graph.database import Database

REGISTER = "mutation($i: RegisterProductInput!) { registerProduct(input: $i) { revision product { code } } }"
HELD = """
UNWIND $codes AS code
OPTIONAL MATCH (p:Product {key: 'admin/' + code})
RETURN code, count(p) AS products
"""
WRITES = """
UNWIND $keys AS key
OPTIONAL MATCH (w:Write {key: 'admin ' + key})
RETURN key, count(w) AS writes
"""
STATE = """
MATCH (r:Revision {id: 'graph'})
RETURN r.value AS revision, COUNT { (w:Write) WHERE w.name = 'registerProduct' } AS writes
"""

OPERATION = 8.0
"""Seconds: the deadline of one request."""


@dataclass
class History:
    """What was sent under which key, and what came back."""

    acknowledged: dict[str, int] = field(default_factory=dict)
    unknown: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int | str] = field(default_factory=Counter)
    waits: list[tuple[float, float]] = field(default_factory=list)
    refused: list[Response] = field(default_factory=list)

    def longest(self, begun: float, ended: float) -> float:
        """The longest wait of the requests between these two moments; 0 where there were none."""
        inside = [wait for began, wait in self.waits if begun <= began and began + wait <= ended]
        return max(inside, default=0.0)

    def said(self) -> str:
        """Its figures on one line."""
        return (
            f"{len(self.acknowledged)} acknowledged, {len(self.unknown)} once unknown, "
            f"answers {dict(self.statuses)}, slowest {max(wait for _, wait in self.waits):.1f} s"
        )


@dataclass
class Writers:
    """Each sends a write until it is acknowledged, with the same key, and then the next."""

    http: AsyncClient
    token: str
    history: History = field(default_factory=History)
    _over: bool = False

    async def work(self) -> None:
        """One writer; it ends with its last write acknowledged."""
        while not self._over:
            key = f"fault-{uuid4().hex}"
            while not await self._send(key):  # noqa: ASYNC110  (each attempt is a request)
                await asyncio.sleep(0.1)

    def stop(self) -> None:
        """Let each finish what it has begun."""
        self._over = True

    async def _send(self, key: str) -> bool:
        named = {"zh": "产品", "en": "product"}
        sent = {"code": key, "declaredUnit": "kg", "name": named, "idempotencyKey": key}
        began = time.monotonic()
        try:
            answer = await self.http.post(
                "/graphql",
                json={"query": REGISTER, "variables": {"i": sent}},
                headers={"authorization": f"Bearer {self.token}"},
            )
        except HTTPError as error:
            self._note(key, type(error).__name__, began)
            return False
        body: Any = answer.json()
        if answer.status_code == 200 and "errors" not in body:
            revision = int(body["data"]["registerProduct"]["revision"])
            self.history.acknowledged[key] = revision
            self._count(answer.status_code, began)
            return True
        self.history.refused.append(answer)
        self._note(key, answer.status_code, began)
        return False

    def _note(self, key: str, said: int | str, began: float) -> None:
        self.history.unknown[key] += 1
        self._count(said, began)

    def _count(self, said: int | str, began: float) -> None:
        self.history.statuses[said] += 1
        self.history.waits.append((began, time.monotonic() - began))


@asynccontextmanager
async def writing(http: AsyncClient, token: str, count: int = 8) -> AsyncIterator[History]:
    """``count`` writers while the block runs; at its end all that they began is acknowledged, within 60 s."""
    writers = Writers(http, token)
    tasks = [asyncio.create_task(writers.work()) for _ in range(count)]
    try:
        await until(lambda: len(writers.history.acknowledged) >= count, 60)
        yield writers.history
        writers.stop()
        async with asyncio.timeout(60):
            await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


async def until(condition: Callable[[], bool], seconds: float) -> float:
    """Wait until it holds; the seconds that took. Raises: TimeoutError."""
    began = time.monotonic()
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  (others make it true)
            await asyncio.sleep(0.02)
    return time.monotonic() - began


async def resumed(history: History, seconds: float) -> float:
    """Wait until a write is acknowledged that was not yet; the seconds that took. Raises: TimeoutError."""
    seen = len(history.acknowledged)
    return await until(lambda: len(history.acknowledged) > seen, seconds)


async def readiness(http: AsyncClient, status: int, seconds: float) -> float:
    """Wait until /readyz says ``status``; the seconds that took. Raises: TimeoutError."""
    began = time.monotonic()
    async with asyncio.timeout(seconds):
        while (await http.get("/readyz")).status_code != status:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return time.monotonic() - began


async def check(database: Database, history: History) -> None:
    """Each acknowledged write is there once, under the revision that was told; nothing else is."""
    keys = list(history.acknowledged)
    held = {row["code"]: row["products"] for row in await database.read(HELD, codes=keys)}
    assert held == dict.fromkeys(keys, 1), "an acknowledged write was lost or doubled"
    writes = {row["key"]: row["writes"] for row in await database.read(WRITES, keys=keys)}
    assert writes == dict.fromkeys(keys, 1)
    told = list(history.acknowledged.values())
    assert len(set(told)) == len(told), "two writes under one revision"
    (state,) = await database.read(STATE)
    assert state["writes"] == len(keys), "a write that nobody was told of"
    assert set(history.unknown) <= set(keys), "an unknown outcome was not resolved"


def check_refusals(history: History) -> None:
    """Whatever was refused was a 503 that says when to come again, and nothing took longer than it may."""
    for answer in history.refused:
        assert answer.status_code == 503, answer.text
        assert int(answer.headers["retry-after"]) >= 1
        assert answer.json()["errors"][0]["extensions"]["code"] == "SERVICE_UNAVAILABLE"
    assert max(wait for _, wait in history.waits) < OPERATION + 1
