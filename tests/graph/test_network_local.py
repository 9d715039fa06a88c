"""Hotspots, paths and updates on the network, against solving anew and the definition by hand."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huren.graph.factors import FloatArray
from huren.graph.network.engine import Engine
from huren.graph.network.fast.engine import Fast
from huren.graph.network.kept import LEAST, Kept
from huren.graph.network.local import hotspots, largest_paths
from huren.graph.network.network import Network
from huren.graph.network.plain import Plain
from huren.graph.network.rows import positions

pytestmark = pytest.mark.slow

Matrix = FloatArray
both = pytest.mark.parametrize("engine", [Fast(), Plain()], ids=["fast", "plain"])


def network(needs: Matrix, engine: Engine) -> Network:
    consumer, supplier = np.nonzero(needs)
    return Network.of(len(needs), consumer, supplier, needs[consumer, supplier], engine)


def exact(needs: Matrix, own: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.solve(np.eye(len(needs)) - needs, own))


@st.composite
def systems(draw: st.DrawFn, *, signed: bool = False, size: int = 8) -> tuple[Matrix, FloatArray]:
    """N with loops and needs of themselves, rows of |N| that sum to at most 0.9; own, a third of it 0."""
    count = draw(st.integers(1, size))
    entry = st.floats(-1 if signed else 0.01, 1).map(lambda a: round(a, 3))
    needs = np.zeros((count, count))
    numbers = st.integers(0, count - 1)
    for consumer, supplier, amount in draw(st.lists(st.tuples(numbers, numbers, entry), max_size=25)):
        needs[consumer, supplier] = amount
    needs *= 0.9 / np.maximum(np.abs(needs).sum(axis=1), 0.9)[:, None]
    value = st.just(0.0) | st.floats(-5 if signed else 0.01, 5).map(lambda a: round(a, 3))
    return needs, np.array(draw(st.lists(value, min_size=count, max_size=count)))


@both
@given(systems(signed=True), st.sampled_from([0.3, 1e-2, 1e-6]))
def test_hotspots_and_their_remainder_make_up_the_whole(
    engine: Engine, system: tuple[Matrix, FloatArray], share: float
) -> None:
    """For the x that led the way and for any other; nothing left is worth more than the share."""
    one, own = network(system[0], engine), system[1]
    own = own[one.ids]
    x, other = one.solve(own), np.arange(1.0, len(own) + 1)
    seeds, amounts = positions([0, len(own) - 1]), np.array([2.0, -0.5])
    found = hotspots(one, seeds, amounts, x, share)
    for emitted in (own, other):
        worth = one.solve(emitted)
        parts = found.units @ emitted[found.products] + found.left @ worth[found.products]
        assert parts == pytest.approx(amounts @ worth[seeds], rel=1e-9, abs=1e-9)
    least = share * float(np.abs(amounts) @ np.abs(x[seeds]))
    assert (np.abs(found.left * x[found.products]) < max(least, 1e-300)).all()
    assert len(set(found.products.tolist())) == len(found.products)


@given(systems(signed=True))
def test_both_engines_find_the_same_hotspots_paths_and_updates(system: tuple[Matrix, FloatArray]) -> None:
    own, answers = system[1], []
    for engine in (Fast(), Plain()):
        one = network(system[0], engine)
        x, seeds, own_here = one.solve(own[one.ids]), one.place[[0]], own[one.ids]
        spots = hotspots(one, seeds, np.ones(1), np.abs(x), 1e-2)
        units = np.zeros(one.size)
        units[one.ids[spots.products]] = spots.units
        paths = largest_paths(one, seeds, np.ones(1), own_here, one.peaks(own_here), 8)
        kept = Kept(one, own_here)
        kept.emit(one.place[[0]], np.array([7.0]))
        answers.append((units, [flow * own_here[path[-1]] for path, flow in paths], kept.x[one.place]))
    (units, paths_, x), (units2, paths2, x2) = answers
    assert len(paths_) == len(paths2)
    np.testing.assert_allclose(np.abs(paths_), np.abs(paths2), rtol=1e-9)
    np.testing.assert_allclose(x, x2, rtol=1e-8, atol=1e-12)
    if not (system[0] < 0).any():
        np.testing.assert_allclose(units, units2, rtol=0.05, atol=0.05)


def walk(
    needs: Matrix, own: FloatArray, path: tuple[int, ...], flow: float
) -> Iterator[tuple[tuple[int, ...], float]]:
    """Every path down to a millionth."""
    if abs(flow) > 1e-6:
        yield path, flow * own[path[-1]]
        for supplier in np.flatnonzero(needs[path[-1]]).tolist():
            yield from walk(needs, own, (*path, supplier), flow * needs[path[-1], supplier])


@both
@given(systems(signed=True, size=5), st.integers(1, 10))
def test_paths_are_the_largest_of_all_walked(
    engine: Engine, system: tuple[Matrix, FloatArray], count: int
) -> None:
    needs, own = system[0] * 0.3, system[1]
    one = network(needs, engine)
    walked = {path: value for path, value in walk(needs, own, (0,), 2.0) if abs(value) > 1e-4}
    peaks = one.peaks(own[one.ids])
    found = largest_paths(one, one.place[[0]], np.array([2.0]), own[one.ids], peaks, count)
    named = [(tuple(one.ids[list(path)].tolist()), flow) for path, flow in found]
    values = [flow * own[path[-1]] for path, flow in named]
    assert len({path for path, _ in named}) == len(named)
    large = [abs(value) for value in values if abs(value) > 1e-4]
    best = sorted((abs(value) for value in walked.values()), reverse=True)
    np.testing.assert_allclose(large, best[: len(large)], rtol=1e-9)
    assert len(large) == min(count, len(best))
    for (path, _), value in zip(named, values, strict=True):
        assert abs(value) <= 1e-4 or walked[path] == pytest.approx(value, rel=1e-9)


@both
def test_a_million_million_equal_paths_are_not_enumerated(engine: Engine) -> None:
    """40 layers of two equal suppliers each."""
    upper = np.arange(78)
    consumer, supplier = np.repeat(upper, 2), np.repeat(upper // 2 * 2 + 2, 2) + np.tile([0, 1], 78)
    one = Network.of(80, consumer, supplier, np.ones(156), engine)
    own = np.where(np.arange(80) >= 78, 1.0, 0.0)[one.ids]
    found = largest_paths(one, one.place[[0]], np.ones(1), own, one.peaks(own), 10)
    assert [(len(path), flow) for path, flow in found] == [(40, 1.0)] * 10
    assert len({path for path, _ in found}) == 10


@both
def test_a_loop_of_credits_that_amplifies_its_paths_has_no_peak(engine: Engine) -> None:
    one = network(np.array([[0.0, 3.0, 0, 0], [-1.0, 0, 0, 0], [0.1, 0, 0, 0], [0, 0, 0, 0.5]]), engine)
    peaks = one.peaks(np.array([1.0, 1.0, 1.0, 4.0])[one.ids])[one.place]
    np.testing.assert_array_equal(peaks, [np.inf, np.inf, np.inf, 4.0])


changes = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 7), st.floats(0, 0.6), st.floats(0, 3)), max_size=6
)


@both
@given(systems(), changes)
def test_updates_equal_solving_anew_and_are_proven(
    engine: Engine, system: tuple[Matrix, FloatArray], steps: list[tuple[int, int, float, float]]
) -> None:
    """Emissions and needs change; new loops arise and old ones go; nobody who moved goes unnamed."""
    needs, own = system[0].copy(), system[1].copy()
    one = network(needs, engine)
    kept = Kept(one, own[one.ids])
    for product, supplier, amount, emitted in steps:
        consumer, other = product % len(own), supplier % len(own)
        before = kept.x.copy()
        if amount < 0.3:
            own[consumer] = emitted
            moved = kept.emit(one.place[[consumer]], np.array([emitted]))
        else:
            needs[consumer] = 0.0
            needs[consumer, other] = amount
            moved = kept.need(int(one.place[consumer]), one.place[[other, other]], np.array([amount, 0.0]))
        np.testing.assert_allclose(moved.before, before[moved.products], rtol=1e-15)
        np.testing.assert_array_equal(moved.after, kept.x[moved.products])
        unnamed = np.setdiff1d(np.arange(len(own)), moved.products)
        np.testing.assert_allclose(kept.x[unnamed], before[unnamed], rtol=1e-8, atol=1e-300)
    np.testing.assert_allclose(kept.x[one.place], exact(needs, own), rtol=1e-8, atol=1e-12)
    if one.stale:
        one.repair()
    assert kept.certify().certified
    np.testing.assert_allclose(one.solve(kept.own)[one.place], exact(needs, own), rtol=1e-11, atol=1e-13)


@both
def test_a_row_that_finds_no_room_moves_with_all_it_holds(engine: Engine) -> None:
    """Two products need themselves; the first comes to need the second, whose consumers are then packed."""
    one = network(np.diag([0.9, 0.9]), engine)
    kept = Kept(one, np.zeros(2))
    kept.need(int(one.place[0]), one.place[[1]], np.array([0.5]))
    kept.emit(one.place[[1]], np.array([1.0]))
    np.testing.assert_allclose(kept.x[one.place], [5, 10])


@both
def test_a_loop_that_stops_to_emit_comes_to_nothing_at_all(engine: Engine) -> None:
    one = network(np.array([[0.0, 0.9], [0.9, 0.0]]), engine)
    kept = Kept(one, np.array([1.0, 0.0]))
    kept.emit(np.array([0, 1]), np.zeros(2))
    assert kept.x.tolist() == [0.0, 0.0]
    assert kept.certify().certified


@both
@given(systems(), st.permutations(range(5)))
def test_the_order_of_updates_does_not_matter(
    engine: Engine, system: tuple[Matrix, FloatArray], order: list[int]
) -> None:
    needs, own = system
    answers = []
    for turn in (range(5), order):
        one = network(needs, engine)
        kept = Kept(one, own[one.ids])
        for step in turn:
            product = step % len(own)
            if step == product:
                kept.emit(one.place[[product]], np.array([1.0 + step]))
        answers.append(kept.x[one.place])
    np.testing.assert_allclose(*answers, rtol=1e-8, atol=1e-12)


@both
def test_a_hub_is_solved_anew_and_all_that_moved_is_named(engine: Engine) -> None:
    """Past the crossover; an update of nothing moves nothing."""
    count = 3_000
    consumer = np.arange(1, count)
    one = Network.of(count, consumer, np.zeros_like(consumer), np.full(count - 1, 0.5), engine)
    kept = Kept(one, np.ones(count))
    moved = kept.emit(one.place[[0]], np.array([3.0]))
    assert sorted(one.ids[moved.products].tolist()) == list(range(count))
    np.testing.assert_array_equal(kept.x[one.place], [3.0, *[2.5] * (count - 1)])
    assert len(moved.beyond(0.67)) == 1 + 0
    assert len(moved.beyond(0.6)) == count
    assert len(kept.emit(one.place[[0]], np.array([3.0])).products) == 0


@both
def test_rows_grow_move_and_shrink_many_times(engine: Engine) -> None:
    """Against a dictionary of rows that is solved as a dense system."""
    chance, count = np.random.default_rng(11), 30
    needs = np.zeros((count, count))
    one = network(needs, engine)
    for _ in range(300):
        consumer = int(chance.integers(1, count))
        row = np.where(chance.random(count) < chance.random(), chance.random(count) / count, 0.0)
        row[consumer:] = 0.0
        needs[consumer] = row
        suppliers = np.flatnonzero(row)
        one.rewrite(int(one.place[consumer]), one.place[suppliers], row[suppliers])
    if one.stale:
        one.repair()
    own = chance.random(count)
    np.testing.assert_allclose(one.solve(own[one.ids])[one.place], exact(needs, own), rtol=1e-12)
    turned = engine.transposed(one.needs)
    for i in range(count):
        for rows in (one.served, turned):
            part = slice(rows.starts[i], rows.ends[i])
            found = np.zeros(count)
            found[rows.others[part]] = rows.amounts[part]
            np.testing.assert_array_equal(found[one.place], needs[:, one.ids[i]])


@both
def test_a_change_that_closes_a_consuming_loop_is_told_after_the_repair(engine: Engine) -> None:
    one = network(np.array([[0.0, 2.0], [0.0, 0.0]]), engine)
    kept = Kept(one, np.ones(2))
    kept.need(int(one.place[1]), one.place[[0]], np.array([0.5]))
    assert one.stale or one.consuming()
    one.repair()
    (members,) = one.consuming()
    assert len(members) == 2


def test_what_is_kept_lacks_less_than_what_is_certified() -> None:
    assert LEAST < 1e-9
