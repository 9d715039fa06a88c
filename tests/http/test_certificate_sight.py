"""What of a certificate leaves: its face for all, its detail as a recipe does, no number in dispute."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from dataclasses import fields
from typing import Any

import pytest

from huren.graph.model.certificate import Certificate
from huren.resolvers.certificate_sight import DETAIL, NUMBERS
from tests.http.conftest import Caller
from tests.http.test_acceptance import ask
from tests.http.test_exports import GRANT, World, key, organisation

REGISTER = "mutation($i: RegisterCertificateInput!) { registerCertificate(input: $i) { revision } }"
STATUS = "mutation($i: RecordCertificateStatusInput!) { recordCertificateStatus(input: $i) { revision } }"
READ = """query($n: String!, $k: DateTime) { certificate(number: $n, knownAt: $k) {
  value unit hidden recordedAt
  facts { value gases { gas } gwpSets electricity { kwh } } } }"""
DECIDED = """query($n: String!) {
  recognise(certificate: $n, destination: "CN-CFP", purpose: CHAIN_INPUT) {
    standing { outcome } technical { outcome value { value steps { formula } } }
    findings { rule because(lang: EN) inputs { path value } } } }"""

FINDINGS = "findings { inputs { path value } }"
SEAL = f"""mutation($i: SealDecisionInput!) {{
  sealDecision(input: $i) {{ sealed {{ jws }} decision {{ {FINDINGS} }} }} }}"""
REPLAY = f"""query($jws: String!) {{
  replay(jws: $jws) {{ same differences {{ path sealed now }} decision {{ {FINDINGS} }} }} }}"""


@pytest.fixture(scope="module")
async def world(admin: Caller) -> World:
    return await World(admin).build()


@pytest.fixture(scope="module")
async def body(admin: Caller, world: World) -> Caller:
    await organisation(admin, "cert-body", "CN", None, "BODY")
    return reading(admin, "cert-body")


def reading(admin: Caller, org: str) -> Caller:
    scopes = ("certificate:read", "certificate:write", "recognition:read", "query:adhoc")
    return admin.minted(org, *scopes)


async def certificate(world: World) -> str:
    number = f"C-{key()[:12]}"
    facts = {"number": number, "holder": "works", "scheme": "CN-CFP", "body": "cert-body", "value": "5"}
    facts |= {"unit": "t", "category": "steel", "issued": "2026-01-02", "gwpSets": ["AR6"]}
    more: dict[str, Any] = {"gases": [{"gas": "CO2", "kg": "5"}], "electricity": [{"kwh": "3"}]}
    await ask(world.admin, REGISTER, i={"idempotencyKey": key(), "certificate": {**facts, **more}})
    return number


async def read(caller: Caller, number: str, known_at: str | None = None) -> Any:
    return (await ask(caller, READ, n=number, k=known_at))["certificate"]


async def test_the_face_is_for_all_and_the_detail_for_who_may_see_a_recipe(
    world: World, body: Caller
) -> None:
    number = await certificate(world)
    for org in ("works", "cert-body"):
        found = await read(reading(world.admin, org), number)
        assert found["hidden"] == []
        assert found["facts"]["electricity"] == [{"kwh": "3"}]
    for org in ("home", "buyer", "hebei", "nobody-known"):
        found = await read(reading(world.admin, org), number)
        assert (found["value"], found["facts"]["value"], found["facts"]["gwpSets"]) == ("5", "5", ["AR6"])
        assert found["hidden"] == ["electricity", "gases"]
        assert not found["facts"]["electricity"]
        assert not found["facts"]["gases"]


async def test_a_grant_opens_the_detail_at_home_and_the_export_table_keeps_it_there(world: World) -> None:
    number = await certificate(world)
    i = {"idempotencyKey": key(), "grantee": "*", "fields": ["RECIPE"]}
    grant = (await ask(world.works, GRANT, i=i))["grantAccess"]["grant"]["id"]
    assert (await read(reading(world.admin, "home"), number))["hidden"] == []
    assert (await read(reading(world.admin, "buyer"), number))["hidden"] == ["electricity", "gases"]
    withdraw = "mutation($i: WithdrawInput!) { withdrawGrant(input: $i) { revision } }"
    await ask(world.works, withdraw, i={"idempotencyKey": key(), "id": grant})
    assert (await read(reading(world.admin, "home"), number))["hidden"] == ["electricity", "gases"]


async def test_in_dispute_no_number_is_shown_whenever_it_was_known(world: World, body: Caller) -> None:
    number = await certificate(world)
    other = reading(world.admin, "home")
    before = (await read(other, number))["recordedAt"]
    i = {"idempotencyKey": key(), "number": number, "state": "DISPUTED", "validFrom": "2026-02-01"}
    await ask(body, STATUS, i=i)
    for known_at in (None, before):
        found = await read(other, number, known_at)
        assert (found["value"], found["facts"]["value"], found["unit"]) == (None, None, "t")
        assert found["hidden"] == ["electricity", "gases", "value"]
    assert (await read(body, number))["value"] == "5"
    assert (await read(world.admin, number))["value"] == "5"
    whole, bare = [(await ask(c, DECIDED, n=number))["recognise"] for c in (world.admin, other)]
    assert bare["standing"] == whole["standing"]
    assert bare["technical"]["outcome"] == whole["technical"]["outcome"]
    assert bare["technical"]["value"] is None
    i |= {"idempotencyKey": key(), "state": "VALID", "validFrom": "2026-02-02"}
    await ask(body, STATUS, i=i)
    assert (await read(other, number))["value"] == "5"


async def test_a_seal_and_its_replay_tell_no_detail(world: World) -> None:
    number = await certificate(world)
    scopes = ("recognition:read", "decision:seal", "query:adhoc")
    home, works = (world.admin.minted(org, *scopes) for org in ("home", "works"))
    whole, bare = [payload(await seal(caller, number)) for caller in (works, home)]
    assert "3" in inputs(whole["findings"])["certificate.electricity"]
    assert inputs(bare["findings"])["certificate.electricity"] is None
    assert (whole["hidden"], bare["hidden"]) == ([], sorted(DETAIL))
    assert [bare[part] for part in ("standing", "legal", "technical", "deciding")] == [
        whole[part] for part in ("standing", "legal", "technical", "deciding")
    ]
    for caller in (home, works):
        for sealer in (home, works):
            jws = (await seal(sealer, number))["sealed"]["jws"]
            again = (await ask(caller, REPLAY, jws=jws))["replay"]
            assert again["same"], again["differences"]
            told = inputs(again["decision"]["findings"])["certificate.electricity"]
            assert (told is None) == (caller is home)


async def seal(caller: Caller, number: str) -> Any:
    """What a seal answers; told twice, it tells the same."""
    i = {"idempotencyKey": key(), "certificate": number, "destination": "CN-CFP", "purpose": "CHAIN_INPUT"}
    first, again = [(await ask(caller, SEAL, i=i))["sealDecision"] for _ in range(2)]
    assert first == again
    assert inputs(first["decision"]["findings"]) == inputs(payload(first)["findings"])
    return first


def payload(sealed: Any) -> Any:
    body = sealed["sealed"]["jws"].split(".")[1]
    return json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))


def inputs(findings: Any) -> dict[str, Any]:
    return {row["path"]: row["value"] for finding in findings for row in finding["inputs"]}


async def test_a_decision_tells_no_detail(world: World) -> None:
    number = await certificate(world)
    whole, bare = [
        (await ask(caller, DECIDED, n=number))["recognise"]
        for caller in (world.admin, reading(world.admin, "buyer"))
    ]
    told = {row["path"]: row["value"] for finding in whole["findings"] for row in finding["inputs"]}
    kept = {row["path"]: row["value"] for finding in bare["findings"] for row in finding["inputs"]}
    assert "3" in (told["certificate.electricity"] or "")
    assert kept["certificate.electricity"] is None
    assert [finding["rule"] for finding in bare["findings"]] == [f["rule"] for f in whole["findings"]]
    assert bare["standing"] == whole["standing"]


def test_what_is_held_back_are_facts_of_a_certificate() -> None:
    assert {field.name for field in fields(Certificate)} >= NUMBERS >= DETAIL
