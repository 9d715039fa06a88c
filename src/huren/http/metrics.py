"""/metrics: what all workers counted, and how they stand, as OpenMetrics 1.0; for this machine alone.

Nothing is counted by organisation, client, product or any value of a request. Each worker counts in a file
under PROMETHEUS_MULTIPROC_DIR, which the keeper of `huren serve` sets; whichever is asked adds them up.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from huren.auth.issuers import loopback
from huren.http.health import Health

PATH = "/metrics"
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_PROBES = frozenset({PATH, "/livez", "/readyz"})
_FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-real-ip")
_OWN = CollectorRegistry()

REQUESTS = Counter(
    "huren_requests", "Requests answered, by class of status; no probes.", ["status"], registry=_OWN
)
SECONDS = Histogram(
    "huren_request_seconds",
    "Seconds from the head of a request to the end of its answer.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=_OWN,
)
IN_FLIGHT = Gauge(
    "huren_requests_in_flight", "Requests under way.", multiprocess_mode="livesum", registry=_OWN
)
UNITS = Counter("huren_cost_units", "Units of cost that requests paid.", registry=_OWN)
REFUSED = Counter("huren_rate_refused", "Requests refused with 429.", registry=_OWN)
RESTARTS = Counter("huren_worker_restarts", "Workers that took another's place.", registry=_OWN)
RESIDENT = Gauge(
    "huren_worker_resident_bytes", "Memory that a worker holds.", multiprocess_mode="liveall", registry=_OWN
)
_BY_CLASS = {number: REQUESTS.labels(f"{number}xx") for number in range(1, 6)}


class Metered:
    """Counts every request but probes."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""
        if scope["type"] != "http" or scope["path"] in _PROBES:
            await self.app(scope, receive, send)
            return
        status, began = 500, perf_counter()

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            with IN_FLIGHT.track_inprogress():
                await self.app(scope, receive, noted)
        finally:
            SECONDS.observe(perf_counter() - began)
            _BY_CLASS[status // 100].inc()
            if status == 429:
                REFUSED.inc()


class _Now(Collector):
    """What is looked up when it is asked for."""

    def __init__(self, up: bool, free: float) -> None:
        self._up, self._free = up, free

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Two gauges."""
        yield GaugeMetricFamily("huren_database_up", "1 while the database answers.", value=float(self._up))
        yield GaugeMetricFamily(
            "huren_disk_free_ratio", "Share of its disk that the home has free.", value=self._free
        )


class Metrics:
    """The endpoint. Whoever is not on this machine finds nothing here, nor what a proxy passes on."""

    def __init__(self, health: Health) -> None:
        self._health = health

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it; every method comes here, so that to others it is as any address with nothing."""
        request = Request(scope, receive)
        passed_on = any(name in request.headers for name in _FORWARDED)
        if passed_on or request.client is None or not loopback(request.client.host):
            raise HTTPException(404)
        if request.method != "GET":
            raise HTTPException(405, headers={"allow": "GET"})
        await (await self.respond())(scope, receive, send)

    async def respond(self) -> Response:
        """All that is known now."""
        registry = CollectorRegistry()
        registry.register(_Now(await self._health.database_up(), self._health.free()))
        if FOLDER in os.environ:
            MultiProcessCollector(registry)
        else:
            registry.register(_OWN)
        text = await asyncio.to_thread(generate_latest, registry)
        return Response(text, headers={"content-type": CONTENT_TYPE_LATEST})
