"""A part of a snapshot for somebody who may not see the rest: a snapshot of its own, made product by product.

What may be seen whole is taken over as it stands; of everything else there is what it is told to say. Nothing
else comes along, not even a key that nothing here names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from huren.graph.model.supply import Product, Recipe, Supply
from huren.graph.snapshot.columns import Array, Column
from huren.graph.snapshot.keys import Keys
from huren.graph.snapshot.rows import row_of
from huren.graph.snapshot.snapshot import NOTHING, Draft, Recipes, Snapshot
from huren.graph.snapshot.table import Table

_SUPPLIER = "input.supplier"


class Excerpt:
    """What is upstream of some products, as far as their recipes are followed. One thread at a time."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._shot = snapshot
        self._met = np.zeros(len(snapshot.heads), np.bool_)

    def start(self, keys: Iterable[str]) -> list[str]:
        """Those of ``keys`` that are products, and were not met before."""
        found = (self._shot.keys.find(key) for key in keys)
        return self._fresh(np.array([place for place in found if place is not None], np.intp))

    def needed(self, keys: Sequence[str]) -> list[str]:
        """The products that those of ``keys`` need, and that were not met before. Cost: 2 µs each."""
        table, rows = self._shot.table, self._shot.heads[self._places(keys)]
        return self._fresh(table[_SUPPLIER][table.items("input", rows)])

    def done(self, whole: Sequence[str], others: Mapping[str, tuple[Product, Recipe]]) -> Snapshot:
        """The products ``whole`` as they stand, and ``others`` as told. Cost: 20 µs for each of those."""
        draft = Draft(_taken(self._shot, self._places(whole)), list(others))
        draft.add([row_of(*other) for other in others.values()])
        return draft.done(self._shot.revision, self._shot.as_of)

    def _places(self, keys: Iterable[str]) -> Array:
        return np.array(list(map(self._shot.keys.find, keys)), np.intp)

    def _fresh(self, places: Array) -> list[str]:
        """In the order of keys, which is one that nothing hidden can change."""
        new = np.unique(places)
        new = new[(self._shot.heads[new] != NOTHING) & ~self._met[new]]
        self._met[new] = True
        return sorted(map(self._shot.keys.text, new.tolist()))


def upstream_of(snapshot: Snapshot, roots: Iterable[str]) -> Snapshot:
    """All that ``roots`` need at any stage, as it stands, and they. Cost: some 10 µs for each."""
    part, whole = Excerpt(snapshot), list[str]()
    tier = part.start(roots)
    while tier:
        whole += tier
        tier = part.needed(tier)
    return part.done(whole, {})


def restated(supply: Supply, recipes: Mapping[str, Recipe]) -> Supply:
    """A supply graph in columns in which some products have other ``recipes``, by key.

    The graph before stays as it is. Cost: a copy of its columns, and 50 µs for each of those products.
    """
    assert isinstance(supply.recipes, Recipes)
    draft = Draft(supply.recipes.snapshot.apart(), list(recipes))
    draft.add([row_of(supply.products[key], recipe) for key, recipe in recipes.items()])
    return draft.done(supply.revision, supply.as_of).supply()


def _taken(shot: Snapshot, places: Array) -> Snapshot:
    """Some products as they stand, and the keys of all that they need."""
    table = shot.table.taken(shot.heads[places])
    suppliers = table[_SUPPLIER]
    named = np.union1d(places, suppliers)
    texts = list(map(shot.keys.text, named.tolist()))
    order = sorted(range(len(texts)), key=texts.__getitem__)
    ranks = np.empty(len(texts), np.uint32)
    ranks[order] = np.arange(len(texts))
    heads = np.full(len(texts), NOTHING, np.int32)
    heads[ranks[np.searchsorted(named, places)]] = np.arange(len(places))
    renamed = Column.alike(np.uint32(0)).plus(ranks[np.searchsorted(named, suppliers)])
    columns = {**table.columns, _SUPPLIER: renamed}
    return Snapshot(Keys.none().plus([texts[i] for i in order]), heads, Table(columns), shot.words)
