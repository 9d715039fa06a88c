"""uvicorn as huren runs it: on a socket that it is given, with bounds on all that a stranger can hold."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette

from huren.errors import BadInput
from huren.http.protocol import HEADER_SECONDS, JsonH11

MOST_CONNECTIONS = 1_000
"""Of one worker; each beyond it is told to come again."""
GRACE = 10
"""Seconds that requests in flight may take when a worker is told to stop."""
LINGER, LOOKS = 0.2, 5
"""Seconds between looks whether requests are still to come on new connections, and how many at most."""


class Server(uvicorn.Server):
    """uvicorn, but for signals, which are the process's own matter, and for how it begins and ends."""

    def __init__(self, config: uvicorn.Config, listens: Callable[[], None] = lambda: None) -> None:
        """``listens`` is called once connections are accepted."""
        super().__init__(config)
        self._listens = listens

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the process."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen. uvicorn would let a TLS handshake take a minute."""
        await self.lifespan.startup()
        loop, tls = asyncio.get_running_loop(), self.config.ssl

        def connection() -> JsonH11:
            return JsonH11(self.config, self.server_state, self.lifespan.state)

        self.servers = [
            await loop.create_server(
                connection,
                sock=one,
                ssl=tls,
                ssl_handshake_timeout=HEADER_SECONDS if tls else None,
                backlog=self.config.backlog,
            )
            for one in sockets or ()
        ]
        self.started = True
        self._listens()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept no more, read what was sent on connections that just came, then as uvicorn does."""
        for server in self.servers:
            server.close()
        for _ in range(LOOKS):
            await asyncio.sleep(LINGER)
            if not self._expecting():
                break
        await super().shutdown(sockets)

    def _expecting(self) -> bool:
        """Is there a connection on which no request has come yet?"""
        connections = self.server_state.connections
        return any(isinstance(one, JsonH11) and one.cycle is None for one in connections)


def config(app: Starlette, tls: ssl.SSLContext | None = None) -> uvicorn.Config:
    """How the service is served: bounded headers, connections and idle time, nothing believed of proxies."""
    return uvicorn.Config(
        app,
        http=JsonH11,
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=GRACE,
        h11_max_incomplete_event_size=16_384,
        ssl_context_factory=(lambda _config, _default: tls) if tls else None,
    )


def listening(host: str, port: int) -> socket.socket:
    """A bound socket; connections are refused until a server accepts them. Raises: BadInput."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        return listener
    except (OSError, OverflowError) as error:
        listener.close()
        reason = error.strerror if isinstance(error, OSError) else "no such port"
        raise BadInput(
            f"port {port} of `{host}` cannot be had: {reason}",
            f"无法使用“{host}”的端口 {port}:{reason}",
            fix="Choose another with `--port`, or stop what uses it.",
            fix_zh="请用 `--port` 另选端口,或停止占用它的程序。",
        ) from error
