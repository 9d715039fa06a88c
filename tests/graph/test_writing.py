"""Writes: one effect for one key, whatever happens on the way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from neo4j import AsyncManagedTransaction

from huren.errors import BadInput, Conflict, HurenError
from huren.graph import products
from huren.graph.database import Address, Database
from huren.graph.writing import Answer, Stamp, Write, digest, write_once

if TYPE_CHECKING:
    from tests.conftest import Calls
    from tests.graph.conftest import Corner

INVENTORIES = "MATCH (:Product {key: $key})-[:HAS]->(i:Inventory) RETURN count(i) AS count"
LOG = "MATCH (l:LogEntry) RETURN l.text AS text"

COMMIT = b"\x00\x02\xb0\x12\x00\x00"
"""A Bolt COMMIT message: one chunk of two bytes, an empty structure of signature 0x12."""


async def inventories(corner: Corner, code: str) -> int:
    """How often a product was written."""
    return int((await corner.db.read(INVENTORIES, key=corner.key(code)))[0]["count"])


async def nothing(tx: AsyncManagedTransaction, stamp: Stamp) -> None:
    """An effect that changes nothing."""


async def test_twenty_repeats_at_once_have_one_effect(corner: Corner) -> None:
    effect = products.register(corner.product("a"))
    answers = await asyncio.gather(*(corner.do(effect, "one") for _ in range(20)))
    assert await inventories(corner, "a") == 1
    assert [answer.repeated for answer in answers].count(False) == 1
    assert len({(str(answer.body), answer.revision, answer.recorded_at) for answer in answers}) == 1
    assert len(await corner.db.read(LOG)) == 1


async def test_repeats_of_two_processes_have_one_effect(corner: Corner, address: Address) -> None:
    write = Write("org", "tester", "one", "test", {})
    effect = products.register(corner.product("a"))
    others = [await Database.open(address) for _ in range(4)]
    answers = await asyncio.gather(*(write_once(db, write, effect) for db in others * 2))
    await asyncio.gather(*(db.close() for db in others))
    assert [answer.repeated for answer in answers].count(False) == 1
    assert await inventories(corner, "a") == 1


@pytest.mark.parametrize("other", [{"body": "other"}, {"name": "other"}])
async def test_a_key_used_for_something_else_is_refused(corner: Corner, other: dict[str, str]) -> None:
    await corner.do(products.register(corner.product("a")), "one")
    with pytest.raises(Conflict, match="`one` was used for another write"):
        await corner.do(products.register(corner.product("b")), "one", **other)
    assert await inventories(corner, "b") == 0


async def test_keys_of_two_organisations_do_not_meet(corner: Corner) -> None:
    await corner.do(products.register(corner.product("a")), "one")
    corner.org = "org2"
    assert not (await corner.do(products.register(corner.product("a")), "one")).repeated


@pytest.mark.parametrize("key", ["", "with space", "tab\t", "键", "x" * 201, "a\n"])
async def test_an_unusable_key_is_refused_before_anything_is_sent(
    corner: Corner, calls: Calls, key: str
) -> None:
    with pytest.raises(BadInput, match="idempotency key"):
        await write_once(corner.db, Write("org", "tester", key, "test", {}), nothing)
    assert calls.count == 0


async def test_half_a_surrogate_is_refused(corner: Corner) -> None:
    with pytest.raises(BadInput, match="surrogate"):
        await corner.do(nothing, "one", body="\ud800")


async def test_an_effect_that_fails_leaves_nothing_and_its_key_free(corner: Corner) -> None:
    before = await corner.pin()
    fine = products.register(corner.product("a"))

    async def fails(tx: AsyncManagedTransaction, stamp: Stamp) -> None:
        await fine(tx, stamp)
        raise BadInput("no", "否")

    with pytest.raises(HurenError, match="no"):
        await corner.do(fails, "one")
    assert await corner.pin() == before
    assert await inventories(corner, "a") == 0
    assert not (await corner.do(fine, "one")).repeated


@pytest.mark.parametrize("behind", [timedelta(0), timedelta(hours=1), timedelta(days=9999)])
async def test_record_times_rise_whatever_the_clock_says(corner: Corner, behind: timedelta) -> None:
    await corner.do(nothing)
    stopped = datetime.now(UTC) - behind

    async def write() -> Answer:
        asked = Write("org", "tester", uuid4().hex, "test", {})
        return await write_once(corner.db, asked, nothing, lambda: stopped)

    answers = [await write() for _ in range(3)]
    assert answers[0].recorded_at < answers[1].recorded_at < answers[2].recorded_at
    assert [answer.revision - answers[0].revision for answer in answers] == [0, 1, 2]


async def test_the_log_tells_what_was_written(corner: Corner) -> None:
    answer = await corner.do(nothing, "one", body="b")
    [row] = await corner.db.read(LOG)
    told = json.loads(row["text"])
    assert told.pop("id")
    assert told == {
        "action": "test",
        "at": answer.recorded_at.isoformat().replace("+00:00", "Z"),
        "org": "org",
        "client": "tester",
        "owner": "org",
        "subject": "",
        "ground": "own",
        "revision": answer.revision,
        "bodyHash": digest({"name": "test", "body": {"body": "b"}}),
    }


def test_a_digest_knows_no_order_of_keys_and_no_nan() -> None:
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1}) != digest({"a": 1, "b": ["2"]})
    with pytest.raises(ValueError, match="not JSON compliant"):
        digest(float("nan"))


@dataclass
class Cutter:
    """A way to the server that, once armed, lets one COMMIT through and cuts the line before its answer."""

    host: str
    port: int
    armed: bool = False
    cuts: int = 0
    lines: set[asyncio.Task[None]] = field(default_factory=set)
    ends: list[asyncio.StreamWriter] = field(default_factory=list)

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, sink = await asyncio.open_connection(self.host, self.port)
        ask = asyncio.create_task(self.ask(reader, sink))
        self.lines |= {ask, asyncio.create_task(self.answer(answers, writer, ask))}
        self.ends += [writer, sink]

    async def ask(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        """Pass on what the client says; ends early, with the line, at the commit."""
        last = False
        while not last and (data := await source.read(65536)):
            last = self.armed and COMMIT in data
            sink.write(data)
            await sink.drain()
        if last:
            self.armed, self.cuts = False, self.cuts + 1

    async def answer(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, ask: asyncio.Task[None]
    ) -> None:
        """Pass on what the server says, until the client was cut off; the server's last answer is lost."""
        while (data := await source.read(65536)) and not ask.done():
            sink.write(data)
            await sink.drain()
        sink.close()


