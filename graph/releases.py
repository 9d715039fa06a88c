"""Releases in the graph: publishing them, withdrawing them, and those that stand at a pin."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from neo4j import AsyncManagedTransaction

from huren.errors import Conflict, NotFound
from huren.graph.database import Database, Row, rows_of
from huren.graph.model.release import Release
from huren.graph.model.supply import GwpSet, Stage
from huren.graph.revision import Pin
from huren.graph.writing import Effect, Stamp

_STANDS = "r.revision <= $revision AND coalesce(r.withdrawnRevision > $revision, true)"
_SHAPE = "r {.*} AS release"

# The latest for each audience; earlier ones are replaced by it.
STANDING = f"""
UNWIND $keys AS key
MATCH (r:Release {{product: key}})
WHERE {_STANDS} AND r.revision <= $made
WITH key, r.audience AS audience, r ORDER BY r.revision DESC, r.id
WITH key, audience, collect(r)[0] AS r
RETURN {_SHAPE} ORDER BY r.revision DESC, r.id
"""

OF_PRODUCT = f"""
MATCH (r:Release {{product: $key}})
WHERE r.revision <= $revision
RETURN {_SHAPE} ORDER BY r.revision DESC, r.id LIMIT $limit
"""

GET = f"MATCH (r:Release {{id: $id}}) WHERE r.revision <= $revision RETURN {_SHAPE}"

PUBLISH = """
CREATE (r:Release {id: $id, product: $product, owner: $owner, kg: $kg, gwpSet: $gwpSet, digits: $digits,
                   audience: $audience, toGrave: $toGrave, stages: $stages, validUntil: $validUntil,
                   forStatistics: $forStatistics,
                   revision: $revision, recordedAt: $recordedAt})
WITH r
UNWIND $audience AS name
MERGE (a:Audience {name: name})
CREATE (r)-[:FOR]->(a)
"""

WITHDRAW = """
MATCH (r:Release {id: $id}) WHERE r.withdrawnRevision IS NULL
SET r.withdrawnRevision = $revision, r.withdrawnAt = $recordedAt
RETURN r.id AS id
"""


async def standing(
    db: Database, pin: Pin, keys: Sequence[str], made: int | None = None
) -> dict[str, tuple[Release, ...]]:
    """The standing releases of each product, the latest first, one an audience. One query.

    ``made``: only of those that were released up to that revision.
    """
    found: dict[str, tuple[Release, ...]] = {}
    until = pin.revision if made is None else made
    for row in await db.read(STANDING, keys=list(keys), revision=pin.revision, made=until):
        release = _release(row, pin)
        found[release.product] = (*found.get(release.product, ()), release)
    return found


async def of_product(db: Database, pin: Pin, key: str, most: int) -> tuple[Release, ...]:
    """The last ``most`` releases of a product, withdrawn ones too, the latest first. One query."""
    rows = await db.read(OF_PRODUCT, key=key, revision=pin.revision, limit=most)
    return tuple(_release(row, pin) for row in rows)


async def get(db: Database, pin: Pin, id: str) -> Release:
    """The release of this id. Raises: NotFound."""
    rows = await db.read(GET, id=id, revision=pin.revision)
    if not rows:
        raise no_release(id)
    return _release(rows[0], pin)


def publish(release: Release) -> Effect:
    """Put a release on record. Answers its id. The effect raises Conflict for one that is there."""

    async def effect(tx: AsyncManagedTransaction, stamp: Stamp) -> dict[str, Any]:
        if await rows_of(tx, GET, id=release.id, revision=stamp.revision):
            raise Conflict(f"there is a release `{release.id}` already", f"发布“{release.id}”已存在")
        await tx.run(PUBLISH, _row(release), revision=stamp.revision, recordedAt=stamp.recorded_at)
        return {"id": release.id}

    return effect


def withdraw(id: str) -> Effect:
    """Take a release back: from this write on it is not shown. Answers its id.

    The effect raises Conflict where it was withdrawn before.
    """

    async def effect(tx: AsyncManagedTransaction, stamp: Stamp) -> dict[str, Any]:
        row = {"id": id, "revision": stamp.revision, "recordedAt": stamp.recorded_at}
        if not await rows_of(tx, WITHDRAW, **row):
            raise Conflict(
                f"the release `{id}` was withdrawn already",
                f"发布“{id}”已撤回",
                fix="Nothing is left to do.",
                fix_zh="无需再操作。",
            )
        return {"id": id}

    return effect


def no_release(id: str) -> NotFound:
    """The error for a release that is not on record, or not for the caller."""
    return NotFound(
        f"no release `{id}`",
        f"没有发布“{id}”",
        fix="Take the id from `releases` of the product.",
        fix_zh="请从该产品的 `releases` 取得标识。",
    )


def _row(release: Release) -> dict[str, Any]:
    return {
        "id": release.id,
        "product": release.product,
        "owner": release.product.partition("/")[0],
        "kg": release.kg_co2e,
        "gwpSet": release.gwp_set.value,
        "digits": release.digits,
        "audience": sorted(release.audience),
        "toGrave": release.to_grave,
        "stages": json.dumps([[stage.value, kg] for stage, kg in release.stages]),
        "validUntil": release.valid_until,
        "forStatistics": release.for_statistics,
    }


def _release(row: Row, pin: Pin) -> Release:
    """As it was seen at ``pin``: a later withdrawal has not happened yet."""
    facts = row["release"]
    release = Release(
        id=facts["id"],
        product=facts["product"],
        kg_co2e=facts["kg"],
        gwp_set=GwpSet(facts["gwpSet"]),
        digits=facts["digits"],
        audience=frozenset(facts["audience"]),
        to_grave=facts["toGrave"],
        stages=tuple((Stage(stage), kg) for stage, kg in json.loads(facts["stages"])),
        valid_until=_instant(facts.get("validUntil")),
        recorded_at=_instant(facts["recordedAt"]),
        for_statistics=facts.get("forStatistics") or False,
    )
    gone = facts.get("withdrawnRevision")
    if gone is None or gone > pin.revision:
        return release
    return replace(release, withdrawn_at=_instant(facts["withdrawnAt"]))


def _instant(value: Any) -> Any:
    return None if value is None else value.to_native()
