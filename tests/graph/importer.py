"""A process that imports and stops half-way, to be killed: python importer.py URI USER PASSWORD"""

from __future__ import annotations

import asyncio
import sys
import time

from huren.graph import imports
from huren.graph.database import Address, Database
from huren.graph.model.supply import Input, Product, Recipe
from huren.graph.model.text import Text

COUNT = 3_000


def job() -> imports.Import:
    """A chain of products, each needing the next."""
    products = [Product("org", f"p{i}", Text(en=f"product {i}"), "kg") for i in range(COUNT)]
    needs = [Recipe((Input(p.key, 0.5),)) for p in products[1:]] + [Recipe()]
    items = {p.key: (p, recipe) for p, recipe in zip(products, needs, strict=True)}
    return imports.Import("org", "test", "chain", items, {"org": None})


async def main() -> None:
    """Import until two thirds of the products are written, say so, and wait for the end."""

    def told(done: int, of: int) -> None:
        if done >= 2_000:
            print("half-way", flush=True)
            time.sleep(600)

    async def recheck(revision: int) -> None: ...

    await imports.load(await Database.open(Address(*sys.argv[1:])), job(), recheck, told)


if __name__ == "__main__":
    asyncio.run(main())
