"""Statements over HTTP: they take effect once, for good, and a wrong one not at all."""

from __future__ import annotations

import asyncio
from math import isclose
from typing import Any
from uuid import uuid4

import pytest

from huren.auth.scopes import MEMBER_SCOPES
from huren.resolvers.context import Exchange
from tests.http.conftest import Caller
from tests.http.test_acceptance import ask, failed

REGISTER = """mutation($i: RegisterProductInput!) { registerProduct(input: $i) {
  product { id key code name(lang: EN) declaredUnit category region { id } periodStart
    dataQuality { technological } unverified owner { code } } revision recordedAt repeated } }"""
INPUTS = """mutation($i: PutInputsInput!) { putInputs(input: $i) {
  product { key inputs { amount stage supplier { code } provenance { dataKind source gsd } } }
  revision repeated } }"""
INVENTORY = """mutation($i: PutInventoryInput!) { putInventory(input: $i) {
  product { key emissions { gas origin stage kg gwpSet } unlinked { flow amount unit } unlinkedStated
    declared { value gwpSet toGrave byStage { stage value } } } revision repeated } }"""
HOLDER = "91110000600037341L"
CERTIFY = """mutation($i: RegisterCertificateInput!) { registerCertificate(input: $i) {
  certificate { id number value unit events { state validFrom } product { code } facts {
    stages breakdown { stage value } gases { gas kg origin } codes { system code } offsets { kg }
    electricity { kwh method factor { value family } } assurance { party level onSite }
    allocation { method results { name value } } marks { number shown } } } revision repeated } }"""
STATUS = """mutation($i: RecordCertificateStatusInput!) { recordCertificateStatus(input: $i) {
  certificate { number events { state validFrom reason } } revision repeated } }"""
TOTAL = """query($p: ID!, $a: Boolean! = false) { rollUp(product: $p, gwp: AR5, allowPartial: $a) {
  total { value } revision coverage { complete } } }"""


def key() -> str:
    return uuid4().hex


async def register(caller: Caller, code: str, unit: str = "kg", **rest: Any) -> Any:
    i = {"idempotencyKey": key(), "code": code, "name": {"en": code}, "declaredUnit": unit, **rest}
    return (await ask(caller, REGISTER, i=i))["registerProduct"]


async def emit(caller: Caller, product: str, kg: str) -> None:
    row = {"gas": "CO2", "kg": kg, "origin": "FOSSIL"}
    await ask(caller, INVENTORY, i={"idempotencyKey": key(), "product": product, "emissions": [row]})


async def need(caller: Caller, product: str, *inputs: dict[str, Any]) -> Any:
    i = {"idempotencyKey": key(), "product": product, "inputs": list(inputs)}
    return (await ask(caller, INPUTS, i=i))["putInputs"]


async def revision(exchange: Exchange) -> int:
    rows = await exchange.database.read("MATCH (r:Revision) RETURN r.value AS value")
    return int(rows[0]["value"])


@pytest.fixture
def acme(admin: Caller) -> Caller:
    """An organisation of its own for each test."""
    return admin.minted(f"org-{key()[:8]}", *MEMBER_SCOPES)


@pytest.fixture
def firm(admin: Caller) -> Caller:
    """The holder of the certificates below."""
    return admin.minted(HOLDER, *MEMBER_SCOPES)


