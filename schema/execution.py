"""One GraphQL request, from text to plain data: prepare, execute under a deadline, describe what failed."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from inspect import isawaitable
from pathlib import Path
from typing import Any, cast

import strawberry
from graphql import ExecutionResult, OperationType, execute
from graphql.pyutils import AwaitableOrValue
from strawberry.execution import optimized_is_awaitable

from huren.errors import Forbidden, HurenError, MethodNotAllowed, Unavailable
from huren.schema.context import RequestContext
from huren.schema.cost import Cost, Costs, Price, actual
from huren.schema.documents import Documents, Prepared, Refused
from huren.schema.failures import describe, describe_all, internal, without_suggestions
from huren.schema.limits import LIMITS, check_variables, too_much
from huren.schema.metering import Meter, Unlimited
from huren.schema.trusted import Trusted, load

log = logging.getLogger("huren")

DEADLINE = 8.0
"""Seconds for one operation; calls of the database inside it have 5."""
QUICK = 1_000
"""Characters of a document that is validated on the loop, in milliseconds; longer ones go to a thread."""
LARGE, LARGE_AT_ONCE = 5_000, 2
"""Units from which answers take turns, and how many are made at once: 100 ms of work each."""
DESCRIBED = 4
"""Answers about the schema that are remembered, some megabytes each."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a client sent: a document, the operation in it, and values for its variables.

    ``queries_only``: it came by GET, which may not write. ``trusted``: the document it named.
    """

    query: str | None
    operation: str | None = None
    variables: dict[str, Any] | None = None
    queries_only: bool = False
    trusted: Trusted | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """What goes back. ``executed`` False: a request error, and then there is no ``data`` at all."""

    executed: bool
    data: dict[str, Any] | None
    errors: tuple[dict[str, Any], ...] = ()
    cost: Cost = field(default_factory=Cost)

    def body(self) -> dict[str, Any]:
        """The response as a JSON object; errors come first, as a reader wants them."""
        errors = {"errors": list(self.errors)} if self.errors else {}
        data = {"data": self.data} if self.executed else {}
        return {**errors, **data, "extensions": {"cost": self.cost.body()}}

    @property
    def unavailable(self) -> bool:
        """Whether nothing failed but that the database did not answer in time."""
        return self.codes == {Unavailable.code}

    @property
    def codes(self) -> frozenset[str]:
        """The codes of all errors."""
        return frozenset(error["extensions"]["code"] for error in self.errors)


class Runner:
    """Executes requests against one schema."""

    def __init__(
        self, schema: strawberry.Schema, deadline: float = DEADLINE, *, introspection: bool = True
    ) -> None:
        self._executor = schema.execution_context_class
        # strawberry's own execute() parses and validates each time and knows no deadline, so the
        # graphql-core schema it built is executed directly.
        self._schema, self._deadline, self._introspection = schema._schema, deadline, introspection
        self._documents = Documents(self._schema, introspection=introspection)
        self._costs = Costs(self._schema)
        self._described: OrderedDict[tuple[str, str | None], ExecutionResult] = OrderedDict()
        # What would hold the loop for long goes through one thread, in turn; large answers take turns too.
        self._lane = ThreadPoolExecutor(1, "documents")
        self._turns = asyncio.Semaphore(LARGE_AT_ONCE)

    def trust(self, path: Path) -> Mapping[str, Trusted]:
        """The trusted documents under ``path``, by id. Raises: BadInput naming the file that is wrong."""
        return load(path, self._documents)

    async def run(self, request: Request, context: RequestContext, meter: Meter | None = None) -> Response:
        """Never raises but for cancellation: every failure is an entry of ``errors``."""
        meter, answer = meter or Unlimited(), _refused([])
        try:
            answer = await self._guarded(request, context, meter)
        finally:
            cost = await meter.settle(actual(answer.data))
        errors = answer.errors if self._introspection else tuple(map(without_suggestions, answer.errors))
        return replace(answer, errors=errors, cost=cost)

    async def _guarded(self, request: Request, context: RequestContext, meter: Meter) -> Response:
        try:
            async with asyncio.timeout(self._deadline):
                return await self._run(request, context, meter)
        except Refused as refused:
            return _refused(describe_all(refused.errors, refused.code, context.request_id))
        except HurenError as error:
            return _refused([describe(error, context.request_id)])
        except TimeoutError:
            return _refused([describe(_too_slow(self._deadline), context.request_id)])
        except Exception as error:
            log.error("request %s failed", context.request_id, exc_info=error)
            return _refused([internal(context.request_id)])

    async def _run(self, request: Request, context: RequestContext, meter: Meter) -> Response:
        prepared = request.trusted.prepared if request.trusted else await self._prepare(request.query or "")
        operation = prepared.operation(request.operation)
        if request.queries_only and operation.operation is OperationType.MUTATION:
            raise _only_by_post()
        check_variables(request.variables)
        price = self._costs.requested(operation, prepared.fragments, request.variables)
        self._check(price)
        await meter.reserve(price.total)
        if not price.data:
            return _answered(await self._introspect(prepared, request, context), context)
        async with self._turns if price.total > LARGE else nullcontext():
            result = self._execute(prepared, request, context)
            done = await result if isawaitable(result) else result
            await context.record_reads()  # before the answer; where that fails, there is none
            return _answered(done, context)

    async def _prepare(self, text: str) -> Prepared:
        if len(text) <= QUICK:
            return self._documents.prepare(text)
        if found := self._documents.known(text):
            return found
        loop = asyncio.get_running_loop()
        return self._documents.keep(text, await loop.run_in_executor(self._lane, self._documents.make, text))

    def _check(self, price: Price) -> None:
        if price.schema and not self._introspection:
            raise _no_introspection()
        if price.data > LIMITS.cost:
            raise too_much("cost", LIMITS.cost)
        if price.schema > LIMITS.introspection:
            raise too_much("introspection", LIMITS.introspection)
        if price.data and price.schema > LIMITS.beside:
            raise too_much("beside", LIMITS.beside)

    async def _introspect(
        self, prepared: Prepared, request: Request, context: RequestContext
    ) -> ExecutionResult:
        """The schema described: a quarter of a second without a pause, so in the lane, and remembered."""
        key = (request.trusted.text if request.trusted else request.query or "", request.operation)
        if key in self._described and not request.variables:
            return self._described[key]
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._lane, self._execute, prepared, request, context)
        result = cast(ExecutionResult, found)  # nothing under `__schema` is awaited
        if not request.variables:
            self._described[key] = result
            while len(self._described) > DESCRIBED:
                self._described.popitem(last=False)
        return result

    def _execute(
        self, prepared: Prepared, request: Request, context: RequestContext
    ) -> AwaitableOrValue[ExecutionResult]:
        return execute(
            self._schema,
            prepared.document,
            context_value=context,
            variable_values=request.variables,
            operation_name=request.operation,
            max_coercion_errors=LIMITS.errors,
            hide_suggestions=not self._introspection,
            is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type]  # a bool that narrows
            executor_class=self._executor,
            operation_extensions=None,
        )


def _answered(result: ExecutionResult, context: RequestContext) -> Response:
    """A result without data whose errors all lack a path was refused before execution began.

    One of which nothing came, since the database did not answer, counts as not executed either.
    """
    errors = result.errors or []
    described = tuple(describe_all(errors, "BAD_USER_INPUT", context.request_id))
    executed = result.data is not None or any(error.path for error in errors)
    answer = Response(executed, result.data, described)
    empty = not any(value is not None for value in (result.data or {}).values())
    return _refused(list(described)) if empty and answer.unavailable else answer


def _refused(errors: list[dict[str, Any]]) -> Response:
    return Response(executed=False, data=None, errors=tuple(errors))


def _too_slow(seconds: float) -> Unavailable:
    return Unavailable(
        f"the answer was not ready within {seconds:g} seconds",
        f"未能在 {seconds:g} 秒内完成",
        fix="Ask for less at once, or again later; repeat a write with the same idempotency key.",
        fix_zh="请减少单次请求的内容或稍后重试;重发写入时请使用同一幂等键。",
    )


def _no_introspection() -> Forbidden:
    return Forbidden(
        "introspection is off on this exchange",
        "本服务不开放内省",
        fix="Take the schema from `huren schema export`, or from who runs the exchange.",
        fix_zh="请用 `huren schema export` 或向运营者获取模式。",
    )


def _only_by_post() -> MethodNotAllowed:
    return MethodNotAllowed(
        "a GET may not write",
        "GET 请求不可写入",
        fix="Send the mutation by POST.",
        fix_zh="请以 POST 发送变更。",
    )
