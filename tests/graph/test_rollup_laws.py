"""Laws of the roll-up, held against the definition walked path by path and against a dense solve."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations
from random import Random

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from huren.graph.answer import RollUp
from huren.graph.gwp import counted, factor
from huren.graph.model.supply import GATE, Emission, GwpSet, Input, Origin, Product, Recipe, Stage, Supply
from huren.graph.model.text import Text
from huren.graph.rollup import roll_up, roll_up_within
from huren.graph.system import System

pytestmark = pytest.mark.slow

REGIONS = ("CN-BJ", "CN-TJ", None)
amounts = st.floats(-3, 3).map(lambda a: round(a, 3))
origins, stages = st.sampled_from(Origin), st.none() | st.sampled_from(Stage)
gases = st.sampled_from(["CO2", "CH4", "N2O", "SF6", "CO2e"])
emissions = st.builds(Emission, gas=gases, kg=amounts, origin=origins, stage=stages)


@pytest.fixture(params=["plain", "fast"], scope="module", autouse=True)
def engine(request: pytest.FixtureRequest) -> Iterator[None]:
    """All of it by numpy and scipy, and by the kernels of large graphs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("huren.graph.network.engine.LARGE", 0 if request.param == "fast" else 10**9)
        yield


def key(i: int) -> str:
    return f"o/{i}"


@st.composite
def supplies(draw: st.DrawFn, *, cyclic: bool) -> Supply:
    """Up to seven products; acyclic: suppliers have smaller numbers; cyclic: any, amounts that converge."""
    count = draw(st.integers(1, 7))
    needed = st.floats(-0.12, 0.12).map(lambda a: round(a, 4)) if cyclic else amounts
    products, recipes = {}, {}
    for i in range(count):
        suppliers = st.integers(0, count - 1 if cyclic else i - 1).map(key)
        rows = st.lists(st.builds(Input, supplier=suppliers, amount=needed, stage=stages), max_size=6)
        products[key(i)] = Product("o", str(i), Text(), "kg", region=draw(st.sampled_from(REGIONS)))
        inputs = draw(rows) if cyclic or i else []
        recipes[key(i)] = Recipe(tuple(inputs), tuple(draw(st.lists(emissions, max_size=4))), (), True)
    return Supply(products, recipes)


def value(row: Emission, gwp: GwpSet = GwpSet.AR6) -> float:
    """kg CO2e counted."""
    return row.kg * (factor(row.gas, row.origin, gwp) or 0.0) * counted(row.gas, row.origin)


def at_gate(stage: Stage | None) -> bool:
    return stage is None or stage in GATE


def by_paths(supply: Supply, product: str, *, root: bool = True) -> float:
    """The definition, walked path by path: slow and obviously right."""
    recipe = supply.recipes[product]
    own = sum(value(row) for row in recipe.emissions if root or at_gate(row.stage))
    return own + sum(
        row.amount * by_paths(supply, row.supplier, root=False)
        for row in recipe.inputs
        if root or at_gate(row.stage)
    )


def dense(supply: Supply, gwp: GwpSet) -> dict[str, float]:
    """kg CO2e of one unit of each product as a root, by one dense inverse."""
    keys = list(supply.products)
    needs, late = np.zeros((len(keys), len(keys))), np.zeros((len(keys), len(keys)))
    own, own_late = np.zeros(len(keys)), np.zeros(len(keys))
    for i, product in enumerate(keys):
        for need in supply.recipes[product].inputs:
            (needs if at_gate(need.stage) else late)[i, keys.index(need.supplier)] += need.amount
        for row in supply.recipes[product].emissions:
            (own if at_gate(row.stage) else own_late)[i] += value(row, gwp)
    gate = np.linalg.inv(np.eye(len(keys)) - needs) @ own
    return dict(zip(keys, (gate + own_late + late @ gate).tolist(), strict=True))


def size(answer: RollUp) -> float:
    """The size of what was added up, against which rounding is measured."""
    return sum(abs(part) for part in answer.contributions.values) + 1e-9


@given(supplies(cyclic=False))
def test_agrees_with_the_definition(supply: Supply) -> None:
    system = System.of(supply)
    for product in supply.products:
        answer = roll_up_within(system, product, allow_partial=True)
        assert answer.total == pytest.approx(by_paths(supply, product), rel=1e-9, abs=1e-9 * size(answer))


@given(supplies(cyclic=True), st.sampled_from(GwpSet))
def test_agrees_with_a_dense_solve_in_loops_with_credits_and_self_inputs(supply: Supply, gwp: GwpSet) -> None:
    system, wanted = System.of(supply), dense(supply, gwp)
    for product in supply.products:
        answer = roll_up_within(system, product, gwp=gwp, allow_partial=True)
        assert answer.total == pytest.approx(wanted[product], rel=1e-10, abs=1e-10 * size(answer))


@given(supplies(cyclic=True))
def test_a_contribution_is_what_one_product_emits_alone(supply: Supply) -> None:
    """Silence every other product: what is left of the total is that product's contribution."""
    answer = roll_up(supply, key(0), allow_partial=True)
    for part in answer.contributions:
        alone = {
            name: recipe if name == part.product else replace(recipe, emissions=())
            for name, recipe in supply.recipes.items()
        }
        total = roll_up(replace(supply, recipes=alone), key(0), allow_partial=True).total
        assert part.value == pytest.approx(total, rel=1e-10, abs=1e-10 * size(answer))


