"""The gates of the national pilot: what a pilot that uses the national scheme may list (S1-18, S2-7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from huren.errors import BadInput
from huren.graph.model.category import Category
from huren.graph.model.scheme import Scheme
from huren.graph.model.terms import Level
from huren.mappings.entries import Entry

MOST_PRODUCTS = 2
"""Pilot products of one province (S1-18)."""


def pilots(entries: Sequence[Entry]) -> Iterator[BadInput]:
    """Pilots that list what the national scheme does not, or more products than a province may have."""
    schemes = {entry.id: entry.record for entry in entries if entry.kind == "scheme"}
    categories = {entry.id: entry.record for entry in entries if entry.kind == "category"}
    for entry in entries:
        national = _national(entry.record, schemes) if entry.kind == "scheme" else None
        if national is not None:
            yield from _outside(entry, national, categories)
            yield from _too_many(entry, national, schemes)


def _national(scheme: Scheme, schemes: Mapping[str, Scheme]) -> Scheme | None:
    """The national scheme that ``scheme`` itself is a pilot of."""
    used = schemes.get(scheme.uses or "")
    return used if used is not None and used.level is Level.NATIONAL and used.id != scheme.id else None


def _outside(entry: Entry, national: Scheme, categories: Mapping[str, Category]) -> Iterator[BadInput]:
    listed = {row.category for row in (national.categories and national.categories.value) or ()}
    own = (entry.record.categories and entry.record.categories.value) or ()
    strange = [r.category for r in own if r.category and listed.isdisjoint(_line(r.category, categories))]
    if listed and strange:
        yield _refused(entry, "categories", ", ".join(strange), national.id)
    products = [name for name in entry.record.pilot_products if name not in national.pilot_products]
    if national.pilot_products and products:
        yield _refused(entry, "pilot_products", ", ".join(products), national.id)


def _line(category: str, categories: Mapping[str, Category]) -> tuple[str, ...]:
    """``category`` and its parents; a loop among them is told elsewhere."""
    line: list[str] = []
    step: str | None = category
    while step and step not in line:
        line.append(step)
        step = categories[step].parent if step in categories else None
    return tuple(line)


def _too_many(entry: Entry, national: Scheme, schemes: Mapping[str, Scheme]) -> Iterator[BadInput]:
    if not entry.record.pilot_products:
        return
    for province in entry.record.issued_in:
        beside = [s for s in schemes.values() if s.uses == national.id and province in s.issued_in]
        products = {name for scheme in (*beside, entry.record) for name in scheme.pilot_products}
        if len(products) > MOST_PRODUCTS:
            yield entry.refused(
                "pilot_products",
                f"gives {province} {len(products)} pilot products, more than {MOST_PRODUCTS} (S1-18)",
                f"使 {province} 的试点产品达到 {len(products)} 个,上限为 {MOST_PRODUCTS} 个(S1-18)",
                "Leave the others out.",
                "请删去多余的试点产品。",
            )


def _refused(entry: Entry, key: str, names: str, national: str) -> BadInput:
    return entry.refused(
        key,
        f"lists {names}, which the national scheme `{national}` does not list (S2-7)",
        f"列入了 {names},不在国家方案“{national}”的清单内(S2-7)",
        f"List only what `{national}` lists.",
        f"请仅列入“{national}”清单内的内容。",
    )
