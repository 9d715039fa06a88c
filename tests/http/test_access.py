"""Releases, grants and roles over HTTP: what each viewer sees of a supplier's product, and when it ends."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from huren.auth.scopes import MEMBER_SCOPES
from huren.resolvers.context import Exchange
from tests.http.conftest import Caller
from tests.http.test_acceptance import ask, failed
from tests.http.test_mutations import emit, key, need, register

PRODUCT = """query($p: ID!) { product(id: $p) { key supplierKeys declaredUnit site
  dataQuality { technological } inputs { amount supplierKey } emissions { kg } unlinkedStated
  declared { value }
  release { id value gwpSet digits byStage { stage value } } } }"""
ROLL_UP = """query($p: ID!, $partial: Boolean = false) {
 rollUp(product: $p, gwp: AR5, allowPartial: $partial) {
  total { value } contributions(first: 9) { key value product { key } } inputs { key value supplier { key } }
  declaredUsed coverage { complete unknownProducts } } }"""
LIST = "{ products(first: 100) { nodes { key } totalCount } }"
PUBLISH = """mutation($i: PublishReleaseInput!) { publishRelease(input: $i) {
  release { product audience withdrawnAt release { id value byStage { stage value } } } repeated } }"""
WITHDRAW = "mutation($i: WithdrawInput!) { withdrawRelease(input: $i) { release { withdrawnAt } repeated } }"
GRANT = """mutation($i: GrantAccessInput!) { grantAccess(input: $i) {
  grant { id grantor grantee fields purposes products until } repeated } }"""
TAKE_BACK = "mutation($i: WithdrawInput!) { withdrawGrant(input: $i) { grant { withdrawnAt } } }"
PUT = """mutation($i: PutOrganisationInput!) { putOrganisation(input: $i) {
  organisation { code country roles } } }"""


@dataclass
class Chain:
    """b's car needs 2 kg of s's steel, which emits 0.5 kg CO2 and needs 3 kg of t's ore at 0.1234567 kg."""

    admin: Caller
    b: Caller
    s: Caller
    t: Caller
    names: dict[str, str]

    @property
    def steel(self) -> str:
        """The key of the steel."""
        return f"{self.names['s']}/steel"

    async def release(self, caller: Caller, product: str, *audience: str, **terms: Any) -> Any:
        """What `publishRelease` answers."""
        whole = {
            "idempotencyKey": key(),
            "product": product,
            "audience": list(audience),
            "gwp": "AR5",
            **terms,
        }
        return (await ask(caller, PUBLISH, i=whole))["publishRelease"]["release"]


async def refused(caller: Caller, query: str, **variables: Any) -> str:
    """The code of the one error."""
    return str((await failed(caller, query, **variables))["code"])


async def seat(admin: Caller, name: str, **facts: Any) -> None:
    whole = {"idempotencyKey": key(), "id": name, "name": {"en": name}, "country": "CN", **facts}
    await ask(admin, PUT, i=whole)


@pytest.fixture
async def chain(admin: Caller) -> Chain:
    names = {part: f"{part}-{key()[:8]}" for part in "bst"}
    for name in names.values():
        await seat(admin, name)
    b, s, t = (admin.minted(names[part], *MEMBER_SCOPES) for part in "bst")
    found = Chain(admin, b, s, t, names)
    await register(t, "ore")
    await emit(t, "ore", "0.1234567")
    await found.release(t, "ore", names["s"], digits=6)
    await register(s, "steel", site="north", dqrTech="2", region="CN-HE")
    await emit(s, "steel", "0.5")
    await need(s, "steel", {"supplier": f"{names['t']}/ore", "amount": "3", "stage": "RAW_MATERIAL"})
    await register(b, "car", "piece")
    await emit(b, "car", "1")
    return found


async def total(caller: Caller, product: str, **rest: Any) -> str:
    return str((await ask(caller, ROLL_UP, p=product, **rest))["rollUp"]["total"]["value"])