@given(supplies(cyclic=True))
def test_a_gas_is_what_its_own_rows_alone_amount_to(supply: Supply) -> None:
    answer = roll_up(supply, key(0), allow_partial=True)
    for part in answer.by_gas:
        alone = {
            name: replace(
                recipe,
                emissions=tuple(
                    Emission("CO2", row.kg, stage=row.stage)
                    for row in recipe.emissions
                    if (row.gas, row.origin) == (part.gas, part.origin)
                ),
            )
            for name, recipe in supply.recipes.items()
        }
        total = roll_up(replace(supply, recipes=alone), key(0), allow_partial=True).total
        assert part.kg == pytest.approx(total, rel=1e-10, abs=1e-9)


@given(supplies(cyclic=True), st.sampled_from(GwpSet))
def test_every_split_sums_to_the_total(supply: Supply, gwp: GwpSet) -> None:
    for product in supply.products:
        answer = roll_up(supply, product, gwp=gwp, allow_partial=True)
        near = pytest.approx(answer.total, rel=1e-10, abs=1e-10 * size(answer))
        assert sum(part.value for part in answer.by_stage) == near
        assert sum(part.value for part in answer.by_region) == near
        assert sum(part.value for part in answer.by_owner(1)) == near
        assert sum(part.value for part in answer.contributions) == near
        assert sum(part.kg_co2e for part in answer.by_gas if part.counted) == near
        first, other = answer.contributions.first(2)
        assert sum(part.value for part in first) + other.value == near
        assert len(first) + other.count == answer.products_count == len(answer.contributions)
        own = sum(value(row, gwp) for row in supply.recipes[product].emissions)
        assert own + sum(part.value for part in answer.inputs) == near
        everything = pytest.approx(answer.total_including_biogenic, rel=1e-10, abs=1e-9 * size(answer))
        assert sum(part.kg_co2e for part in answer.by_gas) == everything


@given(supplies(cyclic=True), st.floats(0.001, 1000), st.floats(-5, 5))
def test_is_linear_in_the_amount_and_in_the_emissions(supply: Supply, amount: float, factor_: float) -> None:
    product = key(0)
    once = roll_up(supply, product, allow_partial=True)
    many = roll_up(supply, product, amount=amount, allow_partial=True)
    assert many.total == pytest.approx(amount * once.total, rel=1e-9, abs=1e-9 * amount * size(once))
    scaled = {
        name: replace(recipe, emissions=tuple(replace(row, kg=row.kg * factor_) for row in recipe.emissions))
        for name, recipe in supply.recipes.items()
    }
    other = roll_up(replace(supply, recipes=scaled), product, allow_partial=True)
    assert other.total == pytest.approx(factor_ * once.total, rel=1e-9, abs=1e-8 * size(once))


@given(supplies(cyclic=True), st.integers(-9, 9))
def test_another_declared_unit_changes_nothing_but_the_number(supply: Supply, power: int) -> None:
    """Product 0 declared per 10^power as much: its rows grow so, and others need so much less of it."""
    unit, changed = 10.0**power, {}
    for name, recipe in supply.recipes.items():
        own = unit if name == key(0) else 1.0
        changed[name] = replace(
            recipe,
            emissions=tuple(replace(row, kg=row.kg * own) for row in recipe.emissions),
            inputs=tuple(
                replace(row, amount=row.amount * own / (unit if row.supplier == key(0) else 1.0))
                for row in recipe.inputs
            ),
        )
    other = replace(supply, recipes=changed)
    for name in supply.products:
        before = roll_up(supply, name, allow_partial=True)
        after = roll_up(other, name, amount=1 / unit if name == key(0) else 1.0, allow_partial=True)
        assert after.total == pytest.approx(before.total, rel=1e-9, abs=1e-9 * size(before))
        assert set(after.contributions.products) == set(before.contributions.products)


@given(supplies(cyclic=True), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_products_does_not_matter(supply: Supply, chance: Random) -> None:
    assume(len(supply.products) > 1)
    names = list(supply.products)
    chance.shuffle(names)
    turned = Supply(
        {name: supply.products[name] for name in names},
        {
            name: replace(recipe, inputs=recipe.inputs[::-1], emissions=recipe.emissions[::-1])
            for name, recipe in supply.recipes.items()
        },
    )
    for name in names:
        one, two = (roll_up(each, name, allow_partial=True) for each in (supply, turned))
        assert two.total == pytest.approx(one.total, rel=1e-10, abs=1e-10 * size(one))
        assert [part.stage for part in one.by_stage] == [part.stage for part in two.by_stage]
        assert one.products_count == two.products_count


@given(supplies(cyclic=True))
def test_one_product_compiled_alone_equals_the_whole_graph_compiled(supply: Supply) -> None:
    system = System.of(supply)
    for name in supply.products:
        alone, within = (
            roll_up(supply, name, allow_partial=True),
            roll_up_within(system, name, allow_partial=True),
        )
        assert alone.total == pytest.approx(within.total, rel=1e-11, abs=1e-11 * size(within))
        assert set(alone.contributions.products) == set(within.contributions.products)
        assert alone.products_count == within.products_count
        assert replace(alone.coverage, not_restated=()) == replace(within.coverage, not_restated=())
        one, two = alone.coverage.not_restated, within.coverage.not_restated
        assert [row.gwp_set for row in one] == [row.gwp_set for row in two]
        assert [row.share for row in one] == pytest.approx([row.share for row in two], rel=1e-11)
        assert [row.value for row in one] == pytest.approx([row.value for row in two], rel=1e-11)


def test_equal_contributions_stand_in_the_order_of_their_keys_whatever_the_order_of_rows() -> None:
    inputs = [("a/root", f"a/{c}", 1.0) for c in "xyz"]
    for order in permutations(inputs):
        supply = Supply.of({"a/root": 0, "a/x": 5, "a/y": -5, "a/z": 5}, order)
        assert roll_up(supply, "a/root").contributions.products == ("a/x", "a/y", "a/z", "a/root")
