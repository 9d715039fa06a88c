"""/.well-known/huren/jwks: the public keys that sealed decisions are checked with. Anyone may fetch them."""

from __future__ import annotations

import logging

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from huren.errors import HurenError
from huren.http.replies import http_error
from huren.resolvers.context import Exchange
from huren.resolvers.sealing import key_set

log = logging.getLogger("huren")

PATH = "/.well-known/huren/jwks"
MEDIA = "application/jwk-set+json"
HEADERS = {
    "cache-control": "public, max-age=300",
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
}


class Jwks:
    """The endpoint: every key, retired ones too, with its period."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def respond(self, request: Request) -> Response:
        """Answer one request. Cost: one query."""
        try:
            keys = await key_set(self._exchange)
        except HurenError as error:  # its text names files of ours, and anyone may ask
            log.error("the seal keys cannot be told: %s", error)
            return await http_error(request, HTTPException(503, headers={"retry-after": "1"}))
        return Response(orjson.dumps(keys), headers=HEADERS, media_type=MEDIA)
