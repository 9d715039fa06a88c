"""Migrations: applied once and in order, by however many processes, and never silently changed."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from huren.errors import Conflict
from huren.graph.connect import connect
from huren.graph.database import Address, Database
from huren.graph.migrate import APPLIED, Migration, migrate, shipped

FORGET = "MATCH (m:Migration) DELETE m"
DROP = "DROP CONSTRAINT product_key IF EXISTS"
SHAPE = "SHOW INDEXES YIELD name, state, labelsOrTypes, properties, owningConstraint ORDER BY name"


async def test_are_recorded_with_their_checksums(database: Database) -> None:
    applied = {row["name"]: row["checksum"] for row in await database.read(APPLIED)}
    assert applied == {m.name: m.checksum for m in shipped()}


async def test_are_applied_once(database: Database) -> None:
    assert await migrate(database) == ()


async def test_leave_every_index_online(database: Database) -> None:
    shape = await database.read(SHAPE)
    assert {row["state"] for row in shape} == {"ONLINE"}
    unique = {(row["labelsOrTypes"][0], row["properties"][0]) for row in shape if row["owningConstraint"]}
    assert {("Product", "key"), ("Write", "key"), ("Certificate", "number"), ("Migration", "name")} <= unique


async def test_run_again_without_harm(database: Database) -> None:
    before = await database.read(SHAPE)
    await database.alter(FORGET)
    assert await migrate(database) == tuple(m.name for m in shipped())
    assert await database.read(SHAPE) == before


async def test_resume_where_a_starter_died(database: Database) -> None:
    before = {row["name"] for row in await database.read(SHAPE)}
    await database.alter(FORGET)
    await database.alter(DROP)
    await migrate(database)
    assert {row["name"] for row in await database.read(SHAPE)} == before


async def test_let_many_start_at_once(database: Database, address: Address) -> None:
    await database.alter(FORGET)
    await database.alter(DROP)

    async def start() -> None:
        async with connect(address):
            pass

    await asyncio.gather(*(start() for _ in range(6)))
    assert len(await database.read(APPLIED)) == len(shipped())


async def test_refuse_one_that_was_changed(database: Database) -> None:
    first, *rest = shipped()
    changed = replace(first, text=first.text + "\n// harmless?\n")
    with pytest.raises(Conflict, match=first.name):
        await migrate(database, (changed, *rest))


async def test_refuse_a_database_from_the_future(database: Database) -> None:
    with pytest.raises(Conflict, match=shipped()[-1].name):
        await migrate(database, shipped()[:-1])


def test_split_at_semicolons_that_end_a_line() -> None:
    text = "// why; because\nCREATE (a {x: 'b;c'});\nMATCH (n)\n  RETURN n;\n"
    assert Migration("m", text).statements == ("CREATE (a {x: 'b;c'})", "MATCH (n)\n  RETURN n")


def test_come_in_order() -> None:
    names = [m.name for m in shipped()]
    assert names == sorted(names)
    assert len({name[:4] for name in names}) == len(names)
