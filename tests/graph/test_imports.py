"""Imports on the real server: all at once or not at all, whatever dies on the way."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from huren.app import exchange_over
from huren.auth.administrator import ADMINISTRATOR
from huren.auth.keys import local_keys
from huren.commands.imports import package_files
from huren.errors import BadInput, BadPackage, Unavailable
from huren.graph import certificates, imports, organisations, reference
from huren.graph.database import Address, Database
from huren.graph.leftovers import clean_up
from huren.graph.model.certificate import CertificateState
from huren.graph.model.organisation import Organisation
from huren.graph.model.supply import GwpSet, Input, Product, Recipe
from huren.graph.model.text import Text
from huren.graph.revision import pin
from huren.graph.rollup import roll_up
from huren.graph.visible import EVERYTHING
from huren.graph.writing import Write, write_once
from huren.mappings.catalogue import catalogue
from huren.resolvers.context import Exchange
from huren.resolvers.imports import Report, import_package
from tests.graph import importer
from tests.mappings.packages import EMISSIONS, package
from tests.mappings.test_package import SHIPPED, written

GAEEIO = Path(__file__).parents[3] / "shared" / "data" / "gaeeio"
COUNTS = """
RETURN COUNT { (:Product) } AS products, COUNT { (:Inventory) } AS inventories,
       COUNT { ()-[:NEEDS]->() } AS needs, COUNT { (w:Write) WHERE w.revision IS NULL } AS unpublished