async def test_a_supplier_is_the_number_it_released(chain: Chain) -> None:
    assert await total(chain.s, "steel") == "0.870371"  # 0.5 + 3 × 0.123457, the ore as released
    assert await refused(chain.b, PRODUCT, p=chain.steel) == "NOT_FOUND"
    made = await chain.release(chain.s, "steel", chain.names["b"])
    assert made["release"]["value"] == "0.870"
    seen = (await ask(chain.b, PRODUCT, p=chain.steel))["product"]
    assert seen["release"] == {
        "id": made["release"]["id"], "value": "0.870", "gwpSet": "AR5", "digits": 3, "byStage": [],
    }  # fmt: skip
    assert [seen[name] for name in ("inputs", "emissions", "unlinkedStated", "declared", "supplierKeys")] == (
        [None] * 5
    )
    assert (seen["site"], seen["dataQuality"]) == ("north", {"technological": "2"})
    await need(chain.b, "car", {"supplier": chain.steel, "amount": "2"})
    answer = (await ask(chain.b, ROLL_UP, p="car"))["rollUp"]
    assert answer["total"]["value"] == "2.74"  # 1 + 2 × 0.870
    assert answer["declaredUsed"] == [chain.steel]
    assert [part["key"] for part in answer["contributions"]] == [chain.steel, f"{chain.names['b']}/car"]
    assert await total(chain.admin, f"{chain.names['b']}/car") == "2.7407402000000003"  # live


async def test_what_is_released_later_or_changed_is_not_seen_before(chain: Chain) -> None:
    await chain.release(chain.s, "steel", chain.names["b"])
    await need(chain.b, "car", {"supplier": chain.steel, "amount": "2"})
    await emit(chain.s, "steel", "5")
    assert await total(chain.b, "car") == "2.74"
    await chain.release(chain.s, "steel", chain.names["t"])
    assert await total(chain.b, "car") == "2.74"
    again = await chain.release(chain.s, "steel", chain.names["b"], byStage=True)
    assert again["release"]["byStage"] == [
        {"stage": "RAW_MATERIAL", "value": "0.370"}, {"stage": "PRODUCTION", "value": "5.00"},
    ]  # fmt: skip
    assert await total(chain.b, "car") == "11.74"  # 1 + 2 × 5.370


async def test_a_withdrawn_release_is_gone_with_the_next_request(chain: Chain) -> None:
    made = await chain.release(chain.s, "steel", chain.names["b"])
    await need(chain.b, "car", {"supplier": chain.steel, "amount": "2"})
    i = {"idempotencyKey": key(), "id": made["release"]["id"]}
    assert await refused(chain.b, WITHDRAW, i=i) == "NOT_FOUND"
    assert (await ask(chain.s, WITHDRAW, i=i))["withdrawRelease"]["release"]["withdrawnAt"]
    assert await refused(chain.b, ROLL_UP, p="car") == "UNLINKED_INPUTS"
    answer = (await ask(chain.b, ROLL_UP, p="car", partial=True))["rollUp"]
    assert answer["coverage"] == {"complete": False, "unknownProducts": [chain.steel]}
    named = {part["key"]: part["supplier"] for part in answer["inputs"]}
    assert named == {chain.steel: None}
    assert await refused(chain.b, PRODUCT, p=chain.steel) == "NOT_FOUND"
    assert await refused(chain.s, WITHDRAW, i={**i, "idempotencyKey": key()}) == "CONFLICT"


async def test_a_release_for_all_is_in_everyones_list(chain: Chain) -> None:
    keys = {node["key"] for node in (await ask(chain.b, LIST))["products"]["nodes"]}
    assert keys == {f"{chain.names['b']}/car"}
    await chain.release(chain.s, "steel", "*")
    listed = (await ask(chain.b, LIST))["products"]
    assert {node["key"] for node in listed["nodes"]} >= {f"{chain.names['b']}/car", chain.steel}
    assert listed["totalCount"] == len(listed["nodes"])


