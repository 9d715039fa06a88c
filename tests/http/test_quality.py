"""Data quality, recomputation, benchmark and dependants before the real service."""

from __future__ import annotations

from typing import Any

import pytest

from huren.resolvers.context import Exchange
from huren.resolvers.imports import import_package
from tests.http.conftest import Caller
from tests.http.test_acceptance import ask, failed
from tests.http.test_exports import RELEASE, key, organisation
from tests.mappings.packages import package

QUALITY = """query($p: ID!, $d: Date, $n: Int! = 10) { rollUp(product: $p, allowPartial: true) {
  total { value } quality { primaryShare secondaryShare unstatedShare
    technological { weighted stated worst product { key } } geographical { weighted } temporal { weighted }
    age { weighted stated } traceability { level products share }
    weakLinks(first: $n) { key product { key } value share rating years }
    stale(before: $d, first: $n) { key ended supplierKey began share } } } }"""
CHECKED = """query($p: ID!, $t: Decimal! = "0.01", $f: Prefer! = MODELLED) {
  rollUp(product: $p, prefer: $f, allowPartial: true) { total { value } verification(tolerance: $t) { key
    declared { value } computed { value } difference { value } relative matches
    gwp gwpStated toGrave complete } } }"""
PLACE = """query($p: ID!) { rollUp(product: $p, allowPartial: true) { benchmark {
  category value { value } per products owners rank place quantiles suppressed because(lang: EN) } } }"""
RESTS = """query($s: ID!, $o: Boolean! = false) { dependants(source: $s, staleOnly: $o, first: 100) {
  source { key } count stale revision dependants { key product { key } value share stale } } }"""

STEEL = package(
    products="id,name,declared_unit,category,region,period_start,period_end,dqr_tech,dqr_geo,traceability\n"
    "billet,Billet,t,steel,CN-HE,2026-01-01,2026-03-31,2,1,meter\n",
    inputs="consumer,supplier,amount,unit\n",
    emissions="product,gas,kg_per_declared_unit,data_kind\nbillet,CO2,2004,primary\n",
    unlinked="consumer,flow,amount,unit\n",
)
BAR = package(
    products="id,name,declared_unit,category,period_end,dqr_tech,dqr_geo,dqr_time\n"
    "bar,Bar,kg,steel,2025-12-31,3,4,5\n",
    inputs="consumer,supplier,amount,unit\nbar,forge/billet,1.5,kg\n",
    emissions="product,gas,kg_per_declared_unit,data_kind\nbar,CO2,1,secondary\n",
    unlinked="consumer,flow,amount,unit\n",
    footprints="product,kg_co2e,gwp_set\nbar,4.1,AR6\n",
)


def plain(code: str, kg: str) -> dict[str, bytes]:
    return package(
        products=f"id,name,declared_unit,category\n{code},{code},kg,steel\n",
        inputs="consumer,supplier,amount,unit\n",
        emissions=f"product,gas,kg_per_declared_unit\n{code},CO2,{kg}\n",
        unlinked="consumer,flow,amount,unit\n",
    )


async def released(caller: Caller, product: str, *audience: str) -> None:
    i = {"idempotencyKey": key(), "product": product, "audience": list(audience), "digits": 3}
    await ask(caller, RELEASE, i=i)


@pytest.fixture(scope="module")
async def maker(admin: Caller, exchange: Exchange) -> Caller:
    """A maker of bars from a forge's billets, of which it knows the release, and four others of its trade."""
    forge = await organisation(admin, "forge", "CN", "CN-HE")
    maker = await organisation(admin, "maker", "CN", "CN-HE")
    await import_package(exchange, STEEL, "forge", "test")
    await released(forge, "forge/billet", "maker")
    await import_package(exchange, BAR, "maker", "test")
    for name, kg, audience in (
        ("w", "3", "maker"),
        ("x", "5", "maker"),
        ("y", "4", "maker"),
        ("z", "1", "w"),
    ):
        other = await organisation(admin, name, "CN", "CN-HE")
        await import_package(exchange, plain("wire", kg), name, "test")
        await released(other, f"{name}/wire", audience)
    return maker


async def test_what_a_maker_sees_of_its_chain(maker: Caller) -> None:
    """1 kg of its own, secondary, and 1.5 kg at the released 2.00: of that no kind of data is stated.

    Who was given a release sees how good the data behind it are.
    """
    found = (await ask(maker, QUALITY, p="bar"))["rollUp"]["quality"]
    assert float(found["secondaryShare"]) == pytest.approx(0.25)
    assert (found["primaryShare"], float(found["unstatedShare"])) == ("0", pytest.approx(0.75))
    assert (found["technological"]["weighted"], found["geographical"]["weighted"]) == ("2.25", "1.75")
    assert (found["technological"]["stated"], found["temporal"]["weighted"]) == ("1", "5")
    assert [link["key"] for link in found["weakLinks"]] == ["forge/billet", "maker/bar"]
    assert [link["rating"] for link in found["weakLinks"]] == ["2", "5"]
    assert [one["key"] for one in found["stale"]] == ["maker/bar"]


