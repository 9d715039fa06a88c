"""What has been said of tokens lately, as this worker knows it: never older than half a second.

A check of its own for each request would cost a query each (1.1 ms). So all that is said of tokens that may
still live, which is little, is read at most every FRESH seconds, and not at all while nobody asks.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from huren.auth.authority import LONGEST_LIFE
from huren.auth.jose import PublicKey, public_key
from huren.errors import Unavailable
from huren.graph import tokens
from huren.graph.database import Database
from huren.graph.model.token import TokenStates

log = logging.getLogger("huren")

FRESH = 0.4
SWEEP_EVERY = 60.0


@dataclass(slots=True)
class States:
    """A reader that requests share."""

    database: Database
    clock: Callable[[], datetime]
    keys: dict[str, PublicKey] = field(default_factory=dict)
    _seen: dict[str, float] = field(default_factory=dict)
    _known: TokenStates | None = None
    _began: float = float("-inf")
    _changed: float = float("-inf")
    _swept: float = float("-inf")
    _reading: asyncio.Task[None] | None = None
    _sweeping: asyncio.Task[None] | None = None

    async def current(self) -> TokenStates:
        """The states, from a read that began at most FRESH seconds before this call. Raises: Unavailable."""
        asked = asyncio.get_running_loop().time()
        while self._known is None or self._began < max(asked - FRESH, self._changed):
            if self._reading is None or self._reading.done():
                self._reading = asyncio.create_task(self._read())
            await asyncio.shield(self._reading)
        return self._known

    async def settle(self, kid: str) -> None:
        """Wait until every worker knows the key ``kid``, which is on record: FRESH seconds, once for a key.

        A token that left sooner could come to a worker that has not read since. Raises: Unavailable.
        """
        await self.current()
        await asyncio.sleep(self._seen.get(kid, 0.0) + FRESH - asyncio.get_running_loop().time())

    async def spread(self) -> None:
        """Wait until every worker has read what this one changed last: FRESH seconds from the change."""
        await asyncio.sleep(self._changed + FRESH - asyncio.get_running_loop().time())

    async def revoke(self, id: str, expires: datetime) -> None:
        """Refuse the token ``id`` here from now on, everywhere after :meth:`spread`. Raises: Unavailable."""
        await tokens.revoke(self.database, id, expires)
        self.forget()

    def forget(self) -> None:
        """Read anew for the next request: this worker has just changed something."""
        self._changed, self._reading = asyncio.get_running_loop().time(), None

    async def _read(self) -> None:
        began = asyncio.get_running_loop().time()
        known = await tokens.states(self.database, self.clock(), LONGEST_LIFE)
        if began > self._began:  # an older read may end after a younger one, and has no say then
            if set(known.keys) != set(self.keys):
                self.keys = {kid: public_key(key.jwk) for kid, key in known.keys.items()}
            ended = asyncio.get_running_loop().time()
            self._seen = {kid: self._seen.get(kid, ended) for kid in known.keys}
            self._known, self._began = known, began
        if began - self._swept > SWEEP_EVERY:
            self._swept = began
            self._sweeping = asyncio.create_task(self._sweep())

    async def _sweep(self) -> None:
        try:
            await tokens.sweep(self.database, self.clock())
        except Unavailable as error:
            log.info("ended tokens are swept later: %s", error)
