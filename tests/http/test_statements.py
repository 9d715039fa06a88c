"""Reference records stated over HTTP: what is stated is read back, decides from then on, and never before."""

from __future__ import annotations

import asyncio
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, get_args, get_origin

import pytest

from huren.auth.scopes import MEMBER_SCOPES, REFERENCE_WRITE
from huren.graph.model.dated import Number
from huren.graph.model.terms import EquivalenceFinding
from huren.graph.model.text import Text
from huren.graph.revision import pin
from huren.mappings.records import KINDS, encode
from huren.mappings.statement import camel, id_of
from huren.resolvers.context import Exchange
from huren.schema.mirror import _meant, hints, names
from huren.schema.reference_mutation import STATED, mutation_of
from tests.http.conftest import Caller
from tests.http.test_acceptance import ask, failed
from tests.http.test_mutations import CERTIFY, HOLDER, STATUS, key, revision

DECIDE = """query($c: String!, $d: String!, $k: DateTime, $p: Purpose! = LABEL, $a: DateTime) {
  recognise(certificate: $c, destination: $d, purpose: $p, asOf: $a, knownAt: $k) {
    legal { outcome } findings { rule outcome missing } } }"""
SOURCE = {"source": "test"}
TOLD = {"certainty": "VERIFIED", "source": "test"}


def mutation(kind: str) -> str:
    name = mutation_of(kind)
    made = f"{name[0].upper()}{name[1:]}Input"
    asked = f"{{ {camel(kind)} {{ id }} revision recordedAt repeated }}"
    return f"mutation($i: {made}!) {{ {name}(input: $i) {asked} }}"


async def put(caller: Caller, kind: str, record: dict[str, Any], again: str | None = None) -> Any:
    i = {"idempotencyKey": again or key(), camel(kind): record}
    return (await ask(caller, mutation(kind), i=i))[mutation_of(kind)]


async def refused(caller: Caller, kind: str, record: dict[str, Any]) -> dict[str, Any]:
    return await failed(caller, mutation(kind), i={"idempotencyKey": key(), camel(kind): record})


async def certify(caller: Caller, number: str, **facts: Any) -> None:
    stated = {"number": number, "holder": HOLDER, "scheme": "BJ-PILOT", **facts}
    await ask(caller, CERTIFY, i={"idempotencyKey": key(), "certificate": stated})


async def outcomes(caller: Caller, number: str, destination: str, **rest: Any) -> dict[str, str]:
    found = (await ask(caller, DECIDE, c=number, d=destination, **rest))["recognise"]
    return {row["rule"]: row["outcome"] for row in found["findings"]}


AGREEMENT = {
    "id": "T-FR",
    "name": {"zh": "试验", "en": "test"},
    "issuing": {"schemes": ["BJ-PILOT"]},
    "accepting": {"schemes": ["KR-EPD"]},
    "objects": ["RESULT"],
    "effective": "2025-01-01",
    "clause": "article 1",
    "source": "test",
}


async def test_an_agreement_is_stated_and_decides(admin: Caller, exchange: Exchange) -> None:
    await certify(admin, "ST-1", issued="2026-01-01", category="computer", recordType="FOOTPRINT_CERTIFICATE")
    before = await outcomes(admin, "ST-1", "KR-EPD")
    answer = await put(admin, "agreement", AGREEMENT)
    after = await outcomes(admin, "ST-1", "KR-EPD")
    assert before["R1"] == "BLOCKED"
    assert after["R1"] != "BLOCKED"
    rows = await exchange.database.read(
        "MATCH (w:Write) WHERE w.revision = $r RETURN toString(w.recordedAt) AS at",
        r=int(answer["revision"]) - 1,
    )
    assert (await outcomes(admin, "ST-1", "KR-EPD", k=rows[0]["at"]))["R1"] == "BLOCKED"
    ended = {**AGREEMENT, "ended": "2025-06-30"}
    assert (await put(admin, "agreement", ended))["repeated"] is False
    assert (await outcomes(admin, "ST-1", "KR-EPD"))["R1"] == "BLOCKED"
    assert (await outcomes(admin, "ST-1", "KR-EPD", k=answer["recordedAt"]))["R1"] == after["R1"]


