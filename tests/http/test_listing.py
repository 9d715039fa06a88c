"""A list and a look-up are one: `products` holds a product if `node` and `product` show it to the viewer.

A world from a seed: firms in several regions and countries, authorities, banks and strangers; releases,
grants of every shape, ends and withdrawals, approvals of exports, disputes.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from httpx2 import ASGITransport, AsyncClient

from huren.app import create_app, exchange_over
from huren.auth.scopes import ALL_SCOPES
from huren.graph import imports
from huren.graph.connect import connect
from huren.graph.database import Address, Deadlines
from huren.graph.model.supply import Emission, Product, Recipe
from huren.graph.model.text import Text
from huren.resolvers.context import Exchange
from huren.schema.ids import to_id
from tests.http.conftest import Caller
from tests.http.test_acceptance import ask
from tests.http.test_access import GRANT, PUBLISH, PUT, TAKE_BACK, WITHDRAW
from tests.http.test_disputes import CLOSE, OPEN
from tests.http.test_exports import DECIDE, REQUEST
from tests.http.test_mutations import key

PAGE = """query($a: String, $f: ProductFilter) { products(first: 100, after: $a, filter: $f) {
  nodes { key } totalCount pageInfo { hasNextPage endCursor } } }"""
BATCH = 30
"""Aliases that one document may have."""
FIRMS = 12
PRODUCTS = 21
REGIONS = ("CN-HE", "CN-TJ", "CN-BJ", "110108", "110105", None)
CATEGORIES = ("steel", "battery", "pv_module", "weapons", None)
COUNTRIES = ("CN", "CN", "CN", "CN", "DE", "KR", None)
ROLES = (
    ("PROVINCE", "CN-HE"),
    ("PROVINCE", "CN-BJ"),
    ("PROVINCE", "CN-TJ"),
    ("DISTRICT", "110108"),
    ("DISTRICT", "110105"),
    ("MINISTRY", "CN"),
    ("AUDITOR", None),
    ("BANK", "CN-HE"),
    ("INSURER", None),
    ("PURCHASER", "CN-BJ"),
    ("CHAIN_LEADER", None),
    ("BODY", "CN-TJ"),
    ("PACT_PARTNER", None),
    ("PUBLIC", None),
)
FIELDS = ("IDENTITY", "RELEASE", "QUALITY", "SUPPLIERS", "RECIPE")
PURPOSES = ("CHAIN_INPUT", "PROCUREMENT", "LOAN_PRICING")


@dataclass
class World:
    """Who looks, and what there is to be seen."""

    admin: Caller
    exchange: Exchange
    random: Random
    firms: list[str] = field(default_factory=list)
    viewers: list[Caller] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    async def build(self) -> World:
        """Seats first, then products, then what opens and closes them."""
        for n in range(FIRMS + 14):
            name, country = f"firm-{n:02}", self.random.choice(COUNTRIES)
            await self.seat(name, country, self.random.choice(REGIONS) if country == "CN" else None)
            if n < FIRMS:
                self.firms.append(name)
                await self.fill(name)
        for n, (role, region) in enumerate(ROLES):
            await self.seat(f"seat-{n:02}", "CN", region, role)
        self.viewers += [
            self.admin.minted("nobody-here", *(ALL_SCOPES - {"exchange:administer"})),
            self.admin,
        ]
        for firm in self.firms:
            await self.opened(firm)
        return self

    async def seat(self, name: str, country: str | None, region: str | None, *roles: str) -> None:
        """An organisation, and its eyes."""
        facts = {"country": country, "region": region, "roles": list(roles)}
        await ask(self.admin, PUT, i={"idempotencyKey": key(), "id": name, "name": {"en": name}, **facts})
        self.viewers.append(self.admin.minted(name, *(ALL_SCOPES - {"exchange:administer"})))

    async def fill(self, firm: str) -> None:
        """Its products, in one import."""
        recipe = Recipe(emissions=(Emission("CO2", 2.0),))
        made = [
            Product(firm, f"p{n:02}", Text(en=f"p{n}"), "kg", self.pick(CATEGORIES), self.pick(REGIONS))
            for n in range(PRODUCTS)
        ]
        items = {product.key: (product, recipe) for product in made}

        async def recheck(_: int) -> None: ...

        job = imports.Import(firm, "test", "package", items, {firm: None})
        await imports.load(self.exchange.database, job, recheck)
        self.keys += items

    def pick(self, among: Sequence[Any]) -> Any:
        return self.random.choice(among)

    def someone(self) -> list[str]:
        """An audience."""
        names = [f"firm-{n:02}" for n in range(FIRMS + 14)] + [f"seat-{n:02}" for n in range(len(ROLES))]
        return ["*"] if self.random.random() < 0.3 else self.random.sample(names, self.pick((1, 1, 2, 4)))

    async def opened(self, firm: str) -> None:
        """What one firm does about its products."""
        owner = self.admin.minted(firm, *(ALL_SCOPES - {"exchange:administer"}))
        for code in self.random.sample([f"p{n:02}" for n in range(PRODUCTS)], 6):
            terms = {"product": code, "audience": self.someone(), "validUntil": self.pick((None, ahead(9)))}
            made = await self.do(owner, PUBLISH, **terms)
            if self.random.random() < 0.25:
                await self.do(owner, WITHDRAW, id=made["release"]["release"]["id"])
            elif self.random.random() < 0.3:
                await self.dispute(owner, code)
        for _ in range(4):
            await self.granted(owner)
        await self.exported(owner)

    async def granted(self, owner: Caller) -> None:
        """A grant: of all products or of some, whole or in part, for ever or not, perhaps taken back."""
        terms = {
            "grantee": self.pick(self.someone()),
            "fields": self.random.sample(FIELDS, self.pick((1, 2, 5))),
            "products": self.random.sample([f"p{n:02}" for n in range(PRODUCTS)], self.pick((0, 1, 3, 3, 3))),
            "purposes": self.random.sample(PURPOSES, self.pick((0, 1, 2))),
            "since": self.pick((None, None, ahead(1))),
            "until": self.pick((None, ahead(30))),
        }
        made = await self.do(owner, GRANT, **terms)
        if self.random.random() < 0.25:
            await self.do(owner, TAKE_BACK, id=made["grant"]["id"])

    async def dispute(self, owner: Caller, product: str) -> None:
        """A dispute, half of them over."""
        opened = await self.do(owner, OPEN, product=product, reason="the grid factor")
        if self.random.random() < 0.5:
            await self.do(owner, CLOSE, id=opened["dispute"]["id"], outcome="settled")

    async def exported(self, owner: Caller) -> None:
        """An approval of an export asked for, half of them given."""
        terms = {
            "product": self.pick([f"p{n:02}" for n in range(PRODUCTS)]),
            "country": self.pick(("DE", "KR")),
        }
        whole = {**terms, "fields": ["RECIPE", "RELEASE"], "until": ahead(20), "reason": "a verifier asks"}
        asked = await owner.ask(REQUEST, {"i": {"idempotencyKey": key(), **whole}})
        if "errors" not in asked and self.random.random() < 0.5:
            ministry = self.admin.minted("seat-05", *(ALL_SCOPES - {"exchange:administer"}))
            id = asked["data"]["requestExport"]["export"]["id"]
            await self.do(ministry, DECIDE, id=id, approve=True, reason="as the table says")

    async def do(self, caller: Caller, mutation: str, **terms: Any) -> Any:
        """The payload of a write."""
        data = await ask(caller, mutation, i={"idempotencyKey": key(), **terms})
        [payload] = data.values()
        return payload


def ahead(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


@pytest.fixture(scope="module")
async def world(address: Address, exchange: Exchange, admin: Caller) -> AsyncIterator[World]:
    """The world before a patient application: a busy machine is no failure."""
    async with connect(address, Deadlines(60.0, 50.0)) as database:
        patient = exchange_over(database, exchange.keys, deadline=60.0)
        transport = ASGITransport(create_app(patient), raise_app_exceptions=False)
        async with AsyncClient(transport=transport, base_url="http://huren.test") as client:
            yield await World(replace(admin, client=client), patient, Random(5)).build()


async def listed(viewer: Caller, where: Any = None) -> tuple[list[str], int]:
    """Every key that the list holds, over its pages, and the count that it states."""
    found: list[str] = []
    after, counts = None, set[int]()
    while True:
        page = (await ask(viewer, PAGE, a=after, f=where))["products"]
        found += [node["key"] for node in page["nodes"]]
        counts.add(page["totalCount"])
        if not page["pageInfo"]["hasNextPage"]:
            [count] = counts
            return found, count
        after = page["pageInfo"]["endCursor"]


async def shown(viewer: Caller, keys: Sequence[str]) -> set[str]:
    """Those of ``keys`` that are shown one by one: by Relay id and by key in turn."""
    asked = []
    for n, product in enumerate(keys):
        id = to_id("Product", product) if n % 2 else product
        field = (
            f'node(id: "{id}") {{ ... on Product {{ key }} }}'
            if n % 4 < 2
            else f'product(id: "{id}") {{ key }}'
        )
        asked.append(f"a{n}: {field}")
    body = await viewer.ask("{" + " ".join(asked) + "}")
    codes = {error["extensions"]["code"] for error in body.get("errors", ())}
    assert codes <= {"NOT_FOUND"}, codes
    return {row["key"] for row in body["data"].values() if row}


async def test_what_is_listed_is_what_is_shown(world: World) -> None:
    pairs = opened = partial = 0
    for viewer in world.viewers:
        keys, count = await listed(viewer)
        assert len(keys) == len(set(keys)) == count
        found: set[str] = set()
        for at in range(0, len(world.keys), BATCH):
            found |= await shown(viewer, world.keys[at : at + BATCH])
        assert set(keys) == found
        pairs, opened = pairs + len(world.keys), opened + len(found)
        partial += 0 < len(found) < len(world.keys)
    assert pairs >= 10_000
    assert pairs / 20 < opened < pairs / 2, "the world hides or opens too much to tell anything"
    assert partial >= 30


@pytest.mark.parametrize(
    "where", [{"category": "steel"}, {"region": "CN-BJ"}, {"owner": "firm-03"}, {"text": "p1"}]
)
async def test_a_filter_takes_from_the_list_and_adds_nothing(world: World, where: dict[str, str]) -> None:
    for viewer in world.viewers[::3]:
        whole, _ = await listed(viewer)
        part, count = await listed(viewer, where)
        assert len(part) == count
        assert set(part) <= set(whole)
        assert part == sorted(part)
    assert part
    assert len(part) < len(whole)
