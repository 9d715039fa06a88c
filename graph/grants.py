"""Grants in the graph: giving them, withdrawing them, and those that concern a viewer at a pin."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from neo4j import AsyncManagedTransaction

from huren.errors import Conflict, NotFound
from huren.graph.database import Database, Row, rows_of
from huren.graph.model.access import EVERYONE, FieldClass, Role
from huren.graph.model.grant import Grant
from huren.graph.revision import Pin
from huren.graph.writing import Effect, Stamp

# Where a viewer sits, what it is, what it answers for, and what it was granted: all that a decision needs.
RIGHTS = """
OPTIONAL MATCH (o:Organisation {id: $org})
RETURN o.uscc AS uscc, o.country AS country, o.roles AS roles,
  COLLECT {
    MATCH path = (around:Region {id: o.region})<-[:IN*0..6]-(x:Region)
    WHERE any(role IN o.roles WHERE role IN $regional)
      AND all(i IN relationships(path) WHERE (i.since IS NULL OR i.since <= date($on))
                                         AND (i.until IS NULL OR date($on) < i.until))
    RETURN DISTINCT x.id ORDER BY x.id
  } AS territory,
  COLLECT {
    MATCH (g:Grant)
    WHERE g.grantee IN $names AND g.revision <= $revision
      AND coalesce(g.withdrawnRevision > $revision, true)
    RETURN g {.*} ORDER BY g.revision, g.id
  } AS grants
"""

LISTED = """
MATCH (g:Grant)
WHERE (g.grantor = $org OR g.grantee = $org) AND g.revision <= $revision
RETURN g {.*} AS grant ORDER BY g.revision DESC, g.id LIMIT $limit
"""

GET = "MATCH (g:Grant {id: $id}) WHERE g.revision <= $revision RETURN g {.*} AS grant"

GIVE = """
CREATE (g:Grant {id: $id, grantor: $grantor, grantee: $grantee, fields: $fields, purposes: $purposes,
                 products: $products, since: $since, until: $until, revision: $revision,
                 recordedAt: $recordedAt})
"""

WITHDRAW = """
MATCH (g:Grant {id: $id}) WHERE g.withdrawnRevision IS NULL
SET g.withdrawnRevision = $revision, g.withdrawnAt = $recordedAt
RETURN g.id AS id
"""

REGIONAL = (Role.PROVINCE, Role.DISTRICT)


@dataclass(frozen=True, slots=True)
class Rights:
    """What is on record of a viewer: its seat and roles, the regions it answers for, grants to it."""

    country: str | None
    roles: frozenset[Role]
    territory: frozenset[str]
    grants: tuple[Grant, ...]


async def rights(db: Database, pin: Pin, org: str) -> Rights:
    """What concerns ``org`` at ``pin``. One query, of two index look-ups for most."""
    on = pin.known_at.date().isoformat()
    names = {"names": [org, EVERYONE], "regional": list(REGIONAL)}
    row = (await db.read(RIGHTS, org=org, revision=pin.revision, on=on, **names))[0]
    return Rights(
        country=row["country"] or ("CN" if row["uscc"] else None),
        roles=frozenset(Role(name) for name in row["roles"] or () if name in set(Role)),
        territory=frozenset(row["territory"]),
        grants=tuple(_grant(facts, pin) for facts in row["grants"]),
    )


async def listed(db: Database, pin: Pin, org: str, most: int) -> tuple[Grant, ...]:
    """The last ``most`` grants that ``org`` gave or got, withdrawn ones too, the latest first. One query."""
    rows = await db.read(LISTED, org=org, revision=pin.revision, limit=most)
    return tuple(_grant(row["grant"], pin) for row in rows)


async def get(db: Database, pin: Pin, id: str) -> Grant:
    """The grant of this id. Raises: NotFound."""
    rows = await db.read(GET, id=id, revision=pin.revision)
    if not rows:
        raise no_grant(id)
    return _grant(rows[0]["grant"], pin)


def give(grant: Grant) -> Effect:
    """Put a grant on record. Answers its id."""

    async def effect(tx: AsyncManagedTransaction, stamp: Stamp) -> dict[str, Any]:
        await tx.run(GIVE, _row(grant), revision=stamp.revision, recordedAt=stamp.recorded_at)
        return {"id": grant.id}

    return effect


def withdraw(id: str) -> Effect:
    """End a grant with this write. Answers its id. The effect raises Conflict where that was done before."""

    async def effect(tx: AsyncManagedTransaction, stamp: Stamp) -> dict[str, Any]:
        row = {"id": id, "revision": stamp.revision, "recordedAt": stamp.recorded_at}
        if not await rows_of(tx, WITHDRAW, **row):
            raise Conflict(
                f"the grant `{id}` was withdrawn already",
                f"授权“{id}”已撤回",
                fix="Nothing is left to do.",
                fix_zh="无需再操作。",
            )
        return {"id": id}

    return effect


def no_grant(id: str) -> NotFound:
    """The error for a grant that is not on record, or not the caller's."""
    return NotFound(
        f"no grant `{id}`",
        f"没有授权“{id}”",
        fix="Take the id from `grants`.",
        fix_zh="请从 `grants` 取得标识。",
    )


def _row(grant: Grant) -> dict[str, Any]:
    return {
        "id": grant.id,
        "grantor": grant.grantor,
        "grantee": grant.grantee,
        "fields": sorted(grant.fields),
        "purposes": sorted(grant.purposes),
        "products": sorted(grant.products),
        "since": grant.since,
        "until": grant.until,
    }


def _grant(facts: Row, pin: Pin) -> Grant:
    """As it was seen at ``pin``. A field class that is not known here opens nothing."""
    grant = Grant(
        id=facts["id"],
        grantor=facts["grantor"],
        grantee=facts["grantee"],
        fields=frozenset(FieldClass(name) for name in facts["fields"] if name in set(FieldClass)),
        purposes=frozenset(facts["purposes"]),
        products=frozenset(facts["products"]),
        since=_instant(facts.get("since")),
        until=_instant(facts.get("until")),
        recorded_at=_instant(facts["recordedAt"]),
    )
    gone = facts.get("withdrawnRevision")
    if gone is None or gone > pin.revision:
        return grant
    return replace(grant, withdrawn_at=_instant(facts["withdrawnAt"]))


def _instant(value: Any) -> Any:
    return None if value is None else value.to_native()
