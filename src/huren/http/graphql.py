"""/graphql: POST, or GET for a trusted document; a bearer token always, JSON whatever happens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from huren.auth.principal import Principal
from huren.auth.scopes import QUERY_ADHOC
from huren.errors import (
    BadRequest,
    BodyTooLarge,
    BodyTooSlow,
    Forbidden,
    HurenError,
    MethodNotAllowed,
    NotAcceptable,
    RateLimited,
    Unauthenticated,
    Unavailable,
    UnsupportedMediaType,
)
from huren.http import media
from huren.http.bearer import Guard, challenge
from huren.http.body import Parameters, from_address, parameters
from huren.http.endpoint import Endpoint
from huren.http.language import preferred
from huren.http.purpose import purpose
from huren.http.rates import Account, Rates
from huren.http.replies import reply
from huren.resolvers.context import Exchange
from huren.schema.context import RequestContext
from huren.schema.execution import Request as Asked
from huren.schema.execution import Response as Answer
from huren.schema.execution import Runner
from huren.schema.failures import describe
from huren.schema.trusted import Trusted

MOST_IN_FLIGHT = 256
RETRY = {"retry-after": "1"}
_STATUS: dict[type[HurenError], int] = {
    Unauthenticated: 401,
    Forbidden: 403,
    MethodNotAllowed: 405,
    NotAcceptable: 406,
    BodyTooSlow: 408,
    BodyTooLarge: 413,
    UnsupportedMediaType: 415,
    RateLimited: 429,
    Unavailable: 503,
}


class GraphQL:
    """The endpoint; it counts what is in flight, and beyond MOST_IN_FLIGHT asks to come again."""

    def __init__(
        self,
        exchange: Exchange,
        runner: Runner,
        guard: Guard,
        rates: Rates | None = None,
        trusted: Mapping[str, Trusted] | None = None,
    ) -> None:
        self._exchange, self._runner, self._guard, self._in_flight = exchange, runner, guard, 0
        self._rates, self._trusted = rates or Rates(Endpoint()), trusted or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it; every method comes here, so that every answer is ours."""
        response = await self.respond(Request(scope, receive))
        await response(scope, receive, send)

    async def respond(self, request: Request) -> Response:
        """Answer one request."""
        request_id, account = uuid4().hex, None
        try:
            with self._place():
                caller = await self._guard.principal(request)
            account = self._rates.account(caller)
            return await self._answer(request, request_id, caller, account)
        except HurenError as error:
            status = next((_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), 400)
            headers = _headers(request, error)
            body: dict[str, Any] = {"errors": [describe(error, request_id)]}
            if account:
                body["extensions"] = {"cost": (await account.settle(0)).body()}
            return reply(body, status, headers={**headers, **(account or self._rates).headers()})

    async def _answer(
        self, request: Request, request_id: str, caller: Principal, account: Account
    ) -> Response:
        by_address = from_address(request) if request.method == "GET" else None
        if request.method != "POST" and by_address is None:
            raise _only_post()
        kind = media.negotiate(request.headers.getlist("accept"))
        asked = by_address or await parameters(request)
        work = self._work(caller, asked, queries_only=by_address is not None)
        context = RequestContext.of(self._exchange, caller, preferred(request), request_id, purpose(request))
        with self._place():
            answer = await self._runner.run(work, context, account)
        status = media.status(kind, answer.executed, answer.codes)
        return reply(answer.body(), status, kind, {**_of_status(status, answer), **account.headers()})

    def _work(self, caller: Principal, asked: Parameters, *, queries_only: bool) -> Asked:
        """What is to be run. Raises: Forbidden for a document of one's own, BadRequest for an unknown id."""
        trusted = self._trusted.get(asked.document or "")
        if asked.query is None and trusted is None:
            raise _unknown_document()
        if trusted is None:
            caller.require(QUERY_ADHOC)
        return Asked(asked.query, asked.operation, asked.variables, queries_only, trusted)

    @contextmanager
    def _place(self) -> Iterator[None]:
        """One of MOST_IN_FLIGHT, while there is work; waiting for a body takes none. Raises: Unavailable."""
        if self._in_flight >= MOST_IN_FLIGHT:
            raise _busy()
        self._in_flight += 1
        try:
            yield
        finally:
            self._in_flight -= 1


def _of_status(status: int, answer: Answer) -> dict[str, str]:
    """The headers that go with the status of an answer."""
    if status == 429:
        return {"retry-after": str(answer.errors[0]["extensions"]["retryAfter"])}
    if status == 405:
        return {"allow": "POST"}
    return RETRY if status == 503 else {}


def _headers(request: Request, error: HurenError) -> dict[str, str]:
    if isinstance(error, Unauthenticated):
        return challenge(request, error)
    if isinstance(error, Forbidden):
        return {
            "www-authenticate": f'Bearer realm="huren", error="insufficient_scope", scope="{QUERY_ADHOC}"'
        }
    if isinstance(error, MethodNotAllowed):
        return {"allow": "POST"}
    return RETRY if isinstance(error, Unavailable) else {}


def _only_post() -> MethodNotAllowed:
    return MethodNotAllowed(
        "GraphQL is asked by POST",
        "GraphQL 仅支持 POST",
        fix='POST {"query": "…"} as application/json.',
        fix_zh='请以 application/json 用 POST 发送 {"query": "…"}。',
    )


def _unknown_document() -> BadRequest:
    return BadRequest(
        "there is no trusted document of that `documentId`",
        "没有此 `documentId` 的受信文档",
        fix="Ask by the id of a document that the exchange has, or send its text as `query`.",
        fix_zh="请使用本服务已有文档的标识,或以 `query` 发送文档。",
    )


def _busy() -> Unavailable:
    return Unavailable(
        "too many requests are in flight",
        "同时处理的请求过多",
        fix="Send the request again after a second.",
        fix_zh="请一秒后重新发送。",
    )
