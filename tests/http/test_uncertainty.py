"""Uncertainty and comparison before the real service: of the demonstration chain, and as a firm sees it."""

from __future__ import annotations

from math import erf, exp, expm1, fsum, isclose, log, sqrt
from typing import Any

import pytest

from huren.resolvers.context import Exchange
from huren.resolvers.imports import import_package
from tests.http.conftest import Caller
from tests.http.test_acceptance import ask, failed
from tests.http.test_exports import RELEASE, key, organisation
from tests.mappings.packages import package

SURE = """query($p: ID!, $a: Decimal, $n: Int! = 100) {
  rollUp(product: $p, allowPartial: true) { total { value } uncertainty(assume: $a) {
    mean { value unit } sd { value } shape gsd interval90 { low high } interval95 { low high }
    spreads { complete stated unstated unstatedShare assumed }
    parameters(first: $n) { key product { code } supplierKey gas stage source gsd
      elasticity variance share } } } }"""
DRAWN = """query($p: ID!, $s: Int!, $d: Int!, $f: Boolean!) {
  rollUp(product: $p, allowPartial: true) { uncertainty(assume: "1.1") { sd { value }
    simulation(samples: $s, seed: $d, full: $f) {
      samples seed varied mean { value } sd { value } median { value } interval90 { low high }
      spreadRatio agrees } } } }"""
LOWER = """query($p: ID!, $q: ID!, $u: String, $a: Decimal) {
  compareFootprints(product: $p, against: $q, unit: $u, allowPartial: true, assume: $a) {
    product { total { value } amount { unit } } against { total { value } amount { value } }
    difference { value } sd { value } correlation chanceLower verdict
    because(lang: EN) because_zh: because(lang: ZH)
    spreads { complete unstated } } }"""


async def test_a_chain_that_states_no_spread_has_none_and_says_so(demo: Caller) -> None:
    found = (await ask(demo, SURE, p="PVMOD"))["rollUp"]["uncertainty"]
    assert [found[name] for name in ("sd", "shape", "gsd", "interval90", "interval95")] == [None] * 5
    assert (found["spreads"]["complete"], found["spreads"]["stated"]) == (False, 0)
    assert found["spreads"]["unstated"] > 50
    assert found["spreads"]["unstatedShare"] == "1"
    assert found["parameters"] == []


async def test_an_assumed_spread_is_propagated(demo: Caller) -> None:
    """Parts sum to the variance; each is that of its elasticity."""
    answer = (await ask(demo, SURE, p="PVMOD", a="1.01"))["rollUp"]
    found = answer["uncertainty"]
    assert found["mean"]["unit"] == "kg CO2e"
    assert float(found["mean"]["value"]) == pytest.approx(float(answer["total"]["value"]), rel=1e-3)
    assert found["shape"] == "LOG_NORMAL"
    assert found["spreads"]["complete"] is True
    shares = [float(part["share"]) for part in found["parameters"]]
    assert shares == sorted(shares, reverse=True)
    assert 0.99 < fsum(shares) <= 1 + 1e-9
    variance = fsum(float(part["variance"]) for part in found["parameters"])
    assert sqrt(variance) == pytest.approx(float(found["sd"]["value"]), rel=1e-2)
    low, high = (float(found["interval90"][end]) for end in ("low", "high"))
    assert low < float(found["mean"]["value"]) < high
    largest = found["parameters"][0]
    wanted = (float(largest["elasticity"]) * float(found["mean"]["value"])) ** 2 * expm1(log(1.01) ** 2)
    assert float(largest["variance"]) == pytest.approx(wanted)


async def test_a_simulation_agrees_and_is_the_same_again(demo: Caller) -> None:
    first = await ask(demo, DRAWN, p="PVMOD", s=2_000, d=7, f=False)
    found = first["rollUp"]["uncertainty"]
    assert found["simulation"]["agrees"] is True
    assert float(found["simulation"]["spreadRatio"]) == pytest.approx(1, abs=0.1)
    assert await ask(demo, DRAWN, p="PVMOD", s=2_000, d=7, f=False) == first
    full = (await ask(demo, DRAWN, p="PVMOD", s=2_000, d=7, f=True))["rollUp"]["uncertainty"]["simulation"]
    assert full["varied"] > found["simulation"]["varied"]
    assert full["agrees"] is True


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"s": 10, "d": 1, "f": False}, "10 samples are out of range"),
        ({"s": 10_001, "d": 1, "f": False}, "10001 samples are out of range"),
        ({"s": 100, "d": -1, "f": False}, "a seed is a whole number"),
    ],
)
async def test_simulations_that_cannot_be(demo: Caller, given: dict[str, Any], says: str) -> None:
    assert says in (await failed(demo, DRAWN, p="PVMOD", **given))["message"]


async def test_spreads_that_cannot_be(demo: Caller) -> None:
    assert "cannot be assumed" in (await failed(demo, SURE, p="PVMOD", a="0.9"))["message"]
    error = await failed(demo, SURE, p="PVMOD", a="1.1", n=0)
    assert error["code"] == "BAD_USER_INPUT"