async def test_a_repeated_statement_has_one_effect(admin: Caller, exchange: Exchange) -> None:
    again = key()
    record = {"id": "T-LAW", "title": {"en": "law"}, "effective": "2026-01-01", **SOURCE}
    first = await put(admin, "instrument", record, again)
    at = await revision(exchange)
    second = await put(admin, "instrument", record, again)
    assert second["repeated"] is True
    assert second["revision"] == first["revision"]
    assert await revision(exchange) == at
    error = await failed(
        admin, mutation("instrument"), i={"idempotencyKey": again, "instrument": record | {"number": "2"}}
    )
    assert error["code"] == "CONFLICT"


async def test_a_blacklisting_is_seen_from_its_record_time(admin: Caller) -> None:
    body = {
        "id": "T-BODY",
        "name": {"en": "body"},
        "approvals": [{"scheme": "CN-CFP", "since": "2024-01-01", "source": "test"}],
        **SOURCE,
    }
    told = await put(admin, "body", body)
    await certify(admin, "ST-2", issued="2026-01-01", category="computer", body="T-BODY")
    assert (await outcomes(admin, "ST-2", "CN-CFP"))["R9"] == "EQUAL"
    bad = {"state": "BLACKLISTED", "validFrom": "2025-12-01", "source": "decision 1"}
    await put(admin, "body", body | {"events": [bad]})
    assert (await outcomes(admin, "ST-2", "CN-CFP"))["R9"] == "BLOCKED"
    asked = "query($k: DateTime) { bodies(knownAt: $k) { id facts { events { state validFrom } } } }"
    for known_at, events in (
        (told["recordedAt"], []),
        (None, [{"state": "BLACKLISTED", "validFrom": "2025-12-01"}]),
    ):
        found = {row["id"]: row["facts"] for row in (await ask(admin, asked, k=known_at))["bodies"]}
        assert found["T-BODY"]["events"] == events


@pytest.mark.parametrize("kind", STATED)
async def test_only_who_may_write_reference_records(admin: Caller, exchange: Exchange, kind: str) -> None:
    record = encode(filled(KINDS[kind]))
    at = await revision(exchange)
    firm = admin.minted(HOLDER, *MEMBER_SCOPES)
    error = await failed(
        firm, mutation(kind), i={"idempotencyKey": key(), camel(kind): graphql(filled(KINDS[kind]))}
    )
    assert record
    assert error["code"] == "FORBIDDEN"
    assert "`reference:write`" in error["message"]
    assert await revision(exchange) == at


async def test_a_body_does_not_approve_itself(admin: Caller) -> None:
    body = admin.minted("T-SELF", *MEMBER_SCOPES, REFERENCE_WRITE)
    record = {"id": "T-SELF", "name": {"en": "self"}, "approvals": [{"scheme": "CN-CFP"}], **SOURCE}
    error = await refused(body, "body", record)
    assert error["code"] == "FORBIDDEN"
    assert "`exchange:administer`" in error["message"]


