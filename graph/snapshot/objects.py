"""Products and recipes made from the columns of a snapshot, equal to those that went in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pydantic import TypeAdapter

from huren.graph.model.supply import (
    NO_PROVENANCE,
    Declared,
    Emission,
    Input,
    Origin,
    Product,
    Provenance,
    Recipe,
    Unlinked,
)
from huren.graph.model.text import Text
from huren.graph.snapshot.rows import Vocabulary
from huren.graph.snapshot.table import Table

_DECLARED = TypeAdapter(Declared)


def product_at(table: Table, words: Vocabulary, row: int, key: str) -> Product:
    """The product of ``key`` as a row states it. Cost: 10 µs."""

    def word(name: str, of: str = "") -> Any:
        return words[of or name][table[name][row]]

    owner, _, code = key.partition("/")
    return Product(
        owner,
        code,
        Text(table.text("zh", row), table.text("en", row)),
        word("unit") or "",
        word("category"),
        word("region"),
        word("site"),
        word("period_start", "day"),
        word("period_end", "day"),
        word("dqr_tech"),
        word("dqr_geo"),
        word("dqr_time"),
        word("traceability"),
        bool(table["unverified"][row]),
    )


def recipe_at(table: Table, words: Vocabulary, row: int, key: Callable[[int], str]) -> Recipe:
    """What a row states stands behind its product; ``key`` of the place of a supplier.

    Cost: 20 µs, and 3 µs an input.
    """
    declared = table.text("declared", row)
    return Recipe(
        tuple(_inputs(table, words, row, key)),
        tuple(_emissions(table, words, row)),
        tuple(_unlinked(table, words, row)),
        bool(table["unlinked_stated"][row]),
        _DECLARED.validate_json(declared) if declared else None,
    )


def _inputs(table: Table, words: Vocabulary, row: int, key: Callable[[int], str]) -> Iterator[Input]:
    at = table.span("input", row)
    columns = (table[f"input.{name}"][at].tolist() for name in ("supplier", "amount", "stage"))
    for supplier, amount, stage, provenance in zip(
        *columns, _provenance(table, words, "input", at), strict=True
    ):
        yield Input(key(supplier), amount, words["stage"][stage], provenance)


def _emissions(table: Table, words: Vocabulary, row: int) -> Iterator[Emission]:
    at = table.span("emission", row)
    at = slice(at.start, at.start + int(table["modelled"][row]))
    columns = (table[f"emission.{name}"][at].tolist() for name in ("gas", "kg", "origin", "stage", "gwp"))
    for *cells, provenance in zip(*columns, _provenance(table, words, "emission", at), strict=True):
        gas, kg, origin, stage, gwp = cells
        labels = words["stage"][stage], words["gwp"][gwp]
        yield Emission(
            words["gas"][gas] or "", kg, words["origin"][origin] or Origin.UNSPECIFIED, *labels, provenance
        )


def _unlinked(table: Table, words: Vocabulary, row: int) -> Iterator[Unlinked]:
    at = table.span("unlinked", row)
    columns = (table[f"unlinked.{name}"][at].tolist() for name in ("flow", "amount", "unit"))
    for flow, amount, unit in zip(*columns, strict=True):
        yield Unlinked(words["flow"][flow] or "", amount, words["unit"][unit] or "")


def _provenance(table: Table, words: Vocabulary, group: str, at: slice) -> Iterator[Provenance]:
    columns = (table[f"{group}.{name}"][at].tolist() for name in ("kind", "source", "gsd"))
    for kind, source, gsd in zip(*columns, strict=True):
        if kind or source or gsd:
            yield Provenance(words["kind"][kind], words["source"][source], words["gsd"][gsd])
        else:
            yield NO_PROVENANCE
