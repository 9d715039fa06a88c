"""Importing a supply package: read it, resolve what it takes from elsewhere, check, and write it at once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from huren.auth.visibility import Viewer
from huren.errors import BadInput, BadPackage, ConsumingLoop, HurenError, Place
from huren.graph import certified, imports, organisations
from huren.graph.cycles import looped, upstream_of
from huren.graph.imports import Import, Imported, Told
from huren.graph.model.over import Over
from huren.graph.model.supply import Supply
from huren.graph.revision import Pin, pin
from huren.graph.system import check_loops
from huren.graph.writing import Stamp
from huren.mappings.package import Draft, Importer, Package, is_uscc, link, read
from huren.mappings.registration import check_organisation
from huren.resolvers.context import Exchange
from huren.resolvers.sight import Sight, sight


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did, and the resources of the package that are no table and were not read."""

    done: Imported
    ignored: tuple[str, ...]


async def import_package(
    exchange: Exchange,
    files: Mapping[str, bytes],
    org: str,
    actor: str,
    told: Told = lambda done, of: None,
) -> Report:
    """Import a package on behalf of the organisation ``org``; all of it or nothing.

    ``files``: the bytes of each file by its path below datapackage.json. Importing the same again
    changes nothing. Raises: BadPackage, with everything that is wrong; BadInput for no organisation's id;
    Unavailable.
    """
    org = check_organisation(org)
    with imports.no_collection():
        importer = Importer(org, org == exchange.administrator)
        package, judged = await _checked(exchange, files, importer)

        async def recheck(revision: int) -> None:
            if loops := await _loops(exchange, package, importer, revision):
                raise BadPackage(loops)

        job = _job(package, judged, org, actor)
        done = await imports.load(exchange.database, job, recheck, told, exchange.clock)
    return Report(done, package.ignored)


async def _checked(
    exchange: Exchange, files: Mapping[str, bytes], importer: Importer
) -> tuple[Package, certified.Judged]:
    """The package, with nothing against it. Raises: BadPackage."""
    draft = await asyncio.to_thread(read, files, importer)
    at = await pin(exchange.database)
    seen = await _sight(exchange, importer, at)
    outside = await imports.named(exchange.database, at.revision, draft.outside(), seen.visible())
    package, wrong = await asyncio.to_thread(link, draft, outside)
    wrong += await _misnamed(exchange, draft)
    wrong += await _loops(exchange, package, importer, at.revision)
    judged = await certified.judge(exchange.database, at, package.certificates, package.products)
    wrong += tuple(_placed(draft, number, error) for number, error in judged.refused)
    if wrong:
        raise BadPackage(wrong)
    return package, judged


def _job(package: Package, judged: certified.Judged, org: str, actor: str) -> Import:
    items = {key: (product, package.recipes[key]) for key, product in package.products.items()}
    owners = {product.owner for product in package.products.values()}
    codes = {owner: owner if is_uscc(owner) else None for owner in sorted(owners)}

    async def certify(tx: Any, stamp: Stamp) -> int:
        return await certified.certify(tx, stamp, package.certificates)

    return Import(org, actor, package.name, items, codes, certify if judged.certificates else None)


async def _misnamed(exchange: Exchange, draft: Draft) -> tuple[HurenError, ...]:
    """Owners called by their USCC although they are on record under an id of their own."""
    owners = {product.owner for product in draft.products.values()}
    found = await organisations.get_many(exchange.database, sorted(owners))
    return tuple(_other_id(draft, name, one.id) for name, one in found.items() if one.id != name)


async def _sight(exchange: Exchange, importer: Importer, at: Pin) -> Sight:
    viewer = Viewer(importer.owner, administrator=importer.administrator)
    return await sight(exchange.database, at, viewer, None, exchange.clock())


async def _loops(
    exchange: Exchange, package: Package, importer: Importer, revision: int
) -> tuple[HurenError, ...]:
    """Loops that consume all they make, as far as the importer sees them.

    One that leaves the package can only do so by an outside supplier.
    """
    around = await _around(exchange, package, importer, revision) if package.outside else Supply()
    products, recipes = Over(package.products, around.products), Over(package.recipes, around.recipes)
    supply = replace(around, products=products, recipes=recipes)
    inside = await asyncio.to_thread(looped, supply)
    touched = [key for key in inside.products if key in package.products]
    try:
        if touched:
            await asyncio.to_thread(check_loops, inside, touched)
    except ConsumingLoop as loop:
        return (loop,)
    return ()


async def _around(exchange: Exchange, package: Package, importer: Importer, revision: int) -> Supply:
    supply = await exchange.snapshots.current(revision)
    at = Pin(supply.revision, supply.as_of or exchange.clock())
    roots = [key for key in (*package.products, *package.outside) if key in supply.products]
    seen = await (await _sight(exchange, importer, at)).cut(supply, roots)
    return await asyncio.to_thread(upstream_of, seen, roots)


def _placed(draft: Draft, number: str, error: HurenError) -> HurenError:
    """``error`` with the line on which the certificate stands."""
    error.place = _place(draft, "certificates", "number", number)
    return error


def _place(draft: Draft, table: str, column: str, cell: str) -> Place:
    found = draft.tables[table]
    cells = list(found.column(column))
    return Place(found.file, found.line(cells.index(cell)) if cell in cells else None, column)


def _other_id(draft: Draft, name: str, known: str) -> HurenError:
    return BadInput(
        f"the organisation with the code `{name}` is on record as `{known}`",
        f"代码为“{name}”的机构已登记为“{known}”",
        fix=f"Write `{known}` as the owner.",
        fix_zh=f"请在 owner 列填写“{known}”。",
        place=_place(draft, "products", "owner", name),
    )
