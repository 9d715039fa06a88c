"""Writes: each takes effect once, for good, and is recorded in one transaction with its effect.

An error from the database does not mean "not written", so every write carries its caller's idempotency
key; sent again with that key it gets the first answer. All writes lock the revision node first, and so
come one after the other.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any
from uuid import uuid4
from weakref import WeakKeyDictionary

from neo4j import AsyncManagedTransaction

from huren.errors import BadInput, Conflict
from huren.graph.database import Database
from huren.graph.log.append import append
from huren.graph.model.audit import Entry
from huren.graph.outcome import PATIENCE, known
from huren.graph.revision import utc_now

# The assignment before WITH takes the write lock; what is read after it, no other write can change.
LOCK = """
MERGE (r:Revision {id: 'graph'})
SET r.lockedBy = $write
WITH r
RETURN coalesce(r.value, 0) AS value, r.recordedAt AS recordedAt, r.closedUntil AS closedUntil
"""

EARLIER = """
MATCH (w:Write {key: $key})
RETURN w.bodyHash AS bodyHash, w.answer AS answer, w.revision AS revision, w.recordedAt AS recordedAt
"""

OPEN = """
CREATE (:Write {id: $id, key: $key, org: $org, actor: $actor, name: $name, bodyHash: $bodyHash,
                revision: $revision, recordedAt: $recordedAt})
"""

# Closing goes with adding to the log: a way to the server less, for every write.
CLOSE = """
MATCH (w:Write {id: $write})
SET w.answer = $answer
WITH 1 AS closed
MATCH (r:Revision {id: 'graph'})
SET r.value = $revision, r.recordedAt = $recordedAt
WITH 1 AS closed
"""

# All writes wait for one lock anyway; those of one process wait here, where no deadline runs yet.
_TURNS: WeakKeyDictionary[Database, asyncio.Lock] = WeakKeyDictionary()

_KEY = re.compile(r"[!-~]{1,200}")


@dataclass(frozen=True, slots=True)
class Write:
    """What is asked: ``key`` is unique within ``org``; ``name`` and ``body`` (JSON kinds) say what.

    For the log: ``owner`` of the data where that is not who the answer names, ``ground`` and ``request``.
    """

    org: str
    actor: str
    key: str
    name: str
    body: Mapping[str, Any]
    owner: str = ""
    ground: str = "own"
    request: str | None = None


@dataclass(frozen=True, slots=True)
class Stamp:
    """The write that an effect belongs to, by id, and the two numbers it will be visible under."""

    write: str
    revision: int
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What the effect answered; ``repeated`` when this write had been done before."""

    body: Any
    revision: int
    recorded_at: datetime
    repeated: bool


Effect = Callable[[AsyncManagedTransaction, Stamp], Awaitable[Any]]
"""Makes the change and returns its answer (JSON kinds). It may run several times; one run is kept."""


async def write_once(  # noqa: PLR0913  (what is asked, and how long it may take)
    db: Database,
    write: Write,
    effect: Effect,
    now: Callable[[], datetime] = utc_now,
    *,
    bulk: bool = False,
    patience: float = PATIENCE,
) -> Answer:
    """Take ``effect`` and record it, or give the first answer again where ``write`` was done before.

    An unknown outcome is resolved by asking again, for ``patience`` seconds. ``bulk`` gives the effect
    the longer deadline of bulk statements.
    Raises: Conflict where the key was used with another name or body; BadInput for an unusable key or
    text; Unavailable; whatever the effect raises, and then nothing is written.
    """
    row = _row(write)
    run = db.bulk_with if bulk else db.write_with
    turn = _TURNS.setdefault(db, asyncio.Lock())

    async def attempt() -> Answer:
        async with turn:
            return await run(partial(_attempt, db, write=write, row=row, effect=effect, now=now))

    return await known(attempt, patience)


