"""What is said of a certificate after it was registered, over HTTP: restated, added to, never lost."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from huren.auth.scopes import MEMBER_SCOPES
from huren.resolvers.context import Exchange
from tests.http.conftest import Caller
from tests.http.test_acceptance import ask, failed
from tests.http.test_mutations import CERTIFY, HOLDER, key, revision
from tests.http.test_statements import certify

SHOWN = """certificate { number facts { value unit model
  fulfilments { rule condition since state note } changes { kind percent } marks { number shown } }
  events { state } } recordedAt revision repeated"""
AMEND = f"mutation($i: AmendCertificateInput!) {{ amendCertificate(input: $i) {{ {SHOWN} }} }}"
FULFIL = f"mutation($i: RecordFulfilmentInput!) {{ recordFulfilment(input: $i) {{ {SHOWN} }} }}"
CHANGE = f"mutation($i: RecordChangeInput!) {{ recordChange(input: $i) {{ {SHOWN} }} }}"
MARK = f"mutation($i: RecordMarkUseInput!) {{ recordMarkUse(input: $i) {{ {SHOWN} }} }}"
FACTS = """query($n: String!, $k: DateTime) { certificate(number: $n, knownAt: $k) {
  facts { value fulfilments { condition } changes { kind } marks { shown } } } }"""
MET = {"rule": "R9", "condition": "re_verify", "since": "2026-05-01", "note": "verified again"}
BODY = "T-ISSUER"


async def facts(caller: Caller, number: str, known_at: str | None = None) -> Any:
    return (await ask(caller, FACTS, n=number, k=known_at))["certificate"]["facts"]


@pytest.fixture
def body(admin: Caller) -> Caller:
    """The body that issued the certificates below."""
    return admin.minted(BODY, *MEMBER_SCOPES)


@pytest.fixture
def firm(admin: Caller) -> Caller:
    """Their holder."""
    return admin.minted(HOLDER, *MEMBER_SCOPES)


def amended(number: str, **rest: Any) -> dict[str, Any]:
    stated = {"number": number, "holder": HOLDER, "scheme": "BJ-PILOT", "body": BODY, **rest}
    return {"idempotencyKey": key(), "certificate": stated}


async def test_an_amendment_is_a_later_statement(admin: Caller, firm: Caller) -> None:
    await certify(admin, "AM-1", body=BODY, value="10", unit="kg", model="M1")
    first = (await ask(firm, AMEND, i=amended("AM-1", value="11", unit="kg")))["amendCertificate"]
    stands = first["certificate"]["facts"]
    assert (stands["value"], stands["model"]) == ("11", None)
    second = (await ask(firm, AMEND, i=amended("AM-1", value="12", unit="kg")))["amendCertificate"]
    assert (await facts(firm, "AM-1"))["value"] == "12"
    assert (await facts(firm, "AM-1", first["recordedAt"]))["value"] == "11"
    assert int(second["revision"]) == int(first["revision"]) + 1


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"scheme": "CN-CFP"}, "CONFLICT", "certificate.scheme"),
        ({"holder": "91350100M000100Y43"}, "CONFLICT", "certificate.holder"),
        ({"number": "AM-NONE"}, "NOT_FOUND", "AM-NONE"),
        ({"body": HOLDER}, "FORBIDDEN", "issuing body"),
        ({"fulfilments": [MET]}, "FORBIDDEN", "fulfilments"),
        ({"gasShares": [{"gas": "CO2", "share": "2"}]}, "BAD_USER_INPUT", "`certificate.gasShares[0].share`"),
        ({"value": "1e20"}, "BAD_USER_INPUT", "`certificate.value`"),
        ({"value": "5", "breakdown": [{"stage": "USE", "value": "9"}]}, "BAD_USER_INPUT", "+4 kg CO2e"),
    ],
)
async def test_what_a_holder_cannot_amend(  # noqa: PLR0913, PLR0917  (fixtures, and one row)
    admin: Caller, firm: Caller, exchange: Exchange, change: dict[str, Any], code: str, said: str
) -> None:
    number = f"AM-{key()}"
    await certify(admin, number, body=BODY)
    at = await revision(exchange)
    asked = amended(number)
    error = await failed(firm, AMEND, i=asked | {"certificate": asked["certificate"] | change})
    assert error["code"] == code
    assert said in error["message"]
    assert error["messageZh"] != error["message"]
    assert await revision(exchange) == at


async def test_others_amend_nothing(admin: Caller) -> None:
    await certify(admin, "AM-2", body=BODY)
    stranger = admin.minted("stranger", *MEMBER_SCOPES)
    for query, rest in ((AMEND, amended("AM-2")), (CHANGE, added("AM-2", change=SUPPLIER))):
        assert (await failed(stranger, query, i=rest))["code"] == "FORBIDDEN"


def added(number: str, **part: Any) -> dict[str, Any]:
    return {"idempotencyKey": key(), "number": number, **part}


SUPPLIER = {"kind": "supplier", "changedOn": "2026-02-01", "percent": "12"}


async def test_a_condition_is_met_by_the_word_of_the_body(admin: Caller, body: Caller, firm: Caller) -> None:
    await certify(admin, "AM-3", body=BODY, value="10", unit="kg")
    before = (await ask(firm, AMEND, i=amended("AM-3", value="10", unit="kg", model="M")))["amendCertificate"]
    assert (await failed(firm, FULFIL, i=added("AM-3", fulfilment=MET)))["code"] == "FORBIDDEN"
    sent = added("AM-3", fulfilment=MET)
    answer = (await ask(body, FULFIL, i=sent))["recordFulfilment"]
    (stands,) = answer["certificate"]["facts"]["fulfilments"]
    assert stands == {**MET, "state": "MET"}
    assert (await ask(body, FULFIL, i=sent))["recordFulfilment"]["repeated"] is True
    await ask(body, FULFIL, i=added("AM-3", fulfilment=MET))
    assert len((await facts(admin, "AM-3"))["fulfilments"]) == 1
    assert (await facts(admin, "AM-3", before["recordedAt"]))["fulfilments"] == []
    # An amendment that does not name it does not take it back.
    await ask(firm, AMEND, i=amended("AM-3", value="11", unit="kg"))
    assert len((await facts(admin, "AM-3"))["fulfilments"]) == 1


async def test_a_holder_that_issued_to_itself_meets_no_condition(admin: Caller, firm: Caller) -> None:
    await certify(admin, "AM-4", body=HOLDER)
    assert (await failed(firm, FULFIL, i=added("AM-4", fulfilment=MET)))["code"] == "FORBIDDEN"
    stated = {"number": "AM-5", "holder": HOLDER, "scheme": "BJ-PILOT", "body": HOLDER, "fulfilments": [MET]}
    error = await failed(firm, CERTIFY, i={"idempotencyKey": key(), "certificate": stated})
    assert error["code"] == "FORBIDDEN"


async def test_additions_at_once_do_not_lose_one_another(admin: Caller, firm: Caller) -> None:
    await certify(admin, "AM-6", body=BODY)
    changes = [{**SUPPLIER, "kind": kind} for kind in ("supplier", "process", "energy_mix")]
    mark = {"number": "AM-6", "shown": "552", "unit": "kW", "place": "package", "seenOn": "2026-03-01"}
    await asyncio.gather(
        *(ask(firm, CHANGE, i=added("AM-6", change=change)) for change in changes),
        ask(firm, MARK, i=added("AM-6", mark=mark)),
    )
    stands = await facts(firm, "AM-6")
    assert {row["kind"] for row in stands["changes"]} == {"supplier", "process", "energy_mix"}
    assert stands["marks"] == [{"shown": "552"}]


@pytest.mark.parametrize(
    ("query", "part", "said"),
    [
        (FULFIL, {"fulfilment": {**MET, "rule": "R99"}}, "`fulfilment.rule`"),
        (FULFIL, {"fulfilment": {**MET, "destination": "NONE"}}, "`fulfilment.destination`"),
        (CHANGE, {"change": {**SUPPLIER, "percent": "-200"}}, "`change.percent`"),
    ],
)
async def test_an_addition_that_cannot_be(admin: Caller, query: str, part: dict[str, Any], said: str) -> None:
    number = f"AM-{key()}"
    await certify(admin, number)
    error = await failed(admin, query, i=added(number, **part))
    assert error["code"] == "BAD_USER_INPUT"
    assert said in error["message"]
