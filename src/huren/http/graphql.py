"""/graphql: POST only, a bearer token always, JSON whatever happens."""

from __future__ import annotations

from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from huren.auth.scopes import QUERY_ADHOC
from huren.errors import (
    BodyTooLarge,
    Forbidden,
    HurenError,
    MethodNotAllowed,
    NotAcceptable,
    Unauthenticated,
    Unavailable,
    UnsupportedMediaType,
)
from huren.http import media
from huren.http.bearer import challenge, principal
from huren.http.body import parameters
from huren.http.language import preferred
from huren.http.replies import refusal, reply
from huren.resolvers.context import Exchange
from huren.schema.context import RequestContext
from huren.schema.execution import Request as Asked
from huren.schema.execution import Runner
from huren.schema.failures import describe

MOST_IN_FLIGHT = 256
RETRY = {"retry-after": "1"}
_STATUS: dict[type[HurenError], int] = {
    Unauthenticated: 401,
    Forbidden: 403,
    MethodNotAllowed: 405,
    NotAcceptable: 406,
    BodyTooLarge: 413,
    UnsupportedMediaType: 415,
    Unavailable: 503,
}


class GraphQL:
    """The endpoint; it counts what is in flight, and beyond MOST_IN_FLIGHT asks to come again."""

    def __init__(self, exchange: Exchange, runner: Runner) -> None:
        self._exchange, self._runner, self._in_flight = exchange, runner, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it; every method comes here, so that every answer is ours."""
        response = await self.respond(Request(scope, receive))
        await response(scope, receive, send)

    async def respond(self, request: Request) -> Response:
        """Answer one request."""
        request_id = uuid4().hex
        self._in_flight += 1
        try:
            return await self._answer(request, request_id)
        except HurenError as error:
            status = _STATUS.get(type(error), 400)
            return refusal(status, describe(error, request_id), headers=_headers(request, error))
        finally:
            self._in_flight -= 1

    async def _answer(self, request: Request, request_id: str) -> Response:
        if self._in_flight > MOST_IN_FLIGHT:
            raise _busy()
        exchange = self._exchange
        caller = principal(request, exchange.keys.issuer, exchange.clock())
        if request.method != "POST":
            raise _only_post()
        kind = media.negotiate(request.headers.getlist("accept"))
        caller.require(QUERY_ADHOC)
        asked = await parameters(request)
        context = RequestContext.of(exchange, caller, preferred(request), request_id)
        answer = await self._runner.run(Asked(asked.query, asked.operation, asked.variables), context)
        unavailable = answer.unavailable and not answer.executed
        status = media.status(kind, answer.executed, unavailable)
        return reply(answer.body(), status, kind, RETRY if unavailable else None)


def _headers(request: Request, error: HurenError) -> dict[str, str]:
    if isinstance(error, Unauthenticated):
        return challenge(request)
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


def _busy() -> Unavailable:
    return Unavailable(
        "too many requests are in flight",
        "同时处理的请求过多",
        fix="Send the request again after a second.",
        fix_zh="请一秒后重新发送。",
    )
