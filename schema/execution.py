"""One GraphQL request, from text to plain data: prepare, execute under a deadline, describe what failed."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any

import strawberry
from graphql import ExecutionResult, execute
from strawberry.execution import optimized_is_awaitable

from huren.errors import HurenError, Unavailable
from huren.schema.context import RequestContext
from huren.schema.documents import Documents, Refused
from huren.schema.failures import describe, describe_all, internal

log = logging.getLogger("huren")

DEADLINE = 8.0
"""Seconds for one operation; calls of the database inside it have 5."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a client sent: a document, the operation in it, and values for its variables."""

    query: str
    operation: str | None = None
    variables: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """What goes back. ``executed`` False: a request error, and then there is no ``data`` at all."""

    executed: bool
    data: dict[str, Any] | None
    errors: tuple[dict[str, Any], ...] = ()

    def body(self) -> dict[str, Any]:
        """The response as a JSON object; errors come first, as a reader wants them."""
        errors = {"errors": list(self.errors)} if self.errors else {}
        return {**errors, "data": self.data} if self.executed else errors

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

    def __init__(self, schema: strawberry.Schema, deadline: float = DEADLINE) -> None:
        self._executor = schema.execution_context_class
        # strawberry's own execute() parses and validates each time and knows no deadline, so the
        # graphql-core schema it built is executed directly.
        self._schema = schema._schema
        self._documents, self._deadline = Documents(self._schema), deadline

    async def run(self, request: Request, context: RequestContext) -> Response:
        """Never raises but for cancellation: every failure is an entry of ``errors``."""
        try:
            async with asyncio.timeout(self._deadline):
                return await self._run(request, context)
        except Refused as refused:
            return _refused(describe_all(refused.errors, refused.code, context.request_id))
        except HurenError as error:
            return _refused([describe(error, context.request_id)])
        except TimeoutError:
            return _refused([describe(_too_slow(self._deadline), context.request_id)])
        except Exception as error:
            log.error("request %s failed", context.request_id, exc_info=error)
            return _refused([internal(context.request_id)])

    async def _run(self, request: Request, context: RequestContext) -> Response:
        prepared = self._documents.prepare(request.query)
        prepared.operation(request.operation)
        result = execute(
            self._schema,
            prepared.document,
            context_value=context,
            variable_values=request.variables,
            operation_name=request.operation,
            max_coercion_errors=20,
            is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type]  # a bool that narrows
            executor_class=self._executor,
            operation_extensions=None,
        )
        return _answered(await result if isawaitable(result) else result, context)


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