async def test_a_chain_stated_from_scratch(acme: Caller) -> None:
    facts = {"category": "steel", "region": "110108", "periodStart": "2025-01-01", "dqrTech": "1.5"}
    made = await register(acme, "car", "piece", unverified=True, **facts)
    assert made["product"]["region"] == {"id": "110108"}
    assert made["product"]["dataQuality"] == {"technological": "1.5"}
    assert made["product"]["unverified"] is True
    assert made["product"]["key"] == f"{made['product']['owner']['code']}/car"
    assert made["repeated"] is False
    await register(acme, "steel", "kg")
    await register(acme, "power", "kWh")
    answer = await need(
        acme, "car", {"supplier": "steel", "amount": "0.9", "unit": "t", "stage": "RAW_MATERIAL"}
    )
    assert answer["product"]["inputs"][0]["amount"] == "900"
    provenance = {"dataKind": "primary", "source": "meter", "gsd": "1.1"}
    await need(
        acme, "steel", {"supplier": "power", "amount": "7.2e0", "unit": "MJ", "provenance": provenance}
    )
    assert (await failed(acme, TOTAL, p="car"))["code"] == "UNLINKED_INPUTS"
    await emit(acme, "power", "0.5")
    await emit(acme, "car", "100")
    answer = (await ask(acme, TOTAL, p="car"))["rollUp"]
    assert isclose(float(answer["total"]["value"]), 100 + 900 * 2 * 0.5, rel_tol=1e-12)
    assert answer["coverage"]["complete"] is True


async def test_unlinked_inputs_and_declared_totals(acme: Caller) -> None:
    await register(acme, "pump", "piece")
    declared = {"value": "120.5", "gwpSet": "AR5", "byStage": [{"stage": "PRODUCTION", "value": "120.5"}]}
    i = {
        "idempotencyKey": key(),
        "product": "pump",
        "emissions": [{"gas": "ch4", "kg": "-1e-3", "origin": "BIOGENIC", "stage": "PRODUCTION"}],
        "unlinked": [{"flow": "rubber seal", "amount": "2", "unit": "piece"}],
        "declared": declared,
    }
    answer = (await ask(acme, INVENTORY, i=i))["putInventory"]["product"]
    assert answer["emissions"] == [
        {"gas": "ch4", "origin": "BIOGENIC", "stage": "PRODUCTION", "kg": "-0.001", "gwpSet": None}
    ]
    assert answer["unlinked"] == [{"flow": "rubber seal", "amount": "2", "unit": "piece"}]
    assert answer["declared"]["byStage"] == [{"stage": "PRODUCTION", "value": "120.5"}]
    asked = """{ m: rollUp(product: "pump", allowPartial: true) { coverage { unlinkedCount } total { value } }
      d: rollUp(product: "pump", prefer: DECLARED) { total { value } declaredUsed } }"""
    data = await ask(acme, asked)
    assert data["m"]["coverage"]["unlinkedCount"] == 1
    assert data["d"]["total"]["value"] == "120.5"


async def test_unlinked_inputs_left_out_are_not_stated(acme: Caller) -> None:
    await register(acme, "pump", "piece")
    for stated in (None, []):
        i = {"idempotencyKey": key(), "product": "pump", "emissions": [], "unlinked": stated}
        answer = (await ask(acme, INVENTORY, i=i))["putInventory"]["product"]
        assert answer["unlinkedStated"] is (stated is not None)


@pytest.mark.parametrize(
    "declared",
    [
        {"value": "10", "toGrave": True, "byStage": [{"stage": "PRODUCTION", "value": "1"}]},
        {"value": "10", "byStage": [{"stage": "PRODUCTION", "value": "4"}, {"stage": "USE", "value": "6"}]},
    ],
)
async def test_a_breakdown_agrees_with_its_total_and_boundary(acme: Caller, declared: Any) -> None:
    await register(acme, "pump", "piece")
    i = {"idempotencyKey": key(), "product": "pump", "emissions": [], "declared": declared}
    assert (await failed(acme, INVENTORY, i=i))["code"] == "BAD_USER_INPUT"


async def test_twenty_parallel_repeats_have_one_effect(acme: Caller, exchange: Exchange) -> None:
    before = await revision(exchange)
    i = {"idempotencyKey": key(), "code": "one", "name": {"zh": "一"}, "declaredUnit": "kg"}
    answers = await asyncio.gather(*(ask(acme, REGISTER, i=i) for _ in range(20)))
    payloads = [answer["registerProduct"] for answer in answers]
    assert await revision(exchange) == before + 1
    assert {payload["revision"] for payload in payloads} == {str(before + 1)}
    assert len({payload["recordedAt"] for payload in payloads}) == 1
    assert [payload["repeated"] for payload in payloads].count(False) == 1
    owned = "MATCH (:Product {key: $key})-[:HAS]->(i) RETURN count(i) AS inventories"
    rows = await exchange.database.read(owned, key=payloads[0]["product"]["key"])
    assert rows[0]["inventories"] == 1


