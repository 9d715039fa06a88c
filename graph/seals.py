"""Sealed decisions in the graph, and the public keys of every home that seals here. Only ever added to."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC
from typing import Any

from neo4j import AsyncManagedTransaction

from huren.errors import NotFound
from huren.graph.database import Database
from huren.graph.model.seal import SealedDecision, SealKey
from huren.graph.writing import Effect, Stamp

RECORD_KEYS = """
MATCH (w:Write {id: $write})
UNWIND $rows AS row
MERGE (k:SealKey {kid: row.kid})
ON CREATE SET k.alg = row.alg, k.jwk = row.jwk, k.since = row.since, k.write = $write
WITH w, k WHERE k.write = $write
MERGE (k)-[:WRITTEN_BY]->(w)
"""

# Beside the key, not in it: what was recorded of the key is never changed.
RETIRE_KEYS = """
MATCH (w:Write {id: $write})
UNWIND $rows AS row
MERGE (e:SealKeyEnd {kid: row.kid})
ON CREATE SET e.until = row.until, e.write = $write
WITH w, e WHERE e.write = $write
MERGE (e)-[:WRITTEN_BY]->(w)
"""

KEYS = """
MATCH (k:SealKey)
OPTIONAL MATCH (e:SealKeyEnd {kid: k.kid})
RETURN k.kid AS kid, k.alg AS alg, k.jwk AS jwk, k.since AS since, e.until AS until
ORDER BY since, kid
"""

PUT = """
MATCH (w:Write {id: $write})
CREATE (s:SealedDecision {id: $id, jws: $jws, kid: $kid, sealedAt: $sealedAt, digest: $digest})
CREATE (s)-[:WRITTEN_BY]->(w)
"""

GET = """
MATCH (s:SealedDecision {id: $id})
RETURN s.id AS id, s.jws AS jws, s.kid AS kid, s.sealedAt AS sealedAt, s.digest AS digest
"""


async def keys(db: Database) -> tuple[SealKey, ...]:
    """Every public key on record, the oldest first. One query."""
    return tuple(_key(row) for row in await db.read(KEYS))


def record(ours: Sequence[SealKey]) -> Effect:
    """Put keys and their ends on record, where they are not yet. Answers their kids."""

    async def effect(tx: AsyncManagedTransaction, stamp: Stamp) -> dict[str, Any]:
        await record_keys(tx, stamp, ours)
        return {"keys": [key.kid for key in ours]}

    return effect


async def record_keys(tx: AsyncManagedTransaction, stamp: Stamp, ours: Iterable[SealKey]) -> None:
    """As :func:`record`, within a write. Two statements."""
    rows = [
        {"kid": k.kid, "alg": k.alg, "jwk": json.dumps(dict(k.jwk)), "since": k.since, "until": k.until}
        for k in ours
    ]
    await tx.run(RECORD_KEYS, write=stamp.write, rows=rows)
    await tx.run(RETIRE_KEYS, write=stamp.write, rows=[row for row in rows if row["until"]])


def store(seal: Callable[[str], SealedDecision], ours: Callable[[], Iterable[SealKey]]) -> Effect:
    """Seal a decision under the id of the write, and put it on record with the keys of this home.

    ``ours`` is asked after ``seal``, so the key that signed is always among them. Answers the id.
    """

    async def effect(tx: AsyncManagedTransaction, stamp: Stamp) -> dict[str, Any]:
        sealed = seal(stamp.write)
        await record_keys(tx, stamp, ours())
        given = {"id": sealed.id, "jws": sealed.jws, "kid": sealed.kid, "digest": sealed.digest}
        await tx.run(PUT, given, write=stamp.write, sealedAt=sealed.sealed_at)
        return {"id": sealed.id}

    return effect


async def get(db: Database, id: str) -> SealedDecision:
    """The sealed decision of this id. Raises: NotFound."""
    rows = await db.read(GET, id=id)
    if not rows:
        raise NotFound(
            f"no sealed decision `{id}`",
            f"没有封存的决定“{id}”",
            fix="Give the id that `sealDecision` answered.",
            fix_zh="请使用 `sealDecision` 返回的标识。",
        )
    row = rows[0]
    at = row["sealedAt"].to_native().astimezone(UTC)
    return SealedDecision(row["id"], row["jws"], row["kid"], at, row["digest"])


def _key(row: Any) -> SealKey:
    since, until = (
        None if row[name] is None else row[name].to_native().astimezone(UTC) for name in ("since", "until")
    )
    assert since is not None
    return SealKey(row["kid"], row["alg"], json.loads(row["jwk"]), since, until)
