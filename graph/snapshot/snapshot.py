"""The supply graph at one revision in columns: a million products in the memory of twenty thousand objects.

A product has a place for good. What is stated of it is a row of a table that only grows; ``heads`` says
which row stands. A change so costs its own rows and one copy of ``heads``, 4 bytes a product, and whoever
holds the snapshot before it sees nothing of it: no lock, no half-applied change, no copy of the graph.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

import numpy as np

from huren.graph.model.supply import Product, Recipe, Supply
from huren.graph.snapshot.columns import Array, Column
from huren.graph.snapshot.keys import Keys
from huren.graph.snapshot.objects import product_at, recipe_at
from huren.graph.snapshot.rows import KINDS, Row, batch, vocabularies
from huren.graph.snapshot.table import Table
from huren.graph.snapshot.words import Words

T_co = TypeVar("T_co", covariant=True)

NOTHING = -1
"""The head of a key that only an input names."""

_GARBAGE, _FEW = 0.2, 1_000
"""Rows that no longer stand are let go once they are a fifth of all, and more than a few."""


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """``heads``: the row of each place in ``keys``, int32. ``words``: what the codes of ``table`` mean.

    ``line``: snapshots of one line followed one another, and what a place or a row means in one it means in
    all later ones; so their ``heads`` differ exactly where a product was stated anew.
    """

    keys: Keys = field(default_factory=Keys.none)
    heads: Array = field(default_factory=lambda: np.zeros(0, np.int32))
    table: Table = field(default_factory=lambda: Table.empty(KINDS))
    words: Mapping[str, Words[Any]] = field(default_factory=vocabularies)
    revision: int = 0
    as_of: datetime | None = None
    line: object = field(default_factory=object)

    @property
    def products(self) -> Products:
        """Products by key, made when asked for."""
        return Products(self)

    @property
    def recipes(self) -> Recipes:
        """Recipes by key, made when asked for."""
        return Recipes(self)

    @property
    def rows(self) -> int:
        """How many rows the table has, those that no longer stand among them."""
        return len(self.table["unit"])

    def row(self, key: str) -> int:
        """The row that stands for ``key``. Raises: KeyError."""
        place = self.keys.find(key)
        if place is None or self.heads[place] == NOTHING:
            raise KeyError(key)
        return int(self.heads[place])

    def standing(self) -> Array:
        """The places of all products."""
        return np.flatnonzero(self.heads != NOTHING)

    def tally(self) -> tuple[int, int]:
        """How many products there are, and the sum of the revisions that what is stated of them is of."""
        heads = self.heads[self.standing()]
        return len(heads), int(self.table["revision"][heads].sum(dtype=np.int64))

    def consumers(self, suppliers: Iterable[str]) -> list[str]:
        """The products that need one of ``suppliers``, by key. Cost: a look at every input."""
        wanted = [place for place in map(self.keys.find, suppliers) if place is not None]
        at = np.flatnonzero(np.isin(self.table["input.supplier"], wanted))
        needing = np.zeros(self.rows, np.bool_)
        needing[np.searchsorted(self.table["input.end"], at, side="right")] = True
        places = self.standing()
        return [self.keys.text(place) for place in places[needing[self.heads[places]]].tolist()]

    def apart(self) -> Snapshot:
        """The same, to be drawn from on the side: what is added copies the columns, and takes no room."""
        columns = {name: Column(column.values) for name, column in self.table.columns.items()}
        return replace(self, table=Table(columns))

    def supply(self) -> Supply:
        """As a supply graph, whose products and recipes are made when asked for."""
        return Supply(self.products, self.recipes, self.revision, self.as_of)


class Draft:
    """The next snapshot under way; the one it starts from stays as it is, and so does it if this is dropped.

    ``keys``: those that rows will be added of.
    """

    def __init__(self, base: Snapshot, keys: Sequence[str]) -> None:
        known = {key: base.keys.find(key) for key in keys} if len(base.keys) else {}
        new = [key for key in keys if known.get(key) is None]
        first = len(base.keys)
        self._places = _Places(self._place)
        self._places |= {key: place for key, place in known.items() if place is not None}
        self._places |= zip(new, range(first, first + len(new)), strict=True)
        self._base, self._keys, self._table = base, base.keys.plus(new), base.table
        self._heads = np.concatenate([base.heads, np.full(len(new), NOTHING, np.int32)])

    def add(self, rows: Sequence[Row]) -> None:
        """What stands from now on. Cost: 20 µs a row, 1 µs an input."""
        first = len(self._table["unit"])
        self._table = self._table.plus(batch(rows, self._base.words, self._places.__getitem__))
        places = [self._places[row["key"]] for row in rows]
        self._heads[places] = np.arange(first, first + len(rows))

    def done(self, revision: int, as_of: datetime | None) -> Snapshot:
        """The snapshot, for all to read. Cost: all products, where rows that no longer stand are let go."""
        done = replace(
            self._base,
            keys=self._keys,
            heads=self._heads,
            table=self._table,
            revision=revision,
            as_of=as_of,
        )
        places = done.standing()
        if done.rows - len(places) <= max(_FEW, _GARBAGE * done.rows):
            return done
        heads = np.full(len(done.heads), NOTHING, np.int32)
        heads[places] = np.arange(len(places))
        return replace(done, heads=heads, table=done.table.taken(done.heads[places]), line=object())

    def _place(self, key: str) -> int:
        """The place of a key that is not among those to come, which only an input names."""
        place = self._keys.find(key)
        if place is None:
            place = len(self._keys)
            self._keys = self._keys.plus([key])
            self._heads = np.append(self._heads, np.int32(NOTHING))
        return place


class _Places(dict[str, int]):
    """Places by key; where a key is not there, they are looked up once."""

    def __init__(self, look_up: Callable[[str], int]) -> None:
        super().__init__()
        self._look_up = look_up

    def __missing__(self, key: str) -> int:
        self[key] = place = self._look_up(key)
        return place


class Made(Mapping[str, T_co]):
    """Objects by product key, made when asked for; they live as long as whoever asked for them."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    def __contains__(self, key: object) -> bool:
        place = self.snapshot.keys.find(key) if isinstance(key, str) else None
        return place is not None and bool(self.snapshot.heads[place] != NOTHING)

    def __iter__(self) -> Iterator[str]:
        texts, heads = self.snapshot.keys.table.texts("key"), self.snapshot.heads.tolist()
        return (key for key, head in zip(texts, heads, strict=True) if head != NOTHING)

    def __len__(self) -> int:
        return len(self.snapshot.standing())


class Products(Made[Product]):
    """Products by key."""

    def __getitem__(self, key: str) -> Product:
        return product_at(self.snapshot.table, self.snapshot.words, self.snapshot.row(key), key)

    def coded(self, code: str) -> list[str]:
        """The keys of the products that have ``code``, whoever owns them."""
        keys = self.snapshot.keys
        return [keys.text(place) for place in keys.coded(code) if self.snapshot.heads[place] != NOTHING]


class Recipes(Made[Recipe]):
    """Recipes by product key."""

    def __getitem__(self, key: str) -> Recipe:
        shot = self.snapshot
        return recipe_at(shot.table, shot.words, shot.row(key), shot.keys.text)
