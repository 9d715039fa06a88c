"""A bank asks about a thousand applicants at once; a list of what is recognised ends where it says."""

from __future__ import annotations

from typing import Any

import pytest

from huren.graph import certificates
from huren.graph.database import Database
from huren.mappings.catalogue import demonstration
from huren.resolvers import recognition
from huren.schema.ids import to_id
from tests.conftest import Calls
from tests.http.conftest import Caller
from tests.http.test_acceptance import ask, failed

SCREEN = """query($a: [String!]!, $d: String! = "CN-BJ", $p: Purpose! = LABEL, $c: String, $k: DateTime) {
  screen(applicants: $a, destination: $d, purpose: $p, category: $c, knownAt: $k,
    asOf: "2026-06-01T00:00:00Z") {
    rows { applicant kind standing missing(lang: EN) organisation { code uscc }
      certificates { certificate { number } standing legal technical evidence deciding missing illustrative
        value { value unit } } }
    summary { applicants firms certificates unknown withoutCertificate recognised
      standings { standing count } }
    asOf knownAt revision } }"""
PV, STEEL = "91120116MADEM002X4", "91310113MADEM00382"


async def screened(caller: Caller, *applicants: str, **asked: Any) -> Any:
    return (await ask(caller, SCREEN, a=list(applicants), **asked))["screen"]


async def test_firms_certificates_and_strangers_in_their_order(demo: Caller) -> None:
    names = [PV, "DEMO-SH-STEEL-1", "no such thing", PV, "admin"]
    answer = await screened(demo, *names)
    rows = answer["rows"]
    assert [row["applicant"] for row in rows] == names
    assert [row["kind"] for row in rows] == ["FIRM", "CERTIFICATE", "UNKNOWN", "FIRM", "FIRM"]
    assert rows[0] == rows[3]
    held = {c.number for c in demonstration() if c.holder == PV}
    assert {c["certificate"]["number"] for c in rows[0]["certificates"]} == held
    assert rows[2]["standing"] is rows[2]["organisation"] is None
    assert rows[4]["certificates"] == []
    assert all("voluntary" in rows[n]["missing"][0] for n in (2, 4))
    assert answer["summary"] | {"standings": None} == {
        "applicants": 5, "firms": 3, "certificates": 1, "unknown": 1, "withoutCertificate": 1,
        "recognised": sum(row["standing"] in ("EQUAL", "CONVERTIBLE") for row in rows), "standings": None,
    }  # fmt: skip
    assert sum(row["count"] for row in answer["summary"]["standings"]) == 3


async def test_says_of_each_certificate_what_recognise_says(demo: Caller) -> None:
    query = """query($c: String!) { recognise(certificate: $c, destination: "CN-BJ", purpose: LOAN_APPROVAL,
      asOf: "2026-06-01T00:00:00Z") { standing { outcome } legal { outcome }
      technical { outcome value { value unit } } evidence deciding { rule } missing illustrative } }"""
    (row,) = (await screened(demo, PV, p="LOAN_APPROVAL"))["rows"]
    order = ["EQUAL", "CONVERTIBLE", "CONDITIONAL", "UNKNOWN", "BLOCKED"]
    assert row["standing"] == min((c["standing"] for c in row["certificates"]), key=order.index)
    for one in row["certificates"]:
        said = (await ask(demo, query, c=one["certificate"]["number"]))["recognise"]
        assert one["standing"] == said["standing"]["outcome"]
        assert one["legal"] == said["legal"]["outcome"]
        assert one["technical"] == said["technical"]["outcome"]
        assert one["value"] == said["technical"]["value"]
        assert one["deciding"] == [finding["rule"] for finding in said["deciding"]]
        for name in ("evidence", "missing", "illustrative"):
            assert one[name] == said[name]


async def test_evidence_is_told_apart(demo: Caller) -> None:
    answer = await screened(demo, "DEMO-CFP-PV-1", "DEMO-TJ-ACC-1", p="LOAN_APPROVAL")
    assert [row["certificates"][0]["evidence"] for row in answer["rows"]] == ["CERTIFIED", "ACCOUNTED"]


async def test_a_code_is_read_whatever_its_case_and_blanks(demo: Caller) -> None:
    rows = (await screened(demo, PV.lower(), f" {PV[:8]} {PV[8:]} ", " DEMO-CFP-PV-1 "))["rows"]
    assert [row["kind"] for row in rows] == ["FIRM", "FIRM", "CERTIFICATE"]
    assert rows[0]["certificates"] == rows[1]["certificates"] != []


async def test_odd_names_lose_nobody(demo: Caller) -> None:
    names = [
        "",
        " ",
        "'; MATCH (n) DETACH DELETE n //",
        "\u0000",
        "证书",
        "x" * 5_000,
        to_id("Product", "a/b"),
        PV,
    ]
    rows = (await screened(demo, *names))["rows"]
    assert [row["kind"] for row in rows] == ["UNKNOWN"] * 7 + ["FIRM"]


