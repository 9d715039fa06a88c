"""How much each client and each organisation may ask: units of cost over a sliding window.

`limits` has no token bucket; its sliding window counter is the nearest, and what refills is the same: an
even share of the window's amount as time passes. A request needs its requested units to be there, holds
them while it runs, and pays what it really was, at least one.
Headers: draft-ietf-httpapi-ratelimit-headers-10.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from math import ceil

from limits import RateLimitItem, RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from huren.auth.principal import Principal
from huren.errors import RateLimited
from huren.http.endpoint import Endpoint
from huren.http.metrics import UNITS
from huren.schema.cost import Cost

WINDOW = 10
"""Seconds over which use is averaged."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One limit: its name in the headers, and the units of a window that this process holds."""

    name: str
    item: RateLimitItem

    def wait(self, missing: int) -> int:
        """Whole seconds until ``missing`` units have come back at the even rate; one at least."""
        return min(max(1, ceil(missing * WINDOW / self.item.amount)), 2 * WINDOW)


class Rates:
    """The limits of one process, and what is left of them."""

    def __init__(self, endpoint: Endpoint) -> None:
        given = {"client": endpoint.client, "organisation": endpoint.organisation}
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._held: Counter[tuple[str, ...]] = Counter()
        self.policies = [
            Policy(name, RateLimitItemPerSecond(max(1, rate * WINDOW // endpoint.workers), WINDOW, name))
            for name, rate in given.items()
            if rate
        ]

    def account(self, caller: Principal) -> Account:
        """The meter of one request of ``caller``."""
        keys = {"client": ("client", caller.org, caller.client), "organisation": ("organisation", caller.org)}
        return Account(self, {policy: keys[policy.name] for policy in self.policies})

    def headers(self) -> dict[str, str]:
        """The header that says which limits there are."""
        said = ", ".join(f'"{p.name}";q={p.item.amount};w={WINDOW}' for p in self.policies)
        return {"ratelimit-policy": said} if said else {}

    async def left(self, policy: Policy, key: tuple[str, ...]) -> int:
        """Units that neither were used in the window nor are held by requests under way."""
        stats = await self._limiter.get_window_stats(policy.item, *key)
        return max(0, stats.remaining - self._held[key])

    def hold(self, key: tuple[str, ...], units: int) -> None:
        """Set ``units`` aside; a negative number lets go of them."""
        self._held[key] += units
        if self._held[key] <= 0:
            del self._held[key]

    async def pay(self, policy: Policy, key: tuple[str, ...], units: int) -> None:
        """Use ``units`` up, or what is left of them."""
        stats = await self._limiter.get_window_stats(policy.item, *key)
        if due := min(units, stats.remaining):
            await self._limiter.hit(policy.item, *key, cost=due)


@dataclass(slots=True)
class Account:
    """The meter of one request: a :class:`huren.schema.metering.Meter`."""

    rates: Rates
    keys: dict[Policy, tuple[str, ...]]
    requested: int = 0
    _held: int = 0
    _refused: bool = False
    _left: dict[str, int] = field(default_factory=dict)

    async def reserve(self, units: int) -> None:
        """Hold ``units``. Raises: RateLimited, saying when to come again."""
        self.requested = units
        for policy, key in self.keys.items():
            needed, left = min(units, policy.item.amount), await self.rates.left(policy, key)
            if needed > left:
                self._refused = True
                raise rate_limited(policy, needed, left)
        self._held = units
        for key in self.keys.values():
            self.rates.hold(key, units)

    async def settle(self, actual: int) -> Cost:
        """Pay for ``actual`` units, at least one; what was refused for its rate pays nothing."""
        for policy, key in self.keys.items():
            self.rates.hold(key, -self._held)
            if not self._refused:
                await self.rates.pay(policy, key, max(1, actual))
            self._left[policy.name] = await self.rates.left(policy, key)
        self._held = 0
        if not self._refused:
            UNITS.inc(max(1, actual))
        return Cost(self.requested, actual, min(self._left.values(), default=None))

    def headers(self) -> dict[str, str]:
        """What is left, once settled."""
        said = ", ".join(f'"{name}";r={left};t={WINDOW}' for name, left in self._left.items())
        return {**self.rates.headers(), **({"ratelimit": said} if said else {})}


def rate_limited(policy: Policy, needed: int, left: int) -> RateLimited:
    """The error for a request that needs more units than are left."""
    wait = policy.wait(needed - left)
    who = {"client": ("client", "客户端"), "organisation": ("organisation", "组织")}[policy.name]
    return RateLimited(
        f"the {who[0]} has {left:,} units of cost left, and this request asks for {needed:,}",
        f"该{who[1]}剩余 {left:,} 开销单位,而本次请求需要 {needed:,}",
        fix=f"Send the request again after {wait} s, or ask for less.",
        fix_zh=f"请在 {wait} 秒后重新发送,或减少请求内容。",
        retry_after=wait,
    )
