"""What moved, before the real service: by what an owner sees, for the administrator in the whole graph."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from huren.resolvers.context import Exchange
from huren.resolvers.imports import import_package
from tests.http.conftest import Caller
from tests.http.test_acceptance import ask, failed
from tests.http.test_exports import GRANT, RELEASE, key, organisation
from tests.mappings.packages import package

MOVED = """query($s: DateTime, $r: String, $o: String, $l: Decimal! = "0.01", $n: Int! = 10,
  $x: Boolean! = false) {
  moved(since: $s, sinceRevision: $r, owner: $o, atLeast: $l, first: $n, allowPartial: $x) {
    moved { key product { key } before { value unit } after { value } share }
    count asked sinceRevision revision asOf } }"""
TOTAL = "query($p: ID!) { rollUp(product: $p) { total { value } revision asOf } }"
WITHDRAW = "mutation($i: WithdrawInput!) { withdrawRelease(input: $i) { release { withdrawnAt } } }"


def made(code: str, kg: str, needs: str = "") -> dict[str, bytes]:
    return package(
        products=f"id,name,declared_unit,category\n{code},{code},kg,steel\n",
        inputs=f"consumer,supplier,amount,unit\n{needs}",
        emissions=f"product,gas,kg_per_declared_unit\n{code},CO2,{kg}\n",
        unlinked="consumer,flow,amount,unit\n",
    )


async def released(caller: Caller, product: str, *audience: str) -> str:
    i = {"idempotencyKey": key(), "product": product, "audience": list(audience), "digits": 3}
    return str((await ask(caller, RELEASE, i=i))["publishRelease"]["release"]["release"]["id"])


class Chain:
    """A smelter; a drawer that knows what it released; a maker of cables that knows what the drawer did."""

    def __init__(self, exchange: Exchange, callers: dict[str, Caller]) -> None:
        self.exchange, self.callers = exchange, callers

    async def put(self, owner: str, code: str, kg: str, needs: str = "") -> None:
        await import_package(self.exchange, made(code, kg, needs), owner, "test")

    async def revision(self) -> str:
        return str((await ask(self.callers["cable"], TOTAL, p="cable/plug"))["rollUp"]["revision"])

    async def moved(self, who: str, since: str, **asked: Any) -> dict[str, Any]:
        return dict((await ask(self.callers[who], MOVED, r=since, **asked))["moved"])


@pytest.fixture(scope="module")
async def chain(admin: Caller, exchange: Exchange) -> Chain:
    callers = {"admin": admin}
    for name in ("copper", "drawer", "cable"):
        callers[name] = await organisation(admin, name, "CN", "CN-HE")
    chain = Chain(exchange, callers)
    await chain.put("copper", "cathode", "10")
    await released(callers["copper"], "copper/cathode", "drawer")
    await chain.put("drawer", "wire", "1", "wire,copper/cathode,1,kg\n")
    await released(callers["drawer"], "drawer/wire", "cable")
    await chain.put("cable", "plug", "4")
    await chain.put("cable", "lead", "1", "lead,drawer/wire,0.5,kg\nlead,cable/plug,1,kg\n")
    return chain


def figures(found: dict[str, Any]) -> list[tuple[str, str | None, str | None, float | None]]:
    return [
        (
            one["key"],
            one["before"] and one["before"]["value"],
            one["after"] and one["after"]["value"],
            one["share"] and pytest.approx(float(one["share"])),
        )
        for one in found["moved"]
    ]


async def test_a_write_moves_what_depends_on_it(chain: Chain) -> None:
    before = await chain.revision()
    await chain.put("cable", "plug", "5")
    found = await chain.moved("cable", before)
    assert figures(found) == [("cable/plug", "4", "5", 0.25), ("cable/lead", "10.5", "11.5", 1 / 10.5)]
    assert (found["count"], found["asked"], found["sinceRevision"]) == (2, 2, before)
    assert int(found["revision"]) > int(before)
    assert [one["key"] for one in (await chain.moved("cable", before, n=1))["moved"]] == ["cable/plug"]
    assert figures(await chain.moved("cable", before, l="0.2")) == [("cable/plug", "4", "5", 0.25)]
    assert (await chain.moved("cable", found["revision"]))["count"] == 0
    await chain.put("cable", "plug", "4")
    assert (await chain.moved("cable", before))["count"] == 0


async def test_who_knows_a_release_alone_sees_that_move(chain: Chain) -> None:
    """The copper's own data move the administrator's graph, the drawer's once released, the cable's never."""
    before = await chain.revision()
    await chain.put("copper", "cathode", "20")
    assert (
        (await chain.moved("cable", before))["count"] == (await chain.moved("drawer", before))["count"] == 0
    )
    assert figures(await chain.moved("copper", before)) == [("copper/cathode", "10", "20", 1.0)]
    whole = figures(await chain.moved("admin", before, l="0.001"))
    assert whole == [
        ("copper/cathode", "10", "20", 1.0),
        ("drawer/wire", "11", "21", 10 / 11),
        ("cable/lead", "10.5", "15.5", 5 / 10.5),
    ]
    assert figures(await chain.moved("admin", before, o="cable")) == whole[2:]
    assert (await chain.moved("admin", before, o="nobody"))["asked"] == 0
    await released(chain.callers["copper"], "copper/cathode", "drawer")
    assert figures(await chain.moved("drawer", before)) == [("drawer/wire", "11", "21", 10 / 11)]


async def test_what_was_withdrawn_is_not_told_of_the_past_either(chain: Chain) -> None:
    """The number that stood between two writes is gone: the one before it counts then as now."""
    before = await chain.revision()
    await chain.put("cable", "cord", "1", "cord,drawer/wire,1,kg\n")
    assert figures(await chain.moved("cable", before)) == [("cable/cord", None, "12", None)]
    one = await chain.revision()
    id = await released(chain.callers["drawer"], "drawer/wire", "cable")
    found = figures(await chain.moved("cable", one))
    assert found == [("cable/cord", "12", "22", 10 / 12), ("cable/lead", "10.5", "15.5", 5 / 10.5)]
    other = await chain.revision()
    await ask(chain.callers["drawer"], WITHDRAW, i={"idempotencyKey": key(), "id": id})
    assert [(await chain.moved("cable", since))["count"] for since in (one, other)] == [0, 0]


async def test_another_s_products_are_told_to_whom_their_recipe_is_shown(chain: Chain) -> None:
    before = await chain.revision()
    await chain.put("drawer", "wire", "2", "wire,copper/cathode,1,kg\n")
    assert (await chain.moved("cable", before, o="drawer"))["asked"] == 0
    i = {"idempotencyKey": key(), "grantee": "cable", "fields": ["RECIPE"]}
    await ask(chain.callers["drawer"], GRANT, i=i)
    found = await chain.moved("cable", before, o="drawer", x=True)
    assert found["asked"] == 1
    assert figures(found) == [("drawer/wire", "11", "2", -9 / 11)]  # then the release alone was shown
    later = await chain.revision()
    await chain.put("drawer", "wire", "3", "wire,copper/cathode,1,kg\n")
    assert figures(await chain.moved("cable", later, o="drawer", x=True)) == [("drawer/wire", "2", "3", 0.5)]


async def test_an_instant_is_as_good_as_a_revision(chain: Chain) -> None:
    answer = (await ask(chain.callers["cable"], TOTAL, p="cable/plug"))["rollUp"]
    await chain.put("cable", "plug", "8")
    by_instant = (await ask(chain.callers["cable"], MOVED, s=answer["asOf"]))["moved"]
    assert by_instant == await chain.moved("cable", answer["revision"])
    assert "cable/plug" in [one["key"] for one in by_instant["moved"]]
    now = (await ask(chain.callers["cable"], MOVED, s=datetime.now(UTC).isoformat()))["moved"]
    assert now["count"] == 0
    nothing = await chain.moved("cable", "0", x=True)
    assert all(one["before"] is None for one in nothing["moved"])


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"s": "2026-01-01T00:00:00Z", "r": "1"},
        {"r": "-1"},
        {"r": "99999999999999999999999"},
        {"r": "x"},
        {"s": "2999-01-01T00:00:00Z"},
        {"r": "1", "l": "0"},
        {"r": "1", "l": "-1"},
        {"r": "1", "n": 101},
    ],
)
async def test_what_cannot_be_asked_is_refused(chain: Chain, asked: dict[str, Any]) -> None:
    assert (await failed(chain.callers["cable"], MOVED, **asked))["code"] == "BAD_USER_INPUT"


async def test_it_takes_the_scope_of_footprints(chain: Chain) -> None:
    blind = chain.callers["admin"].minted("cable", "product:read", "query:adhoc")
    assert (await failed(blind, MOVED, r="1"))["code"] == "FORBIDDEN"