async def test_a_category_leaves_out_the_others(demo: Caller) -> None:
    (row,) = (await screened(demo, STEEL, c="pv_module"))["rows"]
    assert (row["kind"], row["standing"], row["certificates"]) == ("FIRM", None, [])
    assert "steel" in row["missing"][0]


async def test_the_same_two_times_give_the_same_rows(demo: Caller) -> None:
    now = await screened(demo, PV)
    assert (await screened(demo, PV, k=now["knownAt"]))["rows"] == now["rows"]
    assert now["asOf"].startswith("2026-06-01")
    assert now["revision"].isdigit()


async def test_a_thousand_cost_as_many_queries_as_one(demo: Caller, calls: Calls) -> None:
    await screened(demo, PV)
    calls.reset()
    await screened(demo, "nobody")
    one = calls.reset()
    names = [PV, STEEL, *(c.number for c in demonstration()), *(f"firm {n}" for n in range(900))][:1000]
    assert len((await screened(demo, *names))["rows"]) == len(names)
    assert calls.reset() == one <= 5


async def test_limits_and_names_of_nothing(demo: Caller) -> None:
    for asked, code, says in [
        ({"a": []}, "BAD_USER_INPUT", "empty"),
        ({"a": ["x"] * 1_001}, "LIMIT_EXCEEDED", "1,001"),
        ({"a": ["x"], "d": "ATLANTIS"}, "NOT_FOUND", "ATLANTIS"),
        ({"a": ["x"], "c": "unicorn"}, "NOT_FOUND", "unicorn"),
    ]:
        error = await failed(demo, SCREEN, **asked)
        assert error["code"] == code
        assert says in error["message"]
    assert len((await screened(demo, *["x"] * 1_000))["rows"]) == 1_000


async def test_too_many_certificates_are_refused_whole(demo: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huren.resolvers.screening.MOST_CERTIFICATES", 1)
    error = await failed(demo, SCREEN, a=[PV])
    assert error["code"] == "LIMIT_EXCEEDED"
    assert (await screened(demo, STEEL))["rows"][0]["kind"] == "FIRM"


async def test_the_scope_is_asked(demo: Caller) -> None:
    other = demo.minted("admin", "query:adhoc")
    error = await failed(other, SCREEN, a=["x"])
    assert error["code"] == "FORBIDDEN"


# What is recognised, in pages

RECOGNISED = """query($n: Int!, $a: String, $w: Outcome!) {
  recognised(destination: "CN-BJ", category: "pv_module", purpose: LABEL, asOf: "2026-06-01T00:00:00Z",
    first: $n, after: $a, worst: $w) {
    nodes { certificate { number } standing { outcome } } pageInfo { hasNextPage endCursor } } }"""


async def pages(caller: Caller, first: int, worst: str) -> tuple[list[str], list[int]]:
    """All numbers, and how many came on each page."""
    numbers: list[str] = []
    sizes, after, more = [], None, True
    while more:
        page = (await ask(caller, RECOGNISED, n=first, a=after, w=worst))["recognised"]
        numbers += [node["certificate"]["number"] for node in page["nodes"]]
        sizes.append(len(page["nodes"]))
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    return numbers, sizes


@pytest.mark.parametrize(("small", "large"), [(1, 1), (1, 2), (2, 1), (200, 10_000)])
@pytest.mark.parametrize("worst", ["EQUAL", "CONVERTIBLE", "BLOCKED"])
async def test_every_page_is_followed_to_the_end_whatever_is_looked_at_in_one(
    demo: Caller, monkeypatch: pytest.MonkeyPatch, small: int, large: int, worst: str
) -> None:
    whole, _ = await pages(demo, 100, worst)
    monkeypatch.setattr(recognition, "PAGE", small)
    monkeypatch.setattr(recognition, "MOST", large)
    assert await pages(demo, 1, worst) == (whole, (await pages(demo, 1, worst))[1])
    assert (await pages(demo, 100, worst))[0] == whole
    assert whole == sorted(whole)


async def test_a_short_page_goes_on(demo: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """One certificate of three is equal: with two looked at a request, pages are short and yet go on."""
    whole, _ = await pages(demo, 100, "BLOCKED")
    equal, _ = await pages(demo, 100, "EQUAL")
    assert len(whole) == 3
    assert len(equal) < 3
    monkeypatch.setattr(recognition, "PAGE", 1)
    monkeypatch.setattr(recognition, "MOST", 1)
    found, sizes = await pages(demo, 2, "EQUAL")
    assert found == equal
    assert len(sizes) == 2


async def test_at_most_two_queries_look_for_certificates(
    demo: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts: list[str] = []
    read = Database.read

    async def counted(db: Database, query: Any, **values: Any) -> Any:
        texts.append(query)
        return await read(db, query, **values)

    monkeypatch.setattr(Database, "read", counted)
    monkeypatch.setattr(recognition, "PAGE", 1)
    monkeypatch.setattr(recognition, "MOST", 1)
    await ask(demo, RECOGNISED, n=100, w="EQUAL")
    assert texts.count(certificates.PAGE) == 2