async def test_a_grant_opens_its_fields_for_its_purposes(chain: Chain) -> None:
    i = {
        "idempotencyKey": key(), "grantee": chain.names["b"], "fields": ["SUPPLIERS", "RECIPE"],
        "purposes": ["CHAIN_INPUT"], "products": ["steel"],
    }  # fmt: skip
    made = (await ask(chain.s, GRANT, i=i))["grantAccess"]["grant"]
    assert made["products"] == [chain.steel]
    without = (await ask(chain.b, PRODUCT, p=chain.steel))["product"]
    assert (without["inputs"], without["supplierKeys"], without["site"]) == (None, None, None)
    sent = {"huren_purpose": "CHAIN_INPUT"}
    body = {"query": PRODUCT, "variables": {"p": chain.steel}}
    seen = (await chain.b.send(json.dumps(body).encode(), **sent)).json()["data"]["product"]
    ore = f"{chain.names['t']}/ore"
    assert (seen["inputs"], seen["supplierKeys"]) == ([{"amount": "3", "supplierKey": ore}], [ore])
    back = {"idempotencyKey": key(), "id": made["id"]}
    assert (await ask(chain.s, TAKE_BACK, i=back))["withdrawGrant"]["grant"]["withdrawnAt"]
    assert await refused(chain.b, PRODUCT, p=chain.steel) == "NOT_FOUND"


async def test_a_province_sees_what_is_made_in_it_but_no_recipe(chain: Chain) -> None:
    await chain.release(chain.s, "steel", chain.names["b"])
    name = f"province-{key()[:8]}"
    await seat(chain.admin, name, region="CN-HE", roles=["PROVINCE"])
    seen = (await ask(chain.admin.minted(name, *MEMBER_SCOPES), PRODUCT, p=chain.steel))["product"]
    assert (seen["release"]["value"], seen["inputs"]) == ("0.870", None)
    await seat(chain.admin, name, region="CN-TJ", roles=["PROVINCE"])
    assert (await failed(chain.admin.minted(name, *MEMBER_SCOPES), PRODUCT, p=chain.steel))[
        "code"
    ] == "NOT_FOUND"


async def test_abroad_nothing_but_names_is_seen_without_a_row_that_lets_it_out(chain: Chain) -> None:
    await seat(chain.admin, chain.names["b"], country="DE")
    await chain.release(chain.s, "steel", chain.names["b"])
    seen = (await ask(chain.b, PRODUCT, p=chain.steel))["product"]
    assert (seen["key"], seen["release"], seen["site"]) == (chain.steel, None, None)


async def test_a_loop_through_a_hidden_recipe_tells_its_maker_nothing(chain: Chain) -> None:
    await chain.release(chain.s, "steel", chain.names["b"])
    await need(chain.b, "car", {"supplier": chain.steel, "amount": "2"})
    await chain.release(chain.b, "car", chain.names["s"])
    car = f"{chain.names['b']}/car"
    await need(chain.s, "steel", {"supplier": car, "amount": "2"})  # steel needs itself four times over
    assert await total(chain.s, "steel") == "5.98"  # 0.5 + 2 × 2.74
    assert await total(chain.b, "car") == "2.74"
    assert await refused(chain.admin, ROLL_UP, p=car) == "CONSUMING_LOOP"


@pytest.mark.parametrize(
    ("terms", "says"),
    [
        ({"digits": 0}, "digits"),
        ({"digits": 16}, "digits"),
        ({"audience": []}, "meant for"),
        ({"audience": ["*", "b"]}, "meant for"),
        ({"audience": ["nobody-there"]}, "no organisation"),
        ({"toGrave": True}, "stages"),
        ({"validUntil": "2020-01-01T00:00:00Z"}, "passed"),
    ],
)
async def test_what_cannot_be_released_is_refused(chain: Chain, terms: dict[str, Any], says: str) -> None:
    whole = {"idempotencyKey": key(), "product": "steel", "audience": ["*"], **terms}
    error = (await chain.s.ask(PUBLISH, {"i": whole}))["errors"][0]
    assert says in error["message"]
    assert error["extensions"]["messageZh"]