async def test_a_repeat_is_answered_though_the_world_moved_on(acme: Caller, exchange: Exchange) -> None:
    await register(acme, "a")
    await register(acme, "b")
    first = {"idempotencyKey": key(), "product": "a", "inputs": [{"supplier": "b", "amount": "1"}]}
    once = (await ask(acme, INPUTS, i=first))["putInputs"]
    await need(acme, "a")
    before = await revision(exchange)
    again = (await ask(acme, INPUTS, i=first))["putInputs"]
    assert (again["revision"], again["repeated"]) == (once["revision"], True)
    assert again["product"]["inputs"] == []
    assert await revision(exchange) == before


async def test_a_key_is_for_one_body(acme: Caller, admin: Caller, exchange: Exchange) -> None:
    i = {"idempotencyKey": key(), "code": "x", "name": {"en": "x"}, "declaredUnit": "kg"}
    await ask(acme, REGISTER, i=i)
    before = await revision(exchange)
    for changed in ({**i, "code": "y"}, {**i, "declaredUnit": "t"}, {**i, "unverified": True}):
        assert (await failed(acme, REGISTER, i=changed))["code"] == "CONFLICT"
    other = {"idempotencyKey": i["idempotencyKey"], "product": "x", "inputs": []}
    assert (await failed(acme, INPUTS, i=other))["code"] == "CONFLICT"
    assert await revision(exchange) == before
    neighbour = admin.minted(f"org-{key()[:8]}", *MEMBER_SCOPES)
    assert (await ask(neighbour, REGISTER, i=i))["registerProduct"]["repeated"] is False


WRONG_PRODUCTS: dict[str, dict[str, Any]] = {
    "no code": {"code": " "},
    "a slash in the code": {"code": "a/b"},
    "a line break in the code": {"code": "a\nb"},
    "a long code": {"code": "x" * 401},
    "no name": {"name": {}},
    "a long name": {"name": {"en": "x" * 2001}},
    "an unknown unit": {"declaredUnit": "furlong"},
    "no unit": {"declaredUnit": ""},
    "an unknown region": {"region": "CN-XX"},
    "a rating of 6": {"dqrTech": "6"},
    "a period that ends first": {"periodStart": "2025-02-01", "periodEnd": "2025-01-01"},
    "no key": {"idempotencyKey": ""},
    "a key with a space": {"idempotencyKey": "a b"},
    "a long key": {"idempotencyKey": "x" * 201},
    "a key that is not ASCII": {"idempotencyKey": "键"},
}


