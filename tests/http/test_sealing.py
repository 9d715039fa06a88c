"""Seals over the real database: decided, signed and kept in one write, found, replayed, checked offline."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pytest
from httpx2 import ASGITransport, AsyncClient

from huren.app import create_app, publish_keys
from huren.auth.keys import Keys
from huren.auth.principal import Principal
from huren.auth.scopes import ALL_SCOPES, DECISION_SEAL, QUERY_ADHOC, RECOGNITION_READ
from huren.auth.seal_keys import KEY_FILE, SealKeys, read_published
from huren.auth.seals import sign
from huren.commands.seals import jws_in, lines
from huren.graph import seals
from huren.graph.database import Database
from huren.graph.model.canonical import canonical, parse
from huren.resolvers.context import Exchange
from huren.resolvers.sealing import check
from tests.http.conftest import Caller, token_for
from tests.http.test_acceptance import ask, failed
from tests.http.test_docs import DOCS, requests

JWKS = "/.well-known/huren/jwks"
SEAL = """mutation($i: SealDecisionInput!) { sealDecision(input: $i) {
  sealed { id jws kid sealedAt digest }
  decision { standing { outcome } legal { outcome } technical { outcome value { value } }
    asOf knownAt revision findings { rule outcome } }
  revision recordedAt repeated } }"""
FIND = "query($id: ID!) { sealedDecision(id: $id) { id jws kid sealedAt digest } }"
REPLAY = """query($id: ID, $jws: String) { replay(id: $id, jws: $jws) {
  same differences { path sealed now } causes { what sealed now } decision { standing { outcome } } } }"""
STATUS = """mutation($i: RecordCertificateStatusInput!) { recordCertificateStatus(input: $i) { revision } }"""
STANDING = """query($k: DateTime) { recognise(certificate: "DEMO-TJ-PV-1", destination: "CN-BJ",
  purpose: LABEL, asOf: "2026-06-01T00:00:00Z", knownAt: $k) { standing { outcome } } }"""


@pytest.fixture
async def home(demo: Caller, exchange: Exchange, tmp_path: Path) -> AsyncIterator[Caller]:
    """The administrator before a home with seal keys of its own, on the shared database."""
    keys = replace(exchange.keys, seals=SealKeys(tmp_path))
    transport = ASGITransport(create_app(replace(exchange, keys=keys)), raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://huren.test") as client:
        yield Caller(client, keys, token_for(keys, Principal("admin", "test", ALL_SCOPES)))


def stated(**changed: Any) -> dict[str, Any]:
    whole = {
        "idempotencyKey": uuid4().hex,
        "certificate": "DEMO-TJ-PV-1",
        "destination": "CN-BJ",
        "purpose": "LABEL",
        "asOf": "2026-06-01T00:00:00Z",
    }
    return whole | changed


async def seal(caller: Caller, **changed: Any) -> Any:
    return (await ask(caller, SEAL, i=stated(**changed)))["sealDecision"]


async def replayed(caller: Caller, **which: str) -> Any:
    return (await ask(caller, REPLAY, **which))["replay"]


def payload(jws: str) -> bytes:
    part = jws.split(".")[1]
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


async def published(caller: Caller) -> dict[str, Mapping[str, Any]]:
    """Every published key by kid."""
    response = await caller.client.get(JWKS)
    assert response.status_code == 200
    return {key["kid"]: key for key in response.json()["keys"]}


async def test_a_seal_is_kept_and_holds_the_decision(home: Caller) -> None:
    done = await seal(home)
    sealed, decision = done["sealed"], done["decision"]
    assert done["repeated"] is False
    assert sealed["digest"] == sha256(payload(sealed["jws"])).hexdigest()
    document = json.loads(payload(sealed["jws"]))
    assert document["sealedAt"] == sealed["sealedAt"]
    assert document["question"] == {
        "certificate": "DEMO-TJ-PV-1",
        "destination": "CN-BJ",
        "purpose": "LABEL",
        "asOf": decision["asOf"],
        "knownAt": decision["knownAt"],
        "against": None,
    }
    assert document["standing"] == decision["standing"]["outcome"] == "CONVERTIBLE"
    assert document["value"]["value"] == decision["technical"]["value"]["value"]
    assert document["value"]["value"].startswith("545.26")
    assert [f["rule"] for f in document["findings"]] == [f["rule"] for f in decision["findings"]]
    assert document["comparison"] is None
    assert document["revision"] == decision["revision"]
    assert int(done["revision"]) == int(decision["revision"]) + 1
    assert (await ask(home, FIND, id=sealed["id"]))["sealedDecision"] == sealed


async def test_a_repeated_key_gives_the_very_same_seal(home: Caller) -> None:
    i = stated(asOf=None)
    first = (await ask(home, SEAL, i=i))["sealDecision"]
    home.keys.seals.rotate()
    again = (await ask(home, SEAL, i=i))["sealDecision"]
    assert again["repeated"] is True
    assert again["sealed"] == first["sealed"]
    assert again["decision"] == first["decision"] | {"revision": again["decision"]["revision"]}
    assert (again["revision"], again["recordedAt"]) == (first["revision"], first["recordedAt"])
    error = await failed(home, SEAL, i=i | {"purpose": "PROCUREMENT"})
    assert error["code"] == "CONFLICT"


async def test_many_at_once_under_one_key_are_one_seal(home: Caller) -> None:
    i = stated()
    answers = await asyncio.gather(*(ask(home, SEAL, i=i) for _ in range(5)))
    assert len({a["sealDecision"]["sealed"]["jws"] for a in answers}) == 1
    assert sorted(a["sealDecision"]["repeated"] for a in answers) == [False, True, True, True, True]


async def test_what_is_recorded_later_makes_no_difference(home: Caller) -> None:
    sealed = (await seal(home))["sealed"]
    before = json.loads(payload(sealed["jws"]))
    same = {
        "same": True,
        "differences": [],
        "causes": [],
        "decision": {"standing": {"outcome": "CONVERTIBLE"}},
    }
    assert await replayed(home, id=sealed["id"]) == same
    change = {"number": "DEMO-TJ-PV-1", "state": "SUSPENDED", "validFrom": "2026-05-01"}
    await ask(home, STATUS, i=change | {"idempotencyKey": uuid4().hex})
    try:
        assert (await ask(home, STANDING))["recognise"]["standing"]["outcome"] == "BLOCKED"
        known = before["question"]["knownAt"]
        assert (await ask(home, STANDING, k=known))["recognise"]["standing"]["outcome"] == "CONVERTIBLE"
        assert await replayed(home, id=sealed["id"]) == same
        assert await replayed(home, jws=sealed["jws"]) == same
        later = (await seal(home))["sealed"]
        assert json.loads(payload(later["jws"]))["standing"] == "BLOCKED"
    finally:
        change |= {"state": "VALID", "validFrom": "2026-05-02"}
        await ask(home, STATUS, i=change | {"idempotencyKey": uuid4().hex})


async def test_a_seal_changes_no_decision(home: Caller) -> None:
    asked = stated(asOf="2026-06-02T00:00:00Z")
    first = await seal(home, **asked)
    for purpose in ("LABEL", "LOAN_APPROVAL"):
        await seal(home, purpose=purpose)
    again = await seal(home, **asked | {"idempotencyKey": uuid4().hex})
    left, right = (json.loads(payload(each["sealed"]["jws"])) for each in (first, again))
    assert left["findings"] == right["findings"]
    assert left["value"] == right["value"]


async def test_a_difference_is_named_with_its_cause(home: Caller) -> None:
    sealed = (await seal(home))["sealed"]
    changed = parse(payload(sealed["jws"]))
    changed |= {
        "engine": "0.0.9",
        "standing": "EQUAL",
        "ruleEditions": changed["ruleEditions"] | {"R14": "0"},
    }
    with home.keys.seals.signing() as by:
        text = sign(canonical(changed), by.key, by.alg)
    found = await replayed(home, jws=text)
    assert found["same"] is False
    assert found["differences"] == [{"path": "/standing", "sealed": "EQUAL", "now": "CONVERTIBLE"}]
    engine, rule = found["causes"]
    assert (engine["what"], engine["sealed"]) == ("engine", "0.0.9")
    assert rule == {"what": "R14", "sealed": "0", "now": "1"}


async def test_a_comparison_is_sealed_and_replayed(home: Caller) -> None:
    sealed = (await seal(home, certificate="DEMO-CFP-PV-1", against="DEMO-TJ-PV-1"))["sealed"]
    document = json.loads(payload(sealed["jws"]))
    assert document["question"]["against"] == "DEMO-TJ-PV-1"
    [rule] = [f for f in document["findings"] if f["rule"] == "R28"]
    assert (rule["verdict"], rule["applies"]) == ("COMPARISON", True)
    assert document["comparison"]["against"] == "DEMO-TJ-PV-1"
    assert (await replayed(home, id=sealed["id"]))["same"] is True


async def test_the_key_set_is_public_and_verifies_offline(home: Caller, tmp_path: Path) -> None:
    body = await home.ask(SEAL, {"i": stated()})
    response = await home.client.get(JWKS)
    assert response.headers["content-type"] == "application/jwk-set+json"
    assert response.headers["cache-control"] == "public, max-age=300"
    assert all("d" not in key and key["use"] == "sig" for key in response.json()["keys"])
    text = jws_in(json.dumps(body).encode(), "answer")
    said = "\n".join(lines(check(text, read_published(response.content, "jwks"))))
    assert "CONVERTIBLE" in said
    assert "DEMO-TJ-PV-1" in said
    assert (await home.client.post(JWKS)).status_code == 405


async def test_a_rotation_in_the_middle(home: Caller) -> None:
    first = (await seal(home))["sealed"]
    new = home.keys.seals.rotate("ES256")
    keys = await published(home)
    retired = keys[first["kid"]]
    assert (retired["alg"], retired["exp"]) == ("Ed25519", keys[new.kid]["nbf"])
    assert "exp" not in keys[new.kid]
    second = (await seal(home))["sealed"]
    assert (first["kid"] == new.kid, second["kid"]) == (False, new.kid)
    found = read_published((await home.client.get(JWKS)).content, "jwks")
    for sealed in (first, second):
        assert check(sealed["jws"], found).key.kid == sealed["kid"]
        assert (await replayed(home, id=sealed["id"]))["same"] is True


async def test_no_seal_fails_while_keys_rotate(home: Caller) -> None:
    async def rotate() -> None:
        for _ in range(3):
            await asyncio.to_thread(home.keys.seals.rotate)

    *done, _ = await asyncio.gather(*(seal(home) for _ in range(6)), rotate())
    found = read_published((await home.client.get(JWKS)).content, "jwks")
    assert all(check(cast(Any, one)["sealed"]["jws"], found) for one in done)


async def test_homes_that_share_a_database_publish_the_union(
    home: Caller, demo: Caller, exchange: Exchange, tmp_path: Path
) -> None:
    sealed = (await seal(home))["sealed"]
    assert sealed["kid"] in await published(demo)
    assert (await replayed(demo, id=sealed["id"]))["same"] is True
    home.keys.seals.rotate()
    assert "exp" not in (await published(demo))[sealed["kid"]]
    await publish_keys(exchange.database, home.keys.seals)
    ours, theirs = await published(home), await published(demo)
    assert theirs[sealed["kid"]]["exp"] == ours[sealed["kid"]]["exp"]
    assert set(theirs) >= {key.kid for key in home.keys.seals.public()}
    before = await seals.keys(exchange.database)
    revision = await exchange.database.read("MATCH (r:Revision) RETURN r.value AS value")
    await publish_keys(exchange.database, home.keys.seals)
    assert await seals.keys(exchange.database) == before
    assert await exchange.database.read("MATCH (r:Revision) RETURN r.value AS value") == revision


async def test_who_may(home: Caller) -> None:
    sealed = (await seal(home))["sealed"]
    reader = home.minted("bank", QUERY_ADHOC, RECOGNITION_READ)
    sealer = home.minted("bank", QUERY_ADHOC, RECOGNITION_READ, DECISION_SEAL)
    blind = home.minted("bank", QUERY_ADHOC, DECISION_SEAL)
    assert "`decision:seal`" in (await failed(reader, SEAL, i=stated()))["message"]
    assert "`recognition:read`" in (await failed(blind, REPLAY, id=sealed["id"]))["message"]
    assert "`recognition:read`" in (await failed(blind, FIND, id=sealed["id"]))["message"]
    assert (await seal(sealer))["repeated"] is False
    assert (await replayed(reader, id=sealed["id"]))["same"] is True


async def test_what_cannot_be_sealed_or_replayed(home: Caller) -> None:
    sealed = (await seal(home))["sealed"]
    header, body, signature = sealed["jws"].split(".")
    cases: list[tuple[dict[str, str], str, str]] = [
        ({}, "BAD_USER_INPUT", "exactly one"),
        ({"id": sealed["id"], "jws": sealed["jws"]}, "BAD_USER_INPUT", "exactly one"),
        ({"id": "nothing"}, "NOT_FOUND", "no sealed decision"),
        ({"jws": ""}, "BAD_SEAL", "not a compact JWS"),
        ({"jws": f"{header}.{body[:40]}B{body[41:]}.{signature}"}, "BAD_SEAL", "signature does not hold"),
    ]
    for which, code, said in cases:
        error = await failed(home, REPLAY, **which)
        assert (error["code"], said in error["message"]) == (code, True), error
    assert (await failed(home, FIND, id=""))["code"] == "NOT_FOUND"
    assert (await failed(home, SEAL, i=stated(certificate="NO-SUCH")))["code"] == "NOT_FOUND"
    assert (await failed(home, SEAL, i=stated(destination="ATLANTIS")))["code"] == "NOT_FOUND"
    assert (await failed(home, SEAL, i=stated(knownAt="2999-01-01T00:00:00Z")))["code"] == "BAD_USER_INPUT"
    assert (await failed(home, SEAL, i=stated(idempotencyKey="")))["code"] == "BAD_USER_INPUT"


async def test_what_was_known_now_can_be_sealed(home: Caller, exchange: Exchange) -> None:
    """An instant after the last write is closed first; that must not wait for the seal's own write."""
    now = exchange.clock().isoformat()
    sealed = (await seal(home, knownAt=now))["sealed"]
    assert (await replayed(home, id=sealed["id"]))["same"] is True


