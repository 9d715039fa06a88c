"""What is said of a certificate later: its facts restated, and single facts added to them. Append-only.

Additions are nodes of their own, not restatements, so that two at once, or an import of the same facts
again, never lose one; a certificate is read as its latest facts with every addition the pin shows.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from neo4j import AsyncManagedTransaction
from pydantic import TypeAdapter

from huren.errors import Conflict, HurenError
from huren.graph.certificates import ADDED, GET, Addition, certificate_of, no_certificate
from huren.graph.certifying import ground_of, refusals, write_certificates
from huren.graph.database import rows_of
from huren.graph.model.certificate import Certificate
from huren.graph.writing import Effect, Stamp

ADD = """
MATCH (w:Write {id: $write})
MATCH (c:Certificate {number: $number})
CREATE (c)<-[:ADDS]-(a:CertificateAddition {id: $id, number: $number, kind: $kind, body: $body})
CREATE (a)-[:WRITTEN_BY]->(w)
"""


def amend(certificate: Certificate) -> Effect:
    """Restate all facts of a certificate on record, which keeps its holder, scheme and events.

    The effect raises NotFound, Conflict for another holder or scheme, and the first of ``refusals``.
    """

    async def effect(tx: AsyncManagedTransaction, stamp: Stamp) -> dict[str, Any]:
        present = await _present(tx, stamp, certificate.number)
        for field, was in (("holder", present.holder), ("scheme", present.scheme)):
            if getattr(certificate, field) != was:
                raise _fixed(certificate.number, field, was)
        ground = await ground_of(tx, stamp, [certificate])
        ground = replace(ground, known=ground.known - {certificate.number})
        for refusal in refusals(certificate, ground, stamp):
            raise refusal
        await write_certificates(tx, stamp, [certificate], ground, lambda _: ())
        return {"certificate": certificate.number}

    return effect


def add(number: str, part: Addition) -> Effect:
    """Add one fact to a certificate; one that is on record already is not added again.

    The effect raises NotFound.
    """

    async def effect(tx: AsyncManagedTransaction, stamp: Stamp) -> dict[str, Any]:
        present = await _present(tx, stamp, number)
        kind = type(part).__name__
        if part not in [_bare(one) for one in getattr(present, ADDED[kind].field)]:
            body = TypeAdapter(type(part)).dump_json(part, exclude_defaults=True).decode()
            row = {"number": number, "id": stamp.write, "kind": kind, "body": body}
            await tx.run(ADD, row, write=stamp.write)
        return {"certificate": number}

    return effect


async def _present(tx: AsyncManagedTransaction, stamp: Stamp, number: str) -> Certificate:
    known = {"revision": stamp.revision, "knownAt": stamp.recorded_at}
    rows = await rows_of(tx, GET, numbers=[number], **known)
    if not rows:
        raise no_certificate(number, stamp.recorded_at)
    return certificate_of(rows[0])


def _bare(part: Any) -> Any:
    return replace(part, recorded_at=None) if getattr(part, "recorded_at", None) else part


def _fixed(number: str, field: str, was: str) -> HurenError:
    return Conflict(
        f"the {field} of certificate `{number}` is `{was}` and cannot be changed: `certificate.{field}`",
        f"证书“{number}”的 {field} 为“{was}”,不能更改:`certificate.{field}`",
        fix=f"Keep `{field}`, or register another certificate.",
        fix_zh=f"请保持 {field} 不变,或另行登记证书。",
    )
