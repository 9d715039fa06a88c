"""HTTP/1.1 as uvicorn speaks it, but in JSON where it answers by itself, and with deadlines on both ways."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import h11
import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from huren.http.replies import JSON, SECURITY_HEADERS, SecurityHeaders, http_error

HEADER_SECONDS = 10.0
"""From the first byte of a request, or of a connection, to the last of its headers."""
SEND_SECONDS = 30.0
"""In which a client that has something to read has to take some of it."""
AHEAD = 262_144
"""Bytes that the kernel takes ahead of a reader: so few that even a slow one is seen to read."""
_LOOKS = 4


async def _busy(scope: Scope, receive: Receive, send: Send) -> None:
    refused = HTTPException(503, headers={"retry-after": "1", "connection": "close"})
    await (await http_error(Request(scope), refused))(scope, receive, send)


class JsonH11(H11Protocol):
    """One connection. Beyond ``limit_concurrency`` of them, a new one is told in JSON to come again."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._most, self.limit_concurrency = self.limit_concurrency, None
        self._slow: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin the deadlines."""
        super().connection_made(transport)
        if self._most is not None and len(self.connections) > self._most:
            self.app = SecurityHeaders(_busy)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, AHEAD)
        self._watch()
        self._look(0, 0)

    def data_received(self, data: bytes) -> None:
        """Read, and look whether headers are still to come."""
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """End the deadlines."""
        super().connection_lost(exc)
        self._forget()
        if self._unread is not None:
            self._unread.cancel()

    def _look(self, was: int, still: int) -> None:
        """Hang up on who has not read for long: ``was`` bytes were waiting, ``still`` looks ago."""
        waits = self.transport.get_write_buffer_size()
        still = still + 1 if waits and waits == was else 0
        if still >= _LOOKS:
            self.transport.abort()
        else:
            self._unread = self.loop.call_later(SEND_SECONDS / _LOOKS, self._look, waits, still)

    def _watch(self) -> None:
        if self.cycle is not None and not self.cycle.response_complete:
            self._forget()
        elif self._slow is None and not self.transport.is_closing():
            self._slow = self.loop.call_later(HEADER_SECONDS, self._give_up)

    def _give_up(self) -> None:
        self._slow = None
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()

    def _forget(self) -> None:
        if self._slow is not None:
            self._slow.cancel()
            self._slow = None

    def _unsupported_upgrade_warning(self) -> None:
        """Nothing: a stranger who wants a WebSocket is no news."""

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP: 400 in JSON, and the end of the connection."""
        fix, fix_zh = (
            "Send a valid HTTP/1.1 request with at most 16 kB of headers.",
            "请发送有效的 HTTP/1.1 请求。",
        )
        said = {"code": "BAD_REQUEST", "messageZh": "不是有效的 HTTP 请求", "fix": fix, "fixZh": fix_zh}
        body = orjson.dumps({"errors": [{"message": "no valid HTTP request", "extensions": said}]})
        headers = {
            **SECURITY_HEADERS,
            "content-type": f"{JSON}; charset=utf-8",
            "content-length": str(len(body)),
            "connection": "close",
        }
        head = h11.Response(status_code=400, headers=list(headers.items()), reason=b"Bad Request")
        for event in (head, h11.Data(data=body), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()
