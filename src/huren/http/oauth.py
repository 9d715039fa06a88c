"""The endpoints of the authorization server: Starlette around authlib's core.

Parameters come from the form of the body and from nowhere else, each at most once. authlib runs in a
thread, of which there are few, since checking a secret takes 40 ms and 19 MiB.
"""

from __future__ import annotations

import base64
import binascii
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

import orjson
from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from huren.auth.authority import INTROSPECT, JWKS, METADATA, REVOKE, TOKEN
from huren.auth.token_keys import TokenKeys, published
from huren.errors import BadRequest, BodyTooLarge, BodyTooSlow, HurenError
from huren.graph import tokens
from huren.graph.writing import Write, write_once
from huren.http.bearer import Guard
from huren.http.body import read
from huren.http.metadata import metadata
from huren.http.oauth_server import CHALLENGE, Asked, Reply, Server
from huren.http.replies import reply

log = logging.getLogger("huren")

MOST_BYTES = 64 * 1024
MOST_FIELDS = 50
THREADS = 2
MOST_WAITING = 64
FORM = "application/x-www-form-urlencoded"
NO_STORE = {"cache-control": "no-store", "pragma": "no-cache"}
CACHED = {"cache-control": "public, max-age=300", "access-control-allow-origin": "*"}
_CREDENTIALS = ("client_secret", "client_assertion")
_STATUS = {BadRequest: 400, BodyTooSlow: 408, BodyTooLarge: 413}


class BadForm(Exception):
    """A request that is none of the protocol; its text goes into ``error_description``."""

    def __init__(self, description: str, status: int = 400, error: str = "invalid_request") -> None:
        super().__init__(description)
        self.status, self.error = status, error


class OAuth:
    """The endpoints; :meth:`routes` says where they are."""

    def __init__(self, guard: Guard, keys: TokenKeys) -> None:
        self._guard, self._keys = guard, keys
        self._server = Server(guard, keys, self.publish)
        self._limiter, self._waiting = CapacityLimiter(THREADS), 0

    def routes(self) -> list[Route]:
        """Where each endpoint is."""
        return [
            Route(TOKEN, self.token, methods=["POST"]),
            Route(REVOKE, self.revoke, methods=["POST"]),
            Route(INTROSPECT, self.introspect, methods=["POST"]),
            Route(JWKS, self.jwks, methods=["GET"]),
            Route(METADATA, self.metadata, methods=["GET"]),
        ]

    async def token(self, request: Request) -> Response:
        """POST /oauth/token."""
        return await self._answer(request, self._server.create_token_response, "grant_type")

    async def revoke(self, request: Request) -> Response:
        """POST /oauth/revoke (RFC 7009): answered once no worker takes the token any more."""
        answer = await self._answer(
            request, lambda asked: self._server.create_endpoint_response("revocation", asked)
        )
        if answer.status_code == 200:
            await self._guard.states.spread()
        return answer

    async def introspect(self, request: Request) -> Response:
        """POST /oauth/introspect (RFC 7662)."""
        return await self._answer(
            request, lambda asked: self._server.create_endpoint_response("introspection", asked)
        )

    async def jwks(self, _: Request) -> Response:
        """GET /oauth/jwks: the next, the current and the retired keys. Cost: at most one query."""
        try:
            now = self._guard.states.clock()
            known = dict((await self._guard.states.current()).keys)
            known |= {key.kid: key for key in self._keys.public(now) if key.until is None or key.until > now}
        except HurenError as error:
            return _unavailable(error)
        body = orjson.dumps(published(known.values()))
        return Response(body, headers=CACHED, media_type="application/jwk-set+json")

    async def metadata(self, _: Request) -> Response:
        """GET the metadata (RFC 8414)."""
        return reply(metadata(self._server), headers=CACHED)

    async def publish(self) -> None:
        """Put this home's keys on record. Raises: BadInput, Unavailable."""
        await publish_keys(self._guard, self._keys)

    async def _answer(
        self, request: Request, respond: Callable[[Asked], Reply], needed: str | None = None
    ) -> Response:
        try:
            asked = await self._asked(request)
            if needed is not None and needed not in asked.form:
                raise BadForm(f"the parameter {needed} is missing")
            with self._place():
                status, body, headers = await to_thread.run_sync(respond, asked, limiter=self._limiter)
            return reply(
                body, status, headers={n.lower(): v for n, v in headers if n.lower() != "content-type"}
            )
        except BadForm as error:
            return _refusal(error)
        except HurenError as error:
            return _unavailable(error)

    async def _asked(self, request: Request) -> Asked:
        form = await read_form(request)
        _check_credentials(request, form)
        return Asked(form, request.headers, lambda: self._guard.proof(request))

    @contextmanager
    def _place(self) -> Iterator[None]:
        """One of MOST_WAITING; a body that is still to come takes none. Raises: BadForm."""
        if self._waiting >= MOST_WAITING:
            raise BadForm("too many requests wait", 503, "temporarily_unavailable")
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1