BAD = {
    "no clause": ("agreement", AGREEMENT | {"id": "B", "clause": " "}, "agreement.clause"),
    "no source": ("agreement", {**AGREEMENT, "id": "B", "source": ""}, "agreement.source"),
    "unknown scheme": (
        "agreement",
        AGREEMENT | {"id": "B", "issuing": {"schemes": ["NONE"]}},
        "agreement.issuing.schemes",
    ),
    "unknown region": (
        "agreement",
        AGREEMENT | {"id": "B", "issuing": {"regions": ["XX-1"]}},
        "agreement.issuing.regions",
    ),
    "ends before it begins": ("agreement", AGREEMENT | {"id": "B", "ended": "2024-01-01"}, "agreement.ended"),
    "ends itself": ("agreement", AGREEMENT | {"id": "B", "ends": ["B"]}, "agreement.ends"),
    "blank id": ("agreement", AGREEMENT | {"id": " "}, "agreement.id"),
    "no certainty": ("scheme", {"id": "B", "name": {"en": "b"}, **SOURCE}, "scheme.certainty"),
    "a parameter without source": (
        "scheme",
        {
            "id": "B",
            "name": {"en": "b"},
            **TOLD,
            "profile": {"gwpSets": {"value": ["AR6"], "certainty": "KNOWN"}},
        },
        "scheme.profile.gwpSets.source",
    ),
    "a number that is a slip": (
        "scheme",
        {"id": "B", "name": {"en": "b"}, **TOLD, "profile": {"maxAgeYears": {"value": "1e20", **TOLD}}},
        "scheme.profile.maxAgeYears.value",
    ),
    "its own parent": (
        "category",
        {"id": "B", "name": {"en": "b"}, "parent": "B", **SOURCE},
        "category.parent",
    ),
    "no firm's code": ("sanction", {"id": "B", "uscc": "123", **SOURCE}, "sanction.uscc"),
    "an effect without a day": (
        "sanction",
        {"id": "B", "uscc": HOLDER, "effect": "CANCELLED", **SOURCE},
        "sanction.validFrom",
    ),
    "approved twice": (
        "body",
        {"id": "B", "name": {"en": "b"}, "approvals": [{"scheme": "CN-CFP"}, {"scheme": "CN-CFP"}], **SOURCE},
        "body.approvals",
    ),
    "a pilot beyond the national list": (
        "scheme",
        {
            "id": "B",
            "name": {"en": "b"},
            "uses": "CN-CFP",
            "level": "LOCAL",
            "categories": {"value": [{"category": "urea"}], **TOLD},
            **TOLD,
        },
        "scheme.categories",
    ),
    "three pilot products": (
        "scheme",
        {
            "id": "B",
            "name": {"en": "b"},
            "uses": "CN-CFP",
            "issuedIn": ["CN-SX"],
            "pilotProducts": ["a", "b", "c"],
            **TOLD,
        },
        "scheme.pilotProducts",
    ),
}


@pytest.mark.parametrize(("kind", "record", "field"), BAD.values(), ids=BAD)
async def test_what_does_not_hold_is_refused_by_name(
    admin: Caller, exchange: Exchange, kind: str, record: dict[str, Any], field: str
) -> None:
    at = await revision(exchange)
    error = await refused(admin, kind, record)
    assert error["code"] == "BAD_USER_INPUT"
    assert f"`{field}`" in error["message"] + error["fix"]
    assert error["messageZh"] != error["message"]
    assert await revision(exchange) == at


async def test_a_national_rule_displaces_a_local_one(admin: Caller) -> None:
    local = {
        "id": "T-LOCAL",
        "name": {"en": "local"},
        "scheme": "SH-CARBON",
        "level": "LOCAL",
        "region": "CN-SH",
        "categories": [{"category": "steel"}],
        "effective": "2025-01-01",
        "filingNumber": "F-1",
        "filed": "2025-01-01",
        "listed": "2025-01-01",
        "parts": ["SCOPE", "BASIS", "PROCEDURE", "MARK", "MANAGEMENT"],
        **TOLD,
    }
    scheme = "SH-CARBON"
    await put(admin, "rule", local)
    facts = {"issued": "2026-02-01", "category": "steel", "scheme": scheme, "rule": "T-LOCAL"}
    await certify(admin, "ST-3", **facts)
    assert (await outcomes(admin, "ST-3", scheme))["R8"] != "BLOCKED"
    national = {
        "id": "T-NATIONAL",
        "name": {"en": "national"},
        "scheme": "CN-CFP",
        "categories": [{"category": "steel"}],
        "effective": "2026-01-01",
        "country": "CN",
        **TOLD,
    }
    await put(admin, "rule", national)
    assert (await outcomes(admin, "ST-3", scheme))["R8"] == "BLOCKED"