async def test_wind_is_lower_and_another_year_is_not_told_apart(demo: Caller) -> None:
    lower = (await ask(demo, LOWER, p="EL_WIND", q="EL_CN24", a="1.2"))["compareFootprints"]
    assert (lower["verdict"], lower["chanceLower"][:4]) == ("LOWER", "1")
    assert lower["because"].startswith("lower")
    assert lower["because_zh"].startswith("低于")
    near = (await ask(demo, LOWER, p="EL_CN24", q="EL_CN23", a="1.2"))["compareFootprints"]
    assert near["verdict"] == "NOT_DISTINGUISHABLE"
    ratio = log(0.6205 / 0.5777) / (sqrt(2) * log(1.2))
    assert float(near["chanceLower"]) == pytest.approx(0.5 + 0.5 * erf(ratio / sqrt(2)), rel=1e-9)
    silent = (await ask(demo, LOWER, p="EL_WIND", q="EL_CN24"))["compareFootprints"]
    assert (silent["verdict"], silent["sd"], silent["chanceLower"]) == ("UNKNOWN", None, None)
    assert silent["spreads"] == {"complete": False, "unstated": 2}


async def test_both_are_asked_for_in_one_unit(demo: Caller) -> None:
    found = (await ask(demo, LOWER, p="EL_WIND", q="EL_CN24", u="MWh", a="1.2"))["compareFootprints"]
    assert found["against"] == {"total": {"value": "577.7"}, "amount": {"value": "1000"}}
    error = await failed(demo, LOWER, p="EL_WIND", q="GLASS", a="1.2")
    assert error["code"] == "BAD_USER_INPUT"


# As a firm sees it

FILES = package(
    products="id,name,declared_unit,category\nbar,Bar,kg,steel\nrod,Rod,kg,steel\nscrap,Scrap,kg,steel\n",
    inputs="consumer,supplier,amount,unit,gsd\n"
    "bar,scrap,1.1,kg,1.05\nrod,scrap,1.2,kg,1.05\nbar,mill/billet,2,kg,1\nrod,mill/billet,2,kg,1\n",
    emissions="product,gas,kg_per_declared_unit,gsd\nbar,CO2,1,1.1\nrod,CO2,1,1.1\nscrap,CO2,3,1.3\n",
    unlinked="consumer,flow,amount,unit\n",
)
MILL = package(
    inputs="consumer,supplier,amount,unit\n",
    products="id,name,declared_unit,category\nbillet,Billet,kg,steel\n",
    emissions="product,gas,kg_per_declared_unit,gsd\nbillet,CO2,4.5678,1.5\n",
    unlinked="consumer,flow,amount,unit\n",
)


@pytest.fixture(scope="module")
async def firm(admin: Caller, exchange: Exchange) -> Caller:
    """A firm whose supplier has released a number of two digits to it, and no more."""
    mill = await organisation(admin, "mill", "CN", "CN-HE")
    firm = await organisation(admin, "firm", "CN", "CN-HE")
    await import_package(exchange, MILL, "mill", "test")
    i = {"idempotencyKey": key(), "product": "mill/billet", "audience": ["firm"], "digits": 2}
    await ask(mill, RELEASE, i=i)
    await import_package(exchange, FILES, "firm", "test")
    return firm


async def test_a_release_is_one_number_without_a_spread(firm: Caller) -> None:
    """What the supplier knows of its spread stays with it."""
    answer = (await ask(firm, SURE, p="bar"))["rollUp"]
    found = answer["uncertainty"]
    assert answer["total"]["value"] == "13.5"  # 1 + 1.1 × 3 + 2 × 4.6
    assert (found["spreads"]["stated"], found["spreads"]["unstated"]) == (4, 1)
    scrap = 1.1 * 3 * exp((log(1.05) ** 2 + log(1.3) ** 2) / 2)
    own = exp(log(1.1) ** 2 / 2)
    variance = scrap**2 * (expm1(log(1.05) ** 2) + expm1(log(1.3) ** 2)) + own**2 * expm1(log(1.1) ** 2)
    assert isclose(float(found["sd"]["value"]), sqrt(variance), rel_tol=1e-12)
    assert found["parameters"][0]["key"] == "firm/scrap"
    assert {part["key"] for part in found["parameters"]} == {"firm/scrap", "firm/bar"}


async def test_what_both_need_of_a_release_cancels(firm: Caller) -> None:
    """The billet's number states no spread, and does not matter: both need as much of it."""
    found = (await ask(firm, LOWER, p="bar", q="rod"))["compareFootprints"]
    assert found["spreads"] == {"complete": True, "unstated": 0}
    assert float(found["difference"]["value"]) == pytest.approx(-0.3)
    assert found["verdict"] == "NOT_DISTINGUISHABLE"
    assert 0.5 < float(found["chanceLower"]) < 0.97


@pytest.mark.usefixtures("firm")
async def test_the_administrator_s_answer_is_that_of_the_whole_graph(admin: Caller) -> None:
    answer = (await ask(admin, SURE, p="firm/bar"))["rollUp"]
    assert float(answer["total"]["value"]) == pytest.approx(1 + 1.1 * 3 + 2 * 4.5678)
    spreads = answer["uncertainty"]["spreads"]
    assert (spreads["stated"], spreads["unstated"]) == (5, 0)
