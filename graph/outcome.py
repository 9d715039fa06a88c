"""A write whose outcome is not known is begun again, until it is: each must know what it did before."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from huren.graph.database import OutcomeUnknown

T = TypeVar("T")

Attempt = Callable[[], Awaitable[T]]

PAUSE, PATIENCE = 0.1, 8.0
"""Seconds between attempts, and of all of them."""


async def known(attempt: Attempt[T], patience: float = PATIENCE) -> T:
    """What ``attempt`` gives, begun again for ``patience`` seconds while nobody knows how it ended.

    Raises: OutcomeUnknown where that is not enough; whatever the attempt raises.
    """
    give_up = asyncio.get_running_loop().time() + patience
    while True:
        try:
            return await attempt()
        except OutcomeUnknown:
            if asyncio.get_running_loop().time() >= give_up:
                raise
            await asyncio.sleep(PAUSE)
