"""Certificates in the graph: reading them at a pin. What is known of one is its facts and its events.

Both are append-only and seen by record time, so that a question about the past is answered as then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter

from huren.errors import NotFound
from huren.graph.database import Database
from huren.graph.model.certificate import Certificate, CertificateState, Change, Fulfilment, MarkUse
from huren.graph.model.dated import StatusEvent
from huren.graph.revision import Pin
from huren.graph.status import FINAL

_FACTS = """
CALL (c) {
  MATCH (c)-[:HAS]->(f:CertificateFacts)-[:WRITTEN_BY]->(w:Write)
  WHERE w.revision <= $revision AND w.recordedAt <= $knownAt
  RETURN f, w.recordedAt AS recordedAt ORDER BY w.revision DESC LIMIT 1
}
"""

_SHAPE = """c.number AS number, f.facts AS facts, recordedAt,
  [(c)<-[:OF]-(e:StatusEvent)-[:WRITTEN_BY]->(v:Write)
   WHERE v.revision <= $revision AND v.recordedAt <= $knownAt | [e.id, e.body, v.recordedAt]] AS events,
  [(c)<-[:ADDS]-(a:CertificateAddition)-[:WRITTEN_BY]->(v:Write)
   WHERE v.revision <= $revision AND v.recordedAt <= $knownAt | [v.revision, a.kind, a.body, v.recordedAt]]
  AS additions"""

GET = f"""
UNWIND $numbers AS number
MATCH (c:Certificate {{number: number}})
{_FACTS}
RETURN {_SHAPE}
"""

OF_PRODUCTS = f"""
UNWIND $keys AS key
MATCH (c:Certificate)-[:COVERS]->(:Product {{key: key}})
{_FACTS}
WITH key, c, f, recordedAt WHERE f.product = key
RETURN key, {_SHAPE}
ORDER BY number
"""

OF_HOLDERS = f"""
UNWIND $holders AS holder
MATCH (:CertificateFacts {{holder: holder}})<-[:HAS]-(c:Certificate)
WITH DISTINCT holder, c
{_FACTS}
WITH holder, c, f, recordedAt WHERE f.holder = holder
RETURN holder, {_SHAPE}
ORDER BY number LIMIT $limit
"""

# Two, so that a mark on two certificates is seen to be on two.
OF_MARK = f"""
MATCH (:CertificateFacts {{mark: $mark}})<-[:HAS]-(c:Certificate)
WITH DISTINCT c
{_FACTS}
WITH c, f, recordedAt WHERE f.mark = $mark
RETURN {_SHAPE}
ORDER BY number LIMIT 2
"""

# Void holds from the start, the first end for good; else the last state reached counts.
_STATUS = """
CALL (c) {
  OPTIONAL MATCH (c)<-[:OF]-(e:StatusEvent)-[:WRITTEN_BY]->(v:Write)
  WHERE v.revision <= $revision AND v.recordedAt <= $knownAt AND (e.validFrom <= $asOf OR e.state = 'void')
  WITH e, v, CASE WHEN e.state = 'void' THEN 0 WHEN e.state IN $final THEN 1 ELSE 2 END AS rank
  RETURN e.state AS status
  ORDER BY rank, CASE rank WHEN 1 THEN e.validFrom END, CASE rank WHEN 1 THEN v.revision END,
           e.validFrom DESC, v.revision DESC, e.id DESC
  LIMIT 1
}
"""

_CHOSEN = f"""
MATCH (c:Certificate)
WHERE c.number > $after
{_FACTS}
WITH c, f, recordedAt
WHERE ($holder IS NULL OR f.holder = $holder) AND ($product IS NULL OR f.product = $product)
  AND ($scheme IS NULL OR f.scheme = $scheme) AND ($category IS NULL OR f.category = $category)
  AND ($categories IS NULL OR f.category IN $categories)
  AND ($region IS NULL OR f.region = $region
       OR EXISTS {{ (:Region {{id: f.region}})-[:IN*1..6]->(:Region {{id: $region}}) }})
{_STATUS}
WITH c, f, recordedAt, status WHERE $status IS NULL OR status = $status
"""

PAGE = f"{_CHOSEN}RETURN {_SHAPE}\nORDER BY c.number LIMIT $limit\n"

COUNT = f"{_CHOSEN}RETURN count(*) AS count\n"

CERTIFICATE = TypeAdapter(Certificate)
EVENT = TypeAdapter(StatusEvent[CertificateState])
_REMEMBERED = 2_000
"""Texts of each kind whose meaning is remembered: some 10 MB."""

Addition = Change | Fulfilment | MarkUse


@dataclass(frozen=True, slots=True)
class _Added:
    """A kind of fact that can be added to a certificate: how it is read, and among which of its facts."""

    adapter: TypeAdapter[Any]
    field: str


ADDED = {
    "Change": _Added(TypeAdapter(Change), "changes"),
    "Fulfilment": _Added(TypeAdapter(Fulfilment), "fulfilments"),
    "MarkUse": _Added(TypeAdapter(MarkUse), "marks"),
}
"""By the name of the class, under which the addition is stored."""


@dataclass(frozen=True, slots=True)
class CertificateFilter:
    """Which certificates: None does not restrict.

    ``categories``: any of them. ``region`` takes those of the districts in it too.
    """

    holder: str | None = None
    product: str | None = None
    status: CertificateState | None = None
    region: str | None = None
    scheme: str | None = None
    category: str | None = None
    categories: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Certificates by number, and whether there are more after them."""

    certificates: tuple[Certificate, ...]
    more: bool


