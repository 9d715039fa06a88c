"""The battery: what an administrator of the database does to ten thousand entries is found, and located."""

from __future__ import annotations

import json
import random
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from statistics import median
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from huren.commands.log_verify import Verdict, judge
from huren.errors import BadInput, NotFound
from huren.graph import writing
from huren.graph.connect import connect
from huren.graph.database import Address, Database, Deadlines
from huren.graph.log import read
from huren.graph.log.check import Copy, check
from huren.graph.log.copying import copied, erase
from huren.graph.log.note import LOG, WITNESS, Checkpoint, Note, Signer
from huren.graph.log.read import Stored
from huren.graph.log.tree import consistent, grown, included, leaf_hash
from huren.graph.model.audit import Entry, commitment
from huren.graph.writing import Stamp, Write, write_once
from tests.conftest import _EMPTY, _START
from tests.graph.log.tampering import change, rebuild, stored

SEED = 20_261_125
PATIENT = Deadlines(60.0, 50.0)


def entries(size: int) -> list[Stored]:
    """Reads of things of a hundred owners."""
    rng, made = random.Random(SEED), list[Stored]()
    at = datetime(2026, 11, 1, tzinfo=UTC)
    for i in range(size):
        owner = f"firm-{rng.randrange(100)}"
        one = Entry(f"{i:032x}", "read", at, "bank", "test", owner, f"{owner}/p{i}", "grant-1", "recipe")
        made.append(Stored(one.id, i, owner, one.text, f"{rng.getrandbits(128):032x}"))
    return made


def leaf(one: Stored) -> bytes:
    """The hash of an entry."""
    return leaf_hash(commitment(one.text, one.salt))


LOG_KEY = Signer("huren.log/test", LOG, Ed25519PrivateKey.generate())
WITNESS_KEY = Signer("region-b", WITNESS, Ed25519PrivateKey.generate())


def signed(leaves: Sequence[bytes], size: int) -> Note:
    """A checkpoint of the first ``size`` leaves, cosigned."""
    text = Checkpoint(LOG_KEY.name, size, grown(leaves[:size]).root).text
    return Note(text, (LOG_KEY.sign(text), WITNESS_KEY.sign(text, 1_800_000_000)))


@dataclass
class Log:
    """A log in the database, and what lies outside it: twenty checkpoints, and the leaf hashes."""

    db: Database
    whole: list[Stored]
    leaves: tuple[bytes, ...]
    notes: tuple[Note, ...]

    @property
    def size(self) -> int:
        """How many entries there are."""
        return len(self.whole)

    def between(self, position: int) -> tuple[int, int]:
        """The two checkpoints that ``position`` lies between, as first and last."""
        step = self.size // 20
        return position // step * step, position // step * step + step - 1

    async def verdict(self, remembered: bool = False) -> Verdict:
        """By the witness's checkpoints; with ``remembered`` by the leaves that the home keeps too."""
        copy = await copied(self.db)
        kept = self.leaves if remembered else ()
        keys = LOG_KEY.verifier, (WITNESS_KEY.verifier,)
        return judge(copy, kept, self.notes, *keys, every_witness=True)

    async def found(self, remembered: bool = False) -> list[tuple[int, int]]:
        """Where there is damage."""
        return [(one.first, one.last) for one in (await self.verdict(remembered)).damage]


