"""An application on a loopback port, served as in production, for as long as a block lasts."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.applications import Starlette

from huren.commands.exposure import Tls
from huren.http.server import Server, config, listening


@contextmanager
def served(app: Starlette, tls: Tls | None = None) -> Iterator[str]:
    """Where ``app`` answers."""
    with listening("127.0.0.1", 0) as listener:
        server = Server(config(app, tls.context() if tls else None))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive()
                time.sleep(0.01)
            yield f"{'https' if tls else 'http'}://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=20)
            assert not thread.is_alive()
