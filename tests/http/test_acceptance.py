"""The questions the exchange was made for, over HTTP on the shipped packages, against what the data say."""

from __future__ import annotations

import csv
import json
from importlib import resources
from math import fsum, isclose
from typing import Any

import numpy as np
import pytest

from huren.auth.scopes import MEMBER_SCOPES
from huren.graph.gwp import factor
from huren.graph.model.supply import GwpSet
from huren.mappings.package.vocabulary import ORIGINS
from huren.mappings.rules import SPECIFIED
from huren.resolvers.context import Exchange
from huren.schema.ids import to_id
from tests.conftest import Calls
from tests.http.conftest import OLD, Caller
from tests.schema.test_sdl import RECOGNISE, ROLL_UP


def table(package: str, name: str) -> list[dict[str, str]]:
    text = (resources.files("huren.packages") / package / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


async def ask(caller: Caller, query: str, **variables: Any) -> Any:
    """The data of an answer without errors."""
    body = await caller.ask(query, variables)
    assert "errors" not in body, json.dumps(body["errors"], ensure_ascii=False, indent=1)
    return body["data"]


async def failed(caller: Caller, query: str, **variables: Any) -> dict[str, Any]:
    """The one error of an answer."""
    body = await caller.ask(query, variables)
    (error,) = body["errors"]
    assert error["extensions"]["fix"]
    return {"message": error["message"], **error["extensions"]}


# The roll-up


async def test_the_footprint_of_the_module(demo: Caller) -> None:
    answer = (await ask(demo, ROLL_UP, p="PVMOD"))["rollUp"]
    assert round(float(answer["total"]["value"]), 2) == 552.06
    assert answer["total"]["unit"] == "kg CO2e"
    assert len(answer["contributions"]) == 10
    parts = [*answer["contributions"], answer["other"]]
    assert isclose(
        fsum(float(part["value"]) for part in parts), float(answer["total"]["value"]), rel_tol=1e-12
    )
    assert isclose(fsum(float(part["share"]) for part in parts), 1, rel_tol=1e-12)
    sizes = [abs(float(part["value"])) for part in answer["contributions"]]
    assert sizes == sorted(sizes, reverse=True)
    stages = fsum(float(part["value"]) for part in answer["byStage"])
    assert isclose(stages, float(answer["total"]["value"]), rel_tol=1e-12)
    assert answer["contributions"][0]["product"]["name"]
    assert answer["coverage"]["unlinkedStated"] is False
    assert answer["revision"].isdigit()
    assert answer["asOf"].endswith("Z")


ROLL_UPS = """query($p: [ID!]!, $u: String) { rollUps(products: $p, unit: $u, allowPartial: true) {
  product { key } total { value } accuracy { certified error residual } } }"""


async def test_many_products_are_asked_at_once_and_each_fails_alone(demo: Caller) -> None:
    names = ["PVMOD", "admin/COAL", "PVMOD", "TSHIRT"]
    found = (await ask(demo, ROLL_UPS, p=names))["rollUps"]
    for name, one in zip(names, found, strict=True):
        alone = (await ask(demo, ROLL_UP, p=name))["rollUp"]
        assert one["product"]["key"].endswith(name.removeprefix("admin"))
        assert one["total"]["value"] == alone["total"]["value"]
        assert one["accuracy"]["certified"]
        assert float(one["accuracy"]["error"]) < 1e-12
    whole = await demo.ask(ROLL_UPS, {"p": names, "u": "t"})
    assert [one and one["product"]["key"] for one in whole["data"]["rollUps"]] == [
        None,
        "admin/COAL",
        None,
        None,
    ]
    assert [error["path"] for error in whole["errors"]] == [["rollUps", at] for at in (0, 2, 3)]
    assert float(whole["data"]["rollUps"][1]["total"]["value"]) == 1000 * float(found[1]["total"]["value"])


async def test_more_products_than_may_be_asked_at_once(demo: Caller) -> None:
    error = await failed(
        demo, "query($p: [ID!]!) { rollUps(products: $p) { amount { unit } } }", p=["X"] * 10_001
    )
    assert error["code"] in {"LIMIT_EXCEEDED", "COST_LIMIT"}
    assert "no product" in (await failed(demo, ROLL_UPS, p=["NONE"]))["message"]


async def test_other_goes_with_the_contributions_beside_it(demo: Caller) -> None:
    query = """query($n: Int!) {
      a: rollUp(product: "PVMOD", allowPartial: true) {
        other { value count } total { value } contributions(first: $n) { value } }
      b: rollUp(product: "PVMOD", allowPartial: true) { ...f total { value } }
      c: rollUp(product: "PVMOD", allowPartial: true) { other(first: 2) { count } }
      d: rollUp(product: "PVMOD", allowPartial: true) { other { count } productsCount }
    } fragment f on RollUp { contributions(first: 100) { value } other { value count } }"""
    data = await ask(demo, query, n=3)
    for name in "ab":
        parts = [*data[name]["contributions"], data[name]["other"]]
        assert isclose(
            fsum(float(p["value"]) for p in parts), float(data[name]["total"]["value"]), rel_tol=1e-12
        )
    count = data["d"]["productsCount"]
    assert [data[name]["other"]["count"] for name in "abcd"] == [count - 3, 0, count - 2, count - 10]
    twice = 'x: rollUp(product: "PVMOD", allowPartial: true) { contributions(first: 1) { value }'
    error = await failed(demo, f"{{ {twice} y: contributions(first: 2) {{ value }} other {{ value }} }} }}")
    assert error["code"] == "BAD_USER_INPUT"


STEPS = """query($r: [ReplaceInput!], $c: [ChangeInput!]) {
  whatIf(product: "PVMOD", replace: $r, change: $c, allowPartial: true) {
    after { total { value } } difference { value } } }"""


async def changed(demo: Caller, **steps: Any) -> float:
    return float((await ask(demo, STEPS, **steps))["whatIf"]["difference"]["value"])


async def test_a_part_an_amount_and_one_consumer_alone(demo: Caller) -> None:
    """Shares are linear between two suppliers whose own chains need neither."""
    pair = {"supplier": "EL_CN24", "by": "EL_WIND"}
    whole, part = await changed(demo, r=[pair]), await changed(demo, r=[{**pair, "share": "0.3"}])
    assert part == pytest.approx(0.3 * whole, rel=1e-3)
    alone = await changed(demo, r=[{**pair, "consumer": "WAFER"}])
    assert whole < alone < 0
    without = await changed(demo, c=[{"supplier": "GLASS", "amount": "0"}])
    twice = await changed(demo, c=[{"supplier": "GLASS", "amount": "0", "consumer": "MODM2"}])
    assert without < 0
    assert without == pytest.approx(twice)
    assert await changed(demo) == 0


async def test_steps_that_cannot_be(demo: Caller) -> None:
    pair = {"supplier": "EL_CN24", "by": "EL_WIND"}
    for steps, says in (
        ({"r": [{**pair, "share": "1.5"}]}, "from 0 to 1"),
        ({"r": [pair, {**pair, "by": "EL_PV"}]}, "contradict"),
        ({"r": [{**pair, "consumer": "GLASS_NONE"}]}, "no product"),
        ({"c": [{"supplier": "EL_CN24", "amount": "1", "consumer": "EL_WIND"}]}, "has no input"),
        ({"r": [pair] * 101}, "at most 100 steps"),
    ):
        assert says in (await failed(demo, STEPS, **steps))["message"]


ALTERNATIVES = """query($c: [ID!]!, $s: ID!) {
  alternatives(product: "PVMOD", supplier: $s, candidates: $c, allowPartial: true) {
    supplier { code } needed { value unit } intensity { value } asked
    ranked { product { code } intensity { value } effect { value unit } share } } }"""


async def test_the_best_alternative_is_the_one_that_changes_most(demo: Caller) -> None:
    by = ["EL_PV", "EL_WIND", "EL_CN24", "EL_CN23"]
    found = (await ask(demo, ALTERNATIVES, c=by, s="EL_CN24"))["alternatives"]
    assert (found["asked"], found["supplier"], found["needed"]["unit"]) == (4, {"code": "EL_CN24"}, "kWh")
    for one in found["ranked"]:
        steps = [{"supplier": "EL_CN24", "by": one["product"]["code"]}]
        assert float(one["effect"]["value"]) == pytest.approx(
            await changed(demo, r=steps), rel=1e-2, abs=1e-9
        )
    effects = [float(one["effect"]["value"]) for one in found["ranked"]]
    assert effects == sorted(effects)


async def test_alternatives_that_cannot_be(demo: Caller) -> None:
    for given, says in (
        ({"c": ["GLASS"], "s": "NMP"}, "needs `admin/NMP`"),
        ({"c": ["COAL"], "s": "EL_CN24"}, "declared per kWh"),
        ({"c": ["EL_WIND"] * 1_001, "s": "EL_CN24"}, "at most 1,000 candidates"),
        ({"c": ["NONE"], "s": "EL_CN24"}, "no product"),
    ):
        assert says in (await failed(demo, ALTERNATIVES, **given))["message"]


async def test_wind_instead_of_the_grid(demo: Caller) -> None:
    query = """{
      whatIf(product: "PVMOD", replace: [{supplier: "EL_CN24", by: "EL_WIND"}], allowPartial: true) {
      before { total { value } unverified { any } } after { total { value } unverified { any } }
      difference { value unit } share revision } }"""
    answer = (await ask(demo, query))["whatIf"]
    before, after = (float(answer[name]["total"]["value"]) for name in ("before", "after"))
    assert (round(before, 2), round(after, 2)) == (552.06, 232.60)
    assert float(answer["difference"]["value"]) == after - before
    assert answer["before"]["unverified"]["any"]
    assert answer["after"]["unverified"]["any"]


IN_UNITS_OF_THE_SUPPLIER = dict(
    zip(
        [("MJ", "kWh"), ("MWh", "kWh"), ("l", "m3"), ("m3", "l"), ("ha", "m2"), ("t", "kg"), ("kg", "t")],
        [1 / 3.6, 1e3, 1e-3, 1e3, 1e4, 1e3, 1e-3],
        strict=True,
    )
) | {("kg*km", "t*km"): 1e-3}


def by_dense_solve(gwp: dict[str, float]) -> dict[str, float]:
    """kg CO2e of every USLCI product, from the package's tables alone."""
    units = {row["id"]: row["declared_unit"] for row in table("uslci", "products.csv")}
    products = list(units)
    at = {name: n for n, name in enumerate(products)}
    needs, own = np.zeros((len(at), len(at))), np.zeros(len(at))
    for row in table("uslci", "inputs.csv"):
        units_of = IN_UNITS_OF_THE_SUPPLIER.get((row["unit"], units[row["supplier"]]), 1.0)
        needs[at[row["consumer"]], at[row["supplier"]]] += float(row["amount"]) * units_of
    for row in table("uslci", "emissions.csv"):
        if (row["gas"], row["origin"]) != ("CO2", "biogenic"):
            own[at[row["product"]]] += (
                float(row["kg_per_declared_unit"]) * gwp[f"{row['gas']} {row['origin']}"]
            )
    return dict(zip(products, np.linalg.solve(np.eye(len(at)) - needs, own).tolist(), strict=True))


async def test_uslci_against_a_dense_solve(demo: Caller) -> None:
    rows = table("uslci", "emissions.csv")
    factors = {
        f"{row['gas']} {row['origin']}": factor(row["gas"], ORIGINS[row["origin"]], GwpSet.AR5) or 0.0
        for row in rows
    }
    expected = by_dense_solve(factors)
    chosen = sorted(expected, key=lambda name: -abs(expected[name]))[:100:10]
    for name in chosen:
        answer = (await ask(demo, ROLL_UP, p=f"admin/{name}"))["rollUp"]
        assert isclose(float(answer["total"]["value"]), expected[name], rel_tol=1e-9), name
    partial = table("uslci", "unlinked.csv")[0]["consumer"]
    coverage = (await ask(demo, ROLL_UP, p=partial))["rollUp"]["coverage"]
    assert coverage["unlinkedStated"]
    assert coverage["unlinkedCount"] >= len(coverage["unlinked"]) > 0
    assert coverage["unlinked"][0]["consumer"] in expected
    error = await failed(demo, "query($p: ID!) { rollUp(product: $p) { total { value } } }", p=partial)
    assert error["code"] == "UNLINKED_INPUTS"
    assert "allowPartial" in error["fix"]


async def test_amounts_in_any_unit_of_the_dimension(demo: Caller) -> None:
    query = """query($a: Decimal, $u: String) {
      rollUp(product: "PVMOD", amount: $a, unit: $u, allowPartial: true) {
        total { value } amount { value unit } } }"""
    one = float((await ask(demo, query))["rollUp"]["total"]["value"])
    for amount, unit, times in [("2", None, 2), ("1.5e3", "W", 1.5), ("1", "MW", 1000), (None, "W", 0.001)]:
        answer = (await ask(demo, query, a=amount, u=unit))["rollUp"]
        assert isclose(float(answer["total"]["value"]), times * one, rel_tol=1e-12)
        assert answer["amount"]["unit"] == "kW"
    for amount, unit in [("1", "kg"), ("1", "furlong"), ("-1", None), ("0", None)]:
        assert (await failed(demo, query, a=amount, u=unit))["code"] == "BAD_USER_INPUT"
    for amount in [
        "NaN",
        "Infinity",
        "-inf",
        "1e400",
        "9" * 400,
        "1e-400",
        "",
        "1_0",
        "0x10",
        "一",
        [],
        {},
        True,
    ]:
        error = (await demo.ask(query, {"a": amount}))["errors"][0]
        assert error["extensions"]["code"] == "BAD_USER_INPUT", amount
    for amount in (2, 2.0, "2e0", "+2", " 2".strip()):
        assert isclose(
            float((await ask(demo, query, a=amount))["rollUp"]["total"]["value"]), 2 * one, rel_tol=1e-12
        )


async def test_decimals_leave_exactly_and_without_exponent(demo: Caller) -> None:
    query = """query($a: Decimal) { rollUp(product: "EL_WIND", amount: $a, allowPartial: true) {
      total { value } byGas { kg } contributions { share } } }"""
    for amount in ("1e-30", "1e25", "0.1"):
        answer = (await ask(demo, query, a=amount))["rollUp"]
        texts = [answer["total"]["value"], answer["byGas"][0]["kg"], answer["contributions"][0]["share"]]
        assert not any("e" in text.lower() for text in texts)
        assert float(answer["total"]["value"]) == 0.0336 * float(amount)


@pytest.mark.parametrize("name", ["PVMOD", "admin/PVMOD", to_id("Product", "admin/PVMOD")])
async def test_a_product_by_any_of_its_names(demo: Caller, name: str) -> None:
    query = """query($p: ID!) { product(id: $p) { id key code name(lang: EN) zh: name(lang: ZH) declaredUnit
      owner { code } region { id name(lang: EN) within { region } } inputs { amount supplier { code } } }
      rollUp(product: $p, allowPartial: true) { product { id } }
      node(id: $p) { id ... on Product { code } } }"""
    data = await ask(demo, query, p=name)
    assert data["product"]["key"] == "admin/PVMOD"
    assert data["product"]["zh"] == "光伏组件"
    assert data["product"]["region"]["id"] == "CN-TJ"
    assert {"region": "JJJ"} in data["product"]["region"]["within"]
    assert data["product"]["id"] == data["rollUp"]["product"]["id"] == data["node"]["id"]


async def test_names_follow_accept_language(demo: Caller) -> None:
    body = b'{"query": "{ product(id: \\"PVMOD\\") { name } }"}'
    for header, name in [("en-GB", "c-Si PV module"), ("zh-CN,en;q=0.5", "光伏组件"), ("fr", "光伏组件")]:
        answer = await demo.send(body, accept_language=header)
        assert answer.json()["data"]["product"]["name"].startswith(name)


# Pages and loaders


async def test_pages_hold_everything_once(demo: Caller) -> None:
    query = """query($n: Int!, $after: String) { products(first: $n, after: $after) {
      totalCount edges { cursor node { key } } pageInfo { hasNextPage endCursor hasPreviousPage } } }"""
    keys: list[str] = []
    after, more = None, True
    while more:
        page = (await ask(demo, query, n=97, after=after))["products"]
        keys += [edge["node"]["key"] for edge in page["edges"]]
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        assert page["pageInfo"]["endCursor"] == page["edges"][-1]["cursor"]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        assert page["totalCount"] == 94 + 766
    assert keys == sorted(set(keys))
    assert len(keys) == 94 + 766


@pytest.mark.parametrize("first", [0, -1, 101, 2**31 - 1])
@pytest.mark.parametrize("field", ["products", "certificates"])
async def test_too_many_is_an_error_and_not_fewer(demo: Caller, field: str, first: int) -> None:
    error = await failed(demo, f"{{ {field}(first: {first}) {{ nodes {{ id }} }} }}")
    assert error["code"] == "BAD_USER_INPUT"
    assert "1 to 100" in error["message"]


async def test_a_cursor_is_for_its_list_alone(demo: Caller) -> None:
    query = """query($c: String, $f: ProductFilter) {
      products(first: 1, after: $c, filter: $f) { edges { cursor } } }"""
    cursor = (await ask(demo, query))["products"]["edges"][0]["cursor"]
    assert (await ask(demo, query, c=cursor))["products"]["edges"]
    for wrong in ["x", "", "é", cursor[:-2], cursor + "AA", "A" + cursor[1:], "YXJyYXljb25uZWN0aW9uOjA="]:
        assert "cursor" in (await failed(demo, query, c=wrong))["message"]
    assert "cursor" in (await failed(demo, query, c=cursor, f={"category": "pv"}))["message"]
    certificates = "query($c: String) { certificates(first: 1, after: $c) { nodes { id } } }"
    assert "cursor" in (await failed(demo, certificates, c=cursor))["message"]


async def test_filters(demo: Caller) -> None:
    query = "query($f: ProductFilter) { products(first: 100, filter: $f) { totalCount nodes { code } } }"

    async def codes(**where: str) -> set[str]:
        return {node["code"] for node in (await ask(demo, query, f=where))["products"]["nodes"]}

    assert await codes(category="pv_module") == {"PVMOD"}
    assert await codes(text="光伏组件") == {"PVMOD", "MODM2"}
    assert await codes(owner="nobody") == set()
    assert "PVMOD" in await codes(region="CN-TJ")


async def test_a_long_page_costs_as_many_queries_as_a_short_one(demo: Caller, calls: Calls) -> None:
    query = """query($n: Int!) { products(first: $n) { nodes { id owner { name } region { name }
      inputs { supplier { code owner { name } region { name } } } emissions { gas } unlinked { flow } } } }"""
    await ask(demo, query, n=40)
    some = calls.reset()
    await ask(demo, query, n=100)
    assert calls.reset() == some <= 8


async def test_a_roll_up_asks_for_the_revision_alone_once_the_graph_was_read(
    demo: Caller, calls: Calls
) -> None:
    await ask(demo, ROLL_UP, p="PVMOD")
    calls.reset()
    await ask(demo, ROLL_UP, p="PVMOD")
    assert calls.reset() == 1


# Recognition


async def test_recognition_in_beijing(demo: Caller) -> None:
    answer = (await ask(demo, RECOGNISE, c="DEMO-CFP-PV-1"))["recognise"]
    assert answer["standing"]["outcome"] in {"EQUAL", "CONVERTIBLE", "CONDITIONAL", "UNKNOWN", "BLOCKED"}
    assert [finding["rule"] for finding in answer["findings"]] == list(SPECIFIED)
    assert answer["notChecked"] == []
    assert all(finding["because"] and finding["clause"] for finding in answer["findings"])
    assert {finding["verdict"] for finding in answer["findings"]} == {"LEGAL", "TECHNICAL", "COMPARISON"}
    assert answer["illustrative"] is True
    assert (answer["technical"]["value"] is None) is (
        answer["technical"]["outcome"] not in {"EQUAL", "CONVERTIBLE"}
    )


async def test_the_same_question_through_lists_and_matrix(demo: Caller) -> None:
    day = "2026-06-01T00:00:00Z"
    query = f"""{{
      recognised(destination: "CN-BJ", category: "pv_module", purpose: LABEL, asOf: "{day}", first: 100,
        worst: BLOCKED) {{ edges {{ cursor node {{ certificate {{ number }} standing {{ outcome }} }} }}
        pageInfo {{ hasNextPage }} }}
      recognitionMatrix(category: "pv_module", purpose: LABEL, asOf: "{day}", first: 100) {{
        destinations {{ id }} rows {{ certificate {{ number }} cells {{ destination standing deciding }} }}
        illustrative revision }} }}"""
    data = await ask(demo, query)
    listed = {e["node"]["certificate"]["number"]: e["node"]["standing"] for e in data["recognised"]["edges"]}
    assert set(listed) == {"DEMO-CFP-PV-1", "DEMO-TJ-PV-1", "DEMO-TJ-ACC-1"}
    for number, standing in listed.items():
        assert (await ask(demo, RECOGNISE, c=number))["recognise"]["standing"] == standing
    columns = [scheme["id"] for scheme in data["recognitionMatrix"]["destinations"]]
    assert {"CN-BJ", "CN-SH", "EPEAT-PV", "FR-PPE2"} <= set(columns)
    asked = """query($c: String!, $d: String!, $t: DateTime) {
      recognise(certificate: $c, destination: $d, purpose: LABEL, asOf: $t) { standing { outcome } } }"""
    for row in data["recognitionMatrix"]["rows"]:
        assert [cell["destination"] for cell in row["cells"]] == columns
        for cell in row["cells"][::5]:
            one = await ask(demo, asked, c=row["certificate"]["number"], d=cell["destination"], t=day)
            assert one["recognise"]["standing"]["outcome"] == cell["standing"]


async def test_recognised_comes_in_pages(demo: Caller) -> None:
    query = """query($a: String) { recognised(destination: "CN-BJ", category: "pv_module", purpose: LABEL,
      asOf: "2026-06-01T00:00:00Z", first: 1, after: $a, worst: BLOCKED) {
      nodes { certificate { number } } pageInfo { hasNextPage endCursor } } }"""
    numbers, after, more = [], None, True
    while more:
        page = (await ask(demo, query, a=after))["recognised"]
        numbers += [node["certificate"]["number"] for node in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert numbers == ["DEMO-CFP-PV-1", "DEMO-TJ-ACC-1", "DEMO-TJ-PV-1"]


async def test_what_was_not_known_is_not_there(demo: Caller) -> None:
    query = """query($c: String!, $k: DateTime, $d: String!) {
      recognise(certificate: $c, destination: $d, purpose: LABEL, knownAt: $k) { revision } }"""
    for certificate, known, destination, code in [
        ("NONE", None, "CN-BJ", "NOT_FOUND"),
        ("DEMO-CFP-PV-1", "2020-01-01T00:00:00Z", "CN-BJ", "NOT_FOUND"),
        ("DEMO-CFP-PV-1", "2099-01-01T00:00:00Z", "CN-BJ", "BAD_USER_INPUT"),
        ("DEMO-CFP-PV-1", None, "ATLANTIS", "NOT_FOUND"),
    ]:
        assert (await failed(demo, query, c=certificate, k=known, d=destination))["code"] == code


WRONG_INSTANTS = [
    *(
        "2026-06-01",
        "2026-06-01T00:00:00",
        "2026-06-01 00:00:00Z",
        "20260601T000000Z",
        "2026-W23-1T00:00:00Z",
    ),
    *(
        "2026-06-31T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-06-01T24:00:01Z",
        "2026-06-01T00:00:60Z",
        "now",
        "",
    ),
    *(
        "2026-06-01T00:00Z",
        "06/01/2026",
        "1.6.2026",
        "2026年6月1日",
        "1780272000",
        "2026-06-01T00:00:00+25:00",
    ),
    *("2026-06-01T00:00:00 Z", "２０２６-06-01T00:00:00Z", "-2026-06-01T00:00:00Z", "0000-01-01T00:00:00Z"),
]


@pytest.mark.parametrize("instant", WRONG_INSTANTS)
async def test_instants_are_those_of_rfc_3339(demo: Caller, instant: str) -> None:
    query = """query($t: DateTime) { recognise(certificate: "DEMO-CFP-PV-1", destination: "CN-BJ",
      purpose: LABEL, asOf: $t) { revision } }"""
    error = (await demo.ask(query, {"t": instant}))["errors"][0]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "RFC 3339" in error["message"]


async def test_certificates(demo: Caller) -> None:
    query = """query($n: String!) { certificate(number: $n) {
      id number holder { uscc } product { code } region { id }
      issued value unit illustrative events { state validFrom recordedAt } facts { stages gases { gas kg }
      electricity { kwh factor { value } } assurance { party onSite } } } }"""
    first = (await ask(demo, query, n="DEMO-CFP-PV-1"))["certificate"]
    assert first["product"] == {"code": "PVMOD"}
    assert (await ask(demo, query, n=first["id"]))["certificate"] == first
    assert first["events"]
    listing = """query($f: CertificateFilter) {
      certificates(first: 100, filter: $f) { totalCount nodes { number } } }"""
    for where, count in [
        ({}, 8),
        ({"scheme": "CN-CFP"}, 1),
        ({"product": "PVMOD"}, 2),
        ({"region": "JJJ"}, 5),
    ]:
        page = (await ask(demo, listing, f=where))["certificates"]
        found = [node["number"] for node in page["nodes"]]
        assert len(found) == page["totalCount"] == count, (where, found)
        assert found == sorted(found)


async def test_reference_records(demo: Caller) -> None:
    data = await ask(
        demo,
        """{ schemes { id name(lang: EN) recordTypes categories events { state } source }
      rules { id scheme effective name(lang: ZH) }
      agreements { id illustrative objects bothWays issuing { regions } }
      criteria { applied { id code outcomes says(lang: EN) } notChecked } regions { id kind name(lang: EN) }
      districts: regions(kinds: [DISTRICT]) { id } }""",
    )
    assert {"CN-CFP", "ISO14067", "EPD-INT", "EPEAT-PV", "FR-PPE2"} <= {
        scheme["id"] for scheme in data["schemes"]
    }
    assert {"ILL-JJJ", "ILL-YRD"} <= {a["id"] for a in data["agreements"] if a["illustrative"]}
    assert len(data["criteria"]["applied"]) + len(data["criteria"]["notChecked"]) == 28
    assert {"CN", "CN-BJ", "JJJ", "YRD", "GBA"} <= {region["id"] for region in data["regions"]}
    assert "110108" in {region["id"] for region in data["districts"]}


# Who may see what


async def test_others_see_nothing_of_it(demo: Caller) -> None:
    other = demo.minted("acme", *MEMBER_SCOPES)
    assert (await ask(other, "{ products(first: 1) { totalCount nodes { id } } }"))["products"] == {
        "totalCount": 0,
        "nodes": [],
    }
    relay = to_id("Product", "admin/PVMOD")
    for name in ("PVMOD", "admin/PVMOD", relay):
        missing = name if name != relay else "admin/PVMOD"
        for query in (
            "query($p: ID!) { product(id: $p) { id } }",
            "query($p: ID!) { rollUp(product: $p) { revision } }",
            "query($p: ID!) { node(id: $p) { id } }",
        ):
            error = await failed(other, query, p=name)
            assert error["code"] == "NOT_FOUND"
            assert error["message"] == f"no product `{missing}`"
    seen = await ask(other, '{ certificate(number: "DEMO-CFP-PV-1") { number product { id } } }')
    assert seen["certificate"] == {"number": "DEMO-CFP-PV-1", "product": None}


async def test_ids_are_typed(demo: Caller) -> None:
    wrong = to_id("Certificate", "DEMO-CFP-PV-1")
    assert (
        "not of a Product"
        in (await failed(demo, "query($p: ID!) { product(id: $p) { id } }", p=wrong))["message"]
    )
    node = "query($p: ID!) { node(id: $p) { id __typename } }"
    assert (await ask(demo, node, p=wrong))["node"] == {"id": wrong, "__typename": "Certificate"}
    admin = (await ask(demo, '{ organisation(uscc: "admin") { id name(lang: EN) } }'))["organisation"]
    assert (await ask(demo, node, p=admin["id"]))["node"]["__typename"] == "Organisation"
    assert (await failed(demo, node, p=to_id("Organisation", "nobody")))["code"] == "NOT_FOUND"


async def test_ready(demo: Caller, exchange: Exchange) -> None:
    answer = await demo.client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ready")
    assert (await demo.send(b'{"query": "{ schemes { id } }"}', accept=OLD)).status_code == 200
    assert await exchange.database.ready()


async def test_a_category_takes_those_below_it(demo: Caller) -> None:
    query = """query($c: String!) { recognised(destination: "CN-BJ", category: $c, purpose: LABEL, first: 50,
      asOf: "2026-06-01T00:00:00Z", worst: BLOCKED) { nodes { certificate { number } } } }"""
    found = [await ask(demo, query, c=name) for name in ("pv", "pv_module")]
    above, below = ({n["certificate"]["number"] for n in f["recognised"]["nodes"]} for f in found)
    assert "DEMO-CFP-PV-1" in below <= above
