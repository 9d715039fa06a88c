"""Statistics before the real service: opted in, of one quarter, the same whenever they are asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from huren.auth.principal import Principal
from huren.auth.scopes import REFERENCE_READ
from huren.graph.model.text import Lang
from huren.graph.statistics import contributions
from huren.mappings.statistics import Figures
from huren.resolvers.context import Context, Exchange
from huren.resolvers.statistics import Cell, statistic
from tests.http.conftest import Caller
from tests.http.test_acceptance import ask, failed
from tests.http.test_exports import INVENTORY, PRODUCT, RELEASE, key, organisation

ASKED = """query($p: String!, $c: String!, $r: String!, $q: String!) {
  statistics(partition: $p, category: $c, region: $r, quarter: $q) {
    contributors low median high unit suppressed because(lang: EN) } }"""
CELL = {"p": "class-province-quarter", "c": "steel", "r": "CN-HE", "q": "2026-Q1"}


async def release(caller: Caller, kg: str, unit: str = "kg", region: str = "CN-HE", **terms: Any) -> str:
    i = {"idempotencyKey": key(), "code": key()[:9], "name": {"en": "x"}, "declaredUnit": unit}
    found = await ask(caller, PRODUCT, i={**i, "category": "steel", "region": region})
    product: str = found["registerProduct"]["product"]["key"]
    emissions = [{"gas": "CO2", "kg": kg, "stage": "PRODUCTION"}]
    i = {"idempotencyKey": key(), "product": product, "emissions": emissions, "unlinked": []}
    await ask(caller, INVENTORY, i=i)
    i = {"idempotencyKey": key(), "product": product, "audience": ["home"], "forStatistics": True, **terms}
    answer = await ask(caller, RELEASE, i=i)
    return str(answer["publishRelease"]["release"]["release"]["id"])


def last_quarter(now: datetime) -> str:
    month = (now.month - 1) // 3 * 3 + 1
    before = now.replace(month=month, day=1) - timedelta(days=2)
    return f"{before.year}-Q{(before.month + 2) // 3}"


async def test_what_is_released_now_is_not_in_a_closed_quarter(admin: Caller, exchange: Exchange) -> None:
    await organisation(admin, "home", "CN", None)
    firms = [await organisation(admin, f"firm-{n}", "CN", None) for n in range(4)]
    quarter = last_quarter(exchange.clock())
    cell = {**CELL, "q": quarter}
    empty = (await ask(admin, ASKED, **cell))["statistics"]
    assert (empty["suppressed"], empty["median"], empty["contributors"]) == ("TOO_FEW", None, None)
    assert empty["because"]
    await release(firms[0], "1")
    await release(firms[1], "2")
    await release(firms[2], "3000", "t")
    await release(firms[2], "9", audience=["*"], forStatistics=False)
    await release(firms[3], "100", region="CN-TJ")
    await release(firms[3], "100", forStatistics=False)
    assert (await ask(admin, ASKED, **cell))["statistics"] == empty
    database = exchange.database
    found = await contributions(database, "steel", exchange.clock() - timedelta(days=1), exchange.clock())
    assert sorted((one.owner, one.unit, one.kg) for one in found if one.region == "CN-HE") == [
        ("firm-0", "kg", 1.0),
        ("firm-1", "kg", 2.0),
        ("firm-2", "t", 3000.0),
    ]


async def test_a_public_release_cannot_be_meant_for_statistics(admin: Caller) -> None:
    firm = await organisation(admin, "firm-p", "CN", None)
    with pytest.raises(AssertionError, match="BAD_USER_INPUT"):
        await release(firm, "1", audience=["*"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"p": "my-own"},
        {"c": "weapons"},
        {"r": "JJJ"},
        {"r": "CN"},
        {"r": "130102"},
        {"q": "2099-Q1"},
        {"q": "2026"},
    ],
)
async def test_nobody_draws_a_cell_of_its_own(admin: Caller, wrong: dict[str, str]) -> None:
    assert (await failed(admin, ASKED, **{**CELL, **wrong}))["code"] == "BAD_USER_INPUT"


async def test_the_partitions_can_be_read(admin: Caller) -> None:
    asked = (
        "{ statisticPartitions { id name contributors largestShare p classes { category unit } regions } }"
    )
    [found] = (await ask(admin, asked))["statisticPartitions"]
    assert (found["contributors"], found["largestShare"], len(found["regions"])) == (3, "0.5", 34)


async def test_two_askings_of_a_closed_quarter_never_differ(admin: Caller, exchange: Exchange) -> None:
    """Asked as after the end of the present quarter; what is recorded later falls into the next one."""
    firms = [await organisation(admin, f"mill-{n}", "CN", None) for n in range(3)]
    ids = [
        await release(firm, kg, unit, region)
        for firm, kg, unit, region in zip(
            firms, ("1", "2", "3000"), ("kg", "kg", "t"), ("CN-SD", "CN-SD", "370102"), strict=True
        )
    ]
    now = exchange.clock()
    quarter = f"{now.year}-Q{(now.month + 2) // 3}"
    cell = Cell("class-province-quarter", "steel", "CN-SD", quarter)
    told = (await statistic(later(exchange), cell)).figures
    assert told == Figures("3-5", None, "2.0", None)
    withdraw = "mutation($i: WithdrawInput!) { withdrawRelease(input: $i) { revision } }"
    await ask(firms[0], withdraw, i={"idempotencyKey": key(), "id": ids[0]})
    await release(await organisation(admin, "mill-4", "CN", None), "7", region="CN-SD")
    assert (await statistic(later(exchange), cell)).figures == told


def later(exchange: Exchange) -> Context:
    """A request of half a year from now."""
    then = exchange.clock() + timedelta(days=183)
    caller = Principal("anyone", "test", frozenset({REFERENCE_READ}))
    return Context(replace(exchange, clock=lambda: then), caller, Lang.EN, "later")