async def get_many(db: Database, pin: Pin, numbers: Sequence[str]) -> dict[str, Certificate]:
    """Certificates by number with the events the pin shows; absent where there is none. One query."""
    rows = await db.read(GET, numbers=list(numbers), **_seen(pin))
    return {row["number"]: certificate_of(row) for row in rows}


async def get(db: Database, pin: Pin, number: str) -> Certificate:
    """The certificate as it was known at the pin. One query. Raises: NotFound, naming the instant."""
    found = await get_many(db, pin, [number])
    if number not in found:
        raise no_certificate(number, pin.known_at)
    return found[number]


async def of_mark(db: Database, pin: Pin, mark: str) -> Certificate | None:
    """The one certificate whose mark has this number; None where there is none, or more. One query."""
    rows = await db.read(OF_MARK, mark=mark, **_seen(pin))
    return certificate_of(rows[0]) if len(rows) == 1 else None


async def of_products(db: Database, pin: Pin, keys: Sequence[str]) -> dict[str, tuple[Certificate, ...]]:
    """The certificates of each product, by product key and then number. One query."""
    found: dict[str, tuple[Certificate, ...]] = dict.fromkeys(keys, ())
    for row in await db.read(OF_PRODUCTS, keys=list(keys), **_seen(pin)):
        found[row["key"]] += (certificate_of(row),)
    return found


async def of_holders(
    db: Database, pin: Pin, holders: Sequence[str], most: int
) -> dict[str, tuple[Certificate, ...]]:
    """The certificates of each holder, as the certificates name it, by number; ``most`` in all. One query."""
    found: dict[str, list[Certificate]] = {holder: [] for holder in holders}
    for row in await db.read(OF_HOLDERS, holders=list(holders), limit=most, **_seen(pin)):
        found[row["holder"]].append(certificate_of(row))
    return {holder: tuple(certificates) for holder, certificates in found.items()}


async def page(  # noqa: PLR0913  (the question, by name)
    db: Database, pin: Pin, where: CertificateFilter, *, first: int, as_of: datetime, after: str = ""
) -> Page:
    """The ``first`` certificates after the number ``after``; ``where.status`` holds at ``as_of``. One query.

    Cost: the certificates looked at until the page is full.
    """
    rows = await db.read(PAGE, limit=first + 1, **_chosen(pin, where, as_of, after))
    certificates = tuple(certificate_of(row) for row in rows)
    return Page(certificates[:first], len(certificates) > first)


async def count(db: Database, pin: Pin, where: CertificateFilter, *, as_of: datetime) -> int:
    """How many certificates a page without end would hold. One query; cost: all certificates."""
    rows = await db.read(COUNT, **_chosen(pin, where, as_of, ""))
    return int(rows[0]["count"])


def no_certificate(number: str, known_at: datetime) -> NotFound:
    """The error for a certificate that was not on record at ``known_at``."""
    when = known_at.isoformat()
    return NotFound(
        f"no certificate `{number}` on record as of {when}",
        f"截至 {when} 没有证书“{number}”的记录",
        fix="Check the number, or ask with a later knownAt.",
        fix_zh="请核对证书编号,或改用更晚的 knownAt。",
    )


def _chosen(pin: Pin, where: CertificateFilter, as_of: datetime, after: str) -> dict[str, Any]:
    return {
        "after": after,
        "asOf": as_of,
        "final": sorted(FINAL),
        "holder": where.holder,
        "product": where.product,
        "status": where.status,
        "region": where.region,
        "scheme": where.scheme,
        "category": where.category,
        "categories": where.categories,
        **_seen(pin),
    }


def _seen(pin: Pin) -> dict[str, Any]:
    return {"revision": pin.revision, "knownAt": pin.known_at}


def certificate_of(row: Any) -> Certificate:
    """The certificate in a row of GET: its latest facts, and what was added to them."""
    certificate = stated_of(row)
    for _, kind, body, when in sorted(row["additions"], key=lambda addition: addition[0]):
        field, part = ADDED[kind].field, ADDED[kind].adapter.validate_json(body)
        # Facts that were restated since may hold the addition already.
        if part not in getattr(certificate, field):
            if kind != "MarkUse":
                part = replace(part, recorded_at=when.to_native().astimezone(UTC))
            longer: dict[str, Any] = {field: (*getattr(certificate, field), part)}
            certificate = replace(certificate, **longer)
    return certificate


def stated_of(row: Any) -> Certificate:
    """The facts as they were last stated in a row of GET, and the events in the order of their recording."""
    events = (_event(*event) for event in sorted(row["events"], key=lambda event: (event[2], event[0])))
    recorded_at = row["recordedAt"].to_native().astimezone(UTC)
    return replace(_facts(row["facts"]), events=tuple(events), recorded_at=recorded_at)


def _event(name: str, body: str, recorded_at: Any) -> StatusEvent[CertificateState]:
    return replace(_said(body), id=name, recorded_at=recorded_at.to_native().astimezone(UTC))


# What was stated never changes, and takes 50 µs to read.
@lru_cache(_REMEMBERED)
def _facts(text: str) -> Certificate:
    return CERTIFICATE.validate_json(text)


@lru_cache(_REMEMBERED)
def _said(text: str) -> StatusEvent[CertificateState]:
    return EVENT.validate_json(text)
