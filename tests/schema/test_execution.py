"""From a request to plain data: what failed is said, what is not ours is not."""

from __future__ import annotations

import asyncio
import logging
import time
from enum import Enum
from typing import Any, cast

import pytest
import strawberry

from huren.auth.principal import Principal
from huren.auth.scopes import ALL_SCOPES
from huren.errors import BadInput, NotFound, Place, Unavailable
from huren.graph.model.text import Lang
from huren.resolvers.context import Exchange
from huren.schema.context import RequestContext
from huren.schema.execution import Request, Response, Runner

PASSWORD = "correct horse battery staple"


@strawberry.enum
class Colour(Enum):
    """Of no use but to be misspelt."""

    RED = "RED"
    GREEN = "GREEN"


@strawberry.input
class By:
    """The same."""

    amount: int = 0


@strawberry.type
class Query:
    """Fields that fail in every way."""

    @strawberry.field
    def fine(self) -> str:
        return "fine"

    @strawberry.field
    def raises(self) -> str | None:
        raise RuntimeError(f"bolt://neo4j:{PASSWORD}@db:7687 refused")

    @strawberry.field
    def chained(self) -> str | None:
        try:
            raise RuntimeError(PASSWORD)
        except RuntimeError as error:
            raise KeyError("hidden") from error

    @strawberry.field
    def null(self) -> str:
        return cast(str, None)

    @strawberry.field
    def missing(self) -> str | None:
        raise NotFound(
            "no steel", "没有钢", fix="Make some.", fix_zh="请炼钢。", place=Place("a.csv", 2, "id")
        )

    @strawberry.field
    def down(self) -> str:
        raise Unavailable("gone", "不在", fix="Later.")

    @strawberry.field
    def maybe_down(self) -> str | None:
        raise Unavailable("gone", "不在", fix="Later.")

    @strawberry.field
    async def slow(self) -> str | None:
        await asyncio.sleep(60)
        return "late"

    @strawberry.field
    def choose(self, colour: Colour, by: By | None = None) -> str:
        return colour.value

    @strawberry.field
    def echo(self, number: int, text: str = "") -> int:
        if number < 0:
            raise BadInput("below 0", "小于 0")
        return number


@strawberry.type
class Mutation:
    """Something that writes."""

    @strawberry.mutation
    def fine(self) -> str:
        raise AssertionError


RUNNER = Runner(strawberry.Schema(query=Query), deadline=0.3)
CALLER = Principal("admin", "test", ALL_SCOPES)


async def run(query: str, variables: dict[str, Any] | None = None, operation: str | None = None) -> Response:
    context = RequestContext.of(cast(Exchange, None), CALLER, Lang.EN, "r1")
    return await RUNNER.run(Request(query, operation, variables), context)


@pytest.mark.parametrize("field", ["raises", "chained", "null"])
async def test_an_error_that_is_not_ours_is_masked(field: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "huren"):
        answer = await run(f"{{ {field} }}")
    assert PASSWORD not in str(answer)
    assert "hidden" not in str(answer)
    assert answer.codes == {"INTERNAL_SERVER_ERROR"}
    error = answer.errors[0]
    assert error["message"] == "internal error"
    assert error["path"] == [field]
    assert error["extensions"]["requestId"] == "r1"
    assert "request r1 failed" in caplog.text


async def test_an_error_of_ours_says_everything() -> None:
    answer = await run("{ missing fine }")
    assert answer.data == {"missing": None, "fine": "fine"}
    assert answer.errors[0] == {
        "message": "no steel",
        "locations": [{"line": 1, "column": 3}],
        "path": ["missing"],
        "extensions": {
            "code": "NOT_FOUND",
            "messageZh": "没有钢",
            "fix": "Make some.",
            "fixZh": "请炼钢。",
            "place": {"file": "a.csv", "line": 2, "column": "id"},
            "requestId": "r1",
        },
    }


