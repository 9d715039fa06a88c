"""The network of needs: both engines against dense algebra, scipy, and each other."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array, eye_array
from scipy.sparse.linalg import spsolve

from huren.errors import BadInput
from huren.graph.factors import FloatArray
from huren.graph.network.engine import Engine, engine_for
from huren.graph.network.fast.engine import Fast
from huren.graph.network.network import Network
from huren.graph.network.plain import Plain

pytestmark = pytest.mark.slow

ENGINES: tuple[Engine, ...] = (Fast(), Plain())
both = pytest.mark.parametrize("engine", ENGINES, ids=["fast", "plain"])
Matrix = FloatArray


def network(needs: Matrix | csr_array[Any], engine: Engine) -> Network:
    """Of a matrix N[consumer, supplier]."""
    entries = csr_array(needs).tocoo()
    return Network.of(needs.shape[0], entries.row, entries.col, entries.data, engine)


def solved(needs: Matrix, own: FloatArray, engine: Engine) -> FloatArray:
    """x in the numbering of the matrix."""
    one = network(needs, engine)
    return np.asarray(one.solve(own[one.ids])[one.place])


@cache
def with_hub(size: int) -> csr_array[Any]:
    """Half of the products need the first; a tenth need one another in one loop, the others those before.

    In units of equal price: each product spends three quarters of its own on inputs.
    """
    draw, core = np.random.default_rng(6), size // 10
    consumer = np.repeat(np.arange(size), draw.poisson(7, size))
    supplier = (draw.random(len(consumer)) * np.where(consumer < core, core, consumer)).astype(int)
    supplier[draw.random(len(consumer)) < 0.08] = 0
    weight = draw.exponential(1.0, len(consumer))
    share = 0.75 * weight / np.bincount(consumer, weight, size)[consumer]
    return csr_array((share, (consumer, supplier)), (size, size))


@st.composite
def matrices(draw: st.DrawFn, *, signed: bool = False) -> Matrix:
    """Up to nine products, with loops and needs of themselves; the radius of |N| is at most 0.95."""
    size = draw(st.integers(1, 9))
    entry = st.floats(-1 if signed else 0, 1).map(lambda a: round(a, 3))
    cells = st.tuples(st.integers(0, size - 1), st.integers(0, size - 1), entry)
    needs = np.zeros((size, size))
    for consumer, supplier, amount in draw(st.lists(cells, max_size=30)):
        needs[consumer, supplier] = amount
    radius = np.abs(np.linalg.eigvals(np.abs(needs))).max()
    return needs * min(1.0, draw(st.floats(0.1, 0.95)) / radius) if radius > 0.1 else needs


@st.composite
def systems(draw: st.DrawFn, *, signed: bool = False) -> tuple[Matrix, FloatArray]:
    """N and own; a third of the products emit nothing themselves."""
    needs = draw(matrices(signed=signed))
    value = st.just(0.0) | st.floats(-5 if signed else 0.01, 5).map(lambda a: round(a, 3))
    own = draw(st.lists(value, min_size=len(needs), max_size=len(needs)))
    return needs, np.array(own)


def inverse(needs: Matrix) -> Matrix:
    return np.asarray(np.linalg.inv(np.eye(len(needs)) - needs))


def sizes(needs: Matrix, own: FloatArray) -> FloatArray:
    """What is added up behind each product, or in a dense inverse anywhere: rounding is measured by it."""
    found = np.asarray(inverse(np.abs(needs)) @ np.abs(own))
    return found + 1e-3 * found.max()


@both
@given(systems(signed=True))
def test_all_products_agree_with_a_dense_inverse(engine: Engine, system: tuple[Matrix, FloatArray]) -> None:
    needs, own = system
    x = solved(needs, own, engine)
    assert (np.abs(x - inverse(needs) @ own) <= 1e-11 * sizes(needs, own)).all()
    columns = np.column_stack((own, 2 * own, own[::-1]))
    for times in (1, 4):  # columns in turn, and side by side
        many = solved(needs, np.tile(columns, times), engine)
        for doubled in many[:, 1::3].T:
            np.testing.assert_allclose(doubled, 2 * x, rtol=1e-11, atol=1e-13)


@both
@given(systems(), st.integers(0, 2**32 - 1))
def test_neither_numbering_nor_declared_units_matter(
    engine: Engine, system: tuple[Matrix, FloatArray], seed: int
) -> None:
    needs, own = system
    chance = np.random.default_rng(seed)
    turn, units = chance.permutation(len(own)), 10.0 ** chance.uniform(-8, 8, len(own))
    turned = (needs * units[:, None] / units)[np.ix_(turn, turn)]
    x = solved(needs, own, engine)
    np.testing.assert_allclose(solved(turned, (own * units)[turn], engine), (x * units)[turn], rtol=1e-10)


@both
@given(systems(), st.floats(-3, 3))
def test_is_linear(engine: Engine, system: tuple[Matrix, FloatArray], times: float) -> None:
    needs, own = system
    other = np.arange(1.0, len(own) + 1)
    together = solved(needs, own + times * other, engine)
    apart = solved(needs, own, engine) + times * solved(needs, other, engine)
    assert (np.abs(together - apart) <= 1e-10 * sizes(needs, np.abs(own) + abs(times) * other)).all()


@both
@given(systems(signed=True), st.floats(-1e-3, 1e-3), st.integers(0, 8))
def test_a_certificate_never_lies(
    engine: Engine, system: tuple[Matrix, FloatArray], off: float, at: int
) -> None:
    """Whatever x it is shown; the dense solution is refined until it may be called exact."""
    needs, own = system
    one = network(needs, engine)
    own = own[one.ids]
    dense = needs[np.ix_(one.ids, one.ids)]
    exact = inverse(dense) @ own
    exact += inverse(dense) @ (own + dense @ exact - exact)
    x = one.solve(own)
    x[at % len(x)] *= 1 + off
    proven = one.certify(own, x)
    nowhere = np.abs(exact) <= 1e-13 * sizes(dense, own)
    true = np.max(np.abs(x - exact) / np.where(nowhere, np.inf, np.abs(exact)), initial=0.0)
    assert true <= proven.error + 1e-13
    assert not (abs(off) > 1e-8 and np.abs(x[at % len(x)]) > 1e-6 and proven.certified)


@both
@given(systems())
def test_a_solution_of_what_only_adds_up_is_certified(
    engine: Engine, system: tuple[Matrix, FloatArray]
) -> None:
    needs, own = system
    one = network(needs, engine)
    proven = one.certify(own[one.ids], one.solve(own[one.ids]))
    assert proven.certified
    assert proven.residual < 1e-12


@both
@given(
    matrices(signed=True), st.lists(st.tuples(st.integers(0, 8), st.floats(-2, 2)), min_size=1, max_size=3)
)
def test_scales_are_a_row_of_the_dense_inverse(
    engine: Engine, needs: Matrix, asked: list[tuple[int, float]]
) -> None:
    one, demand = network(needs, engine), np.zeros(len(needs))
    for product, amount in asked:
        demand[product % len(needs)] += amount
    seeds = one.place[np.array([product % len(needs) for product, _ in asked])]
    products = one.upstream(seeds)
    scales = one.scales(products, seeds, np.array([amount for _, amount in asked]))
    found = np.zeros(len(needs))
    found[one.ids[products]] = scales
    wanted = demand @ inverse(needs)
    assert (np.abs(found - wanted) <= 1e-11 * (np.abs(demand) @ inverse(np.abs(needs)) + 1e-3)).all()
    ways = np.linalg.matrix_power(np.eye(len(needs)) + (needs != 0), len(needs))
    reached = ways[one.ids[seeds]].any(axis=0)
    assert set(one.ids[products].tolist()) == set(np.flatnonzero(reached).tolist())
    needing = ways[:, one.ids[seeds]].any(axis=1)
    assert sorted(one.ids[one.downstream(seeds)].tolist()) == np.flatnonzero(needing).tolist()
    assert not one.scales(products, seeds, np.zeros(len(seeds))).any()
    every = np.ascontiguousarray(one.order.products[::-1])
    of_all = one.scales(every, seeds, np.array([amount for _, amount in asked]))
    np.testing.assert_allclose(of_all, found[one.ids[every]], rtol=1e-11, atol=1e-300)


@both
@pytest.mark.parametrize("radius", [0.5, 0.97, 0.999, 1 - 1e-7])
@pytest.mark.parametrize("count", [1, 2, 40, 300])
def test_loops_of_any_radius_are_solved_in_any_units(engine: Engine, count: int, radius: float) -> None:
    random = np.random.default_rng(count)
    needs = random.random((count, count))
    needs *= radius / np.abs(np.linalg.eigvals(needs)).max()
    own, units = random.random(count), 10.0 ** random.uniform(-8, 8, count)
    x = solved(needs * units[:, None] / units, own * units, engine) / units
    exact = np.linalg.solve(np.eye(count) - needs, own)
    np.testing.assert_allclose(x, exact, rtol=1e-12 / (1 - radius))


@both
@pytest.mark.parametrize("radius", [1.0, 1 + 1e-9, 1.5])
def test_a_loop_that_consumes_all_it_makes_is_told_with_its_members(engine: Engine, radius: float) -> None:
    """Also where nothing in it emits; the others keep their x."""
    needs = np.zeros((5, 5))
    needs[0, 1], needs[1, 0], needs[2, 0], needs[3, 4] = 4.0 * radius, 0.25, 1.0, 2.0
    one = network(needs, engine)
    (members,) = one.consuming()
    assert sorted(one.ids[members].tolist()) == [0, 1]
    for own in (np.ones(5), np.array([0.0, 0, 0, 1, 1])):
        x = one.solve(own[one.ids])[one.place]
        np.testing.assert_array_equal(x, [np.nan, np.nan, np.nan, 3.0, 1.0])
        assert not one.certify(own[one.ids], one.solve(own[one.ids])).certified


@both
def test_a_loop_amplified_by_credits_is_solved_by_factors_and_known(engine: Engine) -> None:
    needs = np.array([[0.0, 3.0, 0.0], [-1.0, 0.0, 0.0], [1.0, 0.0, -0.5]])
    one = network(needs, engine)
    x = one.solve(np.array([1.0, 2.0, 3.0])[one.ids])[one.place]
    np.testing.assert_allclose(x, [7 / 4, 1 / 4, 19 / 6], rtol=1e-14)
    assert sorted(sorted(one.ids[one.order.members(loop)].tolist()) for loop in one.credit_loops()) == [
        [0, 1],
        [2],
    ]
    proven = one.certify(np.array([1.0, 2.0, 3.0])[one.ids], x[one.ids])
    assert (proven.certified, proven.error) == (False, np.inf)
    assert proven.residual < 1e-15


@both
def test_nothing_is_solved_and_certified(engine: Engine) -> None:
    one = network(np.zeros((0, 0)), engine)
    assert one.solve(np.zeros(0)).shape == (0,)
    assert one.solve(np.zeros((0, 3))).shape == (0, 3)
    assert one.certify(np.zeros(0), np.zeros(0)).certified
    apart = network(np.zeros((4, 4)), engine)
    np.testing.assert_array_equal(apart.solve(np.arange(4.0)), np.arange(4.0))
    assert apart.certify(np.arange(4.0), np.arange(4.0)).certified


@both
@pytest.mark.parametrize("amount", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_does_not_enter(engine: Engine, amount: float) -> None:
    with pytest.raises(BadInput, match="not a finite number"):
        network(np.array([[0.0, amount], [0.0, 0.0]]), engine)
    one = network(np.zeros((2, 2)), engine)
    with pytest.raises(BadInput, match="not a finite number"):
        one.rewrite(0, np.array([1]), np.array([amount]))


@both
def test_needs_of_one_pair_add_up_and_may_cancel(engine: Engine) -> None:
    consumer, supplier = np.array([0, 0, 1, 1, 0]), np.array([1, 1, 2, 2, 2])
    one = Network.of(3, consumer, supplier, np.array([1.0, 2.0, 1.0, -1.0, 5.0]), engine)
    np.testing.assert_array_equal(one.solve(np.ones(3)[one.ids])[one.place], [9.0, 1.0, 1.0])
    assert sorted(one.ids[one.upstream(one.place[[1]])].tolist()) == [1]


@both
@given(systems(signed=True))
def test_products_may_keep_their_numbers(engine: Engine, system: tuple[Matrix, FloatArray]) -> None:
    needs, own = system
    one = Network.of_matrix(csr_array(needs), engine)
    assert one.ids.tolist() == list(range(len(own)))
    assert (np.abs(one.solve(own) - inverse(needs) @ own) <= 1e-11 * sizes(needs, own)).all()
    rank = one.order.rank
    for consumer, supplier in zip(*np.nonzero(needs), strict=True):
        assert rank[supplier] < rank[consumer] or one.order.loop[consumer] == one.order.loop[supplier] >= 0


@both
def test_a_thousand_layers_are_not_cut(engine: Engine) -> None:
    count = 5_000
    one = Network.of(count, np.arange(count - 1), np.arange(1, count), np.ones(count - 1), engine)
    x = one.solve(np.ones(count))
    np.testing.assert_array_equal(x[one.place], np.arange(count, 0.0, -1.0))
    assert one.certify(np.ones(count), x).certified


def test_both_engines_agree_with_superlu_on_a_graph_with_a_hub_and_hundreds_in_a_loop() -> None:
    """In declared units ten decades apart; SuperLU in even ones: it loses half of its digits in those."""
    needs, random = with_hub(3_000), np.random.default_rng(1)
    assert (needs.tocsc()[:, [0]] != 0).sum() > 0.4 * 3_000
    own, units = random.random(3_000), 10.0 ** random.uniform(-5, 5, 3_000)
    exact = spsolve((eye_array(3_000) - needs).tocsc(), own)
    for engine in ENGINES:
        one = network(needs.multiply(units[:, None] / units).tocsr(), engine)
        assert (one.order.bounds[:, 1] - one.order.bounds[:, 0]).max() > 250
        x = one.solve((own * units)[one.ids])
        assert one.certify((own * units)[one.ids], x).certified
        np.testing.assert_allclose(x[one.place] / units, exact, rtol=1e-11)


def test_the_kernels_are_for_large_graphs() -> None:
    assert isinstance(engine_for(100), Plain)
    assert isinstance(engine_for(1_000_000), Fast)
