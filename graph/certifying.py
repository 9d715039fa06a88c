"""Writing certificates, and what becomes of them: facts once, events ever after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from typing import Any

from neo4j import AsyncManagedTransaction

from huren.errors import BadInput, Conflict, HurenError, NotFound
from huren.graph import organisations, reference
from huren.graph.certificates import CERTIFICATE, EVENT, GET, certificate_of, no_certificate
from huren.graph.database import rows_of
from huren.graph.model.certificate import Certificate, CertificateState
from huren.graph.model.dated import CHINA, StatusEvent, start
from huren.graph.model.organisation import check_uscc
from huren.graph.model.scheme import CertificationRule, Scheme, TextState
from huren.graph.sides import no_product
from huren.graph.status import check_change
from huren.graph.writing import Effect, Stamp, digest

Event = StatusEvent[CertificateState]

NUMBERS = """
MATCH (c:Certificate) WHERE c.number IN $numbers
RETURN c.number AS number
"""

PRODUCTS = """
MATCH (p:Product) WHERE p.key IN $keys
AND EXISTS {
  (p)-[:HAS]->(:Inventory)-[:WRITTEN_BY]->(w:Write) WHERE w.revision <= $revision OR w.id = $write
}
RETURN p.key AS key
"""

PUT = """
MATCH (w:Write {id: $write})
UNWIND $rows AS row
MERGE (c:Certificate {number: row.number})
CREATE (c)-[:HAS]->(:CertificateFacts {number: row.number, write: $write, digest: row.digest,
    holder: row.holder, product: row.product, scheme: row.scheme, category: row.category,
    region: row.region, mark: row.mark, facts: row.facts})-[:WRITTEN_BY]->(w)
MERGE (o:Organisation {id: row.organisation}) ON CREATE SET o.uscc = row.organisation
MERGE (c)-[:HELD_BY]->(o)
FOREACH (site IN [code IN [row.site] WHERE code IS NOT NULL] |
  MERGE (t:Site {key: row.organisation + '/' + site})
  MERGE (c)-[:FOR_SITE]->(t))
WITH row, c
MATCH (s:Scheme {id: row.scheme})
MERGE (c)-[:UNDER]->(s)
WITH row, c
MATCH (p:Product {key: row.product})
MERGE (c)-[:COVERS]->(p)
"""

PUT_EVENTS = """
MATCH (w:Write {id: $write})
UNWIND $rows AS row
MATCH (c:Certificate {number: row.number})
CREATE (c)<-[:OF]-(:StatusEvent {id: row.id, number: row.number, state: row.state,
    validFrom: row.validFrom, body: row.body})-[:WRITTEN_BY]->(w)
"""


@dataclass(frozen=True, slots=True)
class Ground:
    """What the graph says of the things that certificates name, by id; ``holders``: id by id or USCC."""

    known: frozenset[str]
    schemes: Mapping[str, Scheme]
    rules: Mapping[str, CertificationRule]
    products: frozenset[str]
    holders: Mapping[str, str]

    def zone(self, certificate: Certificate) -> str:
        """The zone in which the certificate's printed days are read."""
        scheme = self.schemes.get(certificate.scheme)
        return scheme.zone if scheme else CHINA


def register(*certificates: Certificate) -> Effect:
    """Put new certificates on record, with the events they come with. Answers their numbers.

    One that has a day of issue and no event is valid from then. ``product`` is a product key, ``holder``
    a USCC or the id of an organisation on record. The effect raises the first of :func:`refusals`.
    """

    async def effect(tx: AsyncManagedTransaction, stamp: Stamp) -> dict[str, Any]:
        ground = await ground_of(tx, stamp, certificates)
        for refusal in (r for certificate in certificates for r in refusals(certificate, ground, stamp)):
            raise refusal
        await write_certificates(tx, stamp, certificates, ground)
        return {"certificates": [certificate.number for certificate in certificates]}

    return effect


def record_status(number: str, change: Event) -> Effect:
    """Put a change of state on record, from ``change.valid_from``. Answers the event's id.

    The effect raises NotFound for an unknown certificate, Conflict for a change that cannot be.
    """

    async def effect(tx: AsyncManagedTransaction, stamp: Stamp) -> dict[str, Any]:
        known = {"revision": stamp.revision, "knownAt": stamp.recorded_at}
        rows = await rows_of(tx, GET, numbers=[number], **known)
        if not rows:
            raise no_certificate(number, stamp.recorded_at)
        certificate = certificate_of(rows[0])
        scheme = await reference.latest(tx, "scheme", [certificate.scheme], stamp.revision)
        zone = scheme[certificate.scheme].zone if certificate.scheme in scheme else CHINA
        check_change(number, certificate.events, change, zone)
        row = _event_row(number, change, zone, f"{stamp.write}-{number}-0000")
        await tx.run(PUT_EVENTS, write=stamp.write, rows=[row])
        return {"certificate": number, "event": row["id"]}

    return effect