async def test_a_key_file_that_cannot_be_used_is_no_secret(home: Caller) -> None:
    await seal(home)
    file = home.keys.seals.home / KEY_FILE
    file.chmod(0o644)
    response = await home.client.get(JWKS)
    assert response.status_code == 503
    assert str(file) not in response.text
    assert (await failed(home, SEAL, i=stated()))["code"] == "BAD_USER_INPUT"


async def test_no_database_is_503(bare: Any, keys: Keys) -> None:
    class Gone(Database):
        def __init__(self) -> None: ...

        async def read(self, *_: Any, **__: Any) -> Any:
            from huren.errors import Unavailable

            raise Unavailable("no", "否")

    exchange = Exchange(Gone(), cast(Any, None), cast(Any, None), cast(Any, None), keys, "admin")
    async with AsyncClient(transport=ASGITransport(create_app(exchange)), base_url="http://x") as client:
        response = await client.get(JWKS)
    assert response.status_code == 503
    assert response.headers["retry-after"] == "1"


async def test_every_request_of_the_page_runs(home: Caller, tmp_path: Path) -> None:
    """And its ten lines of Python verify what the requests made."""
    (first, given), (again, none) = requests("sealing.md")
    done = (await ask(home, first, **given))["sealDecision"]
    assert done["decision"]["technical"]["value"]["value"].startswith("545.26")
    assert none == {}
    assert (await ask(home, again, jws=done["sealed"]["jws"]))["replay"]["same"] is True
    [program] = re.findall(
        r"```python\n(.*?)```", (DOCS / "sealing.md").read_text(encoding="utf-8"), re.DOTALL
    )
    response = await home.client.get(JWKS)
    for name, text in (("p.py", program), ("d.jws", done["sealed"]["jws"]), ("jwks.json", response.text)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    command = [sys.executable, "p.py", "d.jws", "jwks.json"]
    ran = await asyncio.to_thread(subprocess.run, command, cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert done["sealed"]["sealedAt"] in ran.stdout
    wrong = done["sealed"]["jws"].replace(".", ".B", 1)
    (tmp_path / "d.jws").write_text(wrong, encoding="utf-8")
    ran = await asyncio.to_thread(subprocess.run, command, cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode != 0


def test_the_page_names_every_member_of_the_payload() -> None:
    from huren.mappings.decide import recognise
    from huren.mappings.sealing import QUESTION, Made, document
    from tests.mappings.conftest import world_of

    world = world_of({})
    decision = recognise(world.question, world.facts)
    found = document(decision, Made(1, "0.1.0", world.question.as_of))
    page = (DOCS / "sealing.md").read_text(encoding="utf-8").partition("## The payload")[2]
    names = {*found, *found["findings"][0], *(name for name, _, _ in QUESTION)}
    assert {name for name in names if f"`{name}`" not in page} == set()
