"""What is sent that is no GraphQL request: always JSON back, never 500, and the reason."""

from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huren.http.body import HEARD, MOST_BYTES
from tests.http.conftest import NEW, OLD, Caller

HELLO = json.dumps({"query": "{ __typename }"}).encode()
DEEP = 1_100

BAD_BODIES = {
    "empty": b"",
    "blank": b"   ",
    "null": b"null",
    "text": b'"x"',
    "number": b"123",
    "true": b"true",
    "list": b"[]",
    "batch": b'[{"query": "{ __typename }"}]',
    "empty object": b"{}",
    "cut short": b'{"query": "{ __typename }"',
    "single quotes": b"{'query': '{ __typename }'}",
    "trailing comma": b'{"query": "{ __typename }",}',
    "two objects": HELLO + HELLO,
    "not utf-8": b'{"query": "{ __typename } # \xff"}',
    "utf-16": HELLO.decode().encode("utf-16"),
    "gb18030": '{"query": "{ __typename } # 碳足迹"}'.encode("gb18030"),
    "byte order mark": b"\xef\xbb\xbf" + HELLO,
    "lone surrogate": b'{"query": "{ __typename }", "variables": {"a": "\\ud800"}}',
    "NaN": b'{"query": "{ __typename }", "variables": {"a": NaN}}',
    "infinity": b'{"query": "{ __typename }", "variables": {"a": 1e400}}',
    "5,000 digits": b'{"query": "{ __typename }", "variables": {"a": ' + b"9" * 5_000 + b"}}",
    "deep": b'{"query": "{ __typename }", "variables": {"a": ' + b"[" * DEEP + b"]" * DEEP + b"}}",
    "two queries": b'{"query": "{ a }", "query": "{ __typename }"}',
    "two queries, one escaped": b'{"query": "{ a }", "qu\\u0065ry": "{ __typename }"}',
    "two variables of one name": b'{"query": "{ __typename }", "variables": {"a": [{"b": 1, "b": 1}]}}',
    "query absent": b'{"notquery": "{ __typename }"}',
    "query null": b'{"query": null}',
    "query number": b'{"query": 0}',
    "query list": b'{"query": ["{ __typename }"]}',
    "query blank": b'{"query": "  "}',
    "variables text": b'{"query": "{ __typename }", "variables": "{}"}',
    "variables list": b'{"query": "{ __typename }", "variables": []}',
    "operationName number": b'{"query": "{ __typename }", "operationName": 1}',
    "extensions list": b'{"query": "{ __typename }", "extensions": []}',
    "null byte": b'{"query": "{ __typename }\x00"}',
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES.keys())
@pytest.mark.parametrize("accept", [NEW, OLD])
async def test_a_bad_body_is_refused_in_json(caller: Caller, body: bytes, accept: str) -> None:
    answer = await caller.send(body, accept=accept)
    assert answer.status_code == 400
    error = answer.json()["errors"][0]
    assert error["extensions"]["code"] == "BAD_REQUEST"
    assert error["message"]
    assert error["extensions"]["messageZh"]
    assert error["extensions"]["fix"]
    assert "data" not in answer.json()


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"content_type": "text/plain"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ({"content_type": "application/x-www-form-urlencoded"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ({"content_type": "multipart/form-data; boundary=x"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ({"content_type": "application/json; charset=gb18030"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ({"content_type": ""}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ({"accept": "text/html"}, 406, "NOT_ACCEPTABLE"),
        ({"accept": "application/json;q=0"}, 406, "NOT_ACCEPTABLE"),
    ],
)
async def test_media_types(caller: Caller, headers: dict[str, str], status: int, code: str) -> None:
    answer = await caller.send(HELLO, **headers)
    assert answer.status_code == status
    assert answer.json()["errors"][0]["extensions"]["code"] == code


async def test_one_encoding_of_several_is_enough(caller: Caller) -> None:
    sent = [("content-type", OLD), ("content-encoding", "identity"), ("content-encoding", "gzip")]
    sent.append(("authorization", f"Bearer {caller.token}"))
    answer = await caller.client.post("/graphql", content=gzip.compress(HELLO), headers=sent)
    assert answer.status_code == 415


async def test_a_compressed_body_is_refused_unread(caller: Caller) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    answer = await caller.send(bomb, content_encoding="gzip")
    assert answer.status_code == 415


@pytest.mark.parametrize(
    "accept", ["", "*/*", "application/*", "application/json, text/html;q=0.1", "a/b, */*;q=0.1"]
)
async def test_plain_json_unless_the_new_type_is_named(caller: Caller, accept: str) -> None:
    answer = await caller.send(HELLO, accept=accept or "*/*")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json; charset=utf-8"


async def test_a_large_body_is_refused_while_it_comes(caller: Caller) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield b" " * 65_536

    answer = await caller.client.post(
        "/graphql",
        content=endless(),
        headers={"authorization": f"Bearer {caller.token}", "content-type": OLD},
    )
    assert answer.status_code == 413
    assert answer.json()["errors"][0]["extensions"]["code"] == "BODY_TOO_LARGE"
    assert sent * 65_536 < HEARD + MOST_BYTES
    exact = json.dumps({"query": "{ __typename }"}).encode().ljust(1024 * 1024)
    assert (await caller.send(exact)).status_code == 200


MANY = {
    "one of many members is there twice": (
        ",".join(f'"{n:x}": 1' for n in range(90_000)) + ', "z": 1, "z": 2',
        "BAD_REQUEST",
    ),
    "empty lists": ('"a": [' + ",".join(["[]"] * 300_000) + "]", "LIMIT_EXCEEDED"),
    "empty objects": ('"a": [' + ",".join(["{}"] * 300_000) + "]", "LIMIT_EXCEEDED"),
}


def many(name: str) -> bytes:
    return f'{{"query": "{{ __typename }}", "variables": {{{MANY[name][0]}}}}}'.encode()


# Comparing each name with each takes minutes: the timeout is no measure of speed.
@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", MANY)
async def test_many_members_are_refused_without_delay(caller: Caller, name: str) -> None:
    answer = await caller.send(many(name))
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == MANY[name][1]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
async def test_only_post(caller: Caller, method: str) -> None:
    headers = {"authorization": f"Bearer {caller.token}"}
    answer = await caller.client.request(method, "/graphql?query={__typename}", headers=headers)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize("path", ["/graphql/", "/livez/", "//graphql", "/GRAPHQL"])
async def test_nobody_is_redirected(caller: Caller, path: str) -> None:
    answer = await caller.client.post(path, content=HELLO)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (404, "NOT_FOUND")


async def test_every_answer_bears_the_security_headers(caller: Caller) -> None:
    answers = [
        await caller.send(HELLO),
        await caller.send(b"{"),
        await caller.client.get("/nowhere"),
        await caller.client.post("/livez"),
        await caller.client.get("/livez"),
    ]
    assert [answer.status_code for answer in answers] == [200, 400, 404, 405, 200]
    for answer in answers:
        assert answer.headers["content-type"].endswith("json; charset=utf-8")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.json()


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(noise=st.binary(max_size=80), at=st.integers(0, 40))
async def test_fuzzed_bodies(caller: Caller, noise: bytes, at: int) -> None:
    whole = json.dumps(
        {"query": "query q($a: ID!) { product(id: $a) { id } }", "variables": {"a": "x"}}
    ).encode()
    answer = await caller.send(whole[:at] + noise + whole[at:])
    assert answer.status_code in {200, 400}
    assert answer.json()["errors"] or answer.json()["data"]