@pytest.mark.parametrize("wrong", WRONG_PRODUCTS.values(), ids=WRONG_PRODUCTS.keys())
async def test_a_wrong_product_is_refused_whole(
    acme: Caller, exchange: Exchange, wrong: dict[str, Any]
) -> None:
    before = await revision(exchange)
    i = {"idempotencyKey": key(), "code": "p", "name": {"en": "p"}, "declaredUnit": "kg", **wrong}
    assert (await failed(acme, REGISTER, i=i))["code"] in {"BAD_USER_INPUT", "NOT_FOUND"}
    assert await revision(exchange) == before


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"supplier": "nothing", "amount": "1"}, "NOT_FOUND"),
        ({"supplier": "admin/EL_CN24", "amount": "1"}, "NOT_FOUND"),
        ({"supplier": "q", "amount": "1", "unit": "kWh"}, "BAD_USER_INPUT"),
        ({"supplier": "q", "amount": "1", "unit": "furlong"}, "BAD_USER_INPUT"),
        ({"supplier": "q", "amount": "1", "provenance": {"gsd": "0.5"}}, "BAD_USER_INPUT"),
        ({"supplier": "p", "amount": "1"}, "CONSUMING_LOOP"),
        ({"supplier": "p", "amount": "2"}, "CONSUMING_LOOP"),
    ],
)
async def test_a_wrong_input_is_refused_whole(
    acme: Caller, exchange: Exchange, row: dict[str, Any], code: str
) -> None:
    await register(acme, "p")
    await register(acme, "q")
    before = await revision(exchange)
    i = {"idempotencyKey": key(), "product": "p", "inputs": [{"supplier": "q", "amount": "1"}, row]}
    assert (await failed(acme, INPUTS, i=i))["code"] == code
    assert await revision(exchange) == before


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "1e400", "1" * 500, "", "abc", "1,5"])
async def test_a_number_that_is_none_is_refused(acme: Caller, amount: str) -> None:
    await register(acme, "p")
    i = {"idempotencyKey": key(), "product": "p", "inputs": [{"supplier": "p", "amount": amount}]}
    body = await acme.ask(INPUTS, {"i": i})
    assert body["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert "data" not in body


async def test_a_wrong_emission_is_refused(acme: Caller) -> None:
    await register(acme, "p")
    rows = [{"gas": "O2", "kg": "1"}, {"gas": "CO2", "kg": "1", "provenance": {"gsd": "0"}}]
    for row in rows:
        i = {"idempotencyKey": key(), "product": "p", "emissions": [row]}
        assert (await failed(acme, INVENTORY, i=i))["code"] == "BAD_USER_INPUT"
    i = {
        "idempotencyKey": key(),
        "product": "p",
        "emissions": [],
        "unlinked": [{"flow": "", "amount": "1", "unit": "kg"}],
    }
    assert (await failed(acme, INVENTORY, i=i))["code"] == "BAD_USER_INPUT"


def certificate(number: str, **facts: Any) -> dict[str, Any]:
    stated = {
        "number": number,
        "holder": HOLDER,
        "scheme": "CN-CFP",
        "rule": "CN-CFP-GENERAL",
        "category": "pv_module",
        "issued": "2026-01-15",
        "validUntil": "2028-01-14",
        "value": "545.30",
        "unit": "kW",
        **facts,
    }
    return {"idempotencyKey": key(), "certificate": stated}


async def test_a_certificate_with_all_kinds_of_facts(firm: Caller) -> None:
    facts: dict[str, Any] = {
        "stages": ["RAW_MATERIAL", "PRODUCTION"],
        "breakdown": [{"stage": "RAW_MATERIAL", "value": "400.3"}, {"stage": "PRODUCTION", "value": "145"}],
        "gases": [{"gas": "CO2", "kg": "500", "origin": "FOSSIL"}],
        "codes": [{"system": "HS", "code": "854143"}],
        "electricity": [
            {"kwh": "300", "method": "LOCATION", "factor": {"value": "0.5777", "family": "FOOTPRINT"}}
        ],
        "assurance": {"party": "THIRD", "level": "REASONABLE", "onSite": True},
        "offsets": {"kg": "0"},
        "allocation": {"method": "mass", "results": [{"name": "mass", "value": "545.3"}]},
        "marks": [{"number": "M1", "shown": "545.3"}],
    }
    await register(firm, "module", "kW")
    number = f"C-{key()}"
    made = (await ask(firm, CERTIFY, i=certificate(number, product="module", **facts)))["registerCertificate"]
    found = made["certificate"]
    assert found["value"] == "545.30"
    assert found["product"] == {"code": "module"}
    assert found["events"] == [{"state": "VALID", "validFrom": "2026-01-15"}]
    stated = found["facts"]
    assert set(stated.pop("stages")) == set(facts.pop("stages"))
    for name, value in facts.items():
        assert contains(stated[name], value), name


def contains(whole: Any, part: Any) -> bool:
    """Whether all that ``part`` says is in ``whole``."""
    if isinstance(part, dict):
        return all(contains(whole[name], value) for name, value in part.items())
    if isinstance(part, list):
        return len(whole) == len(part) and all(map(contains, whole, part))
    return bool(whole == part)


@pytest.mark.parametrize("unit", ["kWh capacity", "kWh delivered", "kW(p)", "t"])
async def test_a_certificate_per_any_unit_that_the_rules_compare(firm: Caller, unit: str) -> None:
    made = await ask(firm, CERTIFY, i=certificate(f"C-{key()}", unit=unit))
    assert made["registerCertificate"]["certificate"]["unit"] == unit


@pytest.mark.parametrize(
    "facts", [{"number": ""}, {"number": "a\0b"}, {"number": "x" * 401}, {"unit": "foo"}], ids=str
)
async def test_a_certificate_nobody_could_name_or_weigh(
    firm: Caller, exchange: Exchange, facts: dict[str, Any]
) -> None:
    before = await revision(exchange)
    stated = certificate(**{"number": f"C-{key()}", **facts})
    assert (await failed(firm, CERTIFY, i=stated))["code"] == "BAD_USER_INPUT"
    assert await revision(exchange) == before


async def test_what_becomes_of_a_certificate(firm: Caller, admin: Caller, exchange: Exchange) -> None:
    number = f"C-{key()}"
    await ask(firm, CERTIFY, i=certificate(number))
    change = {"idempotencyKey": key(), "number": number, "state": "SUSPENDED", "validFrom": "2026-05-10"}
    done = (await ask(admin, STATUS, i={**change, "reason": "missed surveillance"}))[
        "recordCertificateStatus"
    ]
    assert [event["state"] for event in done["certificate"]["events"]] == ["VALID", "SUSPENDED"]
    before = await revision(exchange)
    again = (await ask(admin, STATUS, i={**change, "reason": "missed surveillance"}))[
        "recordCertificateStatus"
    ]
    assert (again["repeated"], await revision(exchange)) == (True, before)
    impossible = {**change, "idempotencyKey": key(), "state": "APPLIED", "validFrom": "2026-06-01"}
    assert (await failed(admin, STATUS, i=impossible))["code"] == "CONFLICT"
    unknown = {**change, "idempotencyKey": key(), "number": "NONE"}
    assert (await failed(admin, STATUS, i=unknown))["code"] == "NOT_FOUND"
    assert await revision(exchange) == before
    asked = """query($c: String!, $t: DateTime) {
      recognise(certificate: $c, destination: "CN-CFP", purpose: LABEL, asOf: $t) {
        findings { rule outcome } } }"""
    found = [
        {f["rule"]: f["outcome"] for f in (await ask(firm, asked, c=number, t=t))["recognise"]["findings"]}[
            "R24"
        ]
        for t in ("2026-05-09T00:00:00Z", "2026-05-11T00:00:00Z")
    ]
    assert found[0] != "BLOCKED"
    assert found[0] != found[1]


WRONG_CERTIFICATES: dict[str, tuple[dict[str, Any], str]] = {
    "a USCC with a wrong check character": ({"holder": "91110000600037341M"}, "BAD_USER_INPUT"),
    "an unknown scheme": ({"scheme": "XX"}, "NOT_FOUND"),
    "an unknown rule": ({"rule": "XX"}, "NOT_FOUND"),
    "an unknown product": ({"product": "nothing"}, "NOT_FOUND"),
    "a product of somebody else": ({"product": "admin/PVMOD"}, "NOT_FOUND"),
    "an absurd value": ({"value": "1e200"}, "BAD_USER_INPUT"),
}


@pytest.mark.parametrize(("wrong", "code"), WRONG_CERTIFICATES.values(), ids=WRONG_CERTIFICATES.keys())
async def test_a_wrong_certificate_is_refused(
    firm: Caller, exchange: Exchange, wrong: dict[str, Any], code: str
) -> None:
    before = await revision(exchange)
    assert (await failed(firm, CERTIFY, i=certificate(f"C-{key()}", **wrong)))["code"] == code
    assert await revision(exchange) == before


async def test_a_number_is_on_record_once(firm: Caller) -> None:
    number = f"C-{key()}"
    await ask(firm, CERTIFY, i=certificate(number))
    assert (await failed(firm, CERTIFY, i=certificate(number)))["code"] == "CONFLICT"


@pytest.mark.parametrize(
    "day", ["2026-02-30", "2026/01/15", "15 Jan 2026", "20260115", "2026-1-5", "", "昨天"]
)
async def test_days_are_days(firm: Caller, day: str) -> None:
    body = await firm.ask(CERTIFY, {"i": certificate("x", issued=day)})
    assert body["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert "data" not in body


async def test_others_cannot_change_it(firm: Caller, admin: Caller) -> None:
    await register(firm, "mine")
    stranger = admin.minted(f"org-{key()[:8]}", *MEMBER_SCOPES)
    mine = (await ask(firm, '{ product(id: "mine") { id key } }'))["product"]
    for name in mine.values():
        i = {"idempotencyKey": key(), "product": name, "inputs": []}
        assert (await failed(stranger, INPUTS, i=i))["code"] == "NOT_FOUND"


async def test_a_bare_code_of_two_owners_is_a_conflict_to_who_sees_both(admin: Caller) -> None:
    code = f"twin-{key()[:8]}"
    owners = [admin.minted(f"org-{key()[:8]}", *MEMBER_SCOPES) for _ in range(2)]
    keys = [(await register(owner, code))["product"]["key"] for owner in owners]
    error = await failed(admin, "query($p: ID!) { product(id: $p) { id } }", p=code)
    assert error["code"] == "CONFLICT"
    assert all(name in error["message"] for name in keys)
    assert (await ask(owners[0], "query($p: ID!) { product(id: $p) { key } }", p=code))["product"][
        "key"
    ] == keys[0]


async def test_a_question_sees_the_write_before_it(firm: Caller) -> None:
    await register(firm, "p")
    for kg in ("1", "2", "3"):
        await emit(firm, "p", kg)
        assert (await ask(firm, TOTAL, p="p"))["rollUp"]["total"]["value"] == kg


INJECTIONS = [
    "' OR 1=1 //",
    "`}) DETACH DELETE (n) //",
    "$key",
    "\\u0027",
    "a\u0000b",
    "*:*",
    "(.*)+",
    "🏭",
    "%s{}",
]


@pytest.mark.parametrize("text", INJECTIONS)
async def test_texts_are_only_ever_values(firm: Caller, exchange: Exchange, text: str) -> None:
    before = await revision(exchange)
    query = """query($t: String!, $p: ID!) {
      products(first: 5, filter: {text: $t, owner: $t}) { nodes { id } }
      product(id: $p) { id } certificate(number: $t) { id } organisation(uscc: $t) { id } }"""
    body = await firm.ask(query, {"t": text, "p": text})
    assert body["data"] == {
        "products": {"nodes": []},
        "product": None,
        "certificate": None,
        "organisation": None,
    }
    assert {error["extensions"]["code"] for error in body["errors"]} == {"NOT_FOUND"}
    assert await revision(exchange) == before


async def test_who_may_state_what_of_a_certificate(firm: Caller, acme: Caller, admin: Caller) -> None:
    number, body = f"C-{key()}", admin.minted("DEMO-CB-CN", *MEMBER_SCOPES)
    stated = certificate(number, body="DEMO-CB-CN")
    assert (await failed(acme, CERTIFY, i=stated))["code"] == "FORBIDDEN"
    await ask(firm, CERTIFY, i=stated)
    change = {"number": number, "state": "SUSPENDED", "validFrom": "2026-05-10"}
    for nobody in (acme, firm):
        refused = await failed(nobody, STATUS, i={**change, "idempotencyKey": key()})
        assert refused["code"] == "FORBIDDEN"
    await ask(body, STATUS, i={**change, "idempotencyKey": key()})
    await ask(body, CERTIFY, i=certificate(f"C-{key()}", body="DEMO-CB-CN"))
