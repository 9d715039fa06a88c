"""Exports before the real service: asked by the owner, decided by the authority, seen by the next request."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.http.conftest import Caller
from tests.http.test_acceptance import ask, failed

ORGANISATION = "mutation($i: PutOrganisationInput!) { putOrganisation(input: $i) { organisation { code } } }"
PRODUCT = "mutation($i: RegisterProductInput!) { registerProduct(input: $i) { product { key } } }"
INVENTORY = "mutation($i: PutInventoryInput!) { putInventory(input: $i) { product { key } } }"
RELEASE = "mutation($i: PublishReleaseInput!) { publishRelease(input: $i) { release { release { id } } } }"
GRANT = "mutation($i: GrantAccessInput!) { grantAccess(input: $i) { grant { id } } }"
REQUEST = "mutation($i: RequestExportInput!) { requestExport(input: $i) { export { id state } repeated } }"
DECIDE = """mutation($i: DecideExportInput!) {
  decideExport(input: $i) { export { id state events { state org reason } } } }"""
WITHDRAW = "mutation($i: WithdrawExportInput!) { withdrawExport(input: $i) { export { state } } }"
SEEN = """query($p: ID!) { product(id: $p) {
  key release { value byStage { stage } illustrative } emissions { gas } } }"""
LISTED = """query($f: Int!, $a: String, $s: ExportState) {
  exportApprovals(first: $f, after: $a, state: $s) {
    nodes { id state } pageInfo { hasNextPage endCursor } } }"""


def key() -> str:
    return uuid4().hex


def ahead(days: int = 30) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


async def organisation(admin: Caller, id: str, country: str, region: str | None, *roles: str) -> Caller:
    i = {"idempotencyKey": key(), "id": id, "name": {"en": id}, "country": country, "region": region}
    await ask(admin, ORGANISATION, i={**i, "roles": list(roles)})
    scopes = [
        "product:read",
        "product:write",
        "footprint:read",
        "release:write",
        "reference:read",
        "query:adhoc",
    ]
    return admin.minted(id, *scopes, *(["export:approve"] if roles else []))


class World:
    """A steel works in Hebei, buyers at home and abroad, and authorities."""

    def __init__(self, admin: Caller) -> None:
        self.admin = admin

    async def build(self) -> World:
        self.works = await organisation(self.admin, "works", "CN", "CN-HE")
        self.buyer = await organisation(self.admin, "buyer", "DE", None)
        self.other = await organisation(self.admin, "other", "DE", None)
        self.home = await organisation(self.admin, "home", "CN", None)
        self.hebei = await organisation(self.admin, "hebei", "CN", "CN-HE", "PROVINCE")
        self.tianjin = await organisation(self.admin, "tianjin", "CN", "CN-TJ", "PROVINCE")
        self.ministry = await organisation(self.admin, "ministry", "CN", "CN", "MINISTRY")
        return self

    async def product(self, category: str | None = "steel", **release: Any) -> str:
        code = f"p{key()[:8]}"
        i = {"idempotencyKey": key(), "code": code, "name": {"en": code}, "declaredUnit": "kg"}
        found = await ask(self.works, PRODUCT, i={**i, "category": category, "region": "CN-HE"})
        product: str = found["registerProduct"]["product"]["key"]
        emissions = [{"gas": "CO2", "kg": "2", "stage": "PRODUCTION"}]
        i = {"idempotencyKey": key(), "product": product, "emissions": emissions, "unlinked": []}
        await ask(self.works, INVENTORY, i=i)
        i = {"idempotencyKey": key(), "product": product, "audience": ["*"], "byStage": True, **release}
        await ask(self.works, RELEASE, i=i)
        i = {"idempotencyKey": key(), "grantee": "*", "fields": ["RECIPE"], "products": [product]}
        await ask(self.works, GRANT, i=i)
        return product

    async def request(self, product: str, **terms: Any) -> str:
        i = {"idempotencyKey": key(), "product": product, "country": "DE", "fields": ["RECIPE"]}
        i |= {"until": ahead(), "reason": "the verifier asks for it", **terms}
        return str((await ask(self.works, REQUEST, i=i))["requestExport"]["export"]["id"])

    async def decide(self, by: Caller, id: str, approve: bool = True) -> Any:
        i = {"idempotencyKey": key(), "id": id, "approve": approve, "reason": "as the table says"}
        return (await ask(by, DECIDE, i=i))["decideExport"]["export"]

    async def recipe(self, viewer: Caller, product: str) -> bool:
        return (await ask(viewer, SEEN, p=product))["product"]["emissions"] is not None


@pytest.fixture(scope="module")
async def world(admin: Caller) -> World:
    return await World(admin).build()


async def test_only_the_total_of_steel_goes_to_germany(world: World) -> None:
    product = await world.product()
    abroad = (await ask(world.buyer, SEEN, p=product))["product"]
    number = {"value": "2.00", "byStage": [], "illustrative": True}
    assert abroad == {"key": product, "release": number, "emissions": None}
    home = (await ask(world.home, SEEN, p=product))["product"]
    assert home["release"] == {"value": "2.00", "byStage": [{"stage": "PRODUCTION"}], "illustrative": False}
    assert home["emissions"] == [{"gas": "CO2"}]


@pytest.mark.parametrize("category", [None, "weapons"])
async def test_a_class_that_no_sector_lists_stays_at_home(world: World, category: str | None) -> None:
    product = await world.product(category)
    abroad = (await ask(world.buyer, SEEN, p=product))["product"]
    assert abroad == {"key": product, "release": None, "emissions": None}


async def test_an_approval_and_its_withdrawal_are_seen_by_the_next_request(world: World) -> None:
    product = await world.product()
    id = await world.request(product, recipient="buyer")
    assert not await world.recipe(world.buyer, product)
    approved = await world.decide(world.hebei, id)
    assert approved["state"] == "APPROVED"
    assert approved["events"] == [{"state": "APPROVED", "org": "hebei", "reason": "as the table says"}]
    assert await world.recipe(world.buyer, product)
    assert not await world.recipe(world.other, product)
    i = {"idempotencyKey": key(), "id": id, "reason": "the contract ended"}
    assert (await ask(world.works, WITHDRAW, i=i))["withdrawExport"]["export"]["state"] == "WITHDRAWN"
    assert not await world.recipe(world.buyer, product)
    assert (await failed(world.hebei, DECIDE, i={**i, "idempotencyKey": key(), "approve": True}))[
        "code"
    ] == "CONFLICT"
    assert (await failed(world.works, WITHDRAW, i={**i, "idempotencyKey": key()}))["code"] == "CONFLICT"


async def test_who_may_decide(world: World) -> None:
    product = await world.product()
    id = await world.request(product)
    i = {"idempotencyKey": key(), "id": id, "approve": True, "reason": "yes"}
    assert (await failed(world.works, DECIDE, i=i))["code"] == "FORBIDDEN"
    assert (await failed(world.tianjin, DECIDE, i=i))["code"] == "NOT_FOUND"
    assert (await failed(world.admin, DECIDE, i=i))["code"] == "NOT_FOUND"
    approver = world.admin.minted("works", "export:approve", "product:read", "query:adhoc")
    assert (await failed(approver, DECIDE, i=i))["code"] == "FORBIDDEN"
    assert (await failed(world.hebei, DECIDE, i={**i, "reason": " "}))["code"] == "BAD_USER_INPUT"
    assert (await world.decide(world.ministry, id, False))["state"] == "REFUSED"
    assert (await failed(world.hebei, DECIDE, i={**i, "idempotencyKey": key()}))["code"] == "CONFLICT"
    assert not await world.recipe(world.buyer, product)


async def test_the_authority_may_end_what_it_approved(world: World) -> None:
    product = await world.product()
    id = await world.request(product)
    await world.decide(world.ministry, id)
    assert await world.recipe(world.other, product)
    i = {"idempotencyKey": key(), "id": id, "reason": "misused"}
    assert (await failed(world.tianjin, WITHDRAW, i=i))["code"] == "NOT_FOUND"
    assert (await failed(world.buyer, WITHDRAW, i=i))["code"] == "NOT_FOUND"
    await ask(world.hebei, WITHDRAW, i=i)
    assert not await world.recipe(world.other, product)


@pytest.mark.parametrize(
    "terms",
    [
        {"country": "CN"},
        {"country": "ZZ"},
        {"country": "Germany"},
        {"fields": []},
        {"fields": ["IDENTITY"]},
        {"until": "2020-01-01T00:00:00Z"},
        {"reason": " "},
        {"reason": "x" * 2001},
        {"recipient": "home"},
    ],
)
async def test_a_request_that_makes_no_sense_is_refused(world: World, terms: dict[str, Any]) -> None:
    i = {"idempotencyKey": key(), "product": await world.product(), "country": "DE", "fields": ["RECIPE"]}
    i |= {"until": ahead(), "reason": "why"}
    assert (await failed(world.works, REQUEST, i={**i, **terms}))["code"] == "BAD_USER_INPUT"


async def test_nobody_asks_for_another_s_product(world: World) -> None:
    i = {"idempotencyKey": key(), "product": await world.product(), "country": "DE", "fields": ["RECIPE"]}
    i |= {"until": ahead(), "reason": "why"}
    assert (await failed(world.home, REQUEST, i=i))["code"] == "NOT_FOUND"
    assert (await failed(world.admin, REQUEST, i=i))["code"] == "BAD_USER_INPUT"
    assert (await failed(world.works, REQUEST, i={**i, "recipient": "nobody"}))["code"] == "NOT_FOUND"


async def test_requests_are_listed_for_owner_and_authority_alone(world: World) -> None:
    ids = {await world.request(await world.product()) for _ in range(3)}
    await world.decide(world.hebei, min(ids))

    async def listed(caller: Caller, state: str | None = None) -> dict[str, str]:
        found: dict[str, str] = {}
        after = None
        while True:
            page = (await ask(caller, LISTED, f=2, a=after, s=state))["exportApprovals"]
            found |= {node["id"]: node["state"] for node in page["nodes"]}
            if not page["pageInfo"]["hasNextPage"]:
                return found
            after = page["pageInfo"]["endCursor"]

    for caller in (world.works, world.hebei, world.ministry):
        assert ids <= set(await listed(caller))
        assert ids & set(await listed(caller, "APPROVED")) == {min(ids)}
        assert ids & set(await listed(caller, "REQUESTED")) == ids - {min(ids)}
    for caller in (world.tianjin, world.buyer, world.home):
        assert not await listed(caller)


async def test_a_request_sent_twice_is_one(world: World) -> None:
    i = {"idempotencyKey": key(), "product": await world.product(), "country": "DE", "fields": ["RECIPE"]}
    i |= {"until": ahead(), "reason": "why"}
    first, again = [(await ask(world.works, REQUEST, i=i))["requestExport"] for _ in range(2)]
    assert first["export"]["id"] == again["export"]["id"]
    assert (first["repeated"], again["repeated"]) == (False, True)


async def test_the_table_can_be_read(world: World) -> None:
    found = await ask(world.works, "{ exportTable { id to sector fields effect why illustrative source } }")
    rows = {row["id"]: row for row in found["exportTable"]}
    assert rows["eu-metals-release"]["effect"] == "AGGREGATE"
    assert all(row["illustrative"] and row["why"] and row["source"] for row in rows.values())
