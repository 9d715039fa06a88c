"""Imports: many inventories under one write that no reader sees until all of it is there.

The batches hang on a write without a revision; a last small transaction gives it one. An import that
dies before leaves nothing that can be seen, and :mod:`huren.graph.leftovers` sweeps what it wrote.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Coroutine,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from uuid import uuid4

from neo4j import AsyncManagedTransaction

from huren.errors import Unavailable
from huren.graph.database import Database, rows_of
from huren.graph.inventories import INVENTORIES, NEEDS
from huren.graph.leftovers import LEASE, here, sweep
from huren.graph.model.audit import Entry
from huren.graph.model.supply import Product, Recipe
from huren.graph.outcome import known
from huren.graph.properties import digest_of, inventory_row, needs_rows
from huren.graph.recipes import CURRENT, PRODUCT, product_of
from huren.graph.revision import pin, utc_now
from huren.graph.visible import VISIBLE, Visible
from huren.graph.writing import Stamp, close, digest, lock

NAMED = f"""
UNWIND $names AS name
CALL (name) {{
  MATCH (p:Product {{key: name}}) RETURN p
  UNION
  MATCH (p:Product {{code: name}}) RETURN p
}}
WITH name, p
{CURRENT}
{VISIBLE}
RETURN name, {PRODUCT}
ORDER BY p.key
"""

DIGESTS = f"""
UNWIND $keys AS key
MATCH (p:Product {{key: key}})
{CURRENT}
RETURN key, i.digest AS digest
"""

OPEN = f"""
CREATE (w:Write {{id: $id, key: $key, org: $org, actor: $actor, name: 'importPackage', bodyHash: $bodyHash,
                 host: $host, pid: $pid}})
SET w.leaseUntil = datetime.realtime() + {LEASE}
"""

RENEW = f"""
MATCH (w:Write {{id: $id}}) WHERE w.dropped IS NULL
SET w.leaseUntil = datetime.realtime() + {LEASE}
"""

STATE = """
MATCH (w:Write {id: $id}) WHERE w.dropped IS NULL
RETURN w.revision AS revision
"""

SHOW = """
MATCH (w:Write {id: $id})
SET w.revision = $revision, w.recordedAt = $recordedAt
REMOVE w.leaseUntil, w.host, w.pid
WITH w
UNWIND $organisations AS one
MERGE (o:Organisation {id: one.id}) ON CREATE SET o.uscc = one.uscc, o.nameZh = '', o.nameEn = ''
"""

_PRODUCTS_AT_ONCE = 2_000
_NEEDS_AT_ONCE = 10_000
_WRITERS = 2
"""While one batch is being written, the next is on its way; more writers only wait for one another."""
_RENEWAL = 10.0


@dataclass(frozen=True, slots=True)
class Import:
    """What is to be written, on whose behalf. ``organisations``: USCC, or None, by id of each owner.

    ``certify`` writes the certificates within the last transaction; None where there are none.
    """

    org: str
    actor: str
    name: str
    items: Mapping[str, tuple[Product, Recipe]]
    organisations: Mapping[str, str | None] = field(default_factory=dict)
    certify: Callable[[AsyncManagedTransaction, Stamp], Awaitable[int]] | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did. ``revision`` is the one that shows it, the present one where all was unchanged."""

    revision: int
    products: int
    inputs: int
    unlinked: int
    certificates: int
    unchanged: int


Told = Callable[[int, int], None]
"""Is told how many of how many rows are written."""


@contextmanager
def no_collection() -> Iterator[None]:
    """Without the search for cycles: rows hold none, and looking took a third of an import."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


async def named(
    db: Database, revision: int, names: Collection[str], visible: Visible
) -> dict[str, tuple[Product, ...]]:
    """The visible products that each name means: its key, else its code. One query."""
    if not names:
        return {}
    rows = await db.read(NAMED, names=sorted(names), revision=revision, **visible.lists())
    found: dict[str, tuple[Product, ...]] = {}
    for row in rows:
        found[row["name"]] = (*found.get(row["name"], ()), product_of(row))
    return {name: _meant(name, products, visible.home) for name, products in found.items()}


def _meant(name: str, found: tuple[Product, ...], home: str) -> tuple[Product, ...]:
    """The one whose key ``name`` is, else one's own, else all of them."""
    exact = tuple(product for product in found if product.key == name)
    own = tuple(product for product in found if product.owner == home)
    return exact or own or found


async def load(
    db: Database,
    job: Import,
    recheck: Callable[[int], Awaitable[None]],
    told: Told = lambda done, of: None,
    now: Callable[[], datetime] = utc_now,
) -> Imported:
    """Write what differs from the graph, and show it all at once; nothing where nothing differs.

    ``recheck`` is asked again whether the import may stand, when other writes came between.
    Cost: one read of digests, two statements for each thousand products or five thousand inputs.
    Raises: Unavailable; what ``recheck`` and ``job.certify`` raise. Nothing is visible then.
    """
    base = (await pin(db)).revision
    changed = await _changed(db, base, job.items)
    if not changed and job.certify is None:
        return Imported(base, 0, 0, 0, 0, len(job.items))
    async with _unpublished(db, job) as write:
        written: set[str] = set()
        while True:
            await _write(db, write, [job.items[key] for key in changed if key not in written], told)
            written.update(changed)
            stamp, certificates = await _publish(db, write, base, job, now)
            if stamp.revision == base + 1:
                break
            base = stamp.revision - 1
            await recheck(base)
            changed = await _changed(db, base, job.items)
    recipes = [job.items[key][1] for key in written]
    return Imported(
        stamp.revision,
        len(written),
        sum(len(recipe.inputs) for recipe in recipes),
        sum(len(recipe.unlinked) for recipe in recipes),
        certificates,
        len(job.items) - len(written),
    )