SANCTION = {
    "id": "T-S1",
    "uscc": HOLDER,
    "decisionNumber": "京市监罚〔2026〕1号",
    "reason": "false mark",
    "effect": "CANCELLED",
    "validFrom": "2026-03-01",
    "published": "2026-03-05",
    "certificates": ["ST-4", "ST-5"],
    "source": "test",
}
EVENTS = """query($n: String!, $k: DateTime) {
  certificate(number: $n, knownAt: $k) { events { state validFrom reason source } } }"""


async def test_a_sanction_bites_on_each_certificate_it_names(admin: Caller, exchange: Exchange) -> None:
    for number in ("ST-4", "ST-5"):
        await certify(admin, number, issued="2026-01-01")
    at = await revision(exchange)
    error = await refused(admin, "sanction", SANCTION | {"certificates": ["ST-4", "NOBODY"]})
    assert error["code"] == "NOT_FOUND"
    assert "NOBODY" in error["message"]
    assert await revision(exchange) == at
    await put(admin, "sanction", SANCTION)
    for number in ("ST-4", "ST-5"):
        events = (await ask(admin, EVENTS, n=number))["certificate"]["events"]
        assert events[-1] == {
            "state": "CANCELLED",
            "validFrom": "2026-03-01",
            "reason": "false mark",
            "source": "京市监罚〔2026〕1号",
        }
    await put(admin, "sanction", SANCTION | {"authority": "the bureau"})
    assert len((await ask(admin, EVENTS, n="ST-4"))["certificate"]["events"]) == 2
    found = await ask(admin, "query($u: String!) { sanctions(uscc: $u) { facts { authority } } }", u=HOLDER)
    assert found["sanctions"] == [{"facts": {"authority": "the bureau"}}]
    assert (await outcomes(admin, "ST-4", "CN-CFP", a="2026-04-01T00:00:00Z"))["R24"] == "BLOCKED"


async def test_an_impossible_sanction_writes_nothing(admin: Caller, exchange: Exchange) -> None:
    await certify(admin, "ST-6", issued="2026-01-01")
    void = {"idempotencyKey": key(), "number": "ST-6", "state": "VOID", "validFrom": "2026-01-01"}
    await ask(admin, STATUS, i=void)
    await certify(admin, "ST-7", issued="2026-01-01")
    at = await revision(exchange)
    error = await refused(admin, "sanction", SANCTION | {"id": "T-S2", "certificates": ["ST-7", "ST-6"]})
    assert error["code"] == "CONFLICT"
    assert await revision(exchange) == at
    assert len((await ask(admin, EVENTS, n="ST-7"))["certificate"]["events"]) == 1


async def test_writers_at_once_are_all_on_record(admin: Caller) -> None:
    await asyncio.gather(
        *(put(admin, "category", {"id": f"T-C{n}", "name": {"en": str(n)}, **SOURCE}) for n in range(3))
    )
    found = {row["id"] for row in (await ask(admin, "{ categories { id } }"))["categories"]}
    assert found >= {f"T-C{n}" for n in range(3)}


async def test_a_category_says_why_it_is_not_active(admin: Caller) -> None:
    await put(
        admin, "category", {"id": "T-ACT", "name": {"en": "a"}, "factorSetSince": "2025-01-01", **SOURCE}
    )
    asked = "{ categories { id activity { active rules factorSet because(lang: EN) } } }"
    found = {row["id"]: row["activity"] for row in (await ask(admin, asked))["categories"]}
    assert found["T-ACT"]["factorSet"] is True
    assert found["T-ACT"]["active"] is False
    rule = {"id": "T-ACT-R", "name": {"en": "r"}, "scheme": "CN-CFP", "categories": [{"category": "T-ACT"}]}
    await put(admin, "rule", {**rule, "effective": "2025-02-01", **TOLD})
    found = {row["id"]: row["activity"] for row in (await ask(admin, asked))["categories"]}
    assert found["T-ACT"]["active"] is True
    assert found["T-ACT"]["rules"] == ["T-ACT-R"]


# Every field of every record comes through


