"""A circuit breaker (Nygard, Release It!) that opens on evidence instead of a count.

A call without an answer may be slow for reasons of its own, so it is a suspicion and no more: one small
query of ours decides. Where that is not answered either the circuit is open: calls are refused at once, and
nobody waits for a server that is gone. The small query is asked again until it is answered.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from huren.errors import Unavailable

log = logging.getLogger("huren")

PAUSE = 0.5
"""Seconds between two attempts while it is open."""


class Circuit:
    """``probe`` asks the server something small, and raises :class:`Unavailable` where it does not answer."""

    def __init__(self, probe: Callable[[], Awaitable[object]], pause: float = PAUSE) -> None:
        self.is_open = False
        self._probe, self._pause = probe, pause
        self._known = asyncio.Event()
        self._known.set()
        self._watching: asyncio.Task[None] | None = None

    async def admit(self) -> None:
        """Wait while a suspicion is looked into. Raises: Unavailable while it is open; nothing was sent."""
        await self._known.wait()
        if self.is_open:
            raise _open()

    def suspect(self) -> None:
        """A call got no answer: find out whether any would."""
        if self._watching is None or self._watching.done():
            self._known.clear()
            self._watching = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Ask no more."""
        if self._watching is not None:
            self._watching.cancel()
            with suppress(asyncio.CancelledError):
                await self._watching
        self._known.set()

    async def _watch(self) -> None:
        while self._turn(await self._silent()):  # noqa: ASYNC110  (it asks, and does not merely look)
            await asyncio.sleep(self._pause)

    async def _silent(self) -> bool:
        try:
            await self._probe()
        except Unavailable:
            return True
        except Exception as error:  # whatever else it says, it answers
            log.warning("the database answers a probe with an error: %s", error)
        return False

    def _turn(self, is_open: bool) -> bool:
        if is_open is not self.is_open:
            log.warning("the database %s", "does not answer" if is_open else "answers again")
        self.is_open = is_open
        self._known.set()
        return is_open


def _open() -> Unavailable:
    return Unavailable(
        "the database does not answer, and is asked again every half second",
        "数据库没有响应,系统每半秒重试一次",
        fix="Send the same request again after a second, with the same idempotency key.",
        fix_zh="请在一秒后使用同一幂等键重新发送该请求。",
    )
