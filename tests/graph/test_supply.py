"""The supply graph in process: it follows every write, one refresh for all who wait."""

from __future__ import annotations

import asyncio
from datetime import datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from huren.app import join_exchange
from huren.errors import Unavailable
from huren.graph import imports, organisations, products
from huren.graph.database import Address, Database
from huren.graph.home import Home
from huren.graph.imports import Import
from huren.graph.model.organisation import Organisation
from huren.graph.model.supply import Emission, Input, Prefer, Recipe
from huren.graph.model.text import Text
from huren.graph.recipes import read_recipes
from huren.graph.rollup import roll_up_within
from huren.graph.snapshot import reading
from huren.graph.snapshot.blob import Blob
from huren.graph.snapshot.rows import Row
from huren.graph.supply import Snapshots
from huren.graph.writing import close, lock
from huren.settings import Settings

if TYPE_CHECKING:
    from tests.conftest import Calls
    from tests.graph.conftest import Corner


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
    assert third.index is not second.index
    assert third.regions is second.regions  # it followed, and was not compiled anew
    assert roll_up_within(third, corner.key("a"), allow_partial=True).total == 2.5


async def test_readers_at_once_share_one_solution(corner: Corner) -> None:
    await chain(corner, "a", "b")
    systems = await asyncio.gather(*(corner.snapshots.system() for _ in range(5)))
    assert all(system.x is systems[0].x for system in systems)


async def many(corner: Corner, count: int) -> None:
    """An import of ``count`` products that each need the one before."""
    emission = (Emission("CO2", 1.0),)
    items = {
        corner.key(f"{i:05}"): (
            corner.product(f"{i:05}", region=f"CN-{i % 30}"),
            Recipe((Input(corner.key(f"{i - 1:05}"), 0.5),) if i else (), emission, unlinked_stated=True),
        )
        for i in range(count)
    }

    async def stands(_: int) -> None: ...

    await imports.load(corner.db, Import(corner.org, "tester", "many", items), stands)


async def test_reading_in_chunks_gives_what_one_by_one_gives(corner: Corner) -> None:
    await many(corner, 2_345)
    supply = await corner.snapshots.current()
    at = await corner.pin()
    one_by_one = await read_recipes(corner.db, at.revision, list(supply.products))
    assert {key: (supply.products[key], supply.recipes[key]) for key in supply.products} == one_by_one
    assert len(one_by_one) == 2_345


async def test_a_refresh_that_fails_leaves_what_there_was(
    corner: Corner, monkeypatch: pytest.MonkeyPatch
) -> None:
    await many(corner, 2_345)
    follower = Snapshots(corner.db)
    before = await follower.current()
    held = dict(before.products), dict(before.recipes)
    await corner.db.bulk_with(partial(_doubled, corner.db))
    asked = 0

    async def fails(*args: Any) -> list[Row]:
        nonlocal asked
        asked += 1
        if asked == 2:
            raise _gone()
        return await plain(*args)

    plain = reading.stated
    with monkeypatch.context() as patch:
        patch.setattr(reading, "stated", fails)
        with pytest.raises(Unavailable):
            await follower.current()
    assert (before.products, before.recipes) == held
    assert await follower.current() == await Snapshots(corner.db).current()
    assert (before.products, before.recipes) == held


async def _doubled(db: Database, tx: Any) -> None:
    """Another inventory for every product, as a write of its own."""
    stamp = await lock(tx, "doubled")
    await tx.run(COPY, id=stamp.write, revision=stamp.revision)
    await close(db, tx, stamp, {}, [])


COPY = """
CREATE (w:Write {id: $id, key: 'test doubled', org: 'org', revision: $revision})
WITH w
MATCH (p:Product)-[:HAS]->(i:Inventory)
CREATE (p)-[:HAS]->(j:Inventory)-[:WRITTEN_BY]->(w)
SET j = i, j.kg = [2.0], j.write = $id
"""


def _gone() -> Unavailable:
    return Unavailable("gone", "无", fix="wait", fix_zh="请稍候")


