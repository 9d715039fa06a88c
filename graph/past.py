"""The supply graph as it stood at an earlier revision: what was stated since is read again as it was."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

from huren.graph.database import Database
from huren.graph.model.supply import Supply
from huren.graph.revision import Pin
from huren.graph.snapshot import reading
from huren.graph.snapshot.rows import Row
from huren.graph.snapshot.snapshot import Draft, Snapshot

# Down the index of revisions, to the first that fits.
LAST = """
MATCH (w:Write)
WHERE w.revision <= $revision AND w.recordedAt <= $at
RETURN w.revision AS revision, w.recordedAt AS recordedAt ORDER BY w.revision DESC LIMIT 1
"""

_BEGINNING = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Past:
    """``supply`` as it stood, on the line of the present one; of who was ``absent`` nothing is known."""

    supply: Supply
    absent: frozenset[str]


async def last(db: Database, revision: int, at: datetime) -> Pin:
    """The last write up to a revision and an instant, with its time; revision 0 where there is none."""
    rows = await db.read(LAST, revision=revision, at=at)
    if not rows:
        return Pin(0, _BEGINNING)
    return Pin(rows[0]["revision"], rows[0]["recordedAt"].to_native().astimezone(UTC))


async def past(db: Database, present: Snapshot, revision: int) -> Past:
    """What was stated at ``revision`` of the products there are now.

    Cost: the products stated since, a thousand a query; where there are any, a copy of the columns.
    """
    changed = await reading.changed_keys(db, revision, present.revision)
    keys = [key for key in changed if key in present.products]
    if not keys:
        return Past(present.supply(), frozenset())
    draft = await asyncio.to_thread(Draft, present.apart(), keys)
    absent: set[str] = set()
    for start in range(0, len(keys), reading.CHUNK):
        chunk = keys[start : start + reading.CHUNK]
        rows = await reading.stated(db, revision, chunk)
        gone = set(chunk) - {row["key"] for row in rows}
        await asyncio.to_thread(draft.add, [*rows, *map(_blank, sorted(gone))])
        absent |= gone
    drawn = await asyncio.to_thread(draft.done, revision, None)
    return Past(drawn.supply(), frozenset(absent))


def _blank(key: str) -> Row:
    return {"key": key, "revision": 0, "inputs": []}
