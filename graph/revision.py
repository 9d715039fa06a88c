"""Pins: which writes a question may see. Every read of one question filters by the same pin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from neo4j import AsyncManagedTransaction

from huren.errors import BadInput
from huren.graph.database import Database

READ_REVISION = """
MATCH (r:Revision {id: 'graph'})
RETURN r.value AS value, r.recordedAt AS recordedAt
"""

# Takes the lock that every write takes first, so nothing is half-way: what is recorded by then is
# visible, and whatever is recorded later comes after it (see writing.LOCK).
CLOSE_UNTIL = """
MERGE (r:Revision {id: 'graph'})
SET r.lockedBy = 'pin'
WITH r
SET r.closedUntil = CASE WHEN r.closedUntil > $knownAt THEN r.closedUntil ELSE $knownAt END
RETURN coalesce(r.value, 0) AS value
"""


@dataclass(frozen=True, slots=True)
class Pin:
    """A read sees a write exactly if its revision <= ``revision`` and its record time <= ``known_at``."""

    revision: int
    known_at: datetime


def utc_now() -> datetime:
    """The present instant, UTC."""
    return datetime.now(UTC)


async def pin(db: Database, known_at: datetime | None = None, now: Callable[[], datetime] = utc_now) -> Pin:
    """The present revision, and what was known at ``known_at`` (default: everything recorded so far).

    The same ``known_at`` shows the same for ever: an instant after the last write is closed first, so
    that no write still under way can be recorded before it. Cost: one small query, and with such a
    ``known_at`` a second. Raises: BadInput for an instant without offset or in the future.
    """
    if known_at is not None:
        known_at = _past(known_at, now())
    rows = await db.read(READ_REVISION)
    value, recorded_at = (rows[0]["value"], rows[0]["recordedAt"]) if rows else (0, None)
    last = recorded_at.to_native().astimezone(UTC) if recorded_at else datetime.min.replace(tzinfo=UTC)
    if known_at is None or known_at <= last:
        return Pin(value, known_at or last)
    return Pin(await db.write_with(lambda tx: _close(tx, known_at)), known_at)


async def _close(tx: AsyncManagedTransaction, known_at: datetime) -> int:
    result = await tx.run(CLOSE_UNTIL, knownAt=known_at)
    return int((await result.single(strict=True))["value"])


def _past(known_at: datetime, present: datetime) -> datetime:
    if known_at.tzinfo is None:
        raise BadInput(
            f"the instant `{known_at.isoformat()}` has no offset",
            f"时刻“{known_at.isoformat()}”缺少时区偏移",
            fix="Write it as RFC 3339, such as 2026-06-01T00:00:00Z.",
            fix_zh="请按 RFC 3339 书写,例如 2026-06-01T00:00:00Z。",
        )
    if known_at > present:
        raise BadInput(
            f"knownAt {known_at.isoformat()} is in the future",
            f"knownAt {known_at.isoformat()} 在未来",
            fix="Name an instant that has passed, or leave knownAt out.",
            fix_zh="请填写已过去的时刻,或省略 knownAt。",
        )
    return known_at.astimezone(UTC)
