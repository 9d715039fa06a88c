"""Writing inventories: a product's attributes, emissions and unlinked inputs, and what it needs.

Append-only: a new inventory hangs on its write, and is the current one once that write is published.
The rows serve a mutation of one product and an import of many alike. :mod:`huren.graph.recipes` reads them.
"""

from __future__ import annotations

from collections.abc import Iterable

from neo4j import AsyncManagedTransaction

from huren.graph.model.supply import Product, Recipe
from huren.graph.properties import inventory_row, needs_rows

INVENTORIES = """
MATCH (w:Write {id: $write}) WHERE w.dropped IS NULL
UNWIND $rows AS row
MERGE (p:Product {key: row.product}) ON CREATE SET p.owner = row.owner, p.code = row.code
CREATE (p)-[:HAS]->(i:Inventory)-[:WRITTEN_BY]->(w)
SET i = row.inventory, i.write = $write
WITH row, i WHERE row.inventory.site IS NOT NULL
MERGE (t:Site {key: row.owner + '/' + row.inventory.site})
CREATE (i)-[:MADE_AT]->(t)
WITH row, t
MATCH (r:Region {id: row.inventory.region})
MERGE (t)-[:IN]->(r)
"""

# A row is a consumer and parallel lists of what it needs: [product, suppliers, amounts, stages, kinds,
# sources, gsds], null for a list in which all is absent. The consumer is looked up once for all of them.
NEEDS = """
UNWIND $rows AS row
MATCH (p:Product {key: row[0]})
UNWIND range(0, size(row[1]) - 1) AS k
MATCH (s:Product {key: row[1][k]})
CREATE (p)-[:NEEDS {write: $write, amount: row[2][k], stage: row[3][k], kind: row[4][k], source: row[5][k],
                    gsd: row[6][k]}]->(s)
"""


async def write_inventories(
    tx: AsyncManagedTransaction, write: str, items: Iterable[tuple[Product, Recipe]]
) -> None:
    """Write a new inventory of each product, under the write of id ``write``. Two queries.

    Every supplier must be a product on record or among ``items``; others are left out without a word.
    """
    pairs = list(items)
    await tx.run(INVENTORIES, write=write, rows=[inventory_row(*pair) for pair in pairs])
    await tx.run(NEEDS, write=write, rows=list(needs_rows(pairs)))