"""
NOTHING = {"products": 0, "inventories": 0, "needs": 0, "unpublished": 0}


@pytest.fixture
async def exchange(database: Database, tmp_path: Path) -> Exchange:
    """An exchange with schemes, rules and its administrator; no test here asks for a region."""
    await reference.load(database, [reference.Record(*row) for row in catalogue().statements()])
    write = Write("huren", "test", "administrator", "register", {})
    await write_once(database, write, organisations.register(ADMINISTRATOR))
    return exchange_over(database, local_keys(tmp_path))


async def load(exchange: Exchange, files: Mapping[str, bytes], org: str = "admin") -> Report:
    return await import_package(exchange, files, org, "test")


async def counts(db: Database) -> dict[str, int]:
    return (await db.read(COUNTS))[0]


async def revision(db: Database) -> int:
    return (await pin(db)).revision


async def untouched(revision: int) -> None:
    raise AssertionError(f"nothing came between, but the import was asked to look again at {revision}")


async def test_the_shipped_packages_import_once(exchange: Exchange) -> None:
    demo, uslci = (package_files(SHIPPED / name) for name in ("demo", "uslci"))
    first = (await load(exchange, demo)).done
    assert (first.products, first.inputs, first.certificates, first.unchanged) == (94, 148, 8, 0)
    second = (await load(exchange, uslci)).done
    assert (second.products, second.inputs, second.unlinked) == (766, 3471, 2755)
    before = await counts(exchange.database), await revision(exchange.database)
    for files, products in ((demo, 94), (uslci, 766)):
        again = (await load(exchange, files)).done
        assert again == imports.Imported(second.revision, 0, 0, 0, 0, products)
    assert (await counts(exchange.database), await revision(exchange.database)) == before


async def test_what_was_imported_is_read_back_and_rolled_up(exchange: Exchange) -> None:
    await load(exchange, package_files(SHIPPED / "demo"))
    supply = await exchange.snapshots.current()
    assert roll_up(supply, "admin/PVMOD").total == pytest.approx(552.058688, abs=1e-6)
    assert supply.products["admin/PVMOD"].name == Text("光伏组件", "c-Si PV module, framed, 20% eff.")
    assert supply.products["admin/PVMOD"].unverified
    found = await certificates.get(exchange.database, await pin(exchange.database), "DEMO-CFP-PC-1")
    assert [event.state for event in found.events] == [CertificateState.VALID, CertificateState.SUSPENDED]
    assert found.product == "admin/LAPTOP"


async def test_an_import_replaces_what_it_lists_and_leaves_the_rest(exchange: Exchange) -> None:
    await load(exchange, package())
    only = {"products": "id,name,declared_unit\ncar,Car,piece\n", "emissions": EMISSIONS.split("\n")[0]}
    done = (
        await load(exchange, package(**only, inputs="consumer,supplier,amount,unit\ncar,steel,7,kg\n"))
    ).done
    assert (done.products, done.unchanged) == (1, 0)
    supply = await exchange.snapshots.current()
    assert supply.recipes["admin/car"] == Recipe((Input("admin/steel", 7.0),))
    assert supply.recipes["admin/steel"].emissions


async def test_only_what_differs_is_written(exchange: Exchange) -> None:
    await load(exchange, package())
    done = (await load(exchange, package(emissions=EMISSIONS.replace("car,CO2,100", "car,CO2,99")))).done
    assert (done.products, done.unchanged) == (1, 1)


async def test_the_same_rows_in_another_order_are_the_same_package(exchange: Exchange) -> None:
    head, *rows = (SHIPPED / "demo" / "inputs.csv").read_bytes().splitlines(keepends=True)
    files = {name: package_files(SHIPPED / "demo")[name] for name in package_files(SHIPPED / "demo")}
    await load(exchange, files)
    done = (await load(exchange, files | {"inputs.csv": head + b"".join(reversed(rows))})).done
    assert (done.products, done.unchanged) == (0, 94)


async def test_others_products_are_suppliers_for_the_administrator_alone(exchange: Exchange) -> None:
    await load(exchange, package(), org="maker")
    one = {"products": "id,name,declared_unit\nbus,Bus,piece\n", "emissions": EMISSIONS.split("\n")[0]}
    bus = package(**one, inputs="consumer,supplier,amount,unit\nbus,steel,1,t\n")
    with pytest.raises(BadPackage) as refused:
        await load(exchange, bus, org="rival")
    assert "no product `steel`" in refused.value.problems[0].en
    await load(exchange, bus)
    supply = await exchange.snapshots.current()
    assert supply.recipes["admin/bus"].inputs == (Input("maker/steel", 1000.0),)
    assert (await organisations.get(exchange.database, "maker")).uscc is None


BAD: dict[str, dict[str, str]] = {
    "a bad row": {"inputs": "consumer,supplier,amount,unit\ncar,steel,nan,kg\n"},
    "a loop that consumes all it makes": {
        "inputs": "consumer,supplier,amount,unit\ncar,steel,2,kg\nsteel,car,0.5,piece\n"
    },
    "an unknown scheme": {"certificates": "number,holder,scheme\nC1,admin,NOWHERE\n"},
    "a rule never in force": {"certificates": "number,holder,scheme,rule\nC1,admin,CN-CFP,CN-CFP-COMPUTER\n"},
    "an unknown holder": {"certificates": "number,holder,scheme\nC1,nobody,CN-CFP\n"},
}


@pytest.mark.parametrize("tables", BAD.values(), ids=BAD)
async def test_bad_packages_write_nothing(exchange: Exchange, tables: dict[str, str]) -> None:
    before = await counts(exchange.database), await revision(exchange.database)
    with pytest.raises(BadPackage) as refused:
        await load(exchange, package(**tables))
    assert all(problem.fix and problem.zh for problem in refused.value.problems)
    assert (await counts(exchange.database), await revision(exchange.database)) == before


async def test_nobody_imports_for_a_wrong_credit_code(exchange: Exchange) -> None:
    with pytest.raises(BadInput, match="no unified social credit code"):
        await load(exchange, package(), "91110000600037341M")
    assert await counts(exchange.database) == NOTHING


async def test_a_refused_certificate_is_placed(exchange: Exchange) -> None:
    rows = "number,holder,scheme\nC1,admin,CN-CFP\nC2,admin,NOWHERE\n"
    with pytest.raises(BadPackage) as refused:
        await load(exchange, package(certificates=rows))
    assert [str(problem.place) for problem in refused.value.problems] == ["certificates.csv:3:number"]


async def test_a_loop_through_another_package_is_found(exchange: Exchange) -> None:
    await load(exchange, package(inputs="consumer,supplier,amount,unit\ncar,steel,2,kg\n"))
    steel = {"products": "id,name,declared_unit\nsteel,Steel,kg\n", "emissions": EMISSIONS.split("\n")[0]}
    with pytest.raises(BadPackage) as refused:
        await load(exchange, package(**steel, inputs="consumer,supplier,amount,unit\nsteel,car,0.5,piece\n"))
    assert refused.value.problems[0].code == "CONSUMING_LOOP"
    assert "`admin/car`" in refused.value.problems[0].en


async def test_a_certificate_is_written_once_and_its_later_events_added(exchange: Exchange) -> None:
    rows = "number,holder,scheme,issued,value,unit\nC1,admin,CN-CFP,2026-01-01,5,kg\n"
    events = "certificate,state,valid_from,reason\nC1,valid,2026-01-01,issued\n"
    assert (await load(exchange, package(certificates=rows, status_events=events))).done.certificates == 1
    later = events + "C1,suspended,2026-03-01,late\n"
    assert (await load(exchange, package(certificates=rows, status_events=later))).done.certificates == 1
    assert (await load(exchange, package(certificates=rows, status_events=later))).done.certificates == 0
    found = await certificates.get(exchange.database, await pin(exchange.database), "C1")
    assert [event.state.value for event in found.events] == ["valid", "suspended"]


async def test_killed_half_way_it_leaves_nothing_and_can_be_run_again(
    database: Database, address: Address
) -> None:
    who = (address.uri, address.user, address.password)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, importer.__file__, *who),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert process.stdout
    assert await asyncio.wait_for(process.stdout.readline(), 60) == b"half-way\n"
    assert (await counts(database))["inventories"] >= 2_000
    assert await imports.named(database, await revision(database), ["p0"], EVERYTHING) == {}
    assert await clean_up(database) == 0  # it lives
    process.kill()
    await process.wait()
    assert await revision(database) == 0
    assert await clean_up(database) >= 2_000
    assert await counts(database) == NOTHING
    done = await imports.load(database, importer.job(), untouched)
    assert (done.revision, done.products, done.inputs) == (1, importer.COUNT, importer.COUNT - 1)


class Interrupted(Database):
    """A database on which, while an import writes, something else happens first."""

    meanwhile: Any = None

    async def bulk(self, *args: Any, **kwargs: Any) -> int:
        if self.meanwhile:
            happen, self.meanwhile = self.meanwhile, None
            await happen()
        return await super().bulk(*args, **kwargs)


@pytest.fixture
async def interrupted(database: Database, address: Address) -> AsyncIterator[Interrupted]:
    opened = await Interrupted.open(address)
    assert isinstance(opened, Interrupted)
    yield opened
    await opened.close()


def small(unit: str = "kg") -> imports.Import:
    """Two products of which the second needs the first."""
    one, two = (Product("org", code, Text(en=code), unit) for code in ("one", "two"))
    items = {one.key: (one, Recipe()), two.key: (two, Recipe((Input(one.key, 1.0),)))}
    return imports.Import("org", "test", "small", items)


async def test_when_others_write_meanwhile_it_looks_again(interrupted: Interrupted) -> None:
    seen: list[int] = []

    async def recheck(revision: int) -> None:
        seen.append(revision)

    async def register() -> None:
        effect = organisations.register(Organisation("other", Text(en="Other")))
        await write_once(interrupted, Write("other", "test", "k", "register", {}), effect)

    interrupted.meanwhile = register
    done = await imports.load(interrupted, small(), recheck)
    assert seen == [1]
    assert (done.revision, await revision(interrupted)) == (2, 2)


async def test_an_unchanged_product_that_another_import_changes_is_written_after_all(
    interrupted: Interrupted,
) -> None:
    async def recheck(revision: int) -> None: ...

    await imports.load(interrupted, small(), untouched)
    job = small()
    product, _ = job.items["org/two"]
    partly = replace(job, items={**job.items, "org/two": (product, Recipe((Input("org/one", 2.0),)))})

    async def overwrite() -> None:
        await imports.load(interrupted, small("t"), untouched)

    interrupted.meanwhile = overwrite
    assert (await imports.load(interrupted, partly, recheck)).products == 2
    found = await imports.named(interrupted, await revision(interrupted), ["one"], EVERYTHING)
    assert found["one"][0].declared_unit == "kg"


async def test_a_failed_import_sweeps_up_after_itself(interrupted: Interrupted) -> None:
    async def fail() -> None:
        raise ZeroDivisionError

    interrupted.meanwhile = fail
    with pytest.raises(ExceptionGroup):
        await imports.load(interrupted, small(), untouched)
    assert await counts(interrupted) == NOTHING


async def test_an_import_that_stood_still_too_long_is_given_up(interrupted: Interrupted) -> None:
    expire = "MATCH (w:Write) SET w.host = 'elsewhere', w.leaseUntil = datetime.realtime() - duration('PT1S')"

    async def sleep() -> None:
        await interrupted.alter(expire)
        await clean_up(interrupted)

    interrupted.meanwhile = sleep
    with pytest.raises(Unavailable, match="given up"):
        await imports.load(interrupted, small(), untouched)
    assert (await counts(interrupted))["unpublished"] == 0


async def test_superseded_inventories_go_after_an_hour(database: Database) -> None:
    await imports.load(database, small(), untouched)
    await imports.load(database, small("t"), untouched)
    assert await clean_up(database) == 0
    await database.alter("MATCH (w:Write) SET w.recordedAt = w.recordedAt - duration('PT2H')")
    assert await clean_up(database) == 2
    assert await counts(database) == {"products": 2, "inventories": 2, "needs": 1, "unpublished": 0}


@pytest.mark.skipif(not GAEEIO.exists(), reason="the data set gaeeio is not beside the repository")
async def test_the_published_totals_of_the_two_region_model(exchange: Exchange) -> None:
    needed, direct, published = (
        np.array(json.loads((GAEEIO / f"{name}.json").read_text("utf-8"))) for name in "ADN"
    )
    sectors = json.loads((GAEEIO / "sectors.json").read_text("utf-8"))
    ids = [sector["id"] for sector in sectors]
    header = ("consumer", "supplier", "amount", "unit")
    inputs = [(ids[c], ids[s], needed[s, c], "USD") for s, c in np.argwhere(needed)]
    emissions = [(ids[i], "CO2e", "AR5", kg) for i, kg in enumerate(direct[5])]
    await load(
        exchange,
        package(
            products=written(
                [("id", "name", "declared_unit"), *((s["id"], s["name"], "USD") for s in sectors)]
            ),
            inputs=written([header, *inputs]),
            emissions=written([("product", "gas", "gwp_set", "kg_per_declared_unit"), *emissions]),
        ),
    )
    supply = await exchange.snapshots.current()
    for i in range(0, len(ids), 9):
        total = roll_up(supply, f"admin/{ids[i]}", gwp=GwpSet.AR5).total
        assert total == pytest.approx(published[5, i], rel=1e-12)