async def _attempt(  # noqa: PLR0913  (what is asked, and where)
    db: Database,
    tx: AsyncManagedTransaction,
    *,
    write: Write,
    row: dict[str, str],
    effect: Effect,
    now: Callable[[], datetime],
) -> Answer:
    stamp = await lock(tx, uuid4().hex, now)
    earlier = await (await tx.run(EARLIER, key=row["key"])).single()
    if earlier:
        if earlier["bodyHash"] != row["bodyHash"]:
            raise _reused(row["key"])
        recorded_at = earlier["recordedAt"].to_native().astimezone(UTC)
        return Answer(json.loads(earlier["answer"]), earlier["revision"], recorded_at, repeated=True)
    await tx.run(OPEN, row, id=stamp.write, revision=stamp.revision, recordedAt=stamp.recorded_at)
    answer = await effect(tx, stamp)
    await close(db, tx, stamp, answer, [_entry(write, row, stamp, answer)])
    return Answer(answer, stamp.revision, stamp.recorded_at, repeated=False)


async def lock(tx: AsyncManagedTransaction, write: str, now: Callable[[], datetime] = utc_now) -> Stamp:
    """Wait for every write before this one, and take the next revision and record time."""
    row = await (await tx.run(LOCK, write=write)).single(strict=True)
    taken = [row[name].to_native() for name in ("recordedAt", "closedUntil") if row[name]]
    recorded_at = max([now(), *(instant + timedelta(microseconds=1) for instant in taken)])
    return Stamp(write, row["value"] + 1, recorded_at.astimezone(UTC))


async def close(
    db: Database, tx: AsyncManagedTransaction, stamp: Stamp, answer: Any, entries: Sequence[Entry]
) -> None:
    """Keep the answer, make the stamp's revision the graph's, and log it; last, before the commit."""
    told = {"revision": stamp.revision, "recordedAt": stamp.recorded_at}
    text = json.dumps(answer, ensure_ascii=False)
    await append(db, tx, entries, CLOSE, write=stamp.write, answer=text, **told)


def _entry(write: Write, row: Mapping[str, str], stamp: Stamp, answer: Any) -> Entry:
    told = answer if isinstance(answer, dict) else {}
    names = [f"{name}:{value}" for name, value in told.items() if isinstance(value, str)]
    # The key of a product begins with its owner, whoever writes it.
    owner = str(told.get("product", "")).partition("/")[0]
    return Entry(
        id=stamp.write,
        action=write.name,
        at=stamp.recorded_at,
        org=write.org,
        client=write.actor,
        owner=write.owner or owner or write.org,
        subject=" ".join(names),
        ground=write.ground,
        request=write.request,
        revision=stamp.revision,
        body_hash=row["bodyHash"],
    )


def digest(body: Any) -> str:
    """SHA-256 of the canonical JSON of ``body``: sorted keys, UTF-8, no NaN.

    Raises: BadInput for text that has no UTF-8 form, ValueError for NaN and infinities.
    """
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    try:
        return sha256(text.encode()).hexdigest()
    except UnicodeEncodeError:
        raise BadInput(
            "the text holds half of a surrogate pair",
            "文本含有不成对的代理字符",
            fix="Send valid Unicode text.",
            fix_zh="请发送有效的 Unicode 文本。",
        ) from None


def _row(write: Write) -> dict[str, str]:
    if not _KEY.fullmatch(write.key):
        raise BadInput(
            "an idempotency key has 1 to 200 visible ASCII characters",
            "幂等键须为 1 至 200 个可见 ASCII 字符",
            fix="Send a fresh UUID for each write, and the same one when you repeat it.",
            fix_zh="每次写入请使用新的 UUID,重发时使用同一个。",
        )
    body_hash = digest({"name": write.name, "body": write.body})
    # A client's key has no space, so that the two parts cannot be mistaken for one another.
    return {
        "key": f"{write.org} {write.key}",
        "org": write.org,
        "actor": write.actor,
        "name": write.name,
        "bodyHash": body_hash,
    }


def _reused(key: str) -> Conflict:
    used = key.rsplit(" ", 1)[-1]
    return Conflict(
        f"the idempotency key `{used}` was used for another write",
        f"幂等键“{used}”已用于另一次写入",
        fix="Repeat the first write unchanged, or send a fresh key.",
        fix_zh="请原样重发第一次写入,或改用新的键。",
    )