async def publish_keys(guard: Guard, keys: TokenKeys) -> None:
    """Put the public keys of this home, and their ends, on record. Raises: BadInput, Unavailable."""
    ours = keys.public(guard.states.clock())
    body = {"keys": [key.kid for key in ours]}
    write = Write("huren", "huren", uuid4().hex, "recordTokenKeys", body)
    await write_once(guard.states.database, write, tokens.record(ours))
    guard.states.forget()


async def read_form(request: Request) -> dict[str, str]:
    """The parameters in the body of ``request``. Raises: BadForm."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM or "content-encoding" in request.headers:
        raise BadForm(f"the body must be {FORM}, not compressed")
    if request.url.query:
        raise BadForm("parameters go into the body, not into the address")
    try:
        text = (await read(request, MOST_BYTES)).decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise BadForm("the body is not a form in UTF-8, or has too many parameters") from error
    except (BadRequest, BodyTooLarge, BodyTooSlow) as error:
        raise BadForm(error.en, _STATUS[type(error)]) from error
    names = [name for name, _ in pairs]
    if names.count("resource") > 1:
        raise BadForm("one resource for each token", error="invalid_target")
    if len(set(names)) != len(names):
        raise BadForm("a parameter is there twice")
    return {name: value for name, value in pairs if value}


def _check_credentials(request: Request, form: Mapping[str, str]) -> None:
    """One way of authentication, and a Basic header that is one (RFC 6749 section 2.3, RFC 7617)."""
    sent = request.headers.getlist("authorization")
    if len(sent) + sum(name in form for name in _CREDENTIALS) > 1:
        raise BadForm("a client authenticates in one way")
    if sent and (name := _basic(sent[0])) != form.get("client_id", name):
        raise BadForm("client_id is another one than in the Authorization header")


def _basic(header: str) -> str:
    """The id in a Basic header. Raises: BadForm where it is none."""
    scheme, _, text = header.partition(" ")
    try:
        name, _, secret = base64.b64decode(text, validate=True).decode("utf-8").partition(":")
    except (ValueError, binascii.Error):
        name = secret = ""
    if scheme.lower() != "basic" or not (name and secret):
        raise BadForm("the client did not authenticate", 401, "invalid_client")
    return name


def _refusal(error: BadForm) -> Response:
    headers = NO_STORE | ({CHALLENGE[0]: CHALLENGE[1]} if error.status == 401 else {})
    headers |= {"retry-after": "1"} if error.status == 503 else {}
    return reply(_body(error.error, str(error)), error.status, headers=headers)


def _unavailable(error: HurenError) -> Response:
    """What the database or the home's files keep us from; the text may name files of ours, and stays here."""
    log.error("the authorization server cannot answer: %s", error)
    body = _body("temporarily_unavailable", "try again after a second")
    return reply(body, 503, headers={**NO_STORE, "retry-after": "1"})


def _body(error: str, description: str) -> dict[str, Any]:
    return {"error": error, "error_description": description}
