"""Products in the graph: naming them, paging through them, changing what stands behind them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime
from math import nan
from typing import TYPE_CHECKING

import pytest

from huren.errors import BadInput, Conflict, ConsumingLoop, HurenError, NotFound
from huren.graph import products
from huren.graph.model.supply import (
    Declared,
    Emission,
    GwpSet,
    Input,
    Origin,
    Provenance,
    Recipe,
    Stage,
    Unlinked,
)
from huren.graph.model.text import Text
from huren.graph.products import ProductFilter
from huren.graph.visible import EVERYTHING, Visible

if TYPE_CHECKING:
    from tests.conftest import Calls
    from tests.graph.conftest import Corner

EVIL = [
    "' OR 1=1 //",
    '"}) DETACH DELETE (n) //',
    "`) MATCH (n) DETACH DELETE n //",
    "$key",
    "{key: 'a'}",
    "a\u0000b",
    "\\u0027",
    ".*",
    "[a-z]+(",
    "a' UNION MATCH (n) RETURN n //",
    "键/产品 ☃ 𝛼",
    "*)(uid=*",
    "a OR owner:*",
]
"""Cypher, regular expressions, Lucene and LDAP in the place of a name."""


async def registered(corner: Corner, *codes: str) -> None:
    """Products of which nothing is known."""
    for code in codes:
        await corner.do(products.register(corner.product(code)))


async def test_what_was_stated_is_read_back(corner: Corner) -> None:
    await registered(corner, "b")
    product = corner.product(
        "a",
        category="pv",
        region="CN-TJ",
        site="plant 2",
        period_start=date(2025, 1, 1),
        period_end=date(2025, 12, 31),
        dqr_tech=1.5,
        dqr_geo=2.0,
        dqr_time=2.5,
        traceability="metered",
        unverified=True,
    )
    source = Provenance("primary", "meter 7", 1.1)
    inputs = (
        Input(corner.key("b"), -0.25),
        Input(corner.key("b"), 0.5, Stage.USE, source),
    )
    emissions = (
        Emission("CO2", 1.5, Origin.FOSSIL, Stage.PRODUCTION, provenance=source),
        Emission("CO2e", 2.0, gwp_set=GwpSet.AR5),
        Emission("CO2e", 0.0),
    )
    unlinked = (Unlinked("water", 3.0, "m3"), Unlinked("紧固件", 1e-9, "piece"))
    until = datetime(2027, 1, 1, tzinfo=UTC)
    declared = Declared(
        9.5, GwpSet.AR6, True, ((Stage.USE, 4.5), (Stage.PRODUCTION, 5.0)), -1.0, until, "EPD"
    )
    key = product.key
    await corner.do(products.register(product))
    assert (await products.recipes_of(corner.db, await corner.pin(), [key]))[key] == Recipe()
    await corner.do(products.put_inputs(corner.snapshots, key, inputs))
    await corner.do(products.put_inventory(key, emissions, unlinked, declared))
    found = await corner.pin()
    assert (await products.get_many(corner.db, found, [key]))[key] == product
    stated = Recipe(inputs, emissions, unlinked, unlinked_stated=True, declared=declared)
    assert (await products.recipes_of(corner.db, found, [key]))[key] == stated
    assert (await corner.snapshots.current()).recipes[key] == stated


async def test_a_product_is_found_by_key_or_by_a_code_of_its_own(corner: Corner) -> None:
    await registered(corner, "a")
    corner.org = "other"
    await registered(corner, "a", "org")
    found = await corner.pin()
    for ref in ("org/a", "other/a"):
        assert (await products.find(corner.db, found, ref)).key == ref
    with pytest.raises(Conflict, match="`org/a`, `other/a`"):
        await products.find(corner.db, found, "a")
    assert (await products.find(corner.db, found, "a", Visible(("other",)))).key == "other/a"
    for ref, visible in (
        ("c", EVERYTHING),
        ("org/a", Visible(("other",))),
        ("a", Visible()),
        ("org", Visible(("org",))),
    ):
        with pytest.raises(NotFound):
            await products.find(corner.db, found, ref, visible)


async def test_a_key_wins_over_a_code_that_reads_the_same(corner: Corner) -> None:
    await registered(corner, "a")
    corner.org = "other"
    await registered(corner, "org/a")
    assert (await products.find(corner.db, await corner.pin(), "org/a")).owner == "org"


@pytest.mark.parametrize("first", [1, 2, 3, 7, 100])
async def test_pages_hold_every_product_once_and_in_order(corner: Corner, calls: Calls, first: int) -> None:
    codes = ["a", "b", "B", "aa", "é", "甲", "10"]
    await registered(corner, *codes)
    found, after, keys = await corner.pin(), "", []
    while True:
        calls.reset()
        page = await products.page(corner.db, found, ProductFilter(), first, after)
        assert calls.count == 1
        keys += [product.key for product in page.products]
        if not page.more:
            break
        assert len(page.products) == first
        after = keys[-1]
    assert keys == sorted(corner.key(code) for code in codes)


async def test_filters_choose(corner: Corner) -> None:
    await corner.do(products.register(corner.product("PV-1", category="pv", region="CN-TJ")))
    await corner.do(products.register(corner.product("Steel", category="steel", region="CN-TJ")))
    corner.org = "other"
    await corner.do(products.register(corner.product("pv-2", category="pv", region="CN-BJ")))
    found = await corner.pin()
    chosen = {
        ProductFilter(): ["org/PV-1", "org/Steel", "other/pv-2"],
        ProductFilter(owner="other"): ["other/pv-2"],
        ProductFilter(category="pv"): ["org/PV-1", "other/pv-2"],
        ProductFilter(region="CN-TJ", category="pv"): ["org/PV-1"],
        ProductFilter(text="Pv"): ["org/PV-1", "other/pv-2"],
        ProductFilter(text="%"): [],
        ProductFilter(category=""): [],
    }
    for where, keys in chosen.items():
        page = await products.page(corner.db, found, where, 10)
        assert [product.key for product in page.products] == keys
        assert await products.count(corner.db, found, where) == len(keys)
        mine = [key for key in keys if key.startswith("org/")]
        page = await products.page(corner.db, found, where, 10, visible=Visible(("org",)))
        assert [product.key for product in page.products] == mine
        assert await products.count(corner.db, found, where, Visible(("org",))) == len(mine)


async def test_a_filter_looks_at_what_a_product_is_now(corner: Corner) -> None:
    await corner.do(products.register(corner.product("a")))
    await corner.do(products.put_inventory(corner.key("a"), [Emission("CO2", 1.0)], []))
    page = await products.page(corner.db, await corner.pin(), ProductFilter(text="a"), 10)
    assert [product.code for product in page.products] == ["a"]


@pytest.mark.parametrize("evil", EVIL)
async def test_no_text_becomes_a_query(corner: Corner, evil: str) -> None:
    await registered(corner, "a", evil)
    found, key = await corner.pin(), corner.key(evil)
    await corner.do(products.put_inputs(corner.snapshots, corner.key("a"), [Input(key, 1.0)]))
    unlinked = [Unlinked(evil, 1.0, evil)]
    await corner.do(products.put_inventory(key, [], unlinked, Declared(1.0, source=evil)))
    now = await corner.pin()
    assert (await products.find(corner.db, found, evil)).key == key
    assert (await products.recipes_of(corner.db, now, [key]))[key].unlinked == tuple(unlinked)
    assert (await products.recipes_of(corner.db, now, [corner.key("a")]))[corner.key("a")].inputs == (
        Input(key, 1.0),
    )
    for where in (ProductFilter(evil), ProductFilter(category=evil), ProductFilter(region=evil)):
        assert await products.count(corner.db, found, where) == 0
    assert await products.count(corner.db, found, ProductFilter(text=evil)) == 1
    assert await products.count(corner.db, found, ProductFilter(), Visible((evil,))) == 0
    assert not (await products.page(corner.db, found, ProductFilter(text=evil), 1, key)).products
    assert await products.count(corner.db, found, ProductFilter()) == 2


async def test_a_product_is_registered_once(corner: Corner) -> None:
    await registered(corner, "a")
    with pytest.raises(Conflict, match="`org/a` already"):
        await registered(corner, "a")


@pytest.mark.parametrize("missing", ["consumer", "supplier"])
async def test_what_is_not_there_cannot_be_linked(corner: Corner, missing: str) -> None:
    await registered(corner, "consumer" if missing == "supplier" else "supplier")
    link = products.put_inputs(corner.snapshots, corner.key("consumer"), [Input(corner.key("supplier"), 1.0)])
    with pytest.raises(NotFound, match=missing):
        await corner.do(link)


async def test_a_loop_that_consumes_all_it_makes_is_refused(corner: Corner) -> None:
    await registered(corner, "a", "b")
    a, b = corner.key("a"), corner.key("b")
    await corner.do(products.put_inputs(corner.snapshots, a, [Input(b, 2.0)]))
    before = await corner.pin()
    with pytest.raises(ConsumingLoop, match=a):
        await corner.do(products.put_inputs(corner.snapshots, b, [Input(a, 0.5)]))
    assert await corner.pin() == before
    await corner.do(products.put_inputs(corner.snapshots, b, [Input(a, 0.5, Stage.USE)]))
    await corner.do(products.put_inputs(corner.snapshots, b, [Input(a, 0.4)]))


async def test_two_links_at_once_cannot_close_a_loop_together(corner: Corner) -> None:
    await registered(corner, "a", "b")
    a, b = corner.key("a"), corner.key("b")
    results = await asyncio.gather(
        corner.do(products.put_inputs(corner.snapshots, a, [Input(b, 2.0)])),
        corner.do(products.put_inputs(corner.snapshots, b, [Input(a, 2.0)])),
        return_exceptions=True,
    )
    assert [type(result) for result in results].count(ConsumingLoop) == 1


@pytest.mark.parametrize(
    ("emissions", "unlinked", "declared"),
    [
        ([Emission("CO2", nan)], [], None),
        ([Emission("phlogiston", 1.0)], [], None),
        ([], [Unlinked("water", float("inf"), "m3")], None),
        ([], [], Declared(nan)),
    ],
)
async def test_numbers_and_gases_without_meaning_are_refused(
    corner: Corner, emissions: list[Emission], unlinked: list[Unlinked], declared: Declared | None
) -> None:
    await registered(corner, "a")
    with pytest.raises(BadInput):
        await corner.do(products.put_inventory(corner.key("a"), emissions, unlinked, declared))
    with pytest.raises(HurenError):
        await corner.do(products.put_inputs(corner.snapshots, corner.key("a"), [Input(corner.key("a"), nan)]))


@pytest.mark.parametrize("many", [1, 5])
async def test_reading_takes_one_query_however_many_are_read(corner: Corner, calls: Calls, many: int) -> None:
    codes = [f"p{n}" for n in range(many)]
    await registered(corner, *codes)
    found, keys = await corner.pin(), [corner.key(code) for code in codes]
    for reading in (
        products.get_many(corner.db, found, keys),
        products.recipes_of(corner.db, found, keys),
        products.find(corner.db, found, "p0"),
        products.count(corner.db, found, ProductFilter()),
    ):
        calls.reset()
        await reading
        assert calls.count == 1


async def test_names_are_searched_in_both_languages(corner: Corner) -> None:
    await corner.do(products.register(replace(corner.product("a"), name=Text("光伏组件", "PV module"))))
    for text in ("光伏", "MODULE"):
        assert await products.count(corner.db, await corner.pin(), ProductFilter(text=text)) == 1
