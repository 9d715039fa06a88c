"""The run that an archive is made from: what every start of huren asks of Neo4j.

Run by the guardian as ``python -m huren.graph.training HOME PORT`` against a scratch server.
"""

from __future__ import annotations

import asyncio
import secrets
import sys
from contextlib import suppress
from pathlib import Path

from huren.graph.connect import connect
from huren.graph.database import Address
from huren.graph.home import Home
from huren.graph.signin import sign_in

_WRITE = "UNWIND $rows AS row MERGE (p:Product {key: row.key}) SET p += row RETURN count(p) AS n"
_READ = """
MATCH (p:Product)-[:HAS]->(i:Inventory)-[:WRITTEN_BY]->(w:Write)
WHERE p.key IN $keys AND w.revision <= $revision
WITH p, i, w ORDER BY w.revision DESC
WITH p, collect(i)[0] AS i
RETURN p.key AS key, i.kg AS kg, [(p)-[n:NEEDS {write: i.write}]->(s:Product) | [s.key, n.amount]] AS needs
"""


async def main(home: Home, port: int) -> None:
    """Sign in, migrate, write and read once."""
    async with connect(await _signed_in(home, port)) as database:
        await database.bulk(_WRITE, [{"key": str(i), "owner": "o"} for i in range(1_000)])
        await database.read(_READ, keys=["1"], revision=1)


async def _signed_in(home: Home, port: int) -> Address:
    password = secrets.token_urlsafe(12)
    async with asyncio.timeout(60):
        while True:
            with suppress(ConnectionError):
                return await sign_in(home, port, password)
            await asyncio.sleep(0.1)


if __name__ == "__main__":
    asyncio.run(main(Home(Path(sys.argv[1])), int(sys.argv[2])))
