"""Documents by hash: what is in place runs, and nothing else is ever put there."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest
from httpx2 import ASGITransport, AsyncClient, Response
from typer.testing import CliRunner

from huren.app import create_app
from huren.auth.keys import Keys
from huren.auth.principal import Principal
from huren.auth.scopes import ALL_SCOPES, QUERY_ADHOC
from huren.cli import app as command
from huren.errors import BadInput
from huren.graph.database import Database
from huren.graph.revision import utc_now
from huren.graph.supply import Snapshots
from huren.http.endpoint import Endpoint
from huren.resolvers.context import Exchange
from huren.resolvers.knowledge import Knowledge
from huren.schema.build import build_schema
from huren.schema.execution import Runner
from tests.http.conftest import Caller, token_for
from tests.http.test_acceptance import ask

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "trusted-documents.md").read_text("utf-8")
FOOTPRINT, STANDING = (
    (DOCS / "documents" / f"{name}.graphql").read_text("utf-8") for name in ("footprint", "standing")
)
HELLO, OTHER = "query Hello { __typename }", "{ __typename }"
WRITE = 'mutation { putInputs(input: {idempotencyKey: "k", product: "p", inputs: []}) { revision } }'


def id_of(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
async def few(keys: Keys, tmp_path: Path) -> AsyncIterator[Caller]:
    """A client that may ask no documents of its own, before an exchange with two in place."""
    (tmp_path / "a.graphql").write_text(HELLO)
    (tmp_path / "b.graphql").write_text(WRITE)
    absent = cast(Database, None), cast(Snapshots, None), cast(Knowledge, None)
    app = create_app(Exchange(*absent, utc_now, keys, "admin"), None, Endpoint(documents=tmp_path))
    async with AsyncClient(transport=ASGITransport(app), base_url="http://huren.test") as client:
        scopes = ALL_SCOPES - {QUERY_ADHOC}
        yield Caller(client, keys, token_for(keys, Principal("admin", "test", scopes)))


async def send(caller: Caller, **body: Any) -> tuple[int, str]:
    answer = await caller.send(json.dumps(body).encode())
    said = answer.json()
    return answer.status_code, said["errors"][0]["extensions"]["code"] if "errors" in said else said["data"]


POISON = {"persistedQuery": {"version": 1, "sha256Hash": id_of(OTHER)[7:]}}
TYPE = {"__typename": "Query"}
SENT: dict[str, tuple[dict[str, Any], int, object]] = {
    "known": ({"documentId": id_of(HELLO)}, 200, TYPE),
    "known, with its text": ({"documentId": id_of(HELLO), "query": HELLO}, 200, TYPE),
    "known, by its operation": (
        {"documentId": id_of(HELLO), "operationName": "Hello"},
        200,
        {"__typename": "Query"},
    ),
    "known, another operation": ({"documentId": id_of(HELLO), "operationName": "X"}, 400, "BAD_USER_INPUT"),
    "known, with another text": ({"documentId": id_of(HELLO), "query": OTHER}, 400, "BAD_REQUEST"),
    "its text alone": ({"query": HELLO}, 403, "FORBIDDEN"),
    "unknown": ({"documentId": id_of(OTHER)}, 400, "BAD_REQUEST"),
    "unknown, with its text": ({"documentId": id_of(OTHER), "query": OTHER}, 403, "FORBIDDEN"),
    "null": ({"documentId": None}, 400, "BAD_REQUEST"),
    "a number": ({"documentId": 1}, 400, "BAD_REQUEST"),
    "a list": ({"documentId": [id_of(HELLO)]}, 400, "BAD_REQUEST"),
    "empty": ({"documentId": ""}, 400, "BAD_REQUEST"),
    "without its prefix": ({"documentId": id_of(HELLO)[7:]}, 400, "BAD_REQUEST"),
    "in capitals": ({"documentId": id_of(HELLO).upper()}, 400, "BAD_REQUEST"),
    "with a line's end": ({"documentId": id_of(HELLO) + "\n"}, 400, "BAD_REQUEST"),
    "a path": ({"documentId": "../a.graphql"}, 400, "BAD_REQUEST"),
    "a prototype": ({"documentId": "__proto__"}, 400, "BAD_REQUEST"),
    "automatic": ({"extensions": POISON}, 400, "BAD_REQUEST"),
    "automatic, with its text": ({"query": OTHER, "extensions": POISON}, 400, "BAD_REQUEST"),
    "automatic, poisoned": ({"query": HELLO, "extensions": POISON}, 400, "BAD_REQUEST"),
}


@pytest.mark.parametrize("name", SENT)
async def test_what_is_sent(few: Caller, name: str) -> None:
    body, *expected = SENT[name]
    assert [*await send(few, **body)] == expected


async def test_nothing_is_ever_added(few: Caller) -> None:
    whole = few.minted("admin")
    for body in ({"query": OTHER, "documentId": id_of(OTHER)}, {"query": OTHER}):
        assert await send(whole, **body) == (200, {"__typename": "Query"})
    assert await send(whole, query=OTHER, extensions=POISON) == (400, "BAD_REQUEST")
    for caller in (few, whole):
        assert await send(caller, documentId=id_of(OTHER)) == (400, "BAD_REQUEST")


async def get(caller: Caller, **params: str) -> Response:
    return await caller.client.get(
        "/graphql", params=params, headers={"authorization": f"Bearer {caller.token}"}
    )


async def test_a_query_by_get(few: Caller) -> None:
    answer = await get(few, documentId=id_of(HELLO), variables="{}")
    assert (answer.status_code, answer.json()["data"]) == (200, {"__typename": "Query"})
    assert answer.headers["cache-control"] == "no-store"
    bad: list[dict[str, str]] = [
        {"documentId": id_of(OTHER)},
        {"documentId": "x"},
        {"documentId": id_of(HELLO), "variables": "{"},
        {"documentId": id_of(HELLO), "variables": "[]"},
        {"documentId": id_of(HELLO), "variables": '{"a": NaN}'},
        {"documentId": id_of(HELLO), "variables": '{"a": "\\ud800"}'},
        {"documentId": id_of(HELLO), "extensions": "1"},
    ]
    for params in bad:
        answer = await get(few, **params)
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")


async def test_nothing_else_by_get(few: Caller) -> None:
    asked: list[dict[str, str]] = [
        {"documentId": id_of(WRITE)},
        {"documentId": id_of(HELLO), "query": HELLO},
        {"query": HELLO},
        {},
    ]
    for params in asked:
        answer = await get(few, **params)
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
        assert answer.json()["errors"][0]["extensions"]["code"] == "METHOD_NOT_ALLOWED"
    twice = f"/graphql?documentId={id_of(HELLO)}&documentId={id_of(WRITE)}"
    headers = {"authorization": f"Bearer {few.token}"}
    assert (await few.client.get(twice, headers=headers)).status_code == 400
    assert (await few.client.get(f"/graphql?documentId={id_of(HELLO)}")).status_code == 401


def manifest(folder: Path, content: bytes) -> Path:
    file = folder / "documents.json"
    file.write_bytes(content)
    return file


BAD_MANIFESTS = {
    "no JSON": (b"{", "documents.json.*not JSON"),
    "a list": (b"[]", "no object"),
    "not UTF-8": (b"\xff", "UTF-8"),
    "nothing in it": (b"{}", "no document"),
    "an id that is none": (b'{"hello": "{ __typename }"}', "64 hex"),
    "a text that is none": (json.dumps({id_of(OTHER): 1}).encode(), "64 hex"),
    "another hash": (json.dumps({id_of(OTHER): HELLO}).encode(), "own hash is sha256:"),
    "a field that is none": (json.dumps({id_of("{ nothing }"): "{ nothing }"}).encode(), "nothing"),
    "no GraphQL": (json.dumps({id_of("{"): "{"}).encode(), "Syntax Error"),
}


@pytest.mark.parametrize("name", BAD_MANIFESTS)
def test_a_bad_manifest_is_refused_by_name(tmp_path: Path, name: str) -> None:
    content, says = BAD_MANIFESTS[name]
    with pytest.raises(BadInput, match=says) as caught:
        Runner(build_schema()).trust(manifest(tmp_path, content))
    assert caught.value.place
    assert caught.value.fix_zh


def test_the_service_does_not_start_with_a_bad_document(keys: Keys, tmp_path: Path) -> None:
    (tmp_path / "good.graphql").write_text(HELLO)
    (tmp_path / "wrong.graphql").write_text("{ nothing }")
    absent = cast(Database, None), cast(Snapshots, None), cast(Knowledge, None)
    with pytest.raises(BadInput, match=r"wrong\.graphql"):
        create_app(Exchange(*absent, utc_now, keys, "admin"), None, Endpoint(documents=tmp_path))
    with pytest.raises(BadInput, match="nowhere"):
        Runner(build_schema()).trust(tmp_path / "nowhere")


def test_a_manifest_and_a_folder_are_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.graphql").write_text(HELLO)
    runner = Runner(build_schema())
    listed = runner.trust(manifest(tmp_path, json.dumps({id_of(HELLO): HELLO}).encode()))
    assert list(listed) == list(runner.trust(tmp_path)) == [id_of(HELLO)]


def test_the_page_says_what_the_command_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(DOCS.parent)
    shown = CliRunner().invoke(command, ["documents", "check", "docs/documents"])
    assert shown.exit_code == 0
    assert shown.output.strip() in PAGE
    for id, file, _ in (line.split("\t") for line in shown.output.splitlines()):
        assert id_of(Path(file).read_text("utf-8")) == id


async def test_the_documents_of_the_page_run(demo: Caller) -> None:
    asked = json.loads(re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0])
    assert asked["documentId"] == id_of(FOOTPRINT)
    total = (await ask(demo, FOOTPRINT, **asked["variables"]))["rollUp"]["total"]["value"]
    assert round(float(total), 2) == 552.06
    found = await ask(demo, STANDING, certificate="DEMO-CFP-PV-1", destination="CN-BJ", purpose="LABEL")
    assert found["recognise"]["standing"]["outcome"]
