"""`huren serve`: the service on one port, until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import os
import shlex
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address

import uvicorn
from starlette.applications import Starlette

from huren.app import create_app, open_exchange
from huren.commands.console import tell
from huren.errors import BadInput
from huren.graph.model.text import Text
from huren.settings import Settings

STOP = (signal.SIGINT, signal.SIGTERM)
MOST_CONNECTIONS = 1_000
EXAMPLE = """curl {url}/graphql -H "authorization: Bearer $({mint})" -H "content-type: application/json" \\
  -d '{{"query": "{{ products(first: 10) {{ nodes {{ id code name declaredUnit }} }} }}"}}'"""


class Server(uvicorn.Server):
    """uvicorn, but for signals: it would raise them again when done, before our database is let go."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to :func:`serve`."""
        yield


def check_host(host: str, plain_http: bool) -> None:
    """Raises: BadInput for an address others can reach, unless plain HTTP was chosen there."""
    if plain_http or host == "localhost" or _loopback(host):
        return
    raise BadInput(
        f"`{host}` can be reached by others, and plain HTTP would show them every token",
        f"“{host}”可被他人访问,明文 HTTP 会泄露令牌",
        fix="Serve on 127.0.0.1 behind a proxy that does TLS, or say `--plain-http` if you mean it.",
        fix_zh="请在 127.0.0.1 上提供服务并由 TLS 代理转发,或明确使用 `--plain-http`。",
    )


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


async def serve(settings: Settings, host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM; then finish what is in flight, and let the database go.

    Raises: what :func:`huren.app.open_exchange` raises; BadInput where the port cannot be had.
    """
    loop, serving = asyncio.get_running_loop(), asyncio.create_task(_serve(settings, host, port))
    for number in STOP:
        loop.add_signal_handler(number, serving.cancel)
    try:
        await serving
    except asyncio.CancelledError:
        tell(Text(zh="已停止", en="stopped"))
    finally:
        for number in STOP:
            loop.remove_signal_handler(number)


async def _serve(settings: Settings, host: str, port: int) -> None:
    with listening(host, port) as listener:
        async with open_exchange(settings, tell) as exchange:
            server = Server(config(create_app(exchange)))
            # What start-up made lives as long as the process; no collection need look at it again.
            gc.collect()
            gc.freeze()
            answering = asyncio.create_task(server.serve(sockets=[listener]))
            _greet(host, listener.getsockname()[1])
            try:
                await asyncio.shield(answering)
            except asyncio.CancelledError:
                server.should_exit = True
                await answering
                raise


def config(app: Starlette) -> uvicorn.Config:
    """How the service is served: bounded headers, connections and idle time, nothing believed of proxies."""
    return uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=10,
        h11_max_incomplete_event_size=16_384,
    )


def listening(host: str, port: int) -> socket.socket:
    """A bound socket; connections are refused until the server accepts them. Raises: BadInput."""
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


def _greet(host: str, port: int) -> None:
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    home = f"HUREN_HOME={shlex.quote(os.environ['HUREN_HOME'])} " if os.environ.get("HUREN_HOME") else ""
    tell(
        Text(
            zh=f"huren 已就绪:{url}/graphql(Ctrl-C 停止)",
            en=f"huren answers at {url}/graphql (Ctrl-C stops it)",
        )
    )
    tell(Text(zh="试一试:", en="Try:"))
    tell(Text(en=EXAMPLE.format(url=url, mint=f"{home}{shlex.quote(sys.argv[0])} token mint")))