async def ground_of(tx: AsyncManagedTransaction, stamp: Stamp, certificates: Sequence[Certificate]) -> Ground:
    """What ``certificates`` stand on, as it is within the write. Five queries, however many they are."""
    at = {"revision": stamp.revision, "write": stamp.write}
    numbers = [certificate.number for certificate in certificates]
    known = await rows_of(tx, NUMBERS, numbers=numbers)
    products = [c.product for c in certificates if c.product]
    found = await rows_of(tx, PRODUCTS, keys=products, **at)
    holders = await rows_of(tx, organisations.GET, names=[c.holder for c in certificates])
    return Ground(
        frozenset(row["number"] for row in known) | {n for n, times in Counter(numbers).items() if times > 1},
        await reference.latest(tx, "scheme", [c.scheme for c in certificates], stamp.revision),
        await reference.latest(tx, "rule", [c.rule for c in certificates if c.rule], stamp.revision),
        frozenset(row["key"] for row in found),
        {row["name"]: row["id"] for row in holders},
    )


def refusals(certificate: Certificate, ground: Ground, stamp: Stamp) -> Iterator[HurenError]:
    """Everything for which ``certificate`` cannot be put on record, each with its fix."""
    number = certificate.number
    if number in ground.known:
        yield _taken(number)
    if certificate.holder not in ground.holders:
        try:
            check_uscc(certificate.holder)
        except BadInput as wrong:
            yield wrong
    if certificate.scheme not in ground.schemes:
        yield _unknown("scheme", "认证方案", certificate.scheme)
    if certificate.product and certificate.product not in ground.products:
        yield no_product(certificate.product)
    yield from _refused_rule(certificate, ground, stamp)
    told: list[Event] = []
    for event in events_of(certificate):
        try:
            check_change(number, told, event, ground.zone(certificate))
        except Conflict as impossible:
            yield impossible
        told.append(event)


def _refused_rule(certificate: Certificate, ground: Ground, stamp: Stamp) -> Iterator[HurenError]:
    """A rule that is not on record, or that was never in force up to now (not one that no longer is)."""
    if not certificate.rule:
        return
    if certificate.rule not in ground.rules:
        yield _unknown("rule", "认证规则", certificate.rule)
        return
    rule = ground.rules[certificate.rule]
    began = [e.valid_from for e in rule.events if e.state is TextState.IN_FORCE]
    began += [rule.effective] if rule.effective else []
    if not any(start(day) <= stamp.recorded_at for day in began):
        yield _never_in_force(certificate.number, certificate.rule)


def events_of(certificate: Certificate) -> tuple[Event, ...]:
    """The events a new certificate comes with; with none but a day of issue: valid from then."""
    if certificate.events or certificate.issued is None:
        return certificate.events
    return (StatusEvent(CertificateState.VALID, certificate.issued, reason="issued"),)


async def write_certificates(
    tx: AsyncManagedTransaction,
    stamp: Stamp,
    certificates: Sequence[Certificate],
    ground: Ground,
    events: Callable[[Certificate], tuple[Event, ...]] = events_of,
) -> None:
    """Write the facts of certificates that nothing stands against, and ``events`` of each. Two queries."""
    rows = [_row(certificate, ground) for certificate in certificates]
    happened = [
        _event_row(c.number, event, ground.zone(c), f"{stamp.write}-{c.number}-{n:04}")
        for c in certificates
        for n, event in enumerate(events(c))
    ]
    await tx.run(PUT, write=stamp.write, rows=rows)
    await tx.run(PUT_EVENTS, write=stamp.write, rows=happened)


def _row(certificate: Certificate, ground: Ground) -> dict[str, str | None]:
    holder = certificate.holder if certificate.holder in ground.holders else check_uscc(certificate.holder)
    stated = replace(certificate, holder=holder, events=(), recorded_at=None)
    facts = CERTIFICATE.dump_python(stated, mode="json", exclude_defaults=True)
    return {
        "number": certificate.number,
        "digest": digest(facts),
        "holder": holder,
        "organisation": ground.holders.get(holder, holder),
        "product": certificate.product,
        "scheme": certificate.scheme,
        "category": certificate.category,
        "region": certificate.region,
        "site": certificate.site,
        "mark": certificate.mark_number,
        "facts": CERTIFICATE.dump_json(stated, exclude_defaults=True).decode(),
    }


def _event_row(number: str, event: Event, zone: str, name: str) -> dict[str, Any]:
    return {
        "id": name,
        "number": number,
        "state": event.state.value,
        "validFrom": start(event.valid_from, zone).astimezone(UTC),
        "body": EVENT.dump_json(replace(event, id=None, recorded_at=None), exclude_defaults=True).decode(),
    }


def _unknown(kind: str, zh: str, name: str) -> NotFound:
    return NotFound(
        f"no {kind} `{name}` on record",
        f"没有{zh}“{name}”的记录",
        fix=f"Name a {kind} that is on record; `{kind}s` lists them.",
        fix_zh=f"请使用已有记录的{zh},可查询 `{kind}s`。",
    )


def _taken(number: str) -> Conflict:
    return Conflict(
        f"certificate `{number}` is on record already",
        f"证书“{number}”已有记录",
        fix="Check the number; record what became of it as a status event.",
        fix_zh="请核对编号;状态变化请登记为状态事件。",
    )


def _never_in_force(number: str, rule: str) -> BadInput:
    return BadInput(
        f"certificate `{number}` names the rule `{rule}`, which was never in force",
        f"证书“{number}”所依据的规则“{rule}”从未生效",
        fix="Name the rule under which it was issued.",
        fix_zh="请填写签发时所依据的规则。",
    )
