"""What a use case works with: the exchange, and the request at hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from huren.auth.keys import Keys
from huren.auth.principal import Principal
from huren.auth.visibility import Viewer
from huren.graph.database import Database
from huren.graph.log.committer import Audit
from huren.graph.model.audit import Entry, Read
from huren.graph.model.text import Lang
from huren.graph.revision import Pin, pin
from huren.graph.supply import Snapshots
from huren.resolvers.knowledge import Knowledge
from huren.resolvers.sight import Sight, sight


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
    audit: Audit = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "audit", Audit(self.database))


@dataclass(slots=True)
class Context:
    """One request: who asks, in which language, what for, and the one revision its reads are pinned to."""

    exchange: Exchange
    caller: Principal
    lang: Lang
    request_id: str
    purpose: str | None = None
    _sights: dict[int, asyncio.Future[Sight]] = field(default_factory=dict, repr=False)
    reads: dict[Read, None] = field(default_factory=dict, repr=False)
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

    def read_restricted(self, read: Read) -> None:
        """Note a read of somebody else's restricted data; it is on record before the answer leaves."""
        self.reads[read] = None

    async def record_reads(self) -> None:
        """Put on record what was noted; once, before the answer leaves. Raises: Unavailable."""
        if noted := list(self.reads):
            now = self.exchange.clock()
            await self.exchange.audit.record([self._entry(read, now) for read in noted])
            for read in noted:
                self.reads.pop(read, None)

    def _entry(self, read: Read, now: datetime) -> Entry:
        return Entry(
            id=uuid4().hex,
            action="read",
            at=now,
            org=self.caller.org,
            client=self.caller.client,
            owner=read.owner,
            subject=read.subject,
            ground=read.ground,
            field=read.field,
            purpose=read.purpose,
            request=self.request_id,
        )

    async def sight(self, pin: Pin | None = None) -> Sight:
        """What the caller may see at ``pin`` (default: that of this request). One query a request."""
        at = pin or await self.pin()
        if at.revision not in self._sights:
            viewer = Viewer(self.caller.org, administrator=self.caller.administrator)
            opening = sight(
                self.database, at, viewer, self.purpose, self.exchange.clock(), self.read_restricted
            )
            self._sights[at.revision] = asyncio.ensure_future(opening)
        return await asyncio.shield(self._sights[at.revision])

    def wrote(self) -> None:
        """Read from now on what this request has just written."""
        self._pins.clear()
        self._sights.clear()
