"""Bring a database to the shape this version needs: ordered, checksummed Cypher files, recorded in it.

Each statement of a migration can run twice without harm (IF NOT EXISTS, MERGE), so processes that start
at the same time may all run it, and one that died half-way is simply followed by the next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from importlib.resources import files

from neo4j.exceptions import ClientError

from huren.errors import Conflict, Unavailable
from huren.graph.database import Database, rows_of

APPLIED = """
MATCH (m:Migration)
RETURN m.name AS name, m.checksum AS checksum
"""

RECORD = """
MERGE (m:Migration {name: $name})
ON CREATE SET m.checksum = $checksum, m.appliedAt = datetime()
"""

WAIT = "CALL db.awaitIndexes(60)"

_ATTEMPTS = 8
_MADE_MEANWHILE = (
    "Neo.ClientError.Schema.EquivalentSchemaRuleAlreadyExists",
    "Neo.ClientError.Schema.ConstraintAlreadyExists",
    "Neo.ClientError.Schema.IndexAlreadyExists",
)


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: statements that each end with a semicolon at the end of a line."""

    name: str
    text: str

    @property
    def checksum(self) -> str:
        return sha256(self.text.encode()).hexdigest()

    @property
    def statements(self) -> tuple[str, ...]:
        lines = (line for line in self.text.splitlines() if not line.lstrip().startswith("//"))
        parts = "\n".join(lines).split(";\n")
        return tuple(part.strip().rstrip(";") for part in parts if part.strip())


def shipped() -> tuple[Migration, ...]:
    """The migrations of this version, in order of their names."""
    folder = files("huren.graph") / "migrations"
    texts = {f.name: f.read_text(encoding="utf-8") for f in folder.iterdir() if f.name.endswith(".cypher")}
    return tuple(Migration(name.removesuffix(".cypher"), texts[name]) for name in sorted(texts))


async def migrate(db: Database, migrations: Iterable[Migration] | None = None) -> tuple[str, ...]:
    """Apply what is missing, in order, and return the names applied.

    Raises: Conflict when an applied migration has changed since, or when the database has one that this
    version does not know; nothing is changed then.
    """
    wanted = tuple(shipped() if migrations is None else migrations)
    applied = {row["name"]: row["checksum"] for row in await db.read(APPLIED)}
    _check(wanted, applied)
    missing = tuple(m for m in wanted if m.name not in applied)
    for migration in missing:
        for statement in migration.statements:
            await _run(db, statement)
        await db.write_with(partial(rows_of, query=RECORD, name=migration.name, checksum=migration.checksum))
    if missing:
        await db.alter(WAIT)
    return tuple(m.name for m in missing)


def _check(wanted: tuple[Migration, ...], applied: dict[str, str]) -> None:
    known = {m.name: m.checksum for m in wanted}
    for name, checksum in sorted(applied.items()):
        if name not in known:
            raise Conflict(
                f"the database has the migration `{name}`, which this version of huren does not know",
                f"数据库含有本版本 huren 不认识的迁移“{name}”",
                fix="Use the version of huren that wrote it, or a later one.",
                fix_zh="请使用写入该迁移的 huren 版本或更高版本。",
            )
        if known[name] != checksum:
            raise Conflict(
                f"the migration `{name}` was changed after it was applied to this database",
                f"迁移“{name}”在应用于此数据库之后被修改",
                fix="Restore the file as it was, and put the change into a new migration.",
                fix_zh="请将该文件恢复原状,并把改动写入新的迁移。",
            )


async def _run(db: Database, statement: str) -> None:
    for attempt in range(_ATTEMPTS):
        try:
            await db.alter(statement)
        except ClientError as e:
            if e.code not in _MADE_MEANWHILE:
                raise
            return
        except Unavailable:  # two starters in each other's way: a deadlock that the server broke
            if attempt == _ATTEMPTS - 1:
                raise
            await asyncio.sleep(0.1 * 2**attempt)
        else:
            return
