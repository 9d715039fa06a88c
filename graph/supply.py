"""The supply graph kept in process, one copy for all readers, following the graph's writes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from huren.errors import Unavailable
from huren.graph.database import Database
from huren.graph.model.supply import Prefer, Recipe, Supply
from huren.graph.recipes import read_recipes
from huren.graph.revision import pin
from huren.graph.system import System

CHANGED = """
MATCH (w:Write)<-[:WRITTEN_BY]-(i:Inventory)
WHERE w.revision > $since AND w.revision <= $revision
RETURN DISTINCT i.product AS key
"""

_CHUNK = 1_000


class Snapshots:
    """The supply graph at its present revision, and what every roll-up of it shares.

    Belongs to one event loop. A reader that gives up does not stop a refresh that others wait for.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._supply = Supply()
        self._refresh: asyncio.Task[None] | None = None
        self._systems: dict[Prefer, tuple[dict[str, Recipe], asyncio.Future[System]]] = {}

    async def current(self, at_least: int = 0) -> Supply:
        """All products and recipes, stamped with the revision and its time; never older than ``at_least``.

        Cost: one small query where nothing changed, else the products changed since, a thousand a query.
        Raises: Unavailable where the database is behind ``at_least``.
        """
        present = await pin(self._db)
        if present.revision < at_least:
            raise _behind(at_least)
        while self._supply.revision < present.revision:
            if self._refresh is None or self._refresh.done():
                self._refresh = asyncio.create_task(self._catch_up(present.revision, present.known_at))
                self._refresh.add_done_callback(_noticed)
            await asyncio.shield(self._refresh)
        return self._supply

    async def system(self, prefer: Prefer = Prefer.MODELLED, at_least: int = 0) -> System:
        """The present supply graph compiled and solved, once for each ``prefer`` after a product changed.

        Raises: what :meth:`System.of` raises.
        """
        supply = await self.current(at_least)
        kept = self._systems.get(prefer)
        if kept is None or kept[0] is not supply.recipes:
            solving = asyncio.ensure_future(asyncio.to_thread(System.of, supply, prefer))
            solving.add_done_callback(_noticed)
            kept = self._systems[prefer] = supply.recipes, solving
        return replace(await asyncio.shield(kept[1]), supply=supply)

    async def _catch_up(self, revision: int, as_of: datetime) -> None:
        since = self._supply.revision
        rows = await self._db.read(CHANGED, since=since, revision=revision)
        products, recipes = self._supply.products, self._supply.recipes
        if rows:
            products, recipes = dict(products), dict(recipes)
        for keys in _chunks([row["key"] for row in rows]):
            for key, (product, recipe) in (await read_recipes(self._db, revision, keys)).items():
                products[key], recipes[key] = product, recipe
        self._supply = replace(
            self._supply, products=products, recipes=recipes, revision=revision, as_of=as_of
        )


def _chunks(keys: Sequence[str]) -> list[Sequence[str]]:
    return [keys[i : i + _CHUNK] for i in range(0, len(keys), _CHUNK)]


def _noticed(done: asyncio.Future[None] | asyncio.Future[System]) -> None:
    """Look at a failure that may have lost its last reader, so that asyncio does not report it."""
    if not done.cancelled():
        done.exception()


def _behind(revision: int) -> Unavailable:
    return Unavailable(
        f"the database has not reached revision {revision} yet",
        f"数据库尚未到达版本 {revision}",
        fix="Ask again in a moment.",
        fix_zh="请稍后重试。",
    )
