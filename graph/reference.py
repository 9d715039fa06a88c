"""Reference records: schemes, rules, legal texts, agreements, bodies, categories. Append-only statements.

A changed record is a new statement of the same kind and id; earlier ones stay, for earlier pins.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from neo4j import AsyncManagedTransaction
from pydantic import TypeAdapter

from huren.graph.database import Database, rows_of
from huren.graph.model.agreement import Agreement
from huren.graph.model.body import Body
from huren.graph.model.category import Category, CodeMap, Membership
from huren.graph.model.equivalence import Equivalence, ScaleMap
from huren.graph.model.facts import Facts
from huren.graph.model.sanction import Sanction
from huren.graph.model.scheme import CertificationRule, Instrument, Scheme
from huren.graph.revision import Pin
from huren.graph.writing import Answer, Effect, Stamp, Write, digest, write_once


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of record: its label in the graph, its class, and where it stands among the facts."""

    label: str
    adapter: TypeAdapter[Any]
    field: str


KINDS = {
    "agreement": _Kind("Agreement", TypeAdapter(Agreement), "agreements"),
    "body": _Kind("Body", TypeAdapter(Body), "bodies"),
    "category": _Kind("Category", TypeAdapter(Category), "categories"),
    "code_map": _Kind("CodeMap", TypeAdapter(CodeMap), "code_maps"),
    "equivalence": _Kind("Equivalence", TypeAdapter(Equivalence), "equivalences"),
    "instrument": _Kind("Instrument", TypeAdapter(Instrument), "instruments"),
    "membership": _Kind("Membership", TypeAdapter(Membership), "memberships"),
    "rule": _Kind("Rule", TypeAdapter(CertificationRule), "rules"),
    "sanction": _Kind("Sanction", TypeAdapter(Sanction), "sanctions"),
    "scale_map": _Kind("ScaleMap", TypeAdapter(ScaleMap), "scale_maps"),
    "scheme": _Kind("Scheme", TypeAdapter(Scheme), "schemes"),
}

STATEMENTS = """
MATCH (s:Statement)-[:WRITTEN_BY]->(w:Write)
WHERE w.revision > $since AND w.revision <= $revision
RETURN s.kind AS kind, s.id AS id, s.body AS body, w.revision AS revision, w.recordedAt AS recordedAt
ORDER BY revision
"""

PRESENT = """
MATCH (s:Statement)-[:WRITTEN_BY]->(w:Write)
WHERE w.revision <= $revision
WITH s, w ORDER BY w.revision
RETURN s.kind AS kind, s.id AS id, last(collect(s.digest)) AS digest
"""

SAID = """
MATCH (s:Statement {kind: $kind, id: $id})-[:WRITTEN_BY]->(w:Write)
WHERE w.revision <= $revision
RETURN s.kind AS kind, s.id AS id, s.digest AS digest
ORDER BY w.revision DESC LIMIT 1
"""

LATEST = """
UNWIND $ids AS id
MATCH (s:Statement {kind: $kind, id: id})-[:WRITTEN_BY]->(w:Write)
WHERE w.revision <= $revision
WITH id, s ORDER BY w.revision
RETURN id, last(collect(s.body)) AS body
"""

# A label cannot be a parameter where an index is to serve the MERGE, hence one text a kind.
STATE = {
    name: f"""
MATCH (w:Write {{id: $write}})
UNWIND $rows AS row
MERGE (r:{kind.label} {{id: row.id}})
CREATE (r)-[:HAS]->(:Statement {{kind: '{name}', id: row.id, write: $write, digest: row.digest,
                                 body: row.body}})-[:WRITTEN_BY]->(w)
"""
    for name, kind in KINDS.items()
}


@dataclass(frozen=True, slots=True)
class Record:
    """A reference record to be stated: its kind (of KINDS), its id, and its body in JSON kinds."""

    kind: str
    id: str
    body: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """The digest of the body; equal bodies are one statement."""
        return digest(self.body)


