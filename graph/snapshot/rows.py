"""Between what an inventory states, as the database has it, and the columns of a snapshot.

A row is a mapping: the properties that the inventory has (see :mod:`huren.graph.properties`) with ``key``,
``revision`` and ``inputs``, a list of [supplier, stage, amount, kind, source, gsd]. What is absent from a
list is None or blank, a gsd that is absent 0 too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from itertools import chain
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from huren.graph.model.supply import (
    Declared,
    Emission,
    GwpSet,
    Origin,
    Product,
    Provenance,
    Recipe,
    Stage,
)
from huren.graph.properties import properties
from huren.graph.sides import declared_emissions, undivided
from huren.graph.snapshot.columns import Array
from huren.graph.snapshot.table import codes, pooled
from huren.graph.snapshot.words import Words

Row = Mapping[str, Any]

CODED = {
    "unit": "declaredUnit",
    "category": "category",
    "region": "region",
    "site": "site",
    "traceability": "traceability",
    "dqr_tech": "dqrTech",
    "dqr_geo": "dqrGeo",
    "dqr_time": "dqrTime",
}
"""Columns of words with the properties they come from."""

DAYS = {"period_start": "periodStart", "period_end": "periodEnd"}
"""Columns of days with the properties they come from."""

FLAGS = {"unverified": "unverified", "unlinked_stated": "unlinkedStated"}
TEXTS = {"zh": "nameZh", "en": "nameEn", "declared": "declared"}
EMISSIONS = ("gas", "kg", "origin", "stage", "gwpSet", "emissionKind", "emissionSource", "emissionGsd")
UNLINKED = ("flow", "flowAmount", "flowUnit")
_GROUPS = {
    "zh": ("utf8",),
    "en": ("utf8",),
    "declared": ("utf8",),
    "input": ("supplier", "stage", "amount", "kind", "source", "gsd"),
    "emission": ("gas", "kg", "origin", "stage", "gwp", "kind", "source", "gsd"),
    "unlinked": ("flow", "amount", "unit"),
}
_FLOATS = {"amount", "kg"}

KINDS: dict[str, type[np.generic]] = {
    **dict.fromkeys((*CODED, *DAYS, "revision", "modelled"), np.uint8),
    **dict.fromkeys((*FLAGS, "undivided"), np.bool_),
    **{f"{group}.end": np.uint8 for group in _GROUPS},
    **{
        f"{group}.{name}": np.float64 if name in _FLOATS else np.uint8
        for group, names in _GROUPS.items()
        for name in names
    },
}
"""The columns of a snapshot's table. ``modelled``: how many of a row's emissions are the model's; those after
are what its declared total stands for."""

Vocabulary = Mapping[str, Words[Any]]
Coder = Callable[[Sequence[Any], int], Array]

_DECLARED = TypeAdapter(Declared)


def vocabularies() -> dict[str, Words[Any]]:
    """The words of each coded column of text, none yet but for the enumerations."""
    fixed: dict[str, Words[Any]] = {"stage": Words(Stage), "origin": Words(Origin), "gwp": Words(GwpSet)}
    fixed["gsd"] = Words(blank=0.0)
    return fixed | {name: Words() for name in (*CODED, "day", "gas", "kind", "source", "flow")}


def row_of(product: Product, recipe: Recipe) -> Row:
    """A row as it is read of an inventory that states this; its revision is 0."""
    inputs = [(row.supplier, row.stage, row.amount, *_said(row.provenance)) for row in recipe.inputs]
    return {**properties(product, recipe), "key": product.key, "revision": 0, "inputs": inputs}


def _said(provenance: Provenance) -> tuple[str | None, str | None, float]:
    return provenance.data_kind, provenance.source, provenance.gsd or 0.0


def batch(rows: Sequence[Row], words: Vocabulary, place: Callable[[str], int]) -> dict[str, Array]:
    """The columns of ``rows``, new words coded; ``place`` tells where a supplier is."""
    totals = [_DECLARED.validate_json(row["declared"]) if row.get("declared") else None for row in rows]
    count = len(rows)
    labels: dict[str, Coder] = {name: words[name].coded for name in ("stage", "kind", "source", "gsd")}
    coded: dict[str, Coder] = {name: words[name].coded for name in ("gas", "flow", "unit", "origin", "gwp")}
    facts = {column: [row.get(name) for row in rows] for column, name in (CODED | DAYS | FLAGS).items()}
    return {
        **{name: words[name].coded(facts[name], count) for name in CODED},
        **{name: words["day"].coded(map(day, facts[name]), count) for name in DAYS},
        **{name: np.array([bool(flag) for flag in facts[name]], np.bool_) for name in FLAGS},
        "undivided": np.fromiter((t is not None and undivided(t) for t in totals), np.bool_, count),
        "revision": codes((row["revision"] for row in rows), count),
        **_texts(rows),
        **_group("input", [row["inputs"] for row in rows], coded | labels | {"supplier": _by(place)}),
        **_emissions(rows, totals, coded | labels),
        **_group("unlinked", [_items(row, UNLINKED) for row in rows], coded),
    }


def _texts(rows: Sequence[Row]) -> dict[str, Array]:
    found: dict[str, Array] = {}
    for group, prop in TEXTS.items():
        found |= pooled(group, [row.get(prop) or "" for row in rows])
    return found


def _emissions(
    rows: Sequence[Row], totals: Sequence[Declared | None], coders: Mapping[str, Coder]
) -> dict[str, Array]:
    """By row those of the model, then those that the declared total stands for."""
    modelled = [_items(row, EMISSIONS) for row in rows]
    stand = ([_plain(row) for row in declared_emissions(total)] if total else [] for total in totals)
    every = [[*stated, *instead] for stated, instead in zip(modelled, stand, strict=True)]
    sizes = codes(map(len, modelled), len(modelled))
    return {"modelled": sizes, **_group("emission", every, coders)}


def _plain(row: Emission) -> tuple[Any, ...]:
    return row.gas, row.kg, row.origin, row.stage, row.gwp_set, None, None, None


def _group(
    group: str, items: Sequence[Sequence[Sequence[Any]]], coders: Mapping[str, Coder]
) -> dict[str, Array]:
    """The columns of a group from the items of each row."""
    sizes = codes(map(len, items), len(items))
    count, names = int(sizes.sum()), _GROUPS[group]
    columns = zip(*chain.from_iterable(items), strict=True) if count else [()] * len(names)
    coded = {
        f"{group}.{name}": coders.get(name, _numbers)(column, count)
        for name, column in zip(names, columns, strict=True)
    }
    return {f"{group}.end": sizes, **coded}


def _items(row: Row, names: Sequence[str]) -> Sequence[Sequence[Any]]:
    """Parallel lists as items; a list that was left out is blank all the way, and the first never is."""
    blank = [None] * len(row.get(names[0]) or ())
    return list(zip(*(row.get(name) or blank for name in names), strict=True))


def _by(place: Callable[[str], int]) -> Coder:
    return lambda keys, count: codes(map(place, keys), count)


def _numbers(values: Sequence[float | None], _: int) -> Array:
    return np.array(values, np.float64)


def day(value: Any) -> date | None:
    """A stored day."""
    if isinstance(value, str):
        return date.fromisoformat(value) if value else None
    return value.to_native() if value else None
