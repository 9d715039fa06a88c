"""The supply graph in process: it follows every write, one refresh for all who wait."""

from __future__ import annotations

import asyncio
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from huren.errors import Unavailable
from huren.graph import organisations, products
from huren.graph.database import Database
from huren.graph.model.organisation import Organisation
from huren.graph.model.supply import Emission, Input, Prefer
from huren.graph.model.text import Text
from huren.graph.rollup import roll_up_within
from huren.graph.supply import Snapshots

if TYPE_CHECKING:
    from tests.graph.conftest import Calls, Corner


async def chain(corner: Corner, *codes: str) -> None:
    """Products that each need half of the next, and emit 1 kg."""
    for code in reversed(codes):
        await corner.do(products.register(corner.product(code)))
        await corner.do(products.put_inventory(corner.key(code), [Emission("CO2", 1.0)], []))
    for consumer, supplier in pairwise(codes):
        needs = [Input(corner.key(supplier), 0.5)]
        await corner.do(products.put_inputs(corner.snapshots, corner.key(consumer), needs))


async def test_following_writes_gives_what_reading_everything_gives(corner: Corner) -> None:
    follower = Snapshots(corner.db)
    for code in ("a", "b", "c"):
        await chain(corner, code, f"{code}2", f"{code}3")
        await corner.do(products.put_inputs(corner.snapshots, corner.key(code), []))
        followed, whole = await follower.current(), await Snapshots(corner.db).current()
        assert followed == whole
        assert followed.revision == (await corner.pin()).revision
        assert followed.as_of == (await corner.pin()).known_at


async def test_a_snapshot_in_hand_does_not_change(corner: Corner) -> None:
    await chain(corner, "a")
    early = await corner.snapshots.current()
    products_then, recipes_then = dict(early.products), dict(early.recipes)
    await chain(corner, "b", "c")
    assert (early.products, early.recipes) == (products_then, recipes_then)
    assert (await corner.snapshots.current()).revision > early.revision


async def test_a_snapshot_is_never_older_than_the_last_answer(corner: Corner) -> None:
    readers = [Snapshots(corner.db) for _ in range(3)]

    async def read_after(n: int) -> None:
        answer = await corner.do(products.register(corner.product(f"p{n}")))
        supply = await readers[n % 3].current(answer.revision)
        assert supply.revision >= answer.revision
        assert corner.key(f"p{n}") in supply.products

    await asyncio.gather(*(read_after(n) for n in range(12)))


async def test_a_revision_that_is_not_there_yet_is_not_waited_for(corner: Corner) -> None:
    with pytest.raises(Unavailable, match="revision 99"):
        await corner.snapshots.current(99)


async def test_readers_at_once_share_one_refresh(corner: Corner, calls: Calls) -> None:
    await chain(corner, "a", "b")
    alone = Snapshots(corner.db)
    calls.reset()
    await alone.current()
    one = calls.count
    together = Snapshots(corner.db)
    calls.reset()
    snapshots = await asyncio.gather(*(together.current() for _ in range(8)))
    assert all(supply is snapshots[0] for supply in snapshots)
    assert calls.count == one + 7
    calls.reset()
    await together.current()
    assert calls.count == 1


class Telling(Snapshots):
    """Snapshots that tell when a refresh begins."""

    def __init__(self, db: Database) -> None:
        super().__init__(db)
        self.begun = asyncio.Event()

    async def _catch_up(self, revision: int, as_of: datetime) -> None:
        self.begun.set()
        await super()._catch_up(revision, as_of)


async def test_a_reader_that_gives_up_does_not_stop_the_others(corner: Corner) -> None:
    await chain(corner, "a", "b")
    snapshots = Telling(corner.db)
    readers = [asyncio.create_task(snapshots.current()) for _ in range(3)]
    await snapshots.begun.wait()
    readers[0].cancel()
    with pytest.raises(asyncio.CancelledError):
        await readers[0]
    for reader in readers[1:]:
        assert set((await reader).products) == {corner.key("a"), corner.key("b")}


async def test_a_graph_is_solved_once_until_a_product_changes(corner: Corner) -> None:
    await chain(corner, "a", "b")
    first = await corner.snapshots.system()
    assert roll_up_within(first, corner.key("a"), allow_partial=True).total == 1.5
    answer = await corner.do(organisations.register(Organisation("firm", Text(en="firm"))))
    second = await corner.snapshots.system()
    assert second.x is first.x
    assert second.supply.revision == answer.revision > first.supply.revision
    assert (await corner.snapshots.system(Prefer.DECLARED)).prefer is Prefer.DECLARED
    await corner.do(products.put_inventory(corner.key("b"), [Emission("CO2", 3.0)], []))
    third = await corner.snapshots.system()
    assert roll_up_within(third, corner.key("a"), allow_partial=True).total == 2.5


async def test_readers_at_once_share_one_solution(corner: Corner) -> None:
    await chain(corner, "a", "b")
    systems = await asyncio.gather(*(corner.snapshots.system() for _ in range(5)))
    assert all(system.x is systems[0].x for system in systems)
