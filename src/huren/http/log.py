"""/log/checkpoint: the newest signed checkpoint with its cosignatures, as text, for anyone (C2SP)."""

from __future__ import annotations

import logging

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from huren.errors import HurenError
from huren.http.replies import http_error
from huren.resolvers.auditing import latest
from huren.resolvers.context import Exchange

log = logging.getLogger("huren")

PATH = "/log/checkpoint"
HEADERS = {"access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin"}


class Log:
    """The endpoint. It tells how many entries there are and their root, nothing of any of them."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def respond(self, request: Request) -> Response:
        """Answer one request. At most one checkpoint a second is made, however many ask."""
        try:
            note = await latest(self._exchange)
        except (HurenError, OSError) as error:  # its text names files of ours, and anyone may ask
            log.error("no checkpoint can be told: %s", error)
            return await http_error(request, HTTPException(503, headers={"retry-after": "1"}))
        return Response(str(note), headers=HEADERS, media_type="text/plain; charset=utf-8")
