"""Adding to the log, within a transaction: entries, the subtrees they complete, and the new head.

Whoever holds both locks took the revision's first (:func:`huren.graph.writing.lock`) and the head's last;
a transaction that only logs takes the head's alone. So no two wait for one another.

A process expects the head to be where it left it, and so locks and adds by one statement; where another
process was there meanwhile, a second statement adds to what the first one found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from neo4j import AsyncManagedTransaction

from huren.errors import Unavailable
from huren.graph.database import Database
from huren.graph.log.tree import Frontier, leaf_hash
from huren.graph.model.audit import Entry, commitment, salt

# The assignment before WITH takes the write lock; what is read after it, no other transaction can change.
LOCK_HEAD = """
MERGE (h:LogHead {id: 'log'})
SET h.locked = true
WITH h, coalesce(h.size, 0) AS size, h.frontier AS frontier
"""

_CREATE = """
  FOREACH (row IN $entries |
    CREATE (:LogEntry {id: row.id, position: row.position, owner: row.owner, text: row.text, salt: row.salt}))
  FOREACH (row IN $nodes | CREATE (:LogNode {level: row.level, index: row.index, hash: row.hash}))
"""

LOCK_AND_ADD = f"""{LOCK_HEAD}
WITH h, size, frontier, size = $expected AND coalesce(frontier = $joined, size = 0) AS met
FOREACH (_ IN CASE WHEN met THEN [1] ELSE [] END |
  SET h.size = $size, h.frontier = $frontier
  {_CREATE})
RETURN size, frontier, met
"""

ADD = f"""
MATCH (h:LogHead {{id: 'log'}})
SET h.size = $size, h.frontier = $frontier
{_CREATE}"""

_LEFT: WeakKeyDictionary[Database, Frontier] = WeakKeyDictionary()
"""Where this process left the log of a database; wrong after others wrote, or where a commit failed."""


async def append(
    db: Database, tx: AsyncManagedTransaction, entries: Sequence[Entry], first: str = "", **params: Any
) -> int:
    """Add ``entries`` in order; the position of the first. Holds the head's lock until the commit.

    ``first``: statements for ``params`` that are sent along, before the lock is taken.
    Cost: one statement, or two where others wrote to the log meanwhile; on average two nodes and two hashes
    for each entry. Raises: Unavailable where the head is no head.
    """
    expected = _LEFT.get(db, Frontier())
    grown = _Grown.of(expected, entries)
    guess = {"expected": expected.size, "joined": b"".join(expected.hashes)}
    found = await (await tx.run(first + LOCK_AND_ADD, grown.params | guess | params)).single(strict=True)
    if not found["met"]:
        expected = frontier_of(found["size"], found["frontier"])
        grown = _Grown.of(expected, entries)
        await (await tx.run(ADD, grown.params)).consume()
    _LEFT[db] = grown.end
    return expected.size


@dataclass(frozen=True, slots=True)
class _Grown:
    """The log with more entries: where it ends, and what there is to be written."""

    end: Frontier
    params: dict[str, Any]

    @classmethod
    def of(cls, frontier: Frontier, entries: Sequence[Entry]) -> _Grown:
        rows, nodes = list[dict[str, Any]](), list[dict[str, Any]]()
        for entry in entries:
            salted, text = salt(), entry.text
            said = {"id": entry.id, "position": frontier.size, "owner": entry.owner}
            rows.append({**said, "text": text, "salt": salted})
            frontier, made = frontier.append(leaf_hash(commitment(text, salted)))
            nodes += [{"level": level, "index": index, "hash": hash} for (level, index), hash in made]
        end = {"size": frontier.size, "frontier": b"".join(frontier.hashes)}
        return cls(frontier, {**end, "entries": rows, "nodes": nodes})


def frontier_of(size: int, joined: Any) -> Frontier:
    """The frontier as the head holds it: the hashes one after the other. Raises: Unavailable."""
    whole = bytes(joined) if isinstance(joined, bytes | bytearray) else b""
    if size < 0 or len(whole) != 32 * size.bit_count():
        raise damaged()
    return Frontier(size, tuple(whole[at : at + 32] for at in range(0, len(whole), 32)))


def damaged() -> Unavailable:
    """The log cannot go on from what the database holds of it."""
    return Unavailable(
        "the audit log in the database is damaged",
        "数据库中的审计日志已损坏",
        fix="The administrator runs `huren log verify`, which says where.",
        fix_zh="请管理员运行 `huren log verify` 查明损坏位置。",
    )