async def test_what_the_administrator_sees_of_it(maker: Caller, admin: Caller) -> None:
    found = (await ask(admin, QUALITY, p="maker/bar"))["rollUp"]["quality"]
    mine, theirs = 1.0, 1.5 * 2.004
    assert float(found["primaryShare"]) == pytest.approx(theirs / (mine + theirs))
    assert float(found["technological"]["weighted"]) == pytest.approx(
        (3 * mine + 2 * theirs) / (mine + theirs)
    )
    assert [one["level"] for one in found["traceability"]] == ["meter", None]
    (stale,) = found["stale"]
    assert (stale["key"], stale["ended"], stale["supplierKey"], stale["began"]) == (
        "maker/bar",
        "2025-12-31",
        "forge/billet",
        "2026-01-01",
    )
    older = (await ask(admin, QUALITY, p="maker/bar", d="2026-04-01"))["rollUp"]["quality"]["stale"]
    assert [one["key"] for one in older] == ["forge/billet", "maker/bar"]


@pytest.mark.parametrize("prefer", ["MODELLED", "DECLARED"])
async def test_the_declared_total_is_recomputed(maker: Caller, prefer: str) -> None:
    answer = (await ask(maker, CHECKED, p="bar", f=prefer))["rollUp"]
    assert answer["total"]["value"] == {"MODELLED": "4", "DECLARED": "4.1"}[prefer]
    (check,) = answer["verification"]
    assert (check["key"], check["declared"]["value"], check["computed"]["value"]) == ("maker/bar", "4.1", "4")
    assert float(check["relative"]) == pytest.approx(-0.1 / 4.1)
    assert (check["matches"], check["complete"], check["gwpStated"]) == (False, True, True)
    (wide,) = (await ask(maker, CHECKED, p="bar", t="0.03", f=prefer))["rollUp"]["verification"]
    assert wide["matches"] is True


async def test_a_place_among_what_was_released_to_the_maker(maker: Caller, admin: Caller) -> None:
    """Billet 2.00 (released per t), wire 3, 5 and 4; z's wire was released to somebody else."""
    found = (await ask(maker, PLACE, p="bar"))["rollUp"]["benchmark"]
    assert (found["category"], found["per"], found["value"]["value"]) == ("steel", "kg", "4")
    assert (found["products"], found["owners"], found["rank"]) == (4, 4, 3)
    assert float(found["place"]) == pytest.approx(2.5 / 4)
    assert [float(one) for one in found["quantiles"]] == pytest.approx([2.3, 2.75, 3.5, 4.25, 4.7])
    whole = (await ask(admin, PLACE, p="maker/bar"))["rollUp"]["benchmark"]
    assert (whole["products"], whole["rank"]) == (5, 5)


async def test_too_few_others_are_no_class(maker: Caller, admin: Caller) -> None:
    stranger = admin.minted("z", "product:read", "footprint:read", "query:adhoc")
    found = (await ask(stranger, PLACE, p="wire"))["rollUp"]["benchmark"]
    assert (found["suppressed"], found["rank"], found["quantiles"]) == ("TOO_FEW", None, None)
    assert found["because"]


async def test_what_rests_on_a_source(maker: Caller, admin: Caller) -> None:
    found = (await ask(maker, RESTS, s="forge/billet"))["dependants"]
    assert (found["count"], found["stale"], found["source"]["key"]) == (1, 1, "forge/billet")
    (bar,) = found["dependants"]
    assert (bar["key"], bar["value"], float(bar["share"])) == ("maker/bar", "3", pytest.approx(0.75))
    whole = (await ask(admin, RESTS, s="forge/billet", o=True))["dependants"]
    assert [(one["key"], one["stale"]) for one in whole["dependants"]] == [("maker/bar", True)]
    nobody = admin.minted("w", "product:read", "footprint:read", "query:adhoc")
    assert (await failed(nobody, RESTS, s="forge/billet"))["code"] == "NOT_FOUND"
    blind = admin.minted("maker", "product:read", "query:adhoc")
    assert (await failed(blind, RESTS, s="forge/billet"))["code"] == "FORBIDDEN"


async def test_the_demonstration_chain(demo: Caller) -> None:
    found = (await ask(demo, QUALITY, p="PVMOD"))["rollUp"]
    assert found["quality"]["unstatedShare"] == "1"
    assert found["quality"]["technological"] == {
        "weighted": None,
        "stated": "0",
        "worst": None,
        "product": None,
    }
    links: list[Any] = found["quality"]["weakLinks"]
    sizes = [abs(float(link["value"])) for link in links]
    assert sizes == sorted(sizes, reverse=True)
    rests = (await ask(demo, RESTS, s="EL_CN24"))["dependants"]
    module = next(one for one in rests["dependants"] if one["key"] == "admin/PVMOD")
    grid = {"supplier": "EL_CN24", "amount": "0"}
    query = """query($c: [ChangeInput!]) { whatIf(product: "PVMOD", change: $c, allowPartial: true) {
      difference { value } } }"""
    without = await ask(demo, query, c=[grid])
    assert float(module["value"]) == pytest.approx(-float(without["whatIf"]["difference"]["value"]))
    assert all(0 <= float(one["share"]) <= 1 for one in rests["dependants"])
    assert (await failed(demo, QUALITY, p="PVMOD", n=0))["code"] == "BAD_USER_INPUT"
