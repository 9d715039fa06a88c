"""A value stays a value: whatever stands in an argument, the database gets the same texts (row 11)."""
# ruff: noqa: E501  (lists of payloads)

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import neo4j
import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
)

from huren.graph import database, signin
from huren.schema.build import build_schema
from tests.http.conftest import Caller

SCHEMA = build_schema()._schema
TEXTS = {"String", "ID"}
CONTROL = "nothing-of-that-name"

CYPHER = (
    "' OR 1=1 //", '" OR 1=1 //', "') RETURN n //", "'}) MATCH (n) DETACH DELETE n //", "` DETACH DELETE n //", "$x",
    "{x: 1}", "*/ MATCH (n) RETURN n /*", "x' UNION MATCH (n) RETURN n //", "\\'", "\\\\'", "'+'", "' + n.secret + '",
    "apoc.util.sleep(9)", "'; CALL dbms.shutdown(); //", "' YIELD x //", "\u0027 OR 1=1", "\\u0027 OR 1=1", "＇ OR 1=1",
    "LOAD CSV FROM 'file:///etc/passwd' AS l", "n) WHERE (n", "-- x", "x\n// y", "x\r\nMATCH (n)", "0 OR true",
)  # fmt: skip
REGEX = (
    "(a+)+$", ".*", "^.*$", "(?i)x", "[", "(", "*", "+", "?", "\\", "(?=", "(?<x>", "\\p{L}", "a{1,99999}", "x|y", "$^",
    "(.*)*", "((a?){30}a{30})", "\\Q", "[[:alpha:]]",
)  # fmt: skip
LUCENE = (
    "*:*", "x OR *", "x AND NOT y", "name:*", "x~", "x~9", "x^9", "[a TO z]", "{* TO *}", "+x -y", "!x", "\"x y\"~9",
    "x\\", "/.*/", "(x", "x)", "_exists_:x", "x && y", "x || y", "?*",
)  # fmt: skip
LDAP = (
    "*)(uid=*",
    "*)(|(x=*",
    "(&",
    "(|(a=b)",
    ")(",
    "\\2a",
    "*",
    "x)(!(a=b))",
    "\0",
    "cn=x,dc=y",
    "#x",
    "x;y",
)
HEADERS = (
    "x\r\nset-cookie: a=b", "x\nlocation: http://evil.example", "x\r\n\r\n<html>", "%0d%0ax: y", "\u560d\u560ax: y",
    "x\u2028y", "x\x0by", "x\x1b[31m", "x\u202ey", "\ufeffx", "x\u0000y", "x\t", " x ", "",
)  # fmt: skip
OTHERS = (
    "<script>alert(1)</script>", "{{7*7}}", "${7*7}", "#{7*7}", "%s%n", "../../etc/passwd", "file:///etc/passwd",
    "http://127.0.0.1:7474/", "; ls", "| ls", "`ls`", "$(ls)", "null", "undefined", "NaN", "true", "-1", "1e309",
    "__proto__", "constructor", "[object Object]", "😀", "é", "e\u0301", "Å", "İ", "ß", "ﬀ", "a" * 5_000, "\uffff",
)  # fmt: skip
PARTS = tuple(filter(None, (*CYPHER, *REGEX, *LUCENE, *LDAP, *HEADERS, *OTHERS)))
"""None is empty: that may mean that nothing was said."""
PAYLOADS = tuple(dict.fromkeys((*PARTS, *(f"PVMOD{part}" for part in PARTS))))[:230]


def plain(kind: Any) -> Any:
    """A value that fits ``kind``, the control where it is text."""
    if isinstance(kind, GraphQLNonNull):
        return plain(kind.of_type)
    if isinstance(kind, GraphQLList):
        return [plain(kind.of_type)]
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        return {n: plain(f.type) for n, f in kind.fields.items() if isinstance(f.type, GraphQLNonNull)}
    known = {"Int": 1, "Boolean": True, "Float": 1.5, "DateTime": "2026-06-01T00:00:00Z", "Decimal": "1"}
    return known.get(kind.name, CONTROL)


Place = tuple[str, tuple[str, ...]]
MARK = "zq7Kj9"
"""Stands in no text of ours."""
PROBES = {signin.ANSWER, database.READY}
"""What is asked beside, to see whether the database is well."""
MEANT = {(("logEntries", ("owner",)), "*")}
"""Payloads that mean something where they stand: there, the entries of all."""
SEARCHED = ("products", ("filter", "text"))
"""Looks for a text within names and codes."""
FOUND = """query($t: String!) { products(first: 100, filter: {text: $t}) {
  nodes { code en: name(lang: EN) zh: name(lang: ZH) } } }"""
REFUSALS = {
    "NOT_FOUND",
    "BAD_USER_INPUT",
    "CONFLICT",
    "FORBIDDEN",
    "BAD_REQUEST",
    "BAD_SEAL",
    "LIMIT_EXCEEDED",
}


def root(operation: str) -> GraphQLObjectType:
    """The type whose fields a query or mutation begins with."""
    kind = SCHEMA.query_type if operation == "query" else SCHEMA.mutation_type
    assert kind
    return kind


def places(operation: str = "query") -> Iterator[Place]:
    """Every text that a field of the operation takes: its name, and the way to the text in its arguments."""
    for name, field in root(operation).fields.items():
        for argument, described in field.args.items():
            for way in _ways(described.type, 0):
                yield name, (argument, *way)


def _ways(kind: Any, depth: int) -> Iterator[tuple[str, ...]]:
    inside = get_named_type(kind)
    if inside.name in TEXTS:
        yield ()
    elif isinstance(inside, GraphQLInputObjectType) and depth < 3:
        for name, field in inside.fields.items():
            for way in _ways(field.type, depth + 1):
                yield (name, *way)