@dataclass(frozen=True, slots=True)
class _Statement:
    """A decoded statement: whose it is, when it was made, and what it says."""

    kind: str
    id: str
    revision: int
    recorded_at: datetime
    record: Any


async def load(db: Database, records: Sequence[Record], name: str = "loadReference") -> Answer | None:
    """State the ``records`` that differ from what the graph says, in one write; None where none does.

    Cost: one read where nothing changed.
    """
    rows = await db.read(PRESENT, revision=_EVER)
    if not _differing(records, rows):
        return None
    body = {"records": [[record.kind, record.id, record.digest] for record in records]}
    return await write_once(db, Write("huren", "huren", uuid4().hex, name, body), state(records), bulk=True)


def state(records: Sequence[Record]) -> Effect:
    """State those of ``records`` that differ from the latest statement of their kind and id.

    Answers how many were stated.
    """

    async def effect(tx: AsyncManagedTransaction, stamp: Stamp) -> dict[str, Any]:
        if len(records) == 1:
            rows = await rows_of(tx, SAID, kind=records[0].kind, id=records[0].id, revision=stamp.revision)
        else:
            rows = await rows_of(tx, PRESENT, revision=stamp.revision)
        changed = _differing(records, rows)
        for kind in sorted({record.kind for record in changed}):
            await tx.run(STATE[kind], write=stamp.write, rows=[_row(r) for r in changed if r.kind == kind])
        return {"stated": len(changed)}

    return effect


async def latest(tx: AsyncManagedTransaction, kind: str, ids: Sequence[str], revision: int) -> dict[str, Any]:
    """The latest statement at ``revision`` of each record of ``kind``, by id; absent where there is none."""
    rows = await rows_of(tx, LATEST, kind=kind, ids=list(ids), revision=revision)
    return {row["id"]: KINDS[kind].adapter.validate_json(row["body"]) for row in rows}


class References:
    """The reference records of this process, following the graph's writes. Belongs to one event loop."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._statements: tuple[_Statement, ...] = ()
        self._revision = 0

    async def facts(self, pin: Pin) -> Facts:
        """The latest statement of every record that ``pin`` shows, without certificates.

        Each record bears its own record time. Cost: no query where the revision was seen before, else one.
        """
        if pin.revision > self._revision:
            await self._catch_up(pin.revision)
        latest = {
            (s.kind, s.id): s.record
            for s in self._statements
            if s.revision <= pin.revision and s.recorded_at <= pin.known_at
        }
        return _facts(latest)

    async def _catch_up(self, revision: int) -> None:
        since = self._revision
        rows = await self._db.read(STATEMENTS, since=since, revision=revision)
        # Another reader may have come this far, or further, in the meantime.
        fresh = tuple(s for s in map(_statement, rows) if s.revision > self._revision)
        self._statements += fresh
        self._revision = max(self._revision, revision)


def _facts(latest: Mapping[tuple[str, str], Any]) -> Facts:
    fields = {
        kind.field: tuple(record for (of, _), record in latest.items() if of == name)
        for name, kind in KINDS.items()
    }
    return Facts(**fields)


def _statement(row: Any) -> _Statement:
    recorded_at = row["recordedAt"].to_native().astimezone(UTC)
    record = KINDS[row["kind"]].adapter.validate_json(row["body"])
    return _Statement(
        row["kind"], row["id"], row["revision"], recorded_at, replace(record, recorded_at=recorded_at)
    )


def _differing(records: Sequence[Record], rows: Iterable[Any]) -> list[Record]:
    present = {(row["kind"], row["id"]): row["digest"] for row in rows}
    return [record for record in records if present.get((record.kind, record.id)) != record.digest]


def _row(record: Record) -> dict[str, str]:
    body = json.dumps(record.body, ensure_ascii=False, sort_keys=True)
    return {"id": record.id, "digest": record.digest, "body": body}


_EVER = 2**62
"""A revision after every other."""
