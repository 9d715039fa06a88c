"""The certificates of an import: which are new, which say something else, and what stands against them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from neo4j import AsyncManagedTransaction

from huren.errors import HurenError
from huren.graph.certificates import GET, stated_of
from huren.graph.certifying import Event, Ground, events_of, ground_of, refusals, write_certificates
from huren.graph.database import Database, rows_of
from huren.graph.model.certificate import Certificate
from huren.graph.revision import Pin
from huren.graph.writing import Stamp


@dataclass(frozen=True, slots=True)
class Judged:
    """What an import would do: certificates to write, their fresh events, and what is refused, by number."""

    certificates: tuple[Certificate, ...]
    fresh: dict[str, tuple[Event, ...]]
    refused: tuple[tuple[str, HurenError], ...]
    ground: Ground


async def judge(
    db: Database, at: Pin, certificates: Sequence[Certificate], products: Collection[str]
) -> Judged:
    """What importing ``certificates`` beside ``products`` (keys) would do at a pin. Seven queries."""
    if not certificates:
        return Judged((), {}, (), Ground(frozenset(), {}, {}, frozenset(), {}))
    stamp = Stamp("", at.revision, at.known_at)
    return await db.read_with(lambda tx: _judge(tx, stamp, certificates, products))


async def certify(tx: AsyncManagedTransaction, stamp: Stamp, certificates: Sequence[Certificate]) -> int:
    """Write what differs from the graph; how many certificates. Raises: the first refusal."""
    judged = await _judge(tx, stamp, certificates, ())
    for _, refusal in judged.refused:
        raise refusal
    fresh = judged.fresh
    await write_certificates(tx, stamp, judged.certificates, judged.ground, lambda c: fresh[c.number])
    return len(judged.certificates)


async def _judge(
    tx: AsyncManagedTransaction, stamp: Stamp, certificates: Sequence[Certificate], products: Collection[str]
) -> Judged:
    ground = await ground_of(tx, stamp, certificates)
    at = {"revision": stamp.revision, "knownAt": stamp.recorded_at}
    rows = await rows_of(tx, GET, numbers=[c.number for c in certificates], **at)
    present = {row["number"]: stated_of(row) for row in rows}
    ground = replace(ground, known=ground.known - present.keys(), products=ground.products | set(products))
    fresh = {c.number: _fresh(c, present.get(c.number)) for c in certificates}
    differing = tuple(
        c
        for c in certificates
        if c.number not in present or fresh[c.number] or _facts(c) != _facts(present[c.number])
    )
    told = (_whole(c, present.get(c.number), fresh[c.number]) for c in differing)
    refused = tuple((c.number, error) for c in told for error in refusals(c, ground, stamp))
    return Judged(differing, fresh, refused, ground)


def _fresh(certificate: Certificate, present: Certificate | None) -> tuple[Event, ...]:
    """The events that are not on record yet, told by what they say."""
    known = {_said(event) for event in present.events} if present else set()
    return tuple(event for event in events_of(certificate) if _said(event) not in known)


def _said(event: Event) -> Event:
    return replace(event, id=None, recorded_at=None)


def _facts(certificate: Certificate) -> Certificate:
    return replace(certificate, events=(), recorded_at=None)


def _whole(certificate: Certificate, present: Certificate | None, fresh: tuple[Event, ...]) -> Certificate:
    return replace(certificate, events=(*present.events, *fresh) if present else fresh)
