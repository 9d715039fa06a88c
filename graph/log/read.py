"""Reading the log: its head, proofs from the subtrees that are kept, entries of one owner."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from huren.errors import BadInput, NotFound
from huren.graph.database import Database, Row
from huren.graph.log.append import damaged, frontier_of
from huren.graph.log.tree import Frontier, Range, consistency, cover, fold, inclusion

HEAD = "MATCH (h:LogHead {id: 'log'}) RETURN coalesce(h.size, 0) AS size, h.frontier AS frontier"

NODES = """
UNWIND $places AS place
MATCH (n:LogNode {level: place[0], index: place[1]})
RETURN n.level AS level, n.index AS index, n.hash AS hash
"""

LEAVES = """
MATCH (n:LogNode {level: 0}) WHERE n.index >= $start AND n.index < $end
RETURN n.index AS index, n.hash AS hash ORDER BY n.index
"""

BY_ID = """
MATCH (e:LogEntry {id: $id}) WHERE e.position IS NOT NULL
RETURN e.id AS id, e.position AS position, e.owner AS owner, e.text AS text, e.salt AS salt
"""

BY_OWNER = """
MATCH (e:LogEntry) WHERE e.owner = $owner AND e.position < $before
RETURN e.id AS id, e.position AS position, e.owner AS owner, e.text AS text, e.salt AS salt
ORDER BY e.position DESC LIMIT $first
"""

ALL = """
MATCH (e:LogEntry) WHERE e.position < $before
RETURN e.id AS id, e.position AS position, e.owner AS owner, e.text AS text, e.salt AS salt
ORDER BY e.position DESC LIMIT $first
"""

_AT_ONCE = 5_000
LAST = 2**62
"""Beyond every position."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An entry as it is stored: at ``position``, its canonical JSON, and the salt of its commitment."""

    id: str
    position: int
    owner: str
    text: str
    salt: str


async def head(db: Database) -> Frontier:
    """The tree as it is now. One query. Raises: Unavailable where the head is no head."""
    rows = await db.read(HEAD)
    return frontier_of(rows[0]["size"], rows[0]["frontier"]) if rows else Frontier()


async def hashes(db: Database, ranges: Sequence[Range]) -> tuple[bytes, ...]:
    """The hash over each range. One query, of O(log² size) nodes. Raises: Unavailable where one is gone."""
    places = [cover(leaves) for leaves in ranges]
    wanted = [list(place) for cover_ in places for place in cover_]
    rows = await db.read(NODES, places=wanted) if wanted else []
    found = {(row["level"], row["index"]): bytes(row["hash"]) for row in rows}
    if any(tuple(place) not in found for place in wanted):
        raise damaged()
    return tuple(fold([found[place] for place in one]) for one in places)


async def root_at(db: Database, size: int) -> bytes:
    """The root of the first ``size`` leaves."""
    return (await hashes(db, [(0, size)]))[0]


async def inclusion_path(db: Database, position: int, size: int) -> tuple[bytes, ...]:
    """What proves the leaf at ``position`` among the first ``size``. Raises: BadInput for no such leaf."""
    try:
        return await hashes(db, inclusion(position, size))
    except ValueError as error:
        raise no_size(size) from error


async def consistency_path(db: Database, old: int, new: int) -> tuple[bytes, ...]:
    """What proves the first ``old`` leaves unchanged among ``new``. Raises: BadInput for no such sizes."""
    try:
        return await hashes(db, consistency(old, new))
    except ValueError as error:
        raise no_size(old) from error


async def leaves(db: Database, start: int, end: int) -> bytes:
    """The leaf hashes from ``start`` up to ``end``, one after the other. Raises: Unavailable for a gap."""
    parts: list[bytes] = []
    for at in range(start, end, _AT_ONCE):
        to = min(end, at + _AT_ONCE)
        rows = await db.read(LEAVES, start=at, end=to)
        if [row["index"] for row in rows] != list(range(at, to)):
            raise damaged()
        parts += [bytes(row["hash"]) for row in rows]
    return b"".join(parts)


async def entry(db: Database, id: str) -> Stored:
    """The entry of this id. Raises: NotFound."""
    rows = await db.read(BY_ID, id=id)
    if not rows:
        raise absent(id)
    return _stored(rows[0])


async def page(db: Database, owner: str | None, before: int, first: int) -> tuple[Stored, ...]:
    """The ``first`` newest entries below position ``before``: about data of ``owner``, or (None) all."""
    if owner is None:
        return tuple(_stored(row) for row in await db.read(ALL, before=before, first=first))
    return tuple(_stored(row) for row in await db.read(BY_OWNER, owner=owner, before=before, first=first))


async def every(db: Database) -> AsyncIterator[Stored]:
    """All entries, the newest first, a batch a query."""
    before = LAST
    while found := await page(db, None, before, 5_000):
        for one in found:
            yield one
        before = found[-1].position


def absent(id: str) -> NotFound:
    """There is no such entry that the caller may see."""
    return NotFound(
        f"no log entry `{id[:80]}`",
        f"没有日志条目“{id[:80]}”",
        fix="Give an id that `logEntries` answered.",
        fix_zh="请使用 `logEntries` 返回的标识。",
    )


def no_size(size: int) -> BadInput:
    """The log has no such size."""
    return BadInput(
        f"the log has no such beginning of {size} entries",
        f"日志没有 {size} 条的起始部分",
        fix="Take a size from a checkpoint, not above that of the newest.",
        fix_zh="请使用检查点中的条数,且不超过最新检查点。",
    )


def _stored(row: Row) -> Stored:
    return Stored(row["id"], row["position"], row["owner"], row["text"], row["salt"])