@asynccontextmanager
async def cutting(address: Address) -> AsyncIterator[tuple[Cutter, Address]]:
    """A cutter in front of the server, and the address of it."""
    at = urlsplit(address.uri)
    cutter = Cutter(at.hostname or "", at.port or 0)
    server = await asyncio.start_server(cutter.accept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        yield cutter, Address(f"bolt://127.0.0.1:{port}", address.user, address.password)
    for line in cutter.lines:
        line.cancel()
    for end in cutter.ends:
        end.close()
    await asyncio.gather(*cutter.lines, *(e.wait_closed() for e in cutter.ends), return_exceptions=True)


async def test_an_unknown_outcome_is_resolved_by_asking_again(corner: Corner, address: Address) -> None:
    runs: list[Stamp] = []
    register = products.register(corner.product("a"))

    async def effect(tx: AsyncManagedTransaction, stamp: Stamp) -> Any:
        runs.append(stamp)
        return await register(tx, stamp)

    async with cutting(address) as (cutter, way):
        db = await Database.open(way)
        cutter.armed = True
        answer = await write_once(db, Write("org", "tester", "one", "test", {}), effect)
        await db.close()
    assert cutter.cuts == 1
    assert answer.repeated
    assert answer.body == {"product": corner.key("a")}
    assert [stamp.revision for stamp in runs] == [answer.revision]
    assert await inventories(corner, "a") == 1
