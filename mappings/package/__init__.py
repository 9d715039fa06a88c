"""Supply packages: CSV tables beside a ``datapackage.json``, read, checked and linked. Pure.

:func:`read` takes the bytes of a package apart and keeps every fault it finds; :func:`link` puts recipes
together once the suppliers outside the package are known. ``docs/packages.md`` describes the format.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from huren.errors import BadPackage, HurenError
from huren.graph.model.certificate import Certificate
from huren.graph.model.supply import Product, Recipe
from huren.mappings.package import certificates, footprints, products, recipes
from huren.mappings.package.descriptor import Descriptor, read_descriptor
from huren.mappings.package.problems import Problems
from huren.mappings.package.products import Importer, Names, is_uscc, read_products
from huren.mappings.package.table import Table, read_table
from huren.mappings.package.unverified import mark_unverified

__all__ = ["Draft", "Importer", "Package", "is_uscc", "link", "read", "read_package"]

# The order of rows says nothing, and a package that is only sorted otherwise is the same package.
_INPUT_ORDER = attrgetter("supplier", "amount")
_EMISSION_ORDER = attrgetter("gas", "origin", "kg")
_UNLINKED_ORDER = attrgetter("flow", "unit", "amount")

_COLUMNS = {
    "products": (products.REQUIRED, products.COLUMNS),
    "inputs": (recipes.INPUTS, recipes.INPUT_COLUMNS),
    "emissions": (recipes.EMISSIONS, recipes.EMISSION_COLUMNS),
    "unlinked": (recipes.UNLINKED, recipes.UNLINKED),
    "footprints": (footprints.REQUIRED, footprints.COLUMNS),
    "certificates": (certificates.REQUIRED, certificates.COLUMNS),
    "status_events": (certificates.EVENT_REQUIRED, certificates.EVENT_COLUMNS),
}


@dataclass(frozen=True, slots=True)
class Package:
    """A package whose every row is sound: recipes by product key, amounts in the supplier's unit.

    ``outside``: the suppliers it takes from elsewhere, by key. ``ignored``: resources that are no table.
    """

    name: str
    products: Mapping[str, Product]
    recipes: Mapping[str, Recipe]
    certificates: tuple[Certificate, ...]
    outside: Mapping[str, Product]
    ignored: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A package taken apart, with the faults found so far; its suppliers are still mere names."""

    importer: Importer
    descriptor: Descriptor
    tables: Mapping[str, Table]
    products: Mapping[str, Product]
    names: Names
    problems: Problems

    def outside(self) -> frozenset[str]:
        """The names of suppliers and certified products that the package itself does not have."""
        columns = (("inputs", "supplier"), ("certificates", "product"))
        named = {
            cell
            for name, column in columns
            if name in self.tables
            for cell in self.tables[name].column(column)
        }
        return frozenset(named - self.names.keys.keys() - {""})


def read(files: Mapping[str, bytes], importer: Importer) -> Draft:
    """Take a package apart. ``files``: the bytes of each file, by its path below datapackage.json.

    Cost: about two microseconds a row. Raises nothing: what is wrong is kept for :func:`link` to tell.
    """
    problems = Problems()
    descriptor = read_descriptor(files, problems)
    tables = {
        source.table: table
        for source in descriptor.sources
        if (table := read_table(source, files[source.file], *_COLUMNS[source.table], problems))
    }
    found: dict[str, Product] = {}
    names = Names()
    if "products" in tables:
        found, names = read_products(tables["products"], importer)
    return Draft(importer, descriptor, tables, found, names, problems)


def link(draft: Draft, outside: Mapping[str, tuple[Product, ...]]) -> tuple[Package, tuple[HurenError, ...]]:
    """The package, made of its sound rows, and everything that is wrong with it.

    ``outside``: for each of ``draft.outside()`` the products of that name that the importer may use.
    Cost: about four microseconds a row.
    """
    suppliers = recipes.Suppliers(draft.products, draft.names, outside)
    made = _recipes(draft, suppliers) if "products" in draft.tables else {}
    used = {one.supplier for recipe in made.values() for one in recipe.inputs} - draft.products.keys()
    others = {p.key: p for candidates in outside.values() for p in candidates if p.key in used}
    package = Package(
        draft.descriptor.name,
        mark_unverified(draft.products, made, others, draft.descriptor.unverified_sources),
        made,
        _certificates(draft, suppliers),
        others,
        draft.descriptor.ignored,
    )
    return package, tuple(draft.problems.found)


def read_package(files: Mapping[str, bytes], owner: str = "example") -> Package:
    """A package that needs nothing from outside, read on behalf of ``owner``.

    Raises: BadPackage, holding every fault with its place and fix.
    """
    package, wrong = link(read(files, Importer(owner, administrator=True)), {})
    if wrong:
        raise BadPackage(wrong)
    return package


def _recipes(draft: Draft, suppliers: recipes.Suppliers) -> dict[str, Recipe]:
    tables, names = draft.tables, draft.names
    inputs = emissions = unlinked = declared = _nothing()
    if table := tables.get("inputs"):
        inputs = recipes.inputs(table, suppliers)
    if table := tables.get("emissions"):
        emissions = recipes.emissions(table, names)
    if table := tables.get("unlinked"):
        unlinked = recipes.unlinked(table, names)
    if table := tables.get("footprints"):
        declared = footprints.read_footprints(table, draft.products, names)
    return {
        key: Recipe(
            tuple(sorted(inputs.get(key, ()), key=_INPUT_ORDER)),
            tuple(sorted(emissions.get(key, ()), key=_EMISSION_ORDER)),
            tuple(sorted(unlinked.get(key, ()), key=_UNLINKED_ORDER)),
            "unlinked" in tables,
            declared.get(key),
        )
        for key in draft.products
    }


def _nothing() -> dict[str, Any]:
    return {}


def _certificates(draft: Draft, suppliers: recipes.Suppliers) -> tuple[Certificate, ...]:
    table, events = draft.tables.get("certificates"), draft.tables.get("status_events")
    numbers = frozenset(table.column("number")) if table else frozenset()
    happened = certificates.read_events(events, numbers) if events else {}
    return certificates.read_certificates(table, draft.importer, suppliers, happened) if table else ()
