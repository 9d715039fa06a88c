"""Pins: what a question sees stays what it saw."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from huren.errors import BadInput
from huren.graph import products
from huren.graph.revision import pin
from huren.graph.writing import Write, write_once

if TYPE_CHECKING:
    from tests.conftest import Calls
    from tests.graph.conftest import Corner


async def test_a_pin_does_not_see_later_writes(corner: Corner) -> None:
    await corner.do(products.register(corner.product("a", region="CN-BJ")))
    early = await corner.pin()
    await corner.do(products.register(corner.product("b")))
    await corner.do(products.put_inputs(corner.snapshots, corner.key("b"), []))
    keys = [corner.key("a"), corner.key("b")]
    assert set(await products.get_many(corner.db, early, keys)) == {corner.key("a")}
    assert set(await products.recipes_of(corner.db, early, keys)) == {corner.key("a")}
    assert await products.count(corner.db, early, products.ProductFilter()) == 1
    assert set(await products.get_many(corner.db, await corner.pin(), keys)) == set(keys)


async def test_without_an_instant_all_that_is_recorded_is_known(corner: Corner, calls: Calls) -> None:
    answer = await corner.do(products.register(corner.product("a")))
    calls.reset()
    found = await corner.pin()
    assert (found.revision, found.known_at) == (answer.revision, answer.recorded_at)
    assert calls.count == 1


async def test_nothing_is_recorded_later_at_an_instant_that_was_asked_for(corner: Corner) -> None:
    await corner.do(products.register(corner.product("a")))
    instant = datetime.now(UTC)
    asked = await pin(corner.db, instant)
    write = Write("org", "tester", uuid4().hex, "test", {})
    slow = await write_once(
        corner.db,
        write,
        products.register(corner.product("b")),
        lambda: instant - timedelta(seconds=1),
    )
    assert slow.recorded_at > asked.known_at == instant
    assert (await pin(corner.db, instant)).known_at == instant


async def test_the_future_is_not_known(corner: Corner) -> None:
    now = datetime(2026, 6, 1, tzinfo=UTC)
    with pytest.raises(BadInput, match="in the future"):
        await pin(corner.db, now + timedelta(microseconds=1), lambda: now)


async def test_an_instant_needs_an_offset(corner: Corner) -> None:
    with pytest.raises(BadInput, match="no offset"):
        await pin(corner.db, datetime(2026, 6, 1))  # noqa: DTZ001  (that is the point)


async def test_an_empty_graph_has_a_pin(corner: Corner) -> None:
    assert (await corner.pin()).revision == 0
