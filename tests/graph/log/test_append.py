"""Appending: one line of heads whoever writes, entries that are what was committed to."""

from __future__ import annotations

import asyncio
import random
import time
from datetime import UTC, datetime
from statistics import median
from typing import Any
from uuid import uuid4

import pytest
from neo4j import AsyncManagedTransaction

from huren.errors import BadInput, Unavailable
from huren.graph.database import Address, Database
from huren.graph.log.append import append, frontier_of
from huren.graph.log.committer import Audit
from huren.graph.log.tree import Frontier, grown, leaf_hash
from huren.graph.model.audit import Entry, commitment
from huren.graph.revision import pin
from huren.graph.writing import Write, write_once

HEAD = "MATCH (h:LogHead) RETURN h.size AS size, h.frontier AS frontier"
LEAVES = "MATCH (n:LogNode {level: 0}) RETURN n.hash AS hash ORDER BY n.index"
ENTRIES = "MATCH (e:LogEntry) RETURN e.id AS id, e.text AS text, e.salt AS salt ORDER BY e.position"


def entry(owner: str = "firm") -> Entry:
    """A read of something of ``owner``'s."""
    return Entry(uuid4().hex, "read", datetime.now(UTC), "bank", "test", owner, "firm/steel", "grant-1")


async def head(db: Database) -> Frontier:
    """The head as it is stored."""
    [row] = await db.read(HEAD)
    return frontier_of(row["size"], row["frontier"])


async def check_whole(db: Database, size: int) -> None:
    """Entries hash to leaves, leaves to the head, and there are ``size`` of them."""
    entries, stored = await db.read(ENTRIES), await db.read(LEAVES)
    leaves = [leaf_hash(commitment(row["text"], row["salt"])) for row in entries]
    assert leaves == [bytes(row["hash"]) for row in stored]
    assert await head(db) == grown(leaves)
    assert len(leaves) == size
    assert len({row["salt"] for row in entries}) == size


async def test_writes_and_reads_of_four_processes_make_one_line_of_heads(
    database: Database, address: Address
) -> None:
    others = [await Database.open(address) for _ in range(4)]
    audits = [Audit(db) for db in others]

    async def nothing(tx: object, stamp: object) -> None: ...

    def write(db: Database) -> object:
        return write_once(db, Write("org", "tester", uuid4().hex, "test", {}), nothing)

    writes = [write(db) for db in others * 10]
    reads = [audit.record([entry(), entry()]) for audit in audits * 10]
    await asyncio.gather(*writes, *reads)  # type: ignore[arg-type]
    await asyncio.gather(*(db.close() for db in others))
    await check_whole(database, 40 + 80)


async def test_reads_raise_no_revision(database: Database) -> None:
    before = await pin(database)
    await Audit(database).record([entry()])
    assert await pin(database) == before
    await check_whole(database, 1)


