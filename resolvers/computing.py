"""Where mathematics runs: beside the event loop, once it would hold up others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

HEAVY = 2_000
"""Products from which on mathematics leaves the event loop for a thread; below, that is no gain."""


async def compute(size: int, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """``work(...)``, in a thread where ``size`` products make it long."""
    if size < HEAVY:
        return work(*args, **kwargs)
    return await asyncio.to_thread(work, *args, **kwargs)
