"""Replies: JSON whatever happens, and the headers that every reply carries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

JSON = "application/json"
SECURITY_HEADERS: Mapping[str, str] = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
_MESSAGES = {
    404: ("NOT_FOUND", "there is nothing at this address", "此地址没有内容", "The API is at /graphql."),
    405: (
        "METHOD_NOT_ALLOWED",
        "this address does not take that method",
        "此地址不支持该方法",
        "See `Allow`.",
    ),
    500: ("INTERNAL_SERVER_ERROR", "internal error", "内部错误", "Try again later."),
    503: ("SERVICE_UNAVAILABLE", "the service is busy", "服务繁忙", "Try again after a second."),
}


def reply(
    body: Mapping[str, Any], status: int = 200, media: str = JSON, headers: Mapping[str, str] | None = None
) -> Response:
    """``body`` as UTF-8 JSON."""
    return Response(orjson.dumps(body), status, dict(headers or {}), media_type=f"{media}; charset=utf-8")


def refusal(
    status: int, error: Mapping[str, Any], media: str = JSON, headers: Mapping[str, str] | None = None
) -> Response:
    """An error body of the shape that GraphQL clients read: ``errors`` with one entry."""
    return reply({"errors": [error]}, status, media, headers)


async def http_error(request: Request, error: Exception) -> Response:
    """What the router refuses (404, 405), and whatever else raised, as JSON; no text of the error leaves."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    code, en, zh, fix = _MESSAGES.get(status, _MESSAGES[500])
    headers = error.headers if isinstance(error, HTTPException) else None
    return refusal(
        status, {"message": en, "extensions": {"code": code, "messageZh": zh, "fix": fix}}, headers=headers
    )


class SecurityHeaders:
    """Adds SECURITY_HEADERS to every reply."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)
