"""What a viewer does not own stays nameless in a roll-up, and every sum stays what it is."""

from __future__ import annotations

from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huren.auth.principal import Principal
from huren.auth.scopes import EXCHANGE_ADMINISTER
from huren.auth.visibility import owners, sees
from huren.errors import Conflict, NotFound
from huren.graph.model.supply import Emission, Input, Product, Recipe, Stage, Supply, Unlinked
from huren.graph.model.text import Text
from huren.graph.rollup import roll_up
from huren.graph.whatif import Replace
from huren.resolvers.directory import Directory
from huren.resolvers.footprints import _changed
from huren.resolvers.products import owner_of
from huren.resolvers.sight import within_sight

ORGS = ("a", "b", "c")
CODES = tuple("pqrstu")
VIEWER = Principal("a", "test", frozenset())
ADMIN = Principal("z", "test", frozenset({EXCHANGE_ADMINISTER}))


def mine(key: str) -> bool:
    return sees(VIEWER, owner_of(key))


@st.composite
def chains(draw: st.DrawFn) -> tuple[Supply, str]:
    """A chain of products of three organisations, each needing earlier ones; the root is a's."""
    keys = [f"{draw(st.sampled_from(ORGS))}/{code}" for code in CODES] + ["a/root"]
    products = {key: Product(*key.split("/"), Text(en=key), "kg", unverified=True) for key in keys}
    recipes = {}
    for n, key in enumerate(keys):
        names = draw(st.lists(st.sampled_from(keys[:n]), unique=True)) if n else []
        stages = draw(st.lists(st.sampled_from(list(Stage)), min_size=len(names), max_size=len(names)))
        inputs = tuple(Input(k, draw(st.floats(0.1, 5)), s) for k, s in zip(names, stages, strict=True))
        unlinked = (Unlinked("water", 1.0, "m3"),) if draw(st.booleans()) else ()
        recipes[key] = Recipe(inputs, (Emission("CO2", draw(st.floats(-5, 5))),), unlinked, True)
    return Supply(products, recipes), "a/root"


@given(chains(), st.integers(1, 9))
def test_sums_stay_and_names_do_not(chain: tuple[Supply, str], count: int) -> None:
    whole = roll_up(*chain, allow_partial=True)
    seen = within_sight(whole, mine)
    first, other = seen.contributions.first(count)
    assert isclose(sum(c.value for c in first) + other.value, whole.total, rel_tol=1e-9, abs_tol=1e-9)
    assert isclose(
        sum(i.value for i in seen.inputs), sum(i.value for i in whole.inputs), rel_tol=1e-9, abs_tol=1e-9
    )
    named = [c.product for c in seen.contributions] + [i.supplier for i in seen.inputs]
    named += [u.consumer for u in seen.coverage.unlinked] + list(seen.coverage.unknown)
    named += [key for path in seen.paths(20) for key in path.products] + list(seen.unverified.products)
    assert all(mine(key) for key in named if key)
    assert (seen.total, seen.coverage.unlinked_count) == (whole.total, whole.coverage.unlinked_count)


@given(chains())
def test_the_administrator_sees_everything(chain: tuple[Supply, str]) -> None:
    whole = roll_up(*chain, allow_partial=True)
    assert within_sight(whole, lambda key: sees(ADMIN, owner_of(key))) is whole


@given(chains(), st.data())
def test_what_if_changes_only_what_is_seen(chain: tuple[Supply, str], data: st.DataObject) -> None:
    supply, _ = chain
    old, new = (data.draw(st.sampled_from(sorted(supply.products))) for _ in range(2))
    after = _changed(VIEWER, supply, [Replace(old, new)])
    for key, recipe in supply.recipes.items():
        expected = [new if row.supplier == old and mine(key) else row.supplier for row in recipe.inputs]
        assert [row.supplier for row in after.recipes[key].inputs] == expected


@given(st.sampled_from(ORGS), st.booleans())
def test_the_filter_agrees_with_the_decision(owner: str, administrator: bool) -> None:
    viewer = ADMIN if administrator else VIEWER
    listed = owners(viewer)
    assert sees(viewer, owner) is (listed is None or owner in listed)


def test_names_find_what_the_viewer_sees() -> None:
    products = {key: Product(*key.split("/"), Text(en=key), "kg") for key in ("a/p", "b/p", "b/q", "a/r")}
    directory = Directory()
    assert directory.find(products, "p", VIEWER).key == "a/p"
    assert directory.find(products, "b/q", ADMIN).key == "b/q"
    for hidden in ("b/q", "q", "b/p", "nothing"):
        with pytest.raises(NotFound):
            directory.find(products, hidden, VIEWER)
    with pytest.raises(Conflict, match=r"`a/p`, `b/p`"):
        directory.find(products, "p", ADMIN)
    grown = {**products, "a/s": Product("a", "s", Text(en="s"), "kg")}
    assert directory.find(grown, "s", VIEWER).key == "a/s"
