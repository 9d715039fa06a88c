"""A supply graph in columns gives back the objects that went in, whatever is changed after."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huren.graph.model.supply import Declared, Emission, Product, Recipe, Supply
from huren.graph.model.text import Text
from huren.graph.snapshot.rows import row_of
from huren.graph.snapshot.snapshot import Draft, Snapshot
from tests.graph.snapshot.stated import Pairs, changed, columns, stated, supply

pytestmark = pytest.mark.slow


@given(stated)
def test_what_comes_out_is_what_went_in(pairs: Pairs) -> None:
    plain = supply(pairs)
    kept = columns(plain)
    assert kept.supply() == plain
    assert len(kept.products) == len(pairs)
    for key in ("a/1", "b/五", "a/2/3", "nobody/1", ""):
        assert (key in kept.products) == (key in kept.recipes) == (key in pairs)
        assert kept.products.get(key) == plain.products.get(key)


@given(st.lists(stated, max_size=8))
def test_whoever_holds_a_snapshot_sees_it_as_it_was(
    changes: list[Pairs],
) -> None:
    snapshots, states = [Snapshot()], [supply({})]
    for pairs in changes:
        now = supply(pairs)
        snapshots.append(changed(snapshots[-1], pairs))
        states.append(Supply(states[-1].products | now.products, states[-1].recipes | now.recipes))
        Draft(snapshots[-1], list(pairs)).add([row_of(*pair) for pair in pairs.values()])  # dropped
    for snapshot, state in zip(snapshots, states, strict=True):
        assert replace(snapshot.supply(), revision=0) == state


@given(stated, stated, stated)
def test_two_changes_of_one_snapshot_do_not_meet(
    base: Pairs,
    one: Pairs,
    other: Pairs,
) -> None:
    first = columns(supply(base))
    left, right = changed(first, one), changed(first, other)
    assert dict(left.recipes) == supply(base | one).recipes
    assert dict(right.recipes) == supply(base | other).recipes
    assert dict(first.products) == supply(base).products


def test_rows_that_no_longer_stand_are_let_go() -> None:
    snapshot = Snapshot()
    for n in range(400):
        emission = Emission("CO2", float(n))
        pairs = {f"a/{i}": (Product("a", str(i), Text(), "kg"), Recipe((), (emission,))) for i in range(3)}
        snapshot = changed(snapshot, pairs)
        assert snapshot.rows <= 1_003
    assert {recipe.emissions[0].kg for recipe in snapshot.recipes.values()} == {399.0}


def test_products_of_one_code_are_found_together() -> None:
    every = [Product(owner, code, Text(), "kg") for owner in "abc" for code in ("1", "2/3")]
    snapshot = columns(Supply({p.key: p for p in every}, {p.key: Recipe() for p in every}))
    assert sorted(snapshot.products.coded("2/3")) == ["a/2/3", "b/2/3", "c/2/3"]
    assert snapshot.products.coded("3") == []


def test_days_and_instants_come_back_as_they_were() -> None:
    total = Declared(1.5, valid_until=datetime(2026, 6, 1, tzinfo=UTC))
    product = Product("a", "1", Text("钢", "steel"), "kg", period_start=date(2025, 1, 1), dqr_geo=1.25)
    plain = Supply({"a/1": product}, {"a/1": Recipe(declared=total)})
    assert columns(plain).supply() == plain
