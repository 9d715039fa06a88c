"""The split by tier, against the power series walked by hand, and the picture of a chain, by its laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huren.graph.answer import RollUp
from huren.graph.diagram import netted
from huren.graph.model.rollup import Diagram
from huren.graph.model.supply import Emission, Input, Recipe, Stage, Supply
from huren.graph.rollup import roll_up
from tests.graph.spreads import graph, kg, of
from tests.graph.test_rollup_laws import at_gate, key, size, supplies, value

pytestmark = pytest.mark.slow

positive = st.floats(0, 0.12).map(lambda amount: round(amount, 4))


def series(supply: Supply, product: str, count: int) -> list[float]:
    """Emissions at the ends of all ways of so many inputs, tier by tier: the definition."""
    tier = {product: 1.0}
    found = []
    for depth in range(count):
        found.append(
            sum(
                units * value(row)
                for name, units in tier.items()
                for row in supply.recipes[name].emissions
                if not depth or at_gate(row.stage)
            )
        )
        following: dict[str, float] = {}
        for name, units in tier.items():
            for row in supply.recipes[name].inputs:
                if not depth or at_gate(row.stage):
                    following[row.supplier] = following.get(row.supplier, 0.0) + units * row.amount
        tier = following
    return found


@given(supplies(cyclic=True), st.integers(1, 12))
def test_tiers_are_those_of_the_power_series_and_with_the_rest_the_total(supply: Supply, count: int) -> None:
    for product in supply.products:
        answer = roll_up(supply, product, amount=2.0, allow_partial=True)
        *tiers, rest = answer.by_tier(count)
        near = 1e-10 * size(answer)
        assert [part.tier for part in tiers] == list(range(len(tiers)))
        assert len(tiers) <= count
        assert rest.tier is None
        wanted = [2.0 * one for one in series(supply, product, count)]
        assert [part.value for part in tiers] == pytest.approx(wanted[: len(tiers)], rel=1e-10, abs=near)
        assert wanted[len(tiers) :] == pytest.approx([0.0] * (count - len(tiers)), abs=near)
        assert sum(part.value for part in (*tiers, rest)) == pytest.approx(answer.total, rel=1e-10, abs=near)
        for part in (*tiers, rest):
            assert part.share is None or part.share * answer.total == pytest.approx(part.value, abs=near)


def test_a_loop_goes_on_from_tier_to_tier() -> None:
    """The mill takes a tenth of its own steel by way of the works: 10 + 1 + 0.1 + …"""
    supply = graph(mill=[kg(10), of("works", 0.1)], works=[of("mill", 1)])
    values = [part.value for part in roll_up(supply, "a/mill").by_tier(5)]
    assert values == pytest.approx([10, 0, 1, 0, 0.1, 1 / 90])
    assert len(roll_up(supply, "a/mill").by_tier(100)) < 30


def test_a_chain_ends_with_its_last_tier() -> None:
    supply = graph(car=[kg(1), of("steel", 2)], steel=[kg(3), of("coal", 1)], coal=[kg(5)])
    parts = roll_up(supply, "a/car").by_tier(10)
    assert [(part.tier, part.value) for part in parts] == [(0, 1), (1, 6), (2, 10), (None, 0)]


def balance(picture: Diagram) -> list[float]:
    """Inflow + own - outflow at each node."""
    left = [node.own for node in picture.nodes]
    for link in picture.links:
        left[link.target] += link.value
        left[link.source] -= link.value
    return left


def has_cycle(picture: Diagram) -> bool:
    """Whether one may go round along positive links: nodes that nothing enters are taken away."""
    links = {(link.source, link.target) for link in picture.links if link.value > 0}
    while links:
        entered = {target for _, target in links}
        left = {link for link in links if link[0] in entered}
        if left == links:
            return True
        links = left
    return False


def check(answer: RollUp, count: int, near: float) -> Diagram:
    """The laws that hold whatever the signs."""
    picture = answer.diagram(count)
    assert picture.nodes[0].product == answer.product
    assert balance(picture) == pytest.approx([answer.total] + [0.0] * (len(picture.nodes) - 1), abs=near)
    assert sum(node.count for node in picture.nodes) == answer.products_count
    assert sum(node.own for node in picture.nodes) == pytest.approx(answer.total, abs=near)
    gathered = [node for node in picture.nodes if node.product is None]
    assert len(picture.nodes) == min(count, answer.products_count) + len(gathered)
    assert bool(gathered) is (answer.products_count > count)
    assert gathered in ([], [picture.nodes[-1]])
    assert not has_cycle(picture)
    shown = {node.product: node.own for node in picture.nodes}
    assert all(shown.get(part.product, part.value) == part.value for part in answer.contributions)
    for at, node in enumerate(picture.nodes):
        inflow = sum(link.value for link in picture.links if link.target == at)
        assert node.value == pytest.approx(inflow + node.own, abs=near)
    return picture


@given(supplies(cyclic=True), st.integers(1, 8))
def test_what_flows_in_and_is_emitted_flows_out_also_with_credits(supply: Supply, count: int) -> None:
    for product in supply.products:
        answer = roll_up(supply, product, allow_partial=True)
        check(answer, count, 1e-9 * size(answer))


@st.composite
def productive(draw: st.DrawFn) -> Supply:
    """Loops of all sorts in which nothing is a credit."""
    supply = draw(supplies(cyclic=True))
    recipes = {
        name: Recipe(
            tuple(Input(row.supplier, abs(row.amount), row.stage) for row in recipe.inputs),
            tuple(Emission(row.gas, abs(row.kg), row.origin, row.stage) for row in recipe.emissions),
            (),
            True,
        )
        for name, recipe in supply.recipes.items()
    }
    return Supply(supply.products, recipes)


@given(productive(), st.integers(1, 8))
def test_without_credits_all_ends_at_the_root(supply: Supply, count: int) -> None:
    answer = roll_up(supply, key(0), allow_partial=True)
    near = 1e-9 * size(answer)
    picture = check(answer, count, near)
    assert all(link.value > 0 for link in picture.links)
    assert sum(link.value for link in picture.links if link.source == 0) <= near
    assert picture.nodes[0].value == pytest.approx(answer.total, abs=near)


def test_a_chain_is_drawn_as_it_is() -> None:
    supply = graph(
        car=[kg(1), of("steel", 2), of("power", 1, stage=Stage.USE)],
        steel=[kg(3), of("power", 1), of("coal", 1)],
        coal=[kg(5)],
        power=[kg(4)],
    )
    picture = roll_up(supply, "a/car").diagram(3)
    names = [(node.product, node.count, node.own, node.value) for node in picture.nodes]
    assert names == [("a/car", 1, 1, 29), ("a/steel", 1, 6, 24), ("a/power", 1, 12, 12), (None, 1, 10, 10)]
    links = [(link.source, link.target, link.value) for link in picture.links]
    assert links == [(1, 0, 24), (3, 1, 10), (2, 1, 8), (2, 0, 4)]


def test_a_chain_whose_only_input_comes_after_the_gate() -> None:
    supply = graph(car=[of("fuel", 0.25, stage=Stage.USE)], fuel=[kg(0.25)])
    picture = roll_up(supply, "a/car").diagram(5)
    assert [(node.own, node.value) for node in picture.nodes] == [(0, 0.0625), (0.0625, 0.0625)]


def test_what_only_goes_round_is_taken_out() -> None:
    flows = np.array([[9.0, 0, 0, 0], [5, 0, 4, 0], [0, 3, 0, 1], [0, 6, 0, 0]])
    wanted = np.array([[0.0, 0, 0, 0], [5, 0, 0, 0], [0, 0, 0, 0], [0, 5, 0, 0]])
    np.testing.assert_array_equal(netted(flows), wanted)
