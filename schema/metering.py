"""Who pays for a request: reserved before it runs, settled when it is over."""

from __future__ import annotations

from typing import Protocol

from huren.schema.cost import Cost


class Meter(Protocol):
    """The account of one request."""

    async def reserve(self, units: int) -> None:
        """Set ``units`` aside. Raises: RateLimited where the caller's bucket does not hold them."""
        ...

    async def settle(self, actual: int) -> Cost:
        """Pay for what was really used, and let go of what was set aside; to be called once."""
        ...


class Unlimited:
    """A meter that counts, and never refuses."""

    def __init__(self) -> None:
        self._requested = 0

    async def reserve(self, units: int) -> None:
        """Note ``units``."""
        self._requested = units

    async def settle(self, actual: int) -> Cost:
        """The cost, with nothing known of a bucket."""
        return Cost(self._requested, actual)
