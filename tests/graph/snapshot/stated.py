"""Products and recipes of every kind, for the tests of snapshots."""

from __future__ import annotations

from datetime import UTC

from hypothesis import strategies as st

from huren.graph.model.supply import (
    Declared,
    Emission,
    GwpSet,
    Input,
    Origin,
    Product,
    Provenance,
    Recipe,
    Stage,
    Supply,
    Unlinked,
)
from huren.graph.model.text import Text
from huren.graph.snapshot.rows import row_of
from huren.graph.snapshot.snapshot import Draft, Snapshot

words = st.text(min_size=1, max_size=5)
maybe = st.none() | words
numbers = st.floats(allow_nan=False, allow_infinity=False)
scores = st.none() | st.floats(1, 5)
days = st.none() | st.dates()
stages = st.none() | st.sampled_from(Stage)
sets = st.none() | st.sampled_from(GwpSet)
provenances = st.builds(Provenance, maybe, maybe, st.none() | st.floats(1, 10))
owners = st.sampled_from(["a", "b"])
codes = st.sampled_from(["1", "2/3", "五", "x" * 40])
instants = st.none() | st.datetimes(timezones=st.just(UTC))
keys = st.builds(lambda owner, code: f"{owner}/{code}", owners, codes)
inputs = st.builds(Input, keys, numbers, stages, provenances)
emissions = st.builds(
    Emission,
    st.sampled_from(["CO2", "ch₄", "CO2e", "CO2-eq"]),
    numbers,
    st.sampled_from(Origin),
    stages,
    sets,
    provenances,
)
declared = st.builds(
    Declared,
    st.floats(-1e9, 1e9),
    sets,
    st.booleans(),
    st.lists(st.tuples(st.sampled_from(Stage), st.floats(-1e9, 1e9)), max_size=3).map(tuple),
    st.floats(-1e9, 1e9),
    instants,
    maybe,
)
names = st.builds(Text, st.text(max_size=5), st.text(max_size=5))
rest = (maybe, maybe, maybe, days, days, scores, scores, scores, maybe, st.booleans())
products = st.builds(Product, owners, codes, names, words, *rest)
recipes = st.builds(
    Recipe,
    st.lists(inputs, max_size=4).map(tuple),
    st.lists(emissions, max_size=3).map(tuple),
    st.lists(st.builds(Unlinked, words, numbers, words), max_size=3).map(tuple),
    st.booleans(),
    st.none() | declared,
)
stated = st.lists(st.tuples(products, recipes), max_size=6).map(
    lambda pairs: {p.key: (p, r) for p, r in pairs}
)


Pairs = dict[str, tuple[Product, Recipe]]


def supply(pairs: Pairs) -> Supply:
    """As a supply graph."""
    products, recipes = ({key: pair[i] for key, pair in pairs.items()} for i in (0, 1))
    return Supply(products, recipes)


def changed(base: Snapshot, pairs: Pairs) -> Snapshot:
    """What ``base`` becomes when these products are written."""
    draft = Draft(base, list(pairs))
    draft.add([row_of(*pair) for pair in pairs.values()])
    return draft.done(base.revision + 1, None)


def columns(supply: Supply) -> Snapshot:
    """A supply graph of objects in columns; every product must have a recipe."""
    named = (row.supplier for recipe in supply.recipes.values() for row in recipe.inputs)
    draft = Draft(Snapshot(), list(dict.fromkeys((*supply.recipes, *named))))
    draft.add([row_of(supply.products[key], recipe) for key, recipe in supply.recipes.items()])
    return draft.done(supply.revision, supply.as_of)