@pytest.mark.parametrize(
    "terms",
    [
        {"fields": []},
        {"grantee": "nobody-there"},
        {"until": "2020-01-01T00:00:00Z"},
        {"products": ["nothing"]},
    ],
)
async def test_what_cannot_be_granted_is_refused(chain: Chain, terms: dict[str, Any]) -> None:
    whole = {"idempotencyKey": key(), "grantee": chain.names["b"], "fields": ["RECIPE"], **terms}
    assert await refused(chain.s, GRANT, i=whole) in ("BAD_USER_INPUT", "NOT_FOUND")
    assert (await chain.s.ask(GRANT, {"i": {**whole, "grantee": chain.names["s"]}}))["errors"]


async def test_others_products_cannot_be_stated_released_or_granted(chain: Chain) -> None:
    await chain.release(chain.s, "steel", chain.names["b"])
    whole = {"idempotencyKey": key(), "product": chain.steel, "audience": ["*"]}
    assert await refused(chain.b, PUBLISH, i=whole) == "NOT_FOUND"
    inputs = {"idempotencyKey": key(), "product": chain.steel, "inputs": []}
    stating = "mutation($i: PutInputsInput!) { putInputs(input: $i) { revision } }"
    assert await refused(chain.b, stating, i=inputs) == "NOT_FOUND"
    granting = {
        "idempotencyKey": key(),
        "grantee": chain.names["t"],
        "fields": ["RECIPE"],
        "products": [chain.steel],
    }
    assert await refused(chain.b, GRANT, i=granting) == "NOT_FOUND"


async def test_an_unknown_purpose_is_a_bad_request(chain: Chain) -> None:
    response = await chain.b.send(b'{"query": "{ __typename }"}', huren_purpose="anything")
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")


async def test_roles_are_given_by_the_administrator_alone(chain: Chain) -> None:
    whole = {"idempotencyKey": key(), "id": chain.names["b"], "name": {"en": "b"}, "roles": ["AUDITOR"]}
    assert await refused(chain.b, PUT, i=whole) == "FORBIDDEN"
    assert (await failed(chain.admin, PUT, i={**whole, "roles": ["ADMINISTRATOR"]}))[
        "code"
    ] == "BAD_USER_INPUT"
    assert await refused(chain.admin, PUT, i={**whole, "roles": ["PROVINCE"]}) == "BAD_USER_INPUT"
    assert await refused(chain.admin, PUT, i={**whole, "country": "China"}) == "BAD_USER_INPUT"


async def reads(exchange: Exchange, owner: str) -> list[tuple[str, ...]]:
    """Who read what of ``owner``'s on which ground, as the log has it."""
    found = "MATCH (e:LogEntry {owner: $owner}) RETURN e.text AS text ORDER BY e.position"
    entries = [json.loads(row["text"]) for row in await exchange.database.read(found, owner=owner)]
    read = [entry for entry in entries if entry["action"] == "read"]
    return [(e["org"], e["subject"], e["field"], e["ground"]) for e in read]


async def test_what_is_read_of_others_is_on_record(chain: Chain, exchange: Exchange) -> None:
    """Who read, what, on which ground: before the answer. One's own and what is public leave no trace."""
    await chain.release(chain.s, "steel", chain.names["b"])
    await ask(chain.s, PRODUCT, p="steel")
    assert await reads(exchange, chain.names["s"]) == []
    await ask(chain.b, PRODUCT, p=chain.steel)
    b, steel = chain.names["b"], chain.steel
    found = await reads(exchange, chain.names["s"])
    assert sorted(found) == [(b, steel, "quality", "released"), (b, steel, "release", "released")]
    await chain.release(chain.s, "steel", "*")
    await ask(chain.t, PRODUCT, p=chain.steel)
    assert await reads(exchange, chain.names["s"]) == found
    await ask(chain.admin, ROLL_UP, p=chain.steel)
    assert (await reads(exchange, chain.names["s"]))[2:] == [("admin", steel, "recipe", "administrator")]