@pytest.fixture
def blob(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Blob:
    """A place for a copy; every read counts as a long one."""
    monkeypatch.setattr("huren.graph.supply.LONG", 0.0)
    return Blob(tmp_path / "supply.snapshot")


async def test_a_copy_is_kept_and_followed_from(
    corner: Corner, blob: Blob, monkeypatch: pytest.MonkeyPatch
) -> None:
    await chain(corner, "a", "b", "c")
    first = Snapshots(corner.db, blob)
    await first.current()
    await first.aclose()
    assert (header := blob.header())
    assert header.revision == (await corner.pin()).revision
    await chain(corner, "d", "e")
    asked: list[str] = []
    plain = reading.stated

    async def noted(db: Database, revision: int, keys: list[str]) -> list[Row]:
        asked.extend(keys)
        return await plain(db, revision, keys)

    monkeypatch.setattr(reading, "stated", noted)
    second = Snapshots(corner.db, blob)
    followed = await second.current()
    assert set(asked) == {corner.key("d"), corner.key("e")}
    assert followed == await Snapshots(corner.db).current()
    assert await second.check()
    await second.aclose()
    assert (header := blob.header())
    assert header.revision == followed.revision


async def test_small_graphs_leave_no_copy(corner: Corner, tmp_path: Path) -> None:
    await chain(corner, "a")
    blob = Blob(tmp_path / "supply.snapshot")
    snapshots = Snapshots(corner.db, blob)
    await snapshots.current()
    await snapshots.aclose()
    assert blob.header() is None


@pytest.mark.parametrize("codes", [("x",), ("x", "y", "z")], ids=["shorter than the copy", "longer"])
async def test_a_copy_of_another_history_is_not_used(
    corner: Corner, blob: Blob, caplog: pytest.LogCaptureFixture, codes: tuple[str, ...]
) -> None:
    await chain(corner, "a", "b")
    other = Snapshots(corner.db, blob)
    await other.current()
    await other.aclose()
    await corner.db.alter("MATCH (n) WHERE NOT n:Migration CALL (n) { DETACH DELETE n } IN TRANSACTIONS")
    await corner.db.alter("MERGE (r:Revision {id: 'graph'}) ON CREATE SET r.value = 0")
    corner.snapshots = Snapshots(corner.db)
    await chain(corner, *codes)  # as after an older backup was restored
    supply = await Snapshots(corner.db, blob).current()
    assert "another history" in caplog.text
    assert supply == await Snapshots(corner.db).current()
    assert corner.key("a") not in supply.products


async def test_a_damaged_copy_is_read_anew(
    corner: Corner, blob: Blob, caplog: pytest.LogCaptureFixture
) -> None:
    await chain(corner, "a", "b")
    first = Snapshots(corner.db, blob)
    whole = await first.current()
    await first.aclose()
    data = bytearray(blob.path.read_bytes())
    data[-100] ^= 1
    blob.path.write_bytes(data)
    assert await Snapshots(corner.db, blob).current() == whole
    assert "is damaged" in caplog.text


async def test_what_drifted_is_found_and_read_anew(corner: Corner, caplog: pytest.LogCaptureFixture) -> None:
    await chain(corner, "a", "b")
    follower = Snapshots(corner.db)
    before = await follower.current()
    assert await follower.check()
    # A change that no revision tells of, as no write of ours makes.
    await corner.db.alter("MATCH (p:Product {code: 'a'})-[:HAS]->(i) DETACH DELETE i")
    assert corner.key("a") in (await follower.current()).products
    assert not await follower.check()
    assert "is read anew" in caplog.text
    assert set((await follower.current()).products) == {corner.key("b")}
    assert corner.key("a") in before.products


async def test_long_reading_says_how_far_it_is(corner: Corner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huren.graph.supply.LONG", 0.0)
    await many(corner, 2_345)
    said: list[Text] = []
    await Snapshots(corner.db, progress=said.append).current()
    assert [text.en for text in said][-1] == "reading the supply graph: 2,000 of 2,345 products"
    assert "2,345" in said[-1].zh


async def test_a_process_that_ends_leaves_its_copy_in_the_home(
    corner: Corner, address: Address, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huren.graph.supply.LONG", 0.0)
    await chain(corner, "a", "b")
    settings = Settings.from_env({"HUREN_HOME": str(tmp_path / "home")}).at(address)
    async with join_exchange(settings) as exchange:
        exchange.snapshots.begin()
        supply = await exchange.snapshots.current()
    header = Blob(Home(tmp_path / "home").supply).header()
    assert header is not None
    assert header.revision == supply.revision