def log_of(db: Database, size: int) -> Log:
    """A log of ``size`` entries, not yet in the database."""
    whole = entries(size)
    leaves = tuple(map(leaf, whole))
    return Log(db, whole, leaves, tuple(signed(leaves, (i + 1) * size // 20) for i in range(20)))


@pytest.fixture(scope="module")
async def patient(address: Address) -> AsyncIterator[Database]:
    """The database, with time for thousands of rows on a busy machine."""
    async with connect(address, PATIENT) as db:
        await db.alter(_EMPTY)
        await db.alter(_START)
        yield db
        await db.alter(_EMPTY)


@pytest.fixture(scope="module", params=[1_000, pytest.param(10_000, marks=pytest.mark.long)])
async def log(patient: Database, request: pytest.FixtureRequest) -> Log:
    """A log; each attack puts into the database what it leaves."""
    return log_of(patient, request.param)


@pytest.fixture
async def small(database: Database) -> Log:
    """A log of two hundred."""
    log = log_of(database, 200)
    await rebuild(database, log.whole)
    return log


async def test_a_whole_log_gives_no_alarm(log: Log) -> None:
    await rebuild(log.db, log.whole)
    for remembered in (False, True):
        verdict = await log.verdict(remembered)
        assert (verdict.damage, verdict.unsigned) == ((), ())
        assert (verdict.size, verdict.signed, verdict.cosigned) == (log.size, 20, 20)


TEXT = "MATCH (e:LogEntry {position: $at}) SET e.text = replace(e.text, 'bank', 'bonk')"
OWNER = "MATCH (e:LogEntry {position: $at}) SET e.owner = 'nobody'"
SALT = "MATCH (e:LogEntry {position: $at}) SET e.salt = reverse(e.salt) + '0'"
LEAF = "MATCH (n:LogNode {level: 0, index: $at}) SET n.hash = $hash"
ENTRY = "MATCH (e:LogEntry {position: $at}) DELETE e"
NODE = "MATCH (n:LogNode {level: 0, index: $at}) DELETE n"
BOTH = "MATCH (n:LogNode {level: 0, index: $at}), (e:LogEntry {position: $at}) DELETE e, n"
EDITS = (TEXT, OWNER, SALT, LEAF, ENTRY, NODE, BOTH)


async def test_five_thousand_random_edits_are_all_found_and_located(patient: Database) -> None:
    log, rng = log_of(patient, 10_000), random.Random(SEED)
    await rebuild(log.db, log.whole)
    assert await log.found() == []
    places = rng.sample(range(log.size), 5_000)
    edits = [(rng.choice(EDITS), at) for at in places]
    for cypher in EDITS:
        rows = [{"at": at, "hash": rng.randbytes(32)} for one, at in edits if one == cypher]
        each = "UNWIND $rows AS row WITH row.at AS at, row.hash AS hash "
        await log.db.bulk(each + cypher.replace("$", ""), rows, batch=1_000)  # type: ignore[arg-type]
    verdict = await log.verdict()
    located = {at for one in verdict.damage for at in range(one.first, one.last + 1)}
    missed, false = set(places) - located, located - set(places)
    print(f"\n5,000 random edits of 10,000 entries: {len(missed)} missed, {len(false)} false alarms")
    assert (missed, false) == (set(), set())


@pytest.mark.parametrize("cypher", EDITS)
async def test_each_edit_alone_is_located(small: Log, cypher: str) -> None:
    await change(small.db, cypher, at=123, hash=bytes(32))
    assert await small.found() == [(123, 123)]


async def test_the_last_one_deleted_and_no_more(small: Log) -> None:
    await change(small.db, BOTH, at=199)
    assert await small.found() == [(199, 199)]


async def test_the_last_one_deleted_and_all_recomputed(log: Log) -> None:
    await rebuild(log.db, log.whole[:-1])
    assert await log.found() == [(log.size - 1, log.size - 1)]


async def test_one_in_the_middle_deleted_and_all_recomputed(log: Log) -> None:
    at, last = log.size // 2 + 12, log.size - 1
    await rebuild(log.db, log.whole[:at] + log.whole[at + 1 :])
    assert await log.found() == [log.between(at), (last, last)]
    assert (await log.found(remembered=True))[0][0] == at


async def test_two_swapped_and_all_recomputed(log: Log) -> None:
    one, two = 7, log.size - 7
    other = list(log.whole)
    other[one], other[two] = other[two], other[one]
    await rebuild(log.db, other)
    assert await log.found() == [log.between(one)]
    assert await log.found(remembered=True) == [(one, one), (two, two)]


async def test_one_inserted_and_all_recomputed(log: Log) -> None:
    at = log.size - 90
    new = entries(log.size + 1)[-1]
    await rebuild(log.db, [*log.whole[:at], new, *log.whole[at:]])
    assert await log.found() == [log.between(at)]
    assert (await log.found(remembered=True))[0] == (at, log.size - 1)


async def test_one_edited_and_all_recomputed(log: Log) -> None:
    at, other = log.size // 3, list(log.whole)
    other[at] = replace(other[at], text=other[at].text.replace("bank", "bonk"))
    await rebuild(log.db, other)
    assert await log.found() == [log.between(at)]
    assert await log.found(remembered=True) == [(at, at)]


async def test_an_old_backup_restored(log: Log) -> None:
    at = log.size - 180
    await rebuild(log.db, log.whole[:at])
    for remembered in (False, True):
        assert await log.found(remembered) == [(at, log.size - 1)]


async def test_an_old_backup_restored_and_gone_on_from(log: Log) -> None:
    at = log.size - 180
    await rebuild(log.db, [*log.whole[:at], *reversed(entries(log.size + 30)[at:])])
    assert await log.found() == [log.between(at)]
    assert (await log.found(remembered=True))[0][0] == at


async def test_a_fork_for_one_reader(log: Log) -> None:
    """The log is as it was; one reader was shown another, by the log's own key, and kept its checkpoint."""
    await rebuild(log.db, log.whole)
    at, end = log.size // 3, 4 * log.size // 10
    other = [*log.leaves[:at], leaf_hash(b"other"), *log.leaves[at + 1 :]]
    told = (*log.notes[:6], signed(other, end))
    copy = await copied(log.db)
    verdict = judge(copy, (), told, LOG_KEY.verifier, (), every_witness=False)
    assert [(one.first, one.last) for one in verdict.damage] == [(3 * log.size // 10, end - 1)]
    assert [(one.first, one.last) for one in check(copy, other)] == [(at, at)]


async def test_a_checkpoint_rolled_back(log: Log) -> None:
    """Database and the home's own files are of yesterday, and agree; the witness remembers today."""
    at = 19 * log.size // 20
    await rebuild(log.db, log.whole[:at])
    own, today = log.notes[:19], log.notes[-1]
    keys = LOG_KEY.verifier, (WITNESS_KEY.verifier,)
    copy = await copied(log.db)
    assert judge(copy, log.leaves[:at], own, *keys, every_witness=True).damage == ()
    verdict = judge(copy, log.leaves[:at], (*own, today), *keys, every_witness=True)
    assert [(one.first, one.last) for one in verdict.damage] == [(at, log.size - 1)]


async def test_a_checkpoint_that_others_signed_says_nothing(small: Log) -> None:
    mallory = Signer(LOG_KEY.name, LOG, Ed25519PrivateKey.generate())
    text = Checkpoint(LOG_KEY.name, 100, bytes(32)).text
    forged = Note(text, (mallory.sign(text),))
    verdict = judge(await copied(small.db), (), [forged], LOG_KEY.verifier, (), every_witness=False)
    assert (verdict.damage, len(verdict.unsigned)) == ((), 1)


async def test_inner_nodes_changed(small: Log) -> None:
    cypher = "MATCH (n:LogNode {level: $level, index: $index}) SET n.hash = $hash"
    for level, index in ((1, 20), (3, 10), (7, 0)):
        await change(small.db, cypher, level=level, index=index, hash=bytes(32))
    assert await small.found() == [(40, 41), (80, 87)]
    await rebuild(small.db, small.whole)
    await change(small.db, cypher, level=7, index=0, hash=bytes(32))
    assert await small.found() == [(0, 127)]


@pytest.mark.parametrize(
    "cypher",
    [
        "MATCH (h:LogHead) DELETE h",
        "MATCH (h:LogHead) SET h.size = 199",
        "MATCH (h:LogHead) SET h.size = 1000000000000",
        "MATCH (h:LogHead) SET h.frontier = null",
        "MATCH (h:LogHead) SET h.size = null, h.frontier = 7",
    ],
)
async def test_a_head_changed(small: Log, cypher: str) -> None:
    await change(small.db, cypher)
    assert await small.found()


async def test_an_erased_entry_is_no_damage_and_one_deleted_is(small: Log) -> None:
    gone, told = small.whole[134], uuid4().hex
    by = Entry(told, "erase", datetime.now(UTC), "admin", "t", gone.owner, "position:134", "ruling 7")
    await erase(small.db, gone, by)
    assert await small.found(remembered=True) == []
    assert gone.id not in {one.id for one in await stored(small.db)}
    assert small.leaves[134] == (await read.leaves(small.db, 134, 135))
    with pytest.raises(NotFound):
        await erase(small.db, gone, replace(by, id=uuid4().hex))
    with pytest.raises(BadInput, match="stays"):
        await erase(small.db, await read.entry(small.db, told), by)
    await change(small.db, ENTRY, at=135)
    assert await small.found(remembered=True) == [(135, 135)]


async def test_an_erasure_cannot_be_made_up(small: Log) -> None:
    await change(small.db, ENTRY, at=50)
    forged = json.dumps({"id": "x", "owner": "x", "action": "erase", "subject": "position:50"})
    await change(small.db, "MATCH (e:LogEntry {position: 60}) SET e.text = $text", text=forged)
    assert await small.found() == [(50, 50), (60, 60)]


async def test_an_entry_that_the_log_does_not_have(small: Log) -> None:
    await change(
        small.db, "CREATE (:LogEntry {id: 'x', position: 200, owner: 'firm-1', text: '{}', salt: ''})"
    )
    assert await small.found() == [(200, 200)]


async def measured(db: Database, size: int) -> tuple[float, float]:
    """Milliseconds to read a proof, and to check it: the median of a hundred of each kind."""
    rng, head = random.Random(SEED), await read.head(db)
    reads, checks = list[float](), list[float]()
    for _ in range(100):
        at, old = rng.randrange(size), rng.randrange(1, size)
        begin = time.perf_counter()
        path = await read.inclusion_path(db, at, size)
        proof = await read.consistency_path(db, old, size)
        reads.append((time.perf_counter() - begin) / 2)
        leaf, root = await read.leaves(db, at, at + 1), await read.root_at(db, old)
        begin = time.perf_counter()
        assert included(leaf, at, size, path, head.root)
        assert consistent(old, size, proof, root, head.root)
        checks.append((time.perf_counter() - begin) / 2)
    return 1_000 * median(reads), 1_000 * median(checks)


class Looked(dict[int, bytes]):
    """Leaves that know how often somebody went through all of them."""

    times = 0

    def __iter__(self) -> Iterator[int]:
        self.times += 1
        return super().__iter__()


def test_a_check_looks_at_every_leaf_a_few_times_however_many_there_are() -> None:
    looked = []
    for size in (10, 1_000):
        made = entries(size)
        leaves = Looked({one.position: leaf(one) for one in made})
        assert check(Copy(leaves, made, grown(leaves.values()))) == ()
        looked.append(leaves.times)
    assert looked[0] == looked[1]


async def trip(db: Database) -> float:
    """Milliseconds of a query that does nothing, median of a hundred: what this machine can do just now."""
    took = list[float]()
    for _ in range(100):
        begin = time.perf_counter()
        await db.read("RETURN 1 AS one")
        took.append(time.perf_counter() - begin)
    return 1_000 * median(took)


@pytest.mark.parametrize("size", [1_000, pytest.param(100_000, marks=pytest.mark.long)])
async def test_proofs_take_less_than_ten_milliseconds(patient: Database, size: int) -> None:
    """On a machine that is so busy that a bare query takes 2 ms and more: less than five of those."""
    await rebuild(patient, entries(size))
    bare = await trip(patient)
    proved, verified = await measured(patient, size)
    print(f"\n{size:,} entries: a proof is read in {proved:.2f} ms, checked in {verified:.3f} ms", end="; ")
    print(f"a bare query takes {bare:.2f} ms")
    begin = time.perf_counter()
    assert check(await copied(patient)) == ()
    print(f"all of them are checked in {time.perf_counter() - begin:.1f} s")
    assert verified < 10
    assert proved < max(10, 5 * bare)


async def unlogged(_: Database, tx: Any, stamp: Stamp, answer: Any, __: object) -> None:
    """The end of a write as it would be without a log."""
    told = {"revision": stamp.revision, "recordedAt": stamp.recorded_at}
    await tx.run(UNLOGGED, told, id=stamp.write, answer=json.dumps(answer))


UNLOGGED = """
MATCH (w:Write {id: $id}) SET w.answer = $answer
WITH 1 AS closed
MATCH (r:Revision {id: 'graph'}) SET r.value = $revision, r.recordedAt = $recordedAt
"""


async def test_appending_adds_less_than_two_milliseconds(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write with and without its log entry, in turns, on a log of some size.

    On a machine that is so busy that a bare query takes most of that: less than three of those.
    """
    await rebuild(database, entries(500))
    logged, took = writing.close, {True: list[float](), False: list[float]()}

    async def nothing(tx: object, stamp: object) -> None: ...

    for i in range(440):
        monkeypatch.setattr(writing, "close", logged if i % 2 else unlogged)
        begin = time.perf_counter()
        await write_once(database, Write("org", "tester", uuid4().hex, "test", {}), nothing)
        if i >= 40:
            took[bool(i % 2)].append(time.perf_counter() - begin)
    without, bare = 1_000 * median(took[False]), await trip(database)
    added = 1_000 * median(took[True]) - without
    print(f"\na write takes {without:.2f} ms; its log entry adds {added:.2f} ms; a bare query {bare:.2f} ms")
    assert added < max(2, 3 * bare)