REAL = {
    "region": "CN-BJ",
    "within": "JJJ",
    "regions": "CN-BJ",
    "issued_in": "CN-HI",
    "accepted_in": "CN-BJ",
    "except_in": "CN-TJ",
    "pilot_area": "110108",
    "country": "CN",
    "scheme": "CN-CFP",
    "schemes": "CN-CFP",
    "uses": "ISO14067",
    "instrument": "T-LAW-2",
    "category": "pv",
    "categories": "pv",
    "pilot_products": "pv",
    "ties": "T-OWN",
    "parent": "pv",
    "body": "T-OWN",
    "supersedes": "T-FIRST",
    "ends": "T-EARLIER",
    "uscc": HOLDER,
    "certificates": "ST-8",
    "zone": "+09:00",
}
FIRST = ("since", "effective", "issued_from", "made", "filed", "signed", "published", "issued_before")


def filled(hint: Any, name: str = "") -> Any:  # noqa: PLR0911  (one line a kind of value)
    """A value of the annotation in which every field is stated, and none as its default."""
    hint = _meant(hint)
    origin, args = get_origin(hint), get_args(hint)
    if hint is Text:
        return Text("中文", "english")
    if is_dataclass(origin or hint):
        known = hints(hint)
        return (origin or hint)(**{field: filled(known[field], field) for field in names(hint)})
    if origin in (tuple, frozenset):
        return origin([filled(args[0], name)])
    if set(args) == {date, datetime} or hint is date:
        return date(2025, 1, 1) if name in FIRST else date(2025, 12, 31)
    if origin is Annotated or hint is Number or hint is Decimal:
        return Decimal("0.5")
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return list(hint)[0 if hint is EquivalenceFinding else -1]
    return {str: REAL.get(name, f"text of {name}"), int: 7, bool: True}[hint]


def graphql(value: Any) -> Any:
    """A domain value as JSON variables."""
    if is_dataclass(value) and not isinstance(value, type):
        pairs = ((f.name, getattr(value, f.name)) for f in fields(value) if f.name != "recorded_at")
        return {camel(name): graphql(part) for name, part in pairs if part is not None}
    if isinstance(value, StrEnum):
        return value.name
    if isinstance(value, tuple | frozenset):
        return [graphql(part) for part in value]
    return (
        value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, Decimal) else value
    )


def defaults(value: Any, path: str = "") -> list[str]:
    """The fields that stand at their default, which a round trip would not show to be carried."""
    if isinstance(value, tuple | frozenset):
        return [found for part in value for found in defaults(part, path)]
    if not is_dataclass(value) or isinstance(value, type):
        return []
    found = []
    for f in fields(value):
        part = getattr(value, f.name)
        if f.name != "recorded_at" and f.default is not MISSING and part == f.default:
            found.append(f"{path}.{f.name}")
        found += defaults(part, f"{path}.{f.name}")
    return found


GROUND = [
    ("instrument", {"id": "T-LAW-2", "title": {"en": "law"}, **SOURCE}),
    ("body", {"id": "T-OWN", "name": {"en": "b"}, **SOURCE}),
    ("rule", {"id": "T-FIRST", "name": {"en": "r"}, **TOLD}),
    ("agreement", AGREEMENT | {"id": "T-EARLIER"}),
]
ONLY_TRUE = {".approves_bodies", ".best_is_low"}


@pytest.mark.parametrize("kind", STATED)
async def test_every_field_comes_through(admin: Caller, exchange: Exchange, kind: str) -> None:
    for needed, record in GROUND:
        await put(admin, needed, record)
    if kind == "sanction":
        await certify(admin, "ST-8", issued="2024-01-01")
    whole = filled(KINDS[kind])
    left = [path for path in defaults(whole) if not any(path.endswith(name) for name in ONLY_TRUE)]
    assert left == []
    await put(admin, kind, graphql(whole))
    known = await exchange.knowledge.records(await pin(exchange.database), kind)
    (found,) = [record for record in known if id_of(record) == id_of(whole)]
    assert encode(found) | {"recorded_at": None} == encode(whole) | {"recorded_at": None}
