"""What imports leave behind: batches of those that died, and inventories that newer ones replaced."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, LiteralString

from huren.graph.database import Database, rows_of

LEASE = "duration('PT1M')"
"""How long a silent import is taken for a living one, by the database's clock."""

UNPUBLISHED = """
MATCH (w:Write) WHERE w.leaseUntil IS NOT NULL AND w.revision IS NULL
RETURN w.id AS id, w.host AS host, w.pid AS pid,
       w.dropped IS NOT NULL OR w.leaseUntil < datetime.realtime() AS over
"""

# The lock on the write decides between an import that wants to publish and this sweep.
DROP = """
UNWIND $writes AS id
MATCH (w:Write {id: id}) WHERE w.revision IS NULL
SET w.dropped = true
"""

DROPPED = """
UNWIND $writes AS id
MATCH (w:Write {id: id})<-[:WRITTEN_BY]-(i:Inventory) WHERE w.dropped
WITH i LIMIT $batch
"""

# Superseded more than an hour ago: no reader's pin is that old.
SUPERSEDED = """
MATCH (p:Product) WHERE COUNT { (p)-[:HAS]->() } > 1
MATCH (p)-[:HAS]->(i:Inventory)-[:WRITTEN_BY]->(w:Write) WHERE w.revision IS NOT NULL
  AND EXISTS {
    (p)-[:HAS]->(:Inventory)-[:WRITTEN_BY]->(v:Write)
    WHERE v.revision > w.revision AND v.recordedAt < datetime.realtime() - duration('PT1H')
  }
WITH i LIMIT $batch
"""

_DELETE = """
MATCH (p:Product)-[:HAS]->(i)
CALL (p, i) {
  MATCH (p)-[n:NEEDS]->() WHERE n.write = i.write
  DELETE n
}
DETACH DELETE i
RETURN collect(p.key) AS keys
"""

# The lock comes first, so that a product which a living import has just used is seen to be in use.
BARE = """
UNWIND $keys AS key
MATCH (p:Product {key: key})
SET p.locked = true
REMOVE p.locked
WITH p WHERE NOT (p)--()
DELETE p
"""

FORGET = """
UNWIND $writes AS id
MATCH (w:Write {id: id}) WHERE w.dropped
SET w.dropped = true
WITH w WHERE NOT EXISTS { (w)<-[:WRITTEN_BY]-() }
DELETE w
"""

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Host:
    """A process, told from those of other machines and containers."""

    name: str
    pid: int


def here() -> Host:
    """This process."""
    namespace = ""
    with suppress(OSError):
        namespace = os.readlink("/proc/self/ns/pid")
    return Host(f"{platform.node()} {namespace}", os.getpid())


async def clean_up(db: Database) -> int:
    """Delete what dead imports wrote and what was superseded over an hour ago; how many inventories.

    For the start of a process. An import that lives, here or elsewhere, is left alone: it renews a lease.
    Cost: two small queries where there is nothing to do.
    """
    me = here()
    dead = [
        row["id"]
        for row in await db.read(UNPUBLISHED)
        if row["over"] or (row["host"] == me.name and not _alive(row["pid"]))
    ]
    swept = await sweep(db, dead) if dead else 0
    return swept + await _delete(db, SUPERSEDED + _DELETE)


async def sweep(db: Database, writes: Iterable[str]) -> int:
    """Delete what unpublished ``writes`` wrote; how many inventories."""
    ids = list(writes)
    await db.write_with(lambda tx: rows_of(tx, DROP, writes=ids))
    swept = await _delete(db, DROPPED + _DELETE, writes=ids)
    # A batch that was on its way keeps its write; then the next sweep takes both.
    await db.write_with(lambda tx: rows_of(tx, FORGET, writes=ids))
    return swept


async def _delete(db: Database, query: LiteralString, **params: Any) -> int:
    """Run a deletion batch by batch until it finds nothing, and forget products that nothing is left of."""
    total = 0
    while True:
        rows = await db.bulk_with(lambda tx: rows_of(tx, query, batch=_BATCH, **params))
        keys = rows[0]["keys"]
        if not keys:
            return total
        total += len(keys)
        await db.bulk_with(partial(rows_of, query=BARE, keys=keys))


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