async def _changed(
    db: Database, revision: int, items: Mapping[str, tuple[Product, Recipe]]
) -> dict[str, None]:
    """The keys whose inventory differs from the one at ``revision``, in the order of ``items``."""
    keys = list(items)
    present: dict[str, str] = {}
    for start in range(0, len(keys), _NEEDS_AT_ONCE):
        rows = await db.read(DIGESTS, keys=keys[start : start + _NEEDS_AT_ONCE], revision=revision)
        present |= {row["key"]: row["digest"] for row in rows}
    new = not present
    return {key: None for key in keys if new or present.get(key) != digest_of(*items[key])}


@asynccontextmanager
async def _unpublished(db: Database, job: Import) -> AsyncIterator[str]:
    """A write that nobody sees yet, held while the block runs; swept if the block fails."""
    # Half the length of other writes' ids: each input bears it, and so fits one record of the store.
    write, host = uuid4().hex[:16], here()
    body = _digest(job)
    row = {"id": write, "key": f"{job.org} import-{write}", "org": job.org, "actor": job.actor}
    await db.write_with(lambda tx: rows_of(tx, OPEN, **row, bodyHash=body, host=host.name, pid=host.pid))
    renewal = asyncio.create_task(_renew(db, write))
    try:
        yield write
    except BaseException:
        with suppress(Exception):
            await sweep(db, [write])
        raise
    finally:
        renewal.cancel()


async def _renew(db: Database, write: str) -> None:
    while True:
        await asyncio.sleep(_RENEWAL)
        with suppress(Unavailable):
            await db.write_with(lambda tx: rows_of(tx, RENEW, id=write))


async def _write(db: Database, write: str, pairs: Sequence[tuple[Product, Recipe]], told: Told) -> None:
    """First all products, then what they need of one another."""
    inputs = sum(len(recipe.inputs) for _, recipe in pairs)
    consumers = sum(1 for _, recipe in pairs if recipe.inputs)
    done, of = 0, len(pairs) + consumers

    def count(rows: int) -> None:
        nonlocal done
        done += rows
        told(done, of)

    products = (inventory_row(*pair) for pair in pairs)
    await _share(partial(db.bulk, INVENTORIES, products, batch=_PRODUCTS_AT_ONCE, done=count, write=write))
    needs, at_once = needs_rows(pairs), max(1, _NEEDS_AT_ONCE * consumers // max(1, inputs))
    await _share(partial(db.bulk, NEEDS, needs, batch=at_once, done=count, write=write))


async def _share(bulk: Callable[[], Coroutine[Any, Any, int]]) -> None:
    """Writers that each take the next batch of the same rows."""
    async with asyncio.TaskGroup() as writers:
        for _ in range(_WRITERS):
            writers.create_task(bulk())


async def _publish(
    db: Database, write: str, base: int, job: Import, now: Callable[[], datetime]
) -> tuple[Stamp, int]:
    """Give the write the revision after ``base``; where others came between, only say how far they are."""

    async def attempt(tx: AsyncManagedTransaction) -> tuple[Stamp, int]:
        stamp = await lock(tx, write, now)
        state = await (await tx.run(STATE, id=write)).single()
        if state is None:
            raise _swept()
        if state["revision"] is not None:
            return Stamp(write, base + 1, stamp.recorded_at), 0
        if stamp.revision != base + 1:
            return stamp, 0
        owners = [{"id": name, "uscc": uscc} for name, uscc in job.organisations.items()]
        shown = {"revision": stamp.revision, "recordedAt": stamp.recorded_at}
        await tx.run(SHOW, shown, id=write, organisations=owners)
        certificates = await job.certify(tx, stamp) if job.certify else 0
        answer = {"products": len(job.items), "certificates": certificates}
        await close(db, tx, stamp, answer, _entries(job, stamp))
        return stamp, certificates

    return await known(partial(db.write_with, attempt))


def _digest(job: Import) -> str:
    return digest({"package": job.name, "products": sorted(job.items)})


def _entries(job: Import, stamp: Stamp) -> list[Entry]:
    """One for each owner of what was written, the first under the id of the write."""
    owners = sorted(job.organisations) or [job.org]
    return [
        Entry(
            id=stamp.write if i == 0 else f"{stamp.write}-{i}",
            action="importPackage",
            at=stamp.recorded_at,
            org=job.org,
            client=job.actor,
            owner=owner,
            subject=f"package:{job.name}",
            ground="own" if owner == job.org else "administrator",
            revision=stamp.revision,
            body_hash=_digest(job),
        )
        for i, owner in enumerate(owners)
    ]


def _swept() -> Unavailable:
    return Unavailable(
        "the import stood still so long that it was given up; nothing was written",
        "导入停顿过久已被放弃,未写入任何内容",
        fix="Run the import again.",
        fix_zh="请重新导入。",
    )