def with_text(kind: Any, way: tuple[str, ...], text: str) -> Any:
    """The plain value of ``kind``, but for ``text`` at the end of ``way``."""
    if isinstance(kind, GraphQLNonNull):
        return with_text(kind.of_type, way, text)
    if isinstance(kind, GraphQLList):
        return [with_text(kind.of_type, way, text)]
    if isinstance(kind, GraphQLInputObjectType):
        first, *rest = way
        return {**plain(kind), first: with_text(kind.fields[first].type, tuple(rest), text)}
    return text


def question(place: Place, text: str, operation: str = "query") -> tuple[str, dict[str, Any]]:
    """A document that asks, or states, with ``text`` at ``place``."""
    name, (argument, *way) = place
    field = root(operation).fields[name]
    given = {n: a for n, a in field.args.items() if isinstance(a.type, GraphQLNonNull) or n == argument}
    variables = {n: plain(a.type) for n, a in given.items()}
    variables[argument] = with_text(given[argument].type, tuple(way), text)
    head = ", ".join(f"${n}: {a.type}" for n, a in given.items())
    passed = ", ".join(f"{n}: ${n}" for n in given)
    return f"{operation}({head}) {{ {name}({passed}) {selection(field.type)} }}", variables


def selection(kind: Any, depth: int = 0) -> str:
    """What shows how many rows came: of a connection its nodes, of an object its first plain field."""
    inside = get_named_type(kind)
    if not isinstance(inside, GraphQLObjectType) or depth > 1:
        return "{ __typename }" if hasattr(inside, "fields") or hasattr(inside, "types") else ""
    if "nodes" in inside.fields:
        return "{ nodes " + selection(inside.fields["nodes"].type, depth + 1) + " }"
    return "{ __typename }"


def rows(value: Any) -> int:
    """How many objects ``value`` holds."""
    if isinstance(value, dict):
        return 1 + sum(map(rows, value.values()))
    return sum(map(rows, value)) if isinstance(value, list) else 0


@pytest.fixture
def texts(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The texts that the driver is given."""
    seen: set[str] = set()
    for kind in (neo4j.AsyncTransaction, neo4j.AsyncManagedTransaction, neo4j.AsyncSession):
        run = kind.run

        def noted(self: Any, query: Any, *args: Any, _run: Any = run, **kwargs: Any) -> Any:
            seen.add(getattr(query, "text", query))
            return _run(self, query, *args, **kwargs)

        monkeypatch.setattr(kind, "run", noted)
    return seen


async def asked(caller: Caller, place: Place, text: str) -> int:
    """The rows that came."""
    query, variables = question(place, text)
    body = await caller.ask(query, variables)
    assert refusals(body) <= REFUSALS, (place, text, body)
    return rows(body.get("data"))


async def held(caller: Caller, text: str) -> None:
    """Every product that is found by ``text`` holds it in its code or a name."""
    nodes = (await caller.ask(FOUND, {"t": text}))["data"]["products"]["nodes"]
    assert nodes
    for node in nodes:
        assert any(text.lower() in (word or "").lower() for word in node.values()), (text, node)


def refusals(body: Any) -> set[str]:
    """The codes of its errors."""
    return {error["extensions"]["code"] for error in body.get("errors", ())}


async def stated(caller: Caller, place: Place, text: str) -> None:
    """State something with ``text`` at ``place``, under a key of its own."""
    query, variables = question(place, text, "mutation")
    if "idempotencyKey" in variables["input"] and place[1] != ("input", "idempotencyKey"):
        variables["input"]["idempotencyKey"] = uuid4().hex
    body = await caller.ask(query, variables)
    assert refusals(body) <= REFUSALS, (place, text, body)


async def injected(caller: Caller, texts: set[str], payloads: tuple[str, ...], each: int) -> int:
    """Ask with ``each`` payloads at every place, in turn through all of them; the questions that were asked."""
    turn, count = itertools.cycle(payloads), 0
    for place in places():
        texts.clear()
        usual = await asked(caller, place, CONTROL)
        await asked(caller, place, CONTROL + "-2")
        fixed = texts | PROBES
        for payload in itertools.islice(turn, each):
            if (place, payload) in MEANT:
                continue
            found = await asked(caller, place, payload)
            if place == SEARCHED and found > usual:
                await held(caller, payload)
            else:
                assert found <= usual, (place, payload)
            assert texts <= fixed, (place, payload, texts - fixed)
            count += 1
    return count


def test_there_is_much_to_try() -> None:
    assert len(set(PAYLOADS)) >= 200
    assert len(list(places())) >= 40


async def test_no_payload_becomes_cypher(demo: Caller, texts: set[str]) -> None:
    print(f"{await injected(demo, texts, PAYLOADS, 8)} questions")


async def test_nothing_that_is_stated_becomes_cypher(demo: Caller, texts: set[str]) -> None:
    turn, found = itertools.cycle(PAYLOADS), list(places("mutation"))
    for place in found:
        for payload in itertools.islice(turn, 2):
            await stated(demo, place, payload)
            await stated(demo, place, f"{payload}{MARK}")
    assert len(found) > 100
    assert len(texts) > 20
    assert not [text for text in texts if MARK in text]
    print(f"{4 * len(found)} statements at {len(found)} places")


@pytest.mark.long
@pytest.mark.timeout(3_600)
async def test_no_payload_anywhere_becomes_cypher(demo: Caller, texts: set[str]) -> None:
    print(f"{await injected(demo, texts, PAYLOADS, len(PAYLOADS))} questions")
