"""The largest structural paths, against all paths walked one by one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huren.errors import BadInput
from huren.graph.model.supply import Emission, Input, Recipe, Stage, Supply
from huren.graph.rollup import roll_up

Walked = tuple[tuple[str, ...], float]
GATE = {None, Stage.RAW_MATERIAL, Stage.PRODUCTION}


@st.composite
def trees(draw: st.DrawFn) -> Supply:
    """Up to six products, suppliers have smaller numbers; rows at any stage."""
    total = draw(st.integers(1, 6))
    names = [f"o/{i}" for i in range(total)]
    numbers = st.floats(-3, 3).map(lambda a: round(a, 2))
    late = st.none() | st.sampled_from(Stage)
    recipes = {}
    for i, name in enumerate(names):
        suppliers = draw(st.lists(st.sampled_from(names[:i]), max_size=4)) if i else []
        inputs = tuple(Input(supplier, draw(numbers), draw(late)) for supplier in suppliers)
        recipes[name] = Recipe(inputs, (Emission("CO2", draw(numbers), stage=draw(late)),))
    return Supply(Supply.of(dict.fromkeys(names, 0.0)).products, recipes)


def needed(supply: Supply, product: str, *, root: bool) -> dict[str, float]:
    """Rows of one pair add up."""
    sums: dict[str, float] = {}
    for row in supply.recipes[product].inputs:
        if root or row.stage in GATE:
            sums[row.supplier] = sums.get(row.supplier, 0.0) + row.amount
    return sums


def walk(supply: Supply, path: tuple[str, ...], flow: float) -> Iterator[Walked]:
    root = len(path) == 1
    rows = supply.recipes[path[-1]].emissions
    yield path, flow * sum(row.kg for row in rows if root or row.stage in GATE)
    for supplier, amount in needed(supply, path[-1], root=root).items():
        yield from walk(supply, (*path, supplier), flow * amount)


@given(trees(), st.integers(1, 12))
def test_are_the_largest_of_all_paths(supply: Supply, asked: int) -> None:
    root = list(supply.products)[-1]
    walked = {path: value for path, value in walk(supply, (root,), 2.0) if value}
    found = roll_up(supply, root, amount=2.0).paths(asked)
    assert len(found) == min(asked, len(walked))
    for path, value in zip(found, sorted(walked.values(), key=abs, reverse=True), strict=False):
        assert abs(path.value) == pytest.approx(abs(value), rel=1e-12)
        assert path.value == pytest.approx(walked[path.products], rel=1e-12)


@given(trees())
def test_all_paths_sum_to_the_total(supply: Supply) -> None:
    answer = roll_up(supply, list(supply.products)[-1])
    found = answer.paths(5000)
    size = sum(abs(path.value) for path in found)
    assert sum(path.value for path in found) == pytest.approx(answer.total, rel=1e-9, abs=1e-9 * size)


def test_one_supplier_at_two_stages_is_one_path() -> None:
    supply = Supply.of({"a/x": 0, "a/y": 1})
    rows = tuple(Input("a/y", 1.0, stage) for stage in (None, Stage.PRODUCTION, Stage.USE))
    answer = roll_up(Supply(supply.products, supply.recipes | {"a/x": Recipe(rows)}), "a/x")
    assert [(path.products, path.value) for path in answer.paths(3)] == [(("a/x", "a/y"), 3.0)]


def test_a_loop_is_walked_round_and_round() -> None:
    supply = Supply.of({"a/mine": 3, "a/power": 8}, [("a/mine", "a/power", 0.5), ("a/power", "a/mine", 0.5)])
    found = roll_up(supply, "a/mine").paths(5)
    assert [path.value for path in found] == [4, 3, 1, 0.75, 0.25]
    assert found[2].products == ("a/mine", "a/power", "a/mine", "a/power")
    assert [path.amount for path in found[:2]] == [0.5, 1]


def test_a_lattice_of_a_million_million_paths_is_not_enumerated() -> None:
    """40 layers of two equal suppliers each: 2^40 paths, every one the largest."""
    keys = [[f"a/{layer:02}{side}" for side in "lr"] for layer in range(40)]
    rows = [(c, s, 1.0) for upper, lower in pairwise(keys) for c in upper for s in lower]
    supply = Supply.of(dict.fromkeys([key for layer in keys for key in layer], 0.0), rows)
    ends = {key: Recipe(emissions=(Emission("CO2", 1),)) for key in keys[-1]}
    answer = roll_up(Supply(supply.products, supply.recipes | ends), keys[0][0])
    assert answer.total == 2.0**39
    assert [path.value for path in answer.paths(10)] == [1.0] * 10


def test_a_loop_of_credits_that_amplifies_its_paths_has_no_largest() -> None:
    supply = Supply.of({"a/x": 1, "a/y": 1}, [("a/x", "a/y", 3), ("a/y", "a/x", -1)])
    answer = roll_up(supply, "a/x")
    assert answer.total == 1
    with pytest.raises(BadInput, match="amplifies its own paths"):
        answer.paths(3)


@pytest.mark.parametrize("asked", [0, -1])
def test_no_paths_is_no_question(asked: int) -> None:
    with pytest.raises(BadInput, match="at least 1"):
        roll_up(Supply.of({"a/x": 1}), "a/x").paths(asked)


def test_a_product_without_emissions_has_no_paths() -> None:
    assert roll_up(Supply.of({"a/x": 0}), "a/x").paths(3) == ()
