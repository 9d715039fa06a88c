"""Loops: solved exactly, refused where they consume all they make, flagged where they hold credits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_array, random_array

from huren.errors import ConsumingLoop
from huren.graph.chain import Chain
from huren.graph.model.supply import Declared, Input, Prefer, Recipe, Supply
from huren.graph.rollup import roll_up, roll_up_within
from huren.graph.system import System, check_loops
from tests.graph.snapshot.stated import columns

Matrix = NDArray[np.float64]


def ring(count: int, amount: float) -> Supply:
    keys = [f"a/{i:04}" for i in range(count)]
    rows = [(keys[i], keys[(i + 1) % count], amount) for i in range(count)]
    return Supply.of(dict.fromkeys(keys, 1.0), rows)


def dense_loop(count: int, radius: float, seed: int = 0) -> Matrix:
    """A full random matrix of that spectral radius, in units that differ by 16 decades."""
    random = np.random.default_rng(seed)
    needs = random.random((count, count))
    units = 10.0 ** random.uniform(-8, 8, count)
    return needs * (radius / np.abs(np.linalg.eigvals(needs)).max()) * units[:, None] / units


@pytest.mark.parametrize("count", [1, 2, 3, 300])
def test_a_ring_is_solved_up_to_radius_1_and_refused_from_there(count: int) -> None:
    answer = roll_up(ring(count, 0.999), "a/0000")
    assert answer.total == pytest.approx(1 / (1 - 0.999), rel=1e-10)
    assert answer.products_count == count
    assert answer.flagged_loops == ()
    for amount in (1.0, 1.001, 3.0):
        with pytest.raises(ConsumingLoop, match="`a/0000`"):
            roll_up(ring(count, amount), "a/0000")
        with pytest.raises(ConsumingLoop, match="`a/0000`"):
            check_loops(ring(count, amount))


def test_a_refused_loop_of_hundreds_names_its_first_members_and_counts_the_rest() -> None:
    with pytest.raises(ConsumingLoop, match=r"`a/0019` and 280 more$") as refused:
        check_loops(ring(300, 1.0))
    assert refused.value.zh.endswith("`a/0019` 等 300 个产品")


@pytest.mark.parametrize("count", [2, 40, 300])
def test_the_radius_is_told_apart_in_any_units(count: int) -> None:
    for radius, solvable in [(0.5, True), (0.999, True), (1 - 1e-7, True), (1.0, False), (1.001, False)]:
        (block,) = Chain.of(csr_array(dense_loop(count, radius))).blocks
        assert block.solvable is solvable, radius


def test_a_loop_with_one_needing_more_than_it_gives_is_productive_all_the_same() -> None:
    """Radius sqrt(0.1), though in these units one amount is a million."""
    supply = Supply.of({"a/x": 1, "a/y": 1}, [("a/x", "a/y", 1e6), ("a/y", "a/x", 1e-7)])
    assert roll_up(supply, "a/y").total == pytest.approx((1 + 1e-7) / 0.9, rel=1e-14)


def test_a_consuming_loop_elsewhere_does_not_stop_others() -> None:
    supply = Supply.of(
        {"a/bad": 1, "a/worse": 1, "a/uses": 1, "a/fine": 1},
        [("a/bad", "a/worse", 2), ("a/worse", "a/bad", 1), ("a/uses", "a/bad", 1), ("a/bad", "a/fine", 1)],
    )
    system = System.of(supply)
    assert roll_up_within(system, "a/fine").total == 1
    for product in ("a/bad", "a/uses"):
        with pytest.raises(ConsumingLoop, match="`a/bad`, `a/worse`"):
            roll_up_within(system, product)


def test_loops_are_checked_where_they_are_touched() -> None:
    supply = Supply.of(
        {"a/bad": 1, "a/worse": 1, "a/uses": 1},
        [("a/bad", "a/worse", 2), ("a/worse", "a/bad", 1), ("a/uses", "a/bad", 1)],
    )
    for graph in (supply, columns(supply).supply()):
        check_loops(graph, ["a/uses"])
        with pytest.raises(ConsumingLoop, match=r"`a/bad`, `a/worse`$"):
            check_loops(graph, ["a/worse"])
        check_loops(graph, [])


def test_a_loop_is_checked_by_its_models_though_a_declared_total_may_hide_it() -> None:
    supply = ring(2, 1.0)
    recipe = replace(supply.recipes["a/0001"], declared=Declared(5.0))
    supply = replace(supply, recipes=supply.recipes | {"a/0001": recipe})
    with pytest.raises(ConsumingLoop):
        check_loops(supply)
    assert roll_up(supply, "a/0000", prefer=Prefer.DECLARED).total == 6


def test_a_loop_with_a_credit_is_solved_and_flagged_with_its_residual() -> None:
    supply = Supply.of(
        {"a/x": 1, "a/y": 2, "a/z": 0}, [("a/x", "a/y", 3), ("a/y", "a/x", -1), ("a/z", "a/x", 1)]
    )
    answer = roll_up(supply, "a/z")
    assert answer.total == pytest.approx((1 + 3 * 2) / (1 + 3), rel=1e-15)
    (loop,) = answer.flagged_loops
    assert loop.members == ("a/x", "a/y")
    assert loop.residual < 1e-15
    assert roll_up(Supply.of({"a/x": 3}, [("a/x", "a/x", -0.5)]), "a/x").total == 2


def test_a_singular_loop_with_a_credit_is_refused() -> None:
    rows = [("a/x", "a/y", -1.0), ("a/y", "a/x", -1.0)]
    with pytest.raises(ConsumingLoop, match="`a/x`, `a/y`"):
        roll_up(Supply.of({"a/x": 1, "a/y": 1}, rows), "a/x")


@pytest.mark.parametrize("filled", [1.0, 0.5])
def test_a_loop_of_hundreds_of_sectors_agrees_with_a_dense_solve_to_1e_12(filled: float) -> None:
    random = np.random.default_rng(5)
    count = 400
    needs = random.random((count, count)) * (random.random((count, count)) < filled) * 1.8 / count / filled
    own = random.random((count, 3))
    x = Chain.of(csr_array(needs)).intensities(own)
    np.testing.assert_allclose(x, np.linalg.solve(np.eye(count) - needs, own), rtol=1e-12)


def test_units_of_16_decades_cost_no_accuracy() -> None:
    random = np.random.default_rng(9)
    plain = random.random((60, 60)) * 1.8 / 60
    own, units = random.random((60, 1)), 10.0 ** random.uniform(-8, 8, (60, 1))
    x = Chain.of(csr_array(plain * units / units.T)).intensities(own * units) / units
    np.testing.assert_allclose(x, np.linalg.solve(np.eye(60) - plain, own), rtol=1e-12)


@pytest.mark.parametrize("count", [1500, 4000])
def test_large_sparse_loops_are_solved_both_ways_as_well_as_by_lu(count: int) -> None:
    """1,500 by sparse LU, 4,000 by BiCGSTAB; the certificate needs no other solver (N >= 0, own > 0)."""
    random = np.random.default_rng(3)
    needs = csr_array(random_array((count, count), density=6 / count, rng=random)) * 0.2
    ring_ = csr_array(
        (np.full(count, 0.1), (np.arange(count), (np.arange(count) + 1) % count)), (count, count)
    )
    needs = csr_array(needs + ring_)
    chain, own = Chain.of(needs), random.random((count, 2)) + 0.1
    assert [len(block.members) for block in chain.blocks] == [count]
    x = chain.intensities(own)
    np.testing.assert_array_less(np.abs(own + needs @ x - x), 1e-12 * own)
    demand = np.zeros(count)
    demand[0] = 1.0
    np.testing.assert_allclose(chain.scales(demand) @ own, x[0], rtol=1e-12)


def test_a_long_chain_is_not_cut() -> None:
    keys = [f"a/{i:04}" for i in range(2000)]
    supply = Supply.of(dict.fromkeys(keys, 1.0))
    recipes = {
        key: replace(supply.recipes[key], inputs=(Input(keys[i + 1], 1.0),))
        if i + 1 < len(keys)
        else supply.recipes[key]
        for i, key in enumerate(keys)
    }
    answer = roll_up(replace(supply, recipes=recipes), keys[0])
    assert (answer.total, answer.products_count) == (2000, 2000)


def test_an_absurd_loop_is_refused_not_computed() -> None:
    supply = Supply.of(
        {"a/x": 1, "a/y": 1}, [("a/x", "a/y", 1e308), ("a/x", "a/y", 1e308), ("a/y", "a/x", 1)]
    )
    with pytest.raises(ConsumingLoop):
        roll_up(supply, "a/x")


def test_an_empty_graph_has_no_loops() -> None:
    check_loops(Supply())
    assert System.of(Supply()).keys == ()


def test_a_product_without_recipe_stands_in_no_loop() -> None:
    supply = Supply.of({"a/x": 1, "a/y": 1}, [("a/x", "a/y", 1)])
    check_loops(replace(supply, recipes={"a/x": supply.recipes["a/x"], "a/y": Recipe()}))
