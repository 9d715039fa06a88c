"""What a use case works with: the exchange, and the request at hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import ParamSpec, TypeVar

from huren.auth.keys import Keys
from huren.auth.principal import Principal
from huren.graph.database import Database
from huren.graph.model.text import Lang
from huren.graph.revision import Pin, pin
from huren.graph.supply import Snapshots
from huren.resolvers.directory import Directory
from huren.resolvers.knowledge import Knowledge

P = ParamSpec("P")
T = TypeVar("T")

HEAVY = 2_000
"""Products from which on mathematics leaves the event loop for a thread; below, that is no gain."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """All that is shared between requests.

    ``administrator``: id of the home's organisation. ``deadline``: seconds for one operation.
    """

    database: Database
    snapshots: Snapshots
    knowledge: Knowledge
    clock: Callable[[], datetime]
    keys: Keys
    administrator: str
    deadline: float = 8.0
    directory: Directory = field(default_factory=Directory)


@dataclass(slots=True)
class Context:
    """One request: who asks, in which language, and the one revision that all its reads are pinned to."""

    exchange: Exchange
    caller: Principal
    lang: Lang
    request_id: str
    _pins: dict[datetime | None, asyncio.Future[Pin]] = field(default_factory=dict, repr=False)

    @property
    def database(self) -> Database:
        """The exchange's database."""
        return self.exchange.database

    async def pin(self, known_at: datetime | None = None) -> Pin:
        """The present revision and what was known at ``known_at``; the same for every read of this request.

        Raises: BadInput for an instant in the future.
        """
        if known_at not in self._pins:
            self._pins[known_at] = asyncio.ensure_future(pin(self.database, known_at, self.exchange.clock))
        return await asyncio.shield(self._pins[known_at])

    def pinned(self) -> int:
        """The revision that this request has read already, which no read of it may fall behind; else 0."""
        pins = (p for p in self._pins.values() if p.done() and not p.cancelled() and not p.exception())
        return max((p.result().revision for p in pins), default=0)

    def wrote(self) -> None:
        """Read from now on what this request has just written."""
        self._pins.clear()


async def compute(size: int, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """``work(...)``, in a thread where ``size`` products make it long."""
    if size < HEAVY:
        return work(*args, **kwargs)
    return await asyncio.to_thread(work, *args, **kwargs)
