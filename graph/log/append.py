"""Adding to the log, within a transaction: entries, the subtrees they complete, and the new head.

Whoever holds both locks took the revision's first (:func:`huren.graph.writing.lock`) and the head's last;
a transaction that only logs takes the head's alone. So no two wait for one another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from neo4j import AsyncManagedTransaction

from huren.errors import Unavailable
from huren.graph.log.tree import Frontier, leaf_hash
from huren.graph.model.audit import Entry, commitment, salt

# The assignment before WITH takes the write lock; what is read after it, no other transaction can change.
LOCK_HEAD = """
MERGE (h:LogHead {id: 'log'})
SET h.locked = true
WITH h
RETURN coalesce(h.size, 0) AS size, h.frontier AS frontier
"""

ADD = """
MATCH (h:LogHead {id: 'log'})
SET h.size = $size, h.frontier = $frontier
FOREACH (row IN $entries |
  CREATE (:LogEntry {id: row.id, position: row.position, owner: row.owner, text: row.text, salt: row.salt}))
FOREACH (row IN $nodes | CREATE (:LogNode {level: row.level, index: row.index, hash: row.hash}))
"""


async def append(tx: AsyncManagedTransaction, entries: Sequence[Entry]) -> int:
    """Add ``entries`` in order; the position of the first. Holds the head's lock until the commit.

    Cost: two statements, and on average two nodes and two hashes for each entry. Raises: Unavailable where
    the head is no head.
    """
    return await extend(tx, await (await tx.run(LOCK_HEAD)).single(strict=True), entries)


async def extend(tx: AsyncManagedTransaction, head: Mapping[str, Any], entries: Sequence[Entry]) -> int:
    """As :func:`append`, where a statement that ends with LOCK_HEAD has answered ``head``. One statement."""
    frontier = first = frontier_of(head["size"], head["frontier"])
    rows, nodes = list[dict[str, Any]](), list[dict[str, Any]]()
    for entry in entries:
        salted, text = salt(), entry.text
        said = {"id": entry.id, "position": frontier.size, "owner": entry.owner}
        rows.append({**said, "text": text, "salt": salted})
        frontier, made = frontier.append(leaf_hash(commitment(text, salted)))
        nodes += [{"level": level, "index": index, "hash": hash} for (level, index), hash in made]
    grown = {"size": frontier.size, "frontier": b"".join(frontier.hashes)}
    await (await tx.run(ADD, grown, entries=rows, nodes=nodes)).consume()
    return first.size


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
