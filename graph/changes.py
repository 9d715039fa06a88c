"""What was written, told in order: a feed to poll. Its place is the revision, and so outlives any process.

Everything that a write states bears ``WRITTEN_BY`` to it, so the ids are those of what is stored, and no
mutation has to name them. Revisions are taken under the lock of all writes, so none comes in behind another.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import groupby
from typing import Any

from huren.graph.database import Database
from huren.graph.revision import Pin

MOST_IDS = 1_000
"""Ids that one change lists; the count is of all of them."""


class ChangeKind(StrEnum):
    """What kind of thing was put on record."""

    AGREEMENT_STATED = "agreement"
    BODY_STATED = "body"
    CATEGORY_STATED = "category"
    CERTIFICATE_REGISTERED = "registered"
    CERTIFICATE_AMENDED = "amended"
    CERTIFICATE_STATUS = "status"
    CERTIFICATE_CHANGE = "Change"
    CERTIFICATE_FULFILMENT = "Fulfilment"
    CERTIFICATE_MARK_USE = "MarkUse"
    CODE_MAP_STATED = "code_map"
    EQUIVALENCE_STATED = "equivalence"
    INSTRUMENT_STATED = "instrument"
    MEMBERSHIP_STATED = "membership"
    PRODUCT_STATED = "product"
    RULE_STATED = "rule"
    SANCTION_STATED = "sanction"
    SCALE_MAP_STATED = "scale_map"
    SCHEME_STATED = "scheme"


# The writes are chosen first, so that one page costs what its writes hold, however long the feed is.
PAGE = """
MATCH (w:Write)
WHERE w.revision >= $revision AND w.revision <= $upTo
WITH w ORDER BY w.revision LIMIT $writes
OPTIONAL MATCH (n)-[:WRITTEN_BY]->(w)
WITH w, n, CASE
  WHEN n:Statement THEN n.kind
  WHEN n:CertificateAddition THEN n.kind
  WHEN n:StatusEvent THEN 'status'
  WHEN n:Inventory THEN 'product'
  WHEN n:CertificateFacts AND EXISTS {
    (n)<-[:HAS]-(:Certificate)-[:HAS]->(:CertificateFacts)-[:WRITTEN_BY]->(v:Write)
    WHERE v.revision < w.revision
  } THEN 'amended'
  WHEN n:CertificateFacts THEN 'registered'
END AS kind
WITH w, kind, CASE
  WHEN NOT kind IN $kinds THEN null
  WHEN n:Inventory AND ($owners IS NULL OR EXISTS { (n)<-[:HAS]-(p:Product) WHERE p.owner IN $owners })
  THEN n.product
  WHEN n:Inventory THEN null
  WHEN n:Statement THEN n.id
  ELSE n.number
END AS id
WITH w, kind, id ORDER BY id
WITH w, kind, collect(DISTINCT id) AS ids
RETURN w.revision AS revision, w.recordedAt AS recordedAt, kind, ids[..$most] AS ids, size(ids) AS count
ORDER BY revision, kind
"""


@dataclass(frozen=True, slots=True)
class Change:
    """What one write put on record of one kind; ``ids`` holds the first of ``count``."""

    revision: int
    recorded_at: datetime
    kind: ChangeKind
    ids: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """After the changes of ``revision`` up to ``kind``, by name."""

    revision: int = 0
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Changes in order, where the page ends, and whether there may be more."""

    changes: tuple[Change, ...]
    end: Place
    more: bool


_WHOLE = "~"
"""After every kind by name: the whole revision was told."""


async def page(  # noqa: PLR0913  (the question, by name)
    db: Database,
    pin: Pin,
    kinds: Collection[ChangeKind],
    owners: Sequence[str] | None,
    *,
    first: int,
    after: Place,
) -> Page:
    """At most ``first`` changes after a place, products only of ``owners`` (None: of all). One query.

    A page may be empty and yet end later than it began, where what lies between is not for the caller.
    """
    asked = {"revision": after.revision, "upTo": pin.revision, "writes": first + 2, "most": MOST_IDS}
    named = [kind.value for kind in kinds]
    rows = await db.read(PAGE, kinds=named, owners=None if owners is None else list(owners), **asked)
    found = [change for change in _changes(rows) if _place(change) > after]
    if len(found) > first:
        return Page(tuple(found[:first]), _place(found[first - 1]), more=True)
    revisions = [revision for revision, _ in groupby(row["revision"] for row in rows)]
    end = Place(revisions[-1], _WHOLE) if revisions else after
    return Page(tuple(found), max(end, after), more=len(revisions) == asked["writes"])


def _changes(rows: Sequence[Any]) -> list[Change]:
    return [
        Change(
            row["revision"],
            row["recordedAt"].to_native().astimezone(UTC),
            ChangeKind(row["kind"]),
            tuple(row["ids"]),
            row["count"],
        )
        for row in rows
        if row["ids"]
    ]


def _place(change: Change) -> Place:
    return Place(change.revision, change.kind.value)
