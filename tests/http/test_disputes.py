"""Disputes and reasons before the real service: a number in dispute is not shown; who may learn why."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from huren.auth.visibility import Viewer
from huren.graph import disputes, products
from huren.graph.database import Database
from huren.graph.revision import pin
from huren.resolvers.context import Exchange
from huren.resolvers.sight import sight
from tests.http.conftest import Caller
from tests.http.test_acceptance import ask, failed
from tests.http.test_exports import SEEN, World, key, organisation

OPEN = "mutation($i: OpenDisputeInput!) { openDispute(input: $i) { dispute { id openedBy closedAt } } }"
CLOSE = "mutation($i: CloseDisputeInput!) { closeDispute(input: $i) { dispute { outcome closedBy } } }"
LISTED = "query($p: ID!) { disputes(product: $p, first: 9) { id reason closedAt } }"
WHY = """query($p: ID!, $v: String!, $f: FieldClass, $u: Purpose) {
  access(product: $p, viewer: $v, field: $f, purpose: $u) {
    field effect illustrative grounds { code opens names zh: says(lang: ZH) en: says(lang: EN) } } }"""


@pytest.fixture(scope="module")
async def world(admin: Caller) -> World:
    return await World(admin).build()


@pytest.fixture(scope="module")
async def firm(admin: Caller, world: World) -> Caller:
    """The works, with what a firm may hold."""
    scopes = ("product:read", "release:write", "certificate:write", "query:adhoc")
    return admin.minted("works", *scopes)


async def number(viewer: Caller, product: str) -> Any:
    return ((await ask(viewer, SEEN, p=product))["product"]["release"] or {}).get("value")


async def test_a_dispute_freezes_the_number_for_others_until_it_ends(world: World, firm: Caller) -> None:
    product = await world.product()
    i = {"idempotencyKey": key(), "product": product, "reason": "the grid factor", "source": "case 7"}
    opened = (await ask(firm, OPEN, i=i))["openDispute"]["dispute"]
    assert (opened["openedBy"], opened["closedAt"]) == ("works", None)
    assert await number(world.home, product) is None
    assert await number(world.buyer, product) is None
    assert await number(world.ministry, product) == "2.00"
    rollup = "query($p: ID!) { rollUp(product: $p) { total { value } } }"
    assert (await failed(world.buyer, rollup, p=product))["code"] == "UNLINKED_INPUTS"
    end = {"idempotencyKey": key(), "id": opened["id"], "outcome": "settled"}
    assert (await failed(world.home, CLOSE, i=end))["code"] == "FORBIDDEN"
    stranger = world.admin.minted("home", "certificate:write", "product:read", "query:adhoc")
    assert (await failed(stranger, CLOSE, i=end))["code"] == "NOT_FOUND"
    closed = (await ask(firm, CLOSE, i=end))["closeDispute"]["dispute"]
    assert closed == {"outcome": "settled", "closedBy": "works"}
    assert await number(world.home, product) == "2.00"
    assert (await failed(firm, CLOSE, i={**end, "idempotencyKey": key()}))["code"] == "CONFLICT"
    [found] = (await ask(firm, LISTED, p=product))["disputes"]
    assert (found["reason"], found["closedAt"] is None) == ("the grid factor", False)


async def test_a_new_release_does_not_end_a_dispute(world: World, firm: Caller) -> None:
    product = await world.product()
    i = {"idempotencyKey": key(), "product": product, "reason": "the grid factor"}
    await ask(firm, OPEN, i=i)
    again = {"idempotencyKey": key(), "product": product, "audience": ["*"], "digits": 1}
    release = "mutation($i: PublishReleaseInput!) { publishRelease(input: $i) { revision } }"
    await ask(world.works, release, i=again)
    assert await number(world.home, product) is None


async def test_strangers_cannot_dispute_nor_learn_of_disputes(world: World, firm: Caller) -> None:
    product = await world.product()
    stranger = world.admin.minted("home", "certificate:write", "product:read", "query:adhoc")
    i = {"idempotencyKey": key(), "product": product, "reason": "I do not like it"}
    assert (await failed(stranger, OPEN, i=i))["code"] == "NOT_FOUND"
    assert (await failed(stranger, LISTED, p=product))["code"] == "NOT_FOUND"
    code = product.partition("/")[2]
    hidden = await failed(stranger, OPEN, i={**i, "product": code})
    absent = await failed(stranger, OPEN, i={**i, "product": f"{code}x", "idempotencyKey": key()})
    assert hidden["message"].replace(code, "") == absent["message"].replace(f"{code}x", "")
    assert (await failed(firm, OPEN, i={**i, "reason": " "}))["code"] == "BAD_USER_INPUT"


async def test_the_body_of_the_certificate_may_dispute_and_the_owner_cannot_end_that(
    world: World, firm: Caller, exchange: Exchange
) -> None:
    product = await world.product()
    body = await organisation(world.admin, "body-1", "CN", None, "BODY")
    register = "mutation($i: RegisterCertificateInput!) { registerCertificate(input: $i) { revision } }"
    facts = {"number": key(), "holder": "works", "scheme": "CN-CFP", "body": "body-1", "product": product}
    await ask(world.admin, register, i={"idempotencyKey": key(), "certificate": facts})
    certifier = body.minted("body-1", "certificate:write", "product:read", "query:adhoc")
    i = {"idempotencyKey": key(), "product": product, "reason": "the site was not visited"}
    opened = (await ask(certifier, OPEN, i=i))["openDispute"]["dispute"]
    assert await number(world.home, product) is None
    end = {"idempotencyKey": key(), "id": opened["id"], "outcome": "we say it is fine"}
    assert (await failed(firm, CLOSE, i=end))["code"] == "NOT_FOUND"
    assert (await ask(world.admin, CLOSE, i=end))["closeDispute"]["dispute"]["closedBy"] == "admin"
    assert await number(world.home, product) == "2.00"


async def test_the_owner_learns_why(world: World) -> None:
    product = await world.product()
    shown = {one["field"]: one for one in (await ask(world.works, WHY, p=product, v="buyer"))["access"]}
    assert {field: one["effect"] for field, one in shown.items()} == {
        "IDENTITY": "ALLOW",
        "RELEASE": "AGGREGATE",
        "QUALITY": "DENY",
        "SUPPLIERS": "DENY",
        "RECIPE": "DENY",
    }
    first, second = shown["RELEASE"]["grounds"]
    assert first == {
        "code": "export_aggregate",
        "opens": True,
        "names": "eu-metals-release",
        "zh": "出境规则只允许总量(eu-metals-release)(示例数据)",
        "en": "the export table lets only the total out (eu-metals-release) (illustrative)",
    }
    assert (second["code"], shown["RELEASE"]["illustrative"]) == ("public", True)
    assert shown["RECIPE"]["grounds"][0]["code"] == "approval_needed"
    id = await world.request(product)
    await world.decide(world.hebei, id)
    [one] = (await ask(world.works, WHY, p=product, v="buyer", f="RECIPE", u="LOAN_LIMIT"))["access"]
    assert (one["effect"], [g["code"] for g in one["grounds"]]) == ("ALLOW", ["granted", "approved"])
    assert one["grounds"][1]["names"] == id


async def test_what_is_explained_is_what_is_seen(world: World) -> None:
    product = await world.product()
    for viewer, caller in (("buyer", world.buyer), ("home", world.home), ("hebei", world.hebei)):
        found = {
            one["field"]: one["effect"]
            for one in (await ask(world.works, WHY, p=product, v=viewer))["access"]
        }
        seen = (await ask(caller, SEEN, p=product))["product"]
        assert (seen["emissions"] is not None) == (found["RECIPE"] == "ALLOW")
        assert (seen["release"] is not None) == (found["RELEASE"] != "DENY")
        assert bool(seen["release"] and seen["release"]["byStage"]) == (found["RELEASE"] == "ALLOW")


async def test_only_owner_and_auditor_learn_why_and_the_auditor_s_reading_is_logged(
    world: World, exchange: Exchange
) -> None:
    product = await world.product()
    refused = await failed(world.home, WHY, p=product, v="buyer")
    assert (refused["code"], "audit:read" in refused["message"]) == ("FORBIDDEN", True)
    assert (await failed(world.works, WHY, p=product, v="nobody"))["code"] == "NOT_FOUND"
    auditor = world.admin.minted("audit-office", "audit:read", "query:adhoc")
    before = await logged(exchange.database)
    [one] = (await ask(auditor, WHY, p=product, v="home", f="RELEASE"))["access"]
    assert one["effect"] == "ALLOW"
    assert await logged(exchange.database) == before + 1
    await ask(world.works, WHY, p=product, v="home", f="RELEASE")
    assert await logged(exchange.database) == before + 1


async def logged(database: Database) -> int:
    rows = await database.read(
        "MATCH (e:LogEntry) WHERE e.text CONTAINS 'access release' RETURN count(e) AS n"
    )
    return int(rows[0]["n"])


async def test_fields_that_look_side_by_side_all_hear_of_the_dispute(
    world: World, firm: Caller, exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of them waits for the answer whether there is a dispute; the other must not go on without it."""
    code = await world.product()
    i = {"idempotencyKey": key(), "product": code, "reason": "the grid factor", "source": "case 8"}
    await ask(firm, OPEN, i=i)
    at = await pin(exchange.database)
    product = await products.find(exchange.database, at, code)
    seen = await sight(exchange.database, at, Viewer("buyer"), None, exchange.clock())
    asking, asked, plain = asyncio.Event(), asyncio.Event(), disputes.disputed

    async def disputed(*given: Any) -> Any:
        if not asking.is_set():
            asking.set()
            await asked.wait()
        return await plain(*given)

    monkeypatch.setattr(disputes, "disputed", disputed)
    first = asyncio.create_task(seen.look_up([product]))
    await asking.wait()
    await seen.look_up([product])
    assert seen.release(product) is None
    asked.set()
    await first
    assert seen.release(product) is None
