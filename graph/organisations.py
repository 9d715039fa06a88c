"""Organisations in the graph."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from neo4j import AsyncManagedTransaction

from huren.errors import BadInput, Conflict, NotFound
from huren.graph.database import Database, rows_of
from huren.graph.model.access import Role
from huren.graph.model.organisation import Organisation, check_uscc
from huren.graph.model.text import Text
from huren.graph.writing import Effect, Stamp

GET = """
UNWIND $names AS name
MATCH (o:Organisation) WHERE o.id = name OR o.uscc = name
RETURN name, o.id AS id, o.uscc AS uscc, o.nameZh AS nameZh, o.nameEn AS nameEn,
       o.country AS country, o.region AS region, o.roles AS roles
"""

PUT = """
MERGE (o:Organisation {id: $id})
SET o.uscc = $uscc, o.nameZh = $nameZh, o.nameEn = $nameEn,
    o.country = $country, o.region = $region, o.roles = $roles
"""


# A product key is "owner/code", and a write's key "org key": an id must end before either.
_ID = re.compile(r"[^\s/\x00-\x1f\ud800-\udfff]{1,100}")


async def get_many(db: Database, names: Sequence[str]) -> dict[str, Organisation]:
    """Organisations by the id or USCC asked for; absent where there is none. One query."""
    rows = await db.read(GET, names=list(names))
    return {row["name"]: _organisation(row) for row in rows}


async def get(db: Database, name: str) -> Organisation:
    """The organisation of this id or USCC. Raises: NotFound."""
    found = await get_many(db, [name])
    if name not in found:
        raise no_organisation(name)
    return found[name]


def register(organisation: Organisation) -> Effect:
    """Add an organisation, or rename it. Answers its id.

    The effect raises Conflict where another organisation holds the USCC.
    Raises: BadInput for a wrong USCC or an empty id.
    """
    if not _ID.fullmatch(organisation.id):
        raise BadInput(
            f"`{organisation.id}` cannot be the id of an organisation",
            f"“{organisation.id}”不能作为机构标识",
            fix="Use its USCC, or a short name without spaces and slashes if it is foreign.",
            fix_zh="请使用统一社会信用代码;境外机构可用不含空格和斜杠的短名。",
        )
    uscc = check_uscc(organisation.uscc) if organisation.uscc else None

    async def effect(tx: AsyncManagedTransaction, stamp: Stamp) -> dict[str, Any]:
        if uscc:
            rows = await rows_of(tx, GET, names=[uscc])
            if any(row["id"] != organisation.id for row in rows):
                raise _taken(uscc, rows[0]["id"])
        await tx.run(PUT, _row(replace(organisation, uscc=uscc)))
        return {"id": organisation.id}

    return effect


def _organisation(row: Any) -> Organisation:
    return Organisation(
        row["id"],
        Text(row["nameZh"] or "", row["nameEn"] or ""),
        row["uscc"],
        row["country"],
        row["region"],
        frozenset(map(Role, row["roles"] or ())),
    )


def _row(organisation: Organisation) -> dict[str, Any]:
    name = organisation.name
    return {
        "id": organisation.id,
        "uscc": organisation.uscc,
        "nameZh": name.zh,
        "nameEn": name.en,
        "country": organisation.country,
        "region": organisation.region,
        "roles": sorted(organisation.roles),
    }


def no_organisation(name: str) -> NotFound:
    """The error for an organisation that is not on record."""
    return NotFound(
        f"no organisation `{name}`",
        f"没有机构“{name}”",
        fix="Name it by its unified social credit code, or register it first.",
        fix_zh="请使用统一社会信用代码,或先登记该机构。",
    )


def _taken(uscc: str, holder: str) -> Conflict:
    return Conflict(
        f"the code `{uscc}` belongs to `{holder}`",
        f"代码“{uscc}”属于“{holder}”",
        fix="Use that organisation's id.",
        fix_zh="请使用该机构的标识。",
    )
