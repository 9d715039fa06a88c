"""`huren serve`: the service on one port, until it is told to stop.

This process is the keeper: it holds the socket, keeps the database and its log's checkpoints, and sees to it
that the workers live (:mod:`huren.commands.workers`). The workers answer (:mod:`huren.commands.worker`).
"""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import sys
from dataclasses import astuple

from huren.app import create_app, open_exchange
from huren.commands.console import tell
from huren.commands.exposure import Stand
from huren.commands.scratch import scratch
from huren.commands.worker import Orders, Size
from huren.commands.workers import Workers
from huren.graph.connect import located
from huren.graph.model.text import Text
from huren.http.server import listening
from huren.settings import Settings

STOP = (signal.SIGINT, signal.SIGTERM)
RENEW = signal.SIGUSR1
EXAMPLE = """curl {url}/graphql -H "authorization: Bearer $({mint})" -H "content-type: application/json" \\
  -d '{{"query": "{{ products(first: 10) {{ nodes {{ id code name declaredUnit }} }} }}"}}'"""


async def serve(settings: Settings, stand: Stand, port: int, size: Size) -> None:
    """Serve until SIGINT or SIGTERM; then finish what is in flight, and let the database go.

    SIGUSR1 renews the workers, and so takes a renewed certificate.

    Raises: what :func:`huren.app.open_exchange` raises; BadInput where the port cannot be had or ``stand``
    refuses.
    """
    stand.check(settings)
    if stand.tls:
        stand.tls.context()
    loop = asyncio.get_running_loop()
    serving = asyncio.create_task(_serve(settings, stand, port, size))
    for number in STOP:
        loop.add_signal_handler(number, lambda: serving.cancelling() or serving.cancel())
    try:
        await serving
    except asyncio.CancelledError:
        tell(Text(zh="已停止", en="stopped"))
    finally:
        for number in STOP:
            loop.remove_signal_handler(number)


async def _serve(settings: Settings, stand: Stand, port: int, size: Size) -> None:
    with listening(stand.host, port) as listener:
        url = stand.url(listener.getsockname()[1])
        async with located(settings.server, tell) as address:
            settings = settings.at(address)
            async with open_exchange(settings, tell) as exchange:
                # What a worker would refuse is said once, and here.
                create_app(exchange, settings.authority(url), settings.endpoint)
                at, tls = astuple(address), (str(stand.tls.cert), str(stand.tls.key)) if stand.tls else ()
                orders = Orders(listener.fileno(), url, size.workers, size.memory, *at, *tls)
                with scratch() as folder:
                    crew = Workers(orders, folder)
                    asyncio.get_running_loop().add_signal_handler(RENEW, crew.renew)
                    await crew.run(lambda: _greet(url))


def _greet(url: str) -> None:
    home = f"HUREN_HOME={shlex.quote(os.environ['HUREN_HOME'])} " if os.environ.get("HUREN_HOME") else ""
    tell(
        Text(
            zh=f"huren 已就绪:{url}/graphql(Ctrl-C 停止)",
            en=f"huren answers at {url}/graphql (Ctrl-C stops it)",
        )
    )
    tell(Text(zh="试一试:", en="Try:"))
    tell(Text(en=EXAMPLE.format(url=url, mint=f"{home}{shlex.quote(sys.argv[0])} token mint")))
