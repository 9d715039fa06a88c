"""What an administrator of the database can do to the log with Cypher, recomputing all of it if need be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from huren.graph.database import Database
from huren.graph.log.read import Stored, every
from huren.graph.log.tree import Frontier, leaf_hash
from huren.graph.model.audit import commitment

CLEAR = """
MATCH (n) WHERE n:LogNode OR (n:LogEntry AND n.position IS NOT NULL)
CALL (n) { DELETE n } IN TRANSACTIONS OF 10000 ROWS
"""
ENTRIES = """
UNWIND $rows AS row
CREATE (:LogEntry {id: row.id, position: row.position, owner: row.owner, text: row.text, salt: row.salt})
"""
NODES = "UNWIND $rows AS row CREATE (:LogNode {level: row.level, index: row.index, hash: row.hash})"
HEAD = "MERGE (h:LogHead {id: 'log'}) SET h.size = $size, h.frontier = $frontier"


async def stored(db: Database) -> list[Stored]:
    """The entries in order."""
    return sorted([one async for one in every(db)], key=lambda one: one.position)


async def rebuild(db: Database, entries: Sequence[Stored]) -> None:
    """Put ``entries`` in the place of the log, in this order, with leaves, nodes and head to match."""
    frontier, nodes = Frontier(), list[dict[str, Any]]()
    rows = [
        {"id": e.id, "position": i, "owner": e.owner, "text": e.text, "salt": e.salt}
        for i, e in enumerate(entries)
    ]
    for one in entries:
        frontier, made = frontier.append(leaf_hash(commitment(one.text, one.salt)))
        nodes += [{"level": level, "index": index, "hash": hash} for (level, index), hash in made]
    await db.alter(CLEAR)
    await db.bulk(ENTRIES, rows)
    await db.bulk(NODES, nodes)
    head = {"size": frontier.size, "frontier": b"".join(frontier.hashes)}
    await change(db, HEAD, **head)


async def change(db: Database, cypher: str, **params: Any) -> None:
    """Any statement."""

    async def work(tx: Any) -> None:
        await (await tx.run(cypher, params)).consume()

    await db.write_with(work)
