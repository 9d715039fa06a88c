"""Regions in the graph: countries, provinces, alliances, and the districts of GB/T 2260."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

from neo4j import AsyncManagedTransaction

from huren.errors import NotFound
from huren.graph.database import Database
from huren.graph.districts import districts
from huren.graph.model.region import Membership, Region, RegionKind
from huren.graph.model.text import Text
from huren.graph.writing import Stamp, Write, write_once

_SHAPE = """
RETURN r.id AS id, r.kind AS kind, r.nameZh AS nameZh, r.nameEn AS nameEn,
       [(r)-[i:IN]->(around:Region) | [around.id, i.since, i.until]] AS memberships
ORDER BY id
"""

ALL = "MATCH (r:Region) WHERE r.kind IN $kinds" + _SHAPE

GET = "MATCH (r:Region) WHERE r.id IN $ids" + _SHAPE

ANCESTORS = """
MATCH path = (:Region {id: $id})-[:IN*1..6]->(a:Region)
WHERE all(i IN relationships(path) WHERE (i.since IS NULL OR i.since <= $on)
                                     AND (i.until IS NULL OR $on < i.until))
RETURN a.id AS id, min(length(path)) AS distance
ORDER BY distance, id
"""

PUT_REGIONS = """
UNWIND $rows AS row
MERGE (r:Region {id: row.id})
SET r.kind = row.kind, r.nameZh = row.nameZh, r.nameEn = row.nameEn
"""

CLEAR_MEMBERSHIPS = """
UNWIND $rows AS row
MATCH (:Region {id: row.id})-[i:IN]->()
DELETE i
"""

PUT_MEMBERSHIPS = """
UNWIND $rows AS row
MATCH (r:Region {id: row.region})
MATCH (around:Region {id: row.within})
CREATE (r)-[:IN {since: date(row.since), until: date(row.until)}]->(around)
"""


async def load(db: Database, regions: Sequence[Region]) -> bool:
    """Put ``regions`` and every district below them on record; whether anything had to change.

    ``regions`` holds countries, provinces and alliances, each with all around it.
    Cost: one read where all is there already.
    """
    present = {region.id: region for region in await every(db)}
    # A city of an alliance stands in both lists; what ``regions`` says of it counts.
    wanted = {region.id: _in_order(region) for region in (*districts(), *regions)}
    changed = [region for region in wanted.values() if present.get(region.id) != region]
    if not changed:
        return False
    rows = [_row(region) for region in changed]
    memberships = [_membership_row(region, m) for region in changed for m in region.memberships]

    async def effect(tx: AsyncManagedTransaction, stamp: Stamp) -> dict[str, Any]:
        await tx.run(PUT_REGIONS, rows=rows)
        await tx.run(CLEAR_MEMBERSHIPS, rows=rows)
        await tx.run(PUT_MEMBERSHIPS, rows=memberships)
        return {"regions": len(rows)}

    body = {"regions": rows, "memberships": memberships}
    await write_once(db, Write("huren", "huren", uuid4().hex, "loadRegions", body), effect, bulk=True)
    return True


async def every(db: Database, *kinds: RegionKind) -> tuple[Region, ...]:
    """All regions of ``kinds`` (none named: of every kind), by id. One query; about 3,300 in all."""
    return tuple(
        _region(row) for row in await db.read(ALL, kinds=[kind.value for kind in kinds or RegionKind])
    )


async def get_many(db: Database, ids: Sequence[str]) -> dict[str, Region]:
    """Regions by id; absent where there is none. One query."""
    return {row["id"]: _region(row) for row in await db.read(GET, ids=list(ids))}


async def get(db: Database, code: str) -> Region:
    """The region of this code. Raises: NotFound."""
    found = await get_many(db, [code])
    if code not in found:
        raise no_region(code)
    return found[code]


async def ancestors(db: Database, code: str, on: date) -> tuple[str, ...]:
    """The regions around ``code`` on the day ``on``, nearest first: prefecture, province, country…"""
    return tuple(row["id"] for row in await db.read(ANCESTORS, id=code, on=on))


def no_region(code: str) -> NotFound:
    """The error for a region that is not on record."""
    return NotFound(
        f"no region `{code}`",
        f"没有区域“{code}”",
        fix="Use ISO 3166-2 for a province, six digits of GB/T 2260 for a district, or JJJ, YRD, GBA.",
        fix_zh="省级请用 ISO 3166-2,区县请用 GB/T 2260 六位代码,或 JJJ、YRD、GBA。",
    )


def _in_order(region: Region) -> Region:
    return replace(region, memberships=tuple(sorted(region.memberships, key=_by_name)))


def _by_name(membership: Membership) -> tuple[str, date]:
    return membership.within, membership.since or date.min


def _row(region: Region) -> dict[str, str]:
    return {"id": region.id, "kind": region.kind.value, "nameZh": region.name.zh, "nameEn": region.name.en}


def _membership_row(region: Region, membership: Membership) -> dict[str, str | None]:
    days = {"since": membership.since, "until": membership.until}
    iso = {name: day.isoformat() if day else None for name, day in days.items()}
    return {"region": region.id, "within": membership.within, **iso}


def _region(row: Any) -> Region:
    around = (Membership(name, _day(since), _day(until)) for name, since, until in row["memberships"])
    name = Text(row["nameZh"], row["nameEn"])
    return _in_order(Region(row["id"], RegionKind(row["kind"]), name, tuple(around)))


def _day(value: Any) -> date | None:
    return value.to_native() if value else None
