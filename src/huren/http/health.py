"""/livez: the process answers. /readyz: it can work; the database answers, and the home's disk has room."""

from __future__ import annotations

import asyncio
import shutil
from enum import StrEnum
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from huren.errors import HurenError
from huren.graph.database import Database
from huren.http.replies import reply

WITHIN = 2.0
"""Seconds that the database has to answer, for a probe."""
LOW = 0.15
"""Share of the disk that is free, below which somebody should look."""
FULL = 64 << 20
"""Free bytes below which nothing is safely written."""


class Disk(StrEnum):
    """How much room there is."""

    OK = "ok"
    LOW = "low"
    FULL = "full"


class Health:
    """What probes ask. Many at a time ask the database once."""

    def __init__(self, database: Database, home: Path) -> None:
        self._database, self._home = database, home
        self._asking: asyncio.Task[bool] | None = None

    async def live(self, _: Request) -> Response:
        """/livez."""
        return reply({"status": "alive"})

    async def ready(self, _: Request) -> Response:
        """/readyz: 200, or 503 with the reason."""
        up, disk = await self.database_up(), self.disk()
        if up and disk is not Disk.FULL:
            return reply({"status": "ready", "disk": disk})
        reason = "the disk is full" if up else "the database does not answer"
        body = {"status": "not ready", "reason": reason, "disk": disk}
        return reply(body, 503, headers={"retry-after": "1"})

    async def database_up(self) -> bool:
        """Does the database answer within WITHIN seconds?"""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        return await asyncio.shield(self._asking)

    async def _ask(self) -> bool:
        try:
            async with asyncio.timeout(WITHIN):
                return await self._database.ready()
        except (TimeoutError, HurenError):
            return False

    def disk(self) -> Disk:
        """How much room the home has."""
        free, total = self._room()
        if free < FULL:
            return Disk.FULL
        return Disk.LOW if free < LOW * total else Disk.OK

    def free(self) -> float:
        """The share of the home's disk that is free; 0 where that cannot be told."""
        free, total = self._room()
        return free / total

    def _room(self) -> tuple[int, int]:
        try:
            usage = shutil.disk_usage(self._home)
            return usage.free, usage.total or 1
        except OSError:
            return 0, 1
