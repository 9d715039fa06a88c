"""An excerpt holds what was followed, what stands instead of the rest, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huren.graph.model.supply import Recipe
from huren.graph.snapshot.excerpt import Excerpt, restated, upstream_of
from huren.graph.snapshot.snapshot import Snapshot
from tests.graph.snapshot.stated import Pairs, columns, keys, products, recipes, stated, supply

pytestmark = pytest.mark.slow

instead = st.dictionaries(keys, st.tuples(products, recipes))


def followed(snapshot: Snapshot, roots: list[str], stop: set[str]) -> tuple[Excerpt, list[str], list[str]]:
    """What is upstream of ``roots``, nothing behind ``stop``: the excerpt, who is seen whole, who not."""
    part, whole, border = Excerpt(snapshot), list[str](), list[str]()
    tier = part.start(roots)
    while tier:
        border += [key for key in tier if key in stop]
        opened = [key for key in tier if key not in stop]
        whole += opened
        tier = part.needed(opened)
    return part, whole, border


def walked(pairs: Pairs, roots: list[str], stop: set[str]) -> set[str]:
    """The same by the definition, one key at a time."""
    met, waiting = set[str](), list(roots)
    while waiting:
        key = waiting.pop()
        if key in pairs and key not in met:
            met.add(key)
            waiting += [] if key in stop else [row.supplier for row in pairs[key][1].inputs]
    return met


@given(stated, st.lists(keys, max_size=3), instead)
def test_it_is_the_walk_by_definition(pairs: Pairs, roots: list[str], others: Pairs) -> None:
    others = {key: (product, recipe) for key, (product, recipe) in others.items() if product.key == key}
    part, whole, border = followed(columns(supply(pairs)), roots, set(others))
    assert {*whole, *border} == walked(pairs, roots, set(others))
    assert len(whole) + len(border) == len({*whole, *border})

    shown = {key: others[key] for key in border}
    found = part.done(whole, shown)
    seen = {key: pairs[key] for key in whole} | shown
    assert dict(found.products) == supply(seen).products
    assert dict(found.recipes) == supply(seen).recipes

    named = {*seen} | {row.supplier for _, recipe in seen.values() for row in recipe.inputs}
    assert set(found.keys.table.texts("key")) == named


@given(stated, st.permutations(["a/1", "b/1", "a/五", "b/2/3"]))
def test_who_is_met_does_not_depend_on_how_the_graph_came_to_be(pairs: Pairs, order: list[str]) -> None:
    """Places are given as products arrive, hidden ones too: nobody may tell by the order of what is seen."""
    other = {key: pairs[key] for key in order if key in pairs} | pairs
    one, two = (followed(columns(supply(each)), order, {"b/1"})[1:] for each in (pairs, other))
    assert one == two


@given(stated, st.lists(keys, max_size=3))
def test_all_upstream_is_an_excerpt_that_stops_nowhere(pairs: Pairs, roots: list[str]) -> None:
    found = upstream_of(columns(supply(pairs)), roots)
    met = {key: pairs[key] for key in walked(pairs, roots, set())}
    assert (dict(found.products), dict(found.recipes)) == (supply(met).products, supply(met).recipes)


@given(stated, st.lists(keys, max_size=3))
def test_consumers_are_those_whose_recipe_names_one_of_them(pairs: Pairs, suppliers: list[str]) -> None:
    named = {
        k for k, (_, recipe) in pairs.items() if {row.supplier for row in recipe.inputs} & set(suppliers)
    }
    found = columns(supply(pairs)).consumers(suppliers)
    assert (set(found), len(found)) == (named, len(named))


@given(stated, st.dictionaries(keys, recipes))
def test_products_are_restated_and_the_graph_before_stays(pairs: Pairs, instead: dict[str, Recipe]) -> None:
    plain, before = supply(pairs), columns(supply(pairs)).supply()
    other = {key: recipe for key, recipe in instead.items() if key in pairs}
    after = restated(before, other)
    assert dict(after.recipes) == {**plain.recipes, **other}
    assert (dict(after.products), dict(before.recipes)) == (plain.products, plain.recipes)
