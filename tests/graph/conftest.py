"""A corner of the graph for each test of the stores, with short words for writing to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from huren.graph.database import Database
from huren.graph.model.supply import Product
from huren.graph.model.text import Text
from huren.graph.revision import Pin, pin
from huren.graph.supply import Snapshots
from huren.graph.writing import Answer, Effect, Write, write_once


@dataclass
class Corner:
    """The database, what follows it, and an organisation to write as."""

    db: Database
    snapshots: Snapshots
    org: str = "org"

    async def do(
        self, effect: Effect, key: str | None = None, *, name: str = "test", body: str = ""
    ) -> Answer:
        """Take an effect as a write, of its own where no key is given."""
        write = Write(self.org, "tester", key or uuid4().hex, name, {"body": body})
        return await write_once(self.db, write, effect)

    async def pin(self) -> Pin:
        """The present pin."""
        return await pin(self.db)

    def product(self, code: str, **facts: Any) -> Product:
        """A product of the organisation."""
        return Product(self.org, code, Text(en=code), "kg", **facts)

    def key(self, code: str) -> str:
        """The key of a product of the organisation."""
        return f"{self.org}/{code}"


@pytest.fixture
async def corner(database: Database) -> Corner:
    """An empty graph."""
    return Corner(database, Snapshots(database))