async def test_what_comes_at_once_is_committed_together(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits, plain = 0, Database.write_with

    async def counted(db: Database, work: object) -> object:
        nonlocal commits
        commits += 1
        return await plain(db, work)  # type: ignore[arg-type]

    monkeypatch.setattr(Database, "write_with", counted)
    audit = Audit(database)
    await asyncio.gather(*(audit.record([entry()]) for _ in range(200)))
    assert commits <= 3
    await check_whole(database, 200)


async def test_who_comes_waits_for_two_commits_at_most(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eighty readers at random instants of a second: each goes with the commit after the present one.

    That is what 50 ms rest on; they are asserted with room, since a commit takes longer on a busy machine.
    """
    begun, plain = 0, Database.write_with

    async def counted(db: Database, work: object) -> object:
        nonlocal begun
        begun += 1
        return await plain(db, work)  # type: ignore[arg-type]

    async def waited(after: float) -> float:
        await asyncio.sleep(after)
        before, begin = begun, time.perf_counter()
        await audit.record([entry()])
        assert begun <= before + 2  # its own, and the one that began when its own was done
        return 1e3 * (time.perf_counter() - begin)

    monkeypatch.setattr(Database, "write_with", counted)
    audit, rng = Audit(database), random.Random(7)
    alone = [await waited(0) for _ in range(40)]
    together = await asyncio.gather(*(waited(rng.random()) for _ in range(80)))
    usual, commits = median(together), begun - 40
    print(
        f"\nan entry waits {usual:.1f} ms, at most {max(together):.1f} ms; 80 in {commits} commits", end="; "
    )
    print(f"a commit takes {median(alone):.1f} ms")
    assert usual < 500
    await check_whole(database, 120)


async def test_what_is_recorded_is_there_for_everybody(database: Database, address: Address) -> None:
    other, audit = await Database.open(address), Audit(database)

    async def looked(one: Entry) -> int:
        await audit.record([one])
        return len(await other.read("MATCH (e:LogEntry {id: $id}) RETURN e.id", id=one.id))

    assert await asyncio.gather(*(looked(entry()) for _ in range(20))) == [1] * 20
    await other.close()


async def test_an_unknown_outcome_is_recorded_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, failed = Database.write_with, []

    async def lost(db: Database, work: object) -> object:
        done = await plain(db, work)  # type: ignore[arg-type]
        if not failed:
            failed.append(True)
            raise OutcomeUnknown("lost", "丢失")
        return done

    from huren.graph.database import OutcomeUnknown

    monkeypatch.setattr(Database, "write_with", lost)
    await Audit(database).record([entry()])
    assert failed
    await check_whole(database, 1)


async def test_whoever_waits_is_told_that_it_failed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def down(db: Database, work: object) -> object:
        raise Unavailable("down", "停机")

    audit = Audit(database)
    with monkeypatch.context() as patched:
        patched.setattr(Database, "write_with", down)
        told = await asyncio.gather(*(audit.record([entry()]) for _ in range(5)), return_exceptions=True)
    assert [type(error) for error in told] == [Unavailable] * 5
    await audit.record([entry()])
    await check_whole(database, 1)


async def test_a_write_that_fails_leaves_no_entry(database: Database) -> None:
    async def fails(tx: object, stamp: object) -> None:
        raise BadInput("no", "否")

    with pytest.raises(BadInput):
        await write_once(database, Write("org", "tester", "one", "test", {}), fails)
    assert await database.read(ENTRIES) == []


async def test_an_end_that_was_never_committed_is_forgotten(database: Database) -> None:
    """The process expects the log to end where its last transaction left it, which was rolled back."""

    async def fails(tx: AsyncManagedTransaction) -> None:
        await append(database, tx, [entry(), entry()])
        raise BadInput("no", "否")

    await Audit(database).record([entry()])
    with pytest.raises(BadInput):
        await database.write_with(fails)
    await Audit(database).record([entry()])
    await check_whole(database, 2)


async def test_an_entry_goes_with_the_end_of_its_write(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lock, look for an earlier answer, open, close: four statements, the log among them."""
    asked, plain = [], AsyncManagedTransaction.run

    async def counted(tx: AsyncManagedTransaction, query: Any, *args: Any, **rest: Any) -> Any:
        asked.append(query)
        return await plain(tx, query, *args, **rest)

    async def nothing(tx: object, stamp: object) -> None: ...

    await Audit(database).record([entry()])
    monkeypatch.setattr(AsyncManagedTransaction, "run", counted)
    await write_once(database, Write("org", "tester", "one", "test", {}), nothing)
    assert len(asked) == 4
    await check_whole(database, 2)


async def test_a_head_that_is_none_stops_the_log(database: Database) -> None:
    await Audit(database).record([entry()])
    await database.write_with(lambda tx: tx.run("MATCH (h:LogHead) SET h.size = 7"))
    with pytest.raises(Unavailable, match="damaged"):
        await Audit(database).record([entry()])


async def test_the_tree_is_the_same_in_one_transaction_or_many(database: Database) -> None:
    entries = [entry() for _ in range(37)]
    assert await database.write_with(lambda tx: append(database, tx, entries[:20])) == 0
    for one in entries[20:]:
        await database.write_with(lambda tx, one=one: append(database, tx, [one]))  # type: ignore[misc]
    await check_whole(database, 37)
