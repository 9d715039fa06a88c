"""Exports in the graph: requests, what became of them, and the approvals that stand at a pin.

Append-only: a request is never changed, an event (`ExportEvent`) that follows another is the latest word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from neo4j import AsyncManagedTransaction

from huren.errors import Conflict, NotFound
from huren.graph.database import Database, Row, rows_of
from huren.graph.model.access import FieldClass
from huren.graph.model.export import Approval, Export, ExportEvent, ExportState
from huren.graph.revision import Pin
from huren.graph.writing import Effect, Stamp

_SHAPE = """
x {.*} AS request, COLLECT {
  MATCH (x)<-[:OF]-(e:ExportEvent) WHERE e.revision <= $revision
  RETURN e {.*} ORDER BY e.revision
} AS events
"""

_LAST = """
COLLECT {
  MATCH (x)<-[:OF]-(e:ExportEvent) WHERE e.revision <= $revision
  RETURN e.state ORDER BY e.revision DESC LIMIT 1
}[0]
"""

# Those that stand, for one viewer in one country.
APPROVED = f"""
UNWIND $keys AS key
MATCH (x:Export {{product: key, country: $country}})
WHERE x.revision <= $revision AND (x.recipient IS NULL OR x.recipient = $org)
WITH x, {_LAST} AS last
WHERE last = 'approved'
RETURN x {{.*}} AS request ORDER BY x.id
"""

PAGE = f"""
MATCH (x:Export)
WHERE x.revision <= $revision AND x.id > $after
  AND (x.owner = $org OR $everything OR x.region IN $territory)
WITH x, coalesce({_LAST}, 'requested') AS last
WITH x, CASE WHEN last IN ['requested', 'approved'] AND x.until <= $now THEN 'ended' ELSE last END AS state
WHERE $state IS NULL OR state = $state
RETURN {_SHAPE} ORDER BY x.id LIMIT $limit
"""

GET = f"MATCH (x:Export {{id: $id}}) WHERE x.revision <= $revision RETURN {_SHAPE}"

ASK = """
CREATE (:Export {id: $id, product: $product, owner: $owner, region: $region, country: $country,
                 recipient: $recipient, fields: $fields, until: $until, reason: $reason,
                 revision: $revision, recordedAt: $recordedAt})
"""

FOLLOW = """
MATCH (x:Export {id: $id})
CREATE (x)<-[:OF]-(:ExportEvent {state: $state, org: $org, reason: $reason, revision: $revision,
                                 recordedAt: $recordedAt})
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose requests: those of ``owner``, and those of products made in ``territory`` (or everywhere)."""

    owner: str
    territory: frozenset[str] = frozenset()
    everywhere: bool = False
    state: ExportState | None = None


async def approvals(
    db: Database, pin: Pin, keys: Sequence[str], country: str, org: str
) -> dict[str, tuple[Approval, ...]]:
    """The approvals on record for ``org`` in ``country``, by product; ended ones too. One query."""
    found: dict[str, tuple[Approval, ...]] = dict.fromkeys(keys, ())
    asked = {"keys": list(keys), "country": country, "org": org}
    for row in await db.read(APPROVED, **asked, revision=pin.revision):
        approval = _approval(row["request"])
        found[approval.product] += (approval,)
    return found


async def page(  # noqa: PLR0913, PLR0917  (the question, by name)
    db: Database, pin: Pin, where: Wanted, first: int, after: str, now: datetime
) -> tuple[tuple[Export, ...], bool]:
    """The requests after the id ``after``, and whether there are more. One query."""
    rows = await db.read(
        PAGE,
        revision=pin.revision,
        org=where.owner,
        territory=sorted(where.territory),
        everything=where.everywhere,
        state=where.state,
        after=after,
        limit=first + 1,
        now=now,
    )
    return tuple(_export(row) for row in rows[:first]), len(rows) > first


async def get(db: Database, pin: Pin, id: str) -> Export:
    """The request of this id. Raises: NotFound."""
    rows = await db.read(GET, id=id, revision=pin.revision)
    if not rows:
        raise no_export(id)
    return _export(rows[0])


def ask(export: Export) -> Effect:
    """Put a request on record. Answers its id. The effect raises Conflict for one that is there."""

    async def effect(tx: AsyncManagedTransaction, stamp: Stamp) -> dict[str, Any]:
        if await rows_of(tx, GET, id=export.id, revision=stamp.revision):
            raise Conflict(f"there is a request `{export.id}` already", f"申请“{export.id}”已存在")
        await tx.run(ASK, _row(export), revision=stamp.revision, recordedAt=stamp.recorded_at)
        return {"id": export.id}

    return effect


def follow(id: str, event: ExportEvent) -> Effect:
    """Add what became of a request. Answers its id. Whether it may is checked under the write's lock."""

    async def effect(tx: AsyncManagedTransaction, stamp: Stamp) -> dict[str, Any]:
        said: dict[str, Any] = {"state": event.state, "org": event.org, "reason": event.reason}
        await tx.run(FOLLOW, id=id, **said, revision=stamp.revision, recordedAt=stamp.recorded_at)
        return {"id": id}

    return effect


def no_export(id: str) -> NotFound:
    """The error for a request that is not on record, or not the caller's to see."""
    return NotFound(
        f"no request to export `{id}`",
        f"没有出境申请“{id}”",
        fix="Take the id from `exportApprovals`.",
        fix_zh="请从 `exportApprovals` 取得标识。",
    )


def _row(export: Export) -> dict[str, Any]:
    return {
        "id": export.id,
        "product": export.product,
        "owner": export.owner,
        "region": export.region,
        "country": export.country,
        "recipient": export.recipient,
        "fields": sorted(export.fields),
        "until": export.until,
        "reason": export.reason,
    }


def _fields(facts: Row) -> frozenset[FieldClass]:
    """A field class that is not known here opens nothing."""
    return frozenset(FieldClass(name) for name in facts["fields"] if name in set(FieldClass))


def _approval(facts: Row) -> Approval:
    return Approval(
        facts["id"],
        facts["product"],
        facts["country"],
        _fields(facts),
        facts["until"].to_native(),
        facts.get("recipient"),
    )


def _export(row: Row) -> Export:
    facts = row["request"]
    return Export(
        facts["id"],
        facts["product"],
        facts["owner"],
        facts.get("region"),
        facts["country"],
        _fields(facts),
        facts["until"].to_native(),
        facts["reason"],
        facts.get("recipient"),
        facts["recordedAt"].to_native(),
        tuple(
            ExportEvent(ExportState(e["state"]), e["org"], e["reason"], e["recordedAt"].to_native())
            for e in row["events"]
        ),
    )
