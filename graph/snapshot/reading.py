"""What a snapshot reads of the database: which products changed, what is stated of them, and what to check.

Lists come in one record, since each record costs the driver 60 µs, whatever is in it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from itertools import islice

from huren.graph.database import Database
from huren.graph.recipes import CURRENT
from huren.graph.snapshot.rows import Row

# From the index, and so in the order of the keys.
EVERY = """
MATCH (p:Product) WHERE p.key > $after
WITH p.key AS key ORDER BY key LIMIT $limit
RETURN collect(key) AS keys
"""

CHANGED = """
MATCH (w:Write)<-[:WRITTEN_BY]-(i:Inventory)
WHERE w.revision > $since AND w.revision <= $revision
RETURN collect(DISTINCT i.product) AS keys
"""

STATED = f"""
UNWIND $keys AS key
MATCH (p:Product {{key: key}})
{CURRENT}
MATCH (i)-[:WRITTEN_BY]->(w)
WITH p, i, w, [(p)-[n:NEEDS {{write: i.write}}]->(s:Product) |
  [s.key, coalesce(n.stage, ''), n.amount, coalesce(n.kind, ''), coalesce(n.source, ''), coalesce(n.gsd, 0)]
] AS inputs
RETURN collect(i {{.*, key: p.key, revision: w.revision, inputs: inputs}}) AS rows
"""

TALLY = f"""
MATCH (p:Product) WHERE p.key > $after
WITH p ORDER BY p.key LIMIT $limit
WITH collect(p) AS products, max(p.key) AS last
CALL (products) {{
  UNWIND products AS p
  {CURRENT}
  MATCH (i)-[:WRITTEN_BY]->(w)
  RETURN count(*) AS count, coalesce(sum(w.revision), 0) AS revisions
}}
RETURN last, count, revisions
"""

# A history is told from another one by what was written at one revision, for nothing written is taken back.
IDENTITY = """
MATCH (w:Write {revision: $revision})
RETURN w.id + ' ' + COLLECT { MATCH (m:Migration) RETURN m.name ORDER BY m.name DESC LIMIT 1 }[0] AS identity
"""

CHUNK = 1_000
_AT_ONCE = 2
_PAGE = 50_000


async def changed_keys(db: Database, since: int, revision: int) -> list[str]:
    """The keys of the products whose inventory changed after ``since``, until ``revision``. One query.

    From nothing on: of all products that there are, published or not, in order; a query for each 50,000.
    """
    if since:
        return list((await db.read_bulk(CHANGED, since=since, revision=revision))[0]["keys"])
    keys: list[str] = []
    while True:
        found = (await db.read_bulk(EVERY, after=keys[-1] if keys else "", limit=_PAGE))[0]["keys"]
        keys += found
        if len(found) < _PAGE:
            return keys


async def stated(db: Database, revision: int, keys: Sequence[str]) -> list[Row]:
    """What stands at ``revision`` of each product that has an inventory. One query.

    Inputs come by supplier, then stage and amount.
    """
    rows: list[Row] = (await db.read_bulk(STATED, keys=list(keys), revision=revision))[0]["rows"]
    for row in rows:
        row["inputs"].sort()
    return rows


async def chunks(
    db: Database, revision: int, keys: Sequence[str]
) -> AsyncGenerator[tuple[int, list[Row]], None]:
    """As :func:`stated`, a thousand after a thousand, each with how many keys came before it.

    The next is asked for while one comes in, so that the server does not wait for its rows to be decoded.
    """
    parts = (keys[start : start + CHUNK] for start in range(0, len(keys), CHUNK))
    asked, done = deque[asyncio.Task[list[Row]]](), 0
    try:
        while True:
            ahead = islice(parts, _AT_ONCE - len(asked))
            asked += [asyncio.create_task(stated(db, revision, part)) for part in ahead]
            if not asked:
                return
            yield done, await asked[0]
            asked.popleft()
            done += CHUNK
    finally:
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)


async def identity(db: Database, revision: int) -> str | None:
    """What tells the history up to ``revision`` from any other; None where it does not reach that far."""
    rows = await db.read(IDENTITY, revision=revision)
    return str(rows[0]["identity"]) if rows else None


async def tally(db: Database, revision: int) -> tuple[int, int]:
    """How many products have an inventory at ``revision``, and the sum of the revisions these are of.

    Cost: one look at every product; one query for each 50,000.
    """
    count, revisions, after = 0, 0, ""
    while True:
        row = (await db.read_bulk(TALLY, after=after, limit=_PAGE, revision=revision))[0]
        if row["last"] is None:
            return count, revisions
        count, revisions, after = count + row["count"], revisions + row["revisions"], row["last"]