@pytest.mark.parametrize(
    ("query", "variables", "operation", "code"),
    [
        ("{", None, None, "GRAPHQL_PARSE_FAILED"),
        ("", None, None, "GRAPHQL_PARSE_FAILED"),
        ("{}", None, None, "GRAPHQL_PARSE_FAILED"),
        ("{ fine {} }", None, None, "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", None, None, "GRAPHQL_VALIDATION_FAILED"),
        ("{ echo }", None, None, "GRAPHQL_VALIDATION_FAILED"),
        ("query($n: Int!) { echo(number: $n) }", {}, None, "BAD_USER_INPUT"),
        ("query($n: Int!) { echo(number: $n) }", {"n": "x"}, None, "BAD_USER_INPUT"),
        ("query($n: Int!) { echo(number: $n) }", {"n": 2**40}, None, "BAD_USER_INPUT"),
        ("query a { fine } query b { fine }", None, None, "BAD_USER_INPUT"),
        ("query a { fine }", None, "c", "BAD_USER_INPUT"),
        ("fragment f on Query { fine }", None, None, "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { fine }", None, None, "GRAPHQL_VALIDATION_FAILED"),
        ("type Query { fine: String }", None, None, "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_a_request_error_has_no_data(
    query: str, variables: dict[str, Any] | None, operation: str | None, code: str
) -> None:
    answer = await run(query, variables, operation)
    assert not answer.executed
    assert "data" not in answer.body()
    assert answer.codes == {code}
    assert all(error["extensions"]["messageZh"] and error["extensions"]["fix"] for error in answer.errors)


async def test_the_named_operation_is_run() -> None:
    answer = await run("query a { one: fine } query b { two: fine }", operation="b")
    cost = {"requested": 1, "actual": 1, "available": None}
    assert answer.body() == {"data": {"two": "fine"}, "extensions": {"cost": cost}}


async def test_a_failed_field_that_must_be_there_leaves_null() -> None:
    answer = await run("{ echo(number: -1) }")
    assert answer.executed
    assert answer.body()["data"] is None
    assert answer.codes == {"BAD_USER_INPUT"}


async def test_the_deadline_holds_and_leaves_nothing_running() -> None:
    before, began = len(asyncio.all_tasks()), time.perf_counter()
    answer = await run("{ a: slow b: slow fine }")
    assert time.perf_counter() - began < 1
    assert answer.codes == {"SERVICE_UNAVAILABLE"}
    await asyncio.sleep(0.05)
    assert len(asyncio.all_tasks()) == before


async def test_nothing_but_an_absent_database_is_no_answer() -> None:
    assert (await run("{ down }")).body().keys() == {"errors", "extensions"}
    assert (await run("{ a: maybeDown b: maybeDown }")).unavailable
    assert not (await run("{ a: maybeDown b: maybeDown }")).executed
    assert (await run("{ maybeDown fine }")).data == {"maybeDown": None, "fine": "fine"}


HINTS = [
    ("{ fin }", None),
    ("{ echo(numbr: 1) }", None),
    ("{ ... on Qery { fine } }", None),
    ("query($n: Intt) { echo(number: $n) }", None),
    ("{ choose(colour: GRENE) }", None),
    ("{ choose(colour: RED, by: {amont: 1}) }", None),
    ("query($c: Colour!) { choose(colour: $c) }", {"c": "GRENE"}),
    ("query($b: By) { choose(colour: RED, by: $b) }", {"b": {"amont": 1}}),
]


@pytest.mark.parametrize(("query", "variables"), HINTS)
async def test_nothing_is_suggested_where_introspection_is_refused(
    query: str, variables: dict[str, Any] | None
) -> None:
    context = RequestContext.of(cast(Exchange, None), CALLER, Lang.EN, "r1")
    told = await Runner(strawberry.Schema(query=Query)).run(Request(query, None, variables), context)
    closed = Runner(strawberry.Schema(query=Query), introspection=False)
    untold = await closed.run(Request(query, None, variables), context)
    assert "Did you mean" in str(told.errors)
    assert untold.errors
    assert "Did you mean" not in str(untold.errors)


@pytest.mark.parametrize(
    "query",
    [
        "{ __schema { types { name } } }",
        '{ __type(name: "Query") { name } }',
        "{ ...f } fragment f on Query { ... { a: __schema { queryType { name } } } fine }",
    ],
)
async def test_introspection_can_be_refused(query: str) -> None:
    context = RequestContext.of(cast(Exchange, None), CALLER, Lang.EN, "r1")
    closed = Runner(strawberry.Schema(query=Query), introspection=False)
    assert (await closed.run(Request(query), context)).codes == {"FORBIDDEN"}
    assert (await closed.run(Request("{ __typename }"), context)).data == {"__typename": "Query"}
    assert not (await run(query)).errors


async def test_what_the_schema_says_is_made_once() -> None:
    first = await run("{ __schema { types { name } } }")
    assert (await run("{ __schema { types { name } } }")).data is first.data
    assert first.cost.requested > 10


async def test_errors_and_their_texts_are_bounded() -> None:
    many = await run("{ " + " ".join(f"a{n}: missing" for n in range(30)) + " }")
    assert len(many.errors) == 20
    long = await run("query($n: Int!) { echo(number: $n) }", {"n": "x" * 100_000})
    assert len(long.errors[0]["message"]) <= 1_001


async def test_a_get_does_not_write() -> None:
    context = RequestContext.of(cast(Exchange, None), CALLER, Lang.EN, "r1")
    runner = Runner(strawberry.Schema(query=Query, mutation=Mutation))
    answer = await runner.run(Request("mutation { fine }", queries_only=True), context)
    assert (answer.executed, answer.codes) == (False, {"METHOD_NOT_ALLOWED"})
