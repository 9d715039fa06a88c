"""Disputes in the graph: opening them, closing them, and which products have one open at a pin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from neo4j import AsyncManagedTransaction

from huren.errors import NotFound
from huren.graph.database import Database, Row
from huren.graph.model.dispute import Dispute
from huren.graph.revision import Pin
from huren.graph.writing import Effect, Stamp

OPEN = """
UNWIND $keys AS key
MATCH (d:Dispute {product: key})
WHERE d.revision <= $revision AND coalesce(d.closedRevision > $revision, true)
RETURN DISTINCT key
"""

OF_PRODUCT = """
MATCH (d:Dispute {product: $key}) WHERE d.revision <= $revision
RETURN d {.*} AS dispute ORDER BY d.revision DESC LIMIT $limit
"""

GET = "MATCH (d:Dispute {id: $id}) WHERE d.revision <= $revision RETURN d {.*} AS dispute"

BEGIN = """
CREATE (:Dispute {id: $id, product: $product, openedBy: $openedBy, reason: $reason, source: $source,
                  revision: $revision, recordedAt: $recordedAt})
"""

CLOSE = """
MATCH (d:Dispute {id: $id}) WHERE d.closedRevision IS NULL
SET d.closedRevision = $revision, d.closedAt = $recordedAt, d.closedBy = $closedBy, d.outcome = $outcome
"""


async def disputed(db: Database, pin: Pin, keys: Sequence[str]) -> frozenset[str]:
    """Those of the products ``keys`` that have an open dispute. One query."""
    rows = await db.read(OPEN, keys=list(keys), revision=pin.revision)
    return frozenset(row["key"] for row in rows)


async def of_product(db: Database, pin: Pin, key: str, most: int) -> tuple[Dispute, ...]:
    """The last ``most`` disputes of a product, closed ones too, the latest first. One query."""
    rows = await db.read(OF_PRODUCT, key=key, revision=pin.revision, limit=most)
    return tuple(_dispute(row["dispute"], pin) for row in rows)


async def get(db: Database, pin: Pin, id: str) -> Dispute:
    """The dispute of this id. Raises: NotFound."""
    rows = await db.read(GET, id=id, revision=pin.revision)
    if not rows:
        raise no_dispute(id)
    return _dispute(rows[0]["dispute"], pin)


def begin(dispute: Dispute) -> Effect:
    """Put a dispute on record. Answers its id."""

    async def effect(tx: AsyncManagedTransaction, stamp: Stamp) -> dict[str, Any]:
        stated: dict[str, Any] = {
            "id": dispute.id,
            "product": dispute.product,
            "openedBy": dispute.opened_by,
            "reason": dispute.reason,
            "source": dispute.source,
        }
        await tx.run(BEGIN, stated, revision=stamp.revision, recordedAt=stamp.recorded_at)
        return {"id": dispute.id}

    return effect


def close(id: str, by: str, outcome: str) -> Effect:
    """End a dispute that is open; that it is, is checked under the write's lock. Answers its id."""

    async def effect(tx: AsyncManagedTransaction, stamp: Stamp) -> dict[str, Any]:
        stated: dict[str, Any] = {"id": id, "closedBy": by, "outcome": outcome}
        await tx.run(CLOSE, stated, revision=stamp.revision, recordedAt=stamp.recorded_at)
        return {"id": id}

    return effect


def no_dispute(id: str) -> NotFound:
    """The error for a dispute that is not on record, or not the caller's."""
    return NotFound(
        f"no dispute `{id}`",
        f"没有争议“{id}”",
        fix="Take the id from `disputes` of the product.",
        fix_zh="请从该产品的 `disputes` 取得标识。",
    )


def _dispute(facts: Row, pin: Pin) -> Dispute:
    """As it was seen at ``pin``: a later end has not happened yet."""
    dispute = Dispute(
        facts["id"],
        facts["product"],
        facts["openedBy"],
        facts["reason"],
        facts["source"],
        facts["recordedAt"].to_native(),
    )
    gone = facts.get("closedRevision")
    if gone is None or gone > pin.revision:
        return dispute
    closed_at = facts["closedAt"].to_native()
    return replace(dispute, closed_at=closed_at, closed_by=facts["closedBy"], outcome=facts["outcome"])
