"""The whole log out of the database, to be checked or exported; and erasing an entry."""

from __future__ import annotations

from neo4j import AsyncManagedTransaction

from huren.errors import BadInput, Unavailable
from huren.graph.database import Database
from huren.graph.log.append import append, frontier_of
from huren.graph.log.check import Copy
from huren.graph.log.read import HEAD, Stored, absent, every
from huren.graph.log.tree import Frontier, Place
from huren.graph.model.audit import Entry

LAST_LEAF = "MATCH (n:LogNode {level: 0}) RETURN coalesce(max(n.index), -1) AS last"

SUBTREES = """
MATCH (n:LogNode {level: $level}) WHERE n.index >= $start AND n.index < $end
RETURN n.index AS index, n.hash AS hash
"""

ERASE = """
MATCH (e:LogEntry {id: $id}) WHERE e.position = $position
DELETE e
"""

_AT_ONCE = 5_000
_MOST_GONE = 100_000
"""Entries that may be missing at the end and are still told one by one."""


async def copied(db: Database) -> Copy:
    """The log as the database holds it, whatever was done to it.

    Reads the last leaf before the head, which others may meanwhile move on: so a leaf beyond the head is
    one that the head leaves out. Cost: all of it, some 50,000 entries a second.
    """
    last = (await db.read(LAST_LEAF))[0]["last"]
    top = await _head(db, last + 1 + _MOST_GONE)
    end = max(last + 1, top.size)
    nodes: dict[Place, bytes] = {}
    for level in range(max(1, end.bit_length())):
        for start in range(0, end >> level, _AT_ONCE):
            to = min(end >> level, start + _AT_ONCE)
            rows = await db.read(SUBTREES, level=level, start=start, end=to)
            nodes |= {(level, row["index"]): bytes(row["hash"] or b"") for row in rows}
    leaves = {index: hash for (level, index), hash in nodes.items() if level == 0}
    entries = [one async for one in every(db)]
    later = (await _head(db, top.size + len(entries))).size
    entries = [one for one in entries if one.position < end or one.position >= max(later, end)]
    return Copy(leaves, entries, top, nodes)


async def _head(db: Database, most: int) -> Frontier:
    """The head, or (where it is no head, or of more than ``most`` entries) one that fits no leaves."""
    rows = await db.read(HEAD)
    size = min(max(0, int(rows[0]["size"] or 0)), most) if rows else 0
    try:
        return frontier_of(size, rows[0]["frontier"]) if rows else Frontier()
    except Unavailable:
        return Frontier(size, (b"",))


async def erase(db: Database, one: Stored, by: Entry) -> None:
    """Remove entry and salt of ``one``, and say so by the entry ``by``; its leaf stays, and proves nothing.

    Raises: BadInput for an entry that itself tells of an erasure; NotFound where it is gone meanwhile.
    """
    if '"action":"erase"' in one.text:
        raise BadInput(
            "an entry that tells of an erasure stays",
            "删除记录本身不可删除",
            fix="Name another entry.",
            fix_zh="请指定其他条目。",
        )

    async def work(tx: AsyncManagedTransaction) -> None:
        await append(db, tx, [by])  # first, since it takes the lock
        done = await (await tx.run(ERASE, id=one.id, position=one.position)).consume()
        if not done.counters.nodes_deleted:
            raise absent(one.id)

    await db.write_with(work)
