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
    for entry in (entry for entry in entries if entry.kind == "scheme"):
        national = _national(entry.record, schemes)
        if national is not None:
            yield from _outside(entry, national, categories)
        yield from _too_many(entry, schemes)


def _national(scheme: Scheme, schemes: Mapping[str, Scheme]) -> Scheme | None:
    """The national scheme that ``scheme`` itself is a pilot of."""
    used = schemes.get(scheme.uses or "")
    return used if used is not None and used.level is Level.NATIONAL and used.id != scheme.id else None


def _outside(entry: Entry, national: Scheme, categories: Mapping[str, Category]) -> Iterator[BadInput]:
    listed = {row.category for row in (national.categories and national.categories.value) or ()}
    own = (entry.record.categories and entry.record.categories.value) or ()
    named = {
        "categories": [row.category for row in own if row.category],
        "pilot_products": entry.record.pilot_products,
    }
    for key, names in named.items():
        strange = [name for name in names if listed.isdisjoint(_line(name, categories))]
        if listed and strange:
            yield _refused(entry, key, ", ".join(strange), national.id)


def _line(category: str, categories: Mapping[str, Category]) -> tuple[str, ...]:
    """``category`` and its parents; a loop among them is told elsewhere."""
    line: list[str] = []
    step: str | None = category
    while step and step not in line:
        line.append(step)
        step = categories[step].parent if step in categories else None
    return tuple(line)


def _too_many(entry: Entry, schemes: Mapping[str, Scheme]) -> Iterator[BadInput]:
    own: Scheme = entry.record
    for province in (own.issued_in or (own.id,)) if own.pilot_products else ():
        beside = [s for s in schemes.values() if s.uses == own.uses and province in s.issued_in]
        products = [name for s in beside if s.id != own.id for name in s.pilot_products]
        count = len({*products, *own.pilot_products})
        if max(count, len(own.pilot_products)) > MOST_PRODUCTS:
            yield entry.refused(
                "pilot_products",
                f"gives {province} more than {MOST_PRODUCTS} pilot products (S1-18)",
                f"使 {province} 的试点产品超过 {MOST_PRODUCTS} 个(S1-18)",
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
