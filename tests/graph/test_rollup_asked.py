"""A roll-up works out what it is asked for, and that is what the whole closure would have said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huren.graph.model.supply import Prefer, Supply
from huren.graph.network.network import Network
from huren.graph.owners import Owners
from huren.graph.rollup import roll_up_within
from huren.graph.system import System
from tests.graph.spreads import graph, kg, of
from tests.graph.test_rollup_laws import dense, key, supplies, value

pytestmark = pytest.mark.slow

names = st.text("a-/0.é", min_size=1, max_size=3).filter(lambda name: "/" not in name)


def alone(supply: Supply, product: str) -> Supply:
    """The same where nothing else emits."""
    recipes = {
        name: recipe if name == product else replace(recipe, emissions=())
        for name, recipe in supply.recipes.items()
    }
    return replace(supply, recipes=recipes)


def reached(supply: Supply, product: str) -> set[str]:
    """The product and all it needs, walked by hand: late inputs count at the root alone."""
    found, waiting = {product}, [row.supplier for row in supply.recipes[product].inputs if row.amount]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            rows = supply.recipes[one].inputs
            waiting += [row.supplier for row in rows if row.amount and row.stage not in LATE]
    return found


LATE = ("distribution", "use", "end_of_life")


@given(supplies(cyclic=True), st.integers(1, 8))
def test_the_largest_contributions_are_those_of_the_whole_closure(supply: Supply, count: int) -> None:
    """Each by a dense solve in which its product alone emits; equal ones by key."""
    answer = roll_up_within(System.of(supply), key(0), allow_partial=True)
    gwp = answer.gwp
    whole = {name: dense(alone(supply, name), gwp)[key(0)] for name in reached(supply, key(0))}
    near = pytest.approx(0, abs=1e-9 * sum(map(abs, whole.values())) + 1e-12)
    first, other = answer.contributions.first(count)
    full = answer.contributions
    assert first == full[:count]
    assert [(part.product, part.value) for part in full] == list(zip(full.products, full.values, strict=True))
    assert list(full.products) == sorted(
        full.products, key=lambda name: (-abs(full.values[full.products.index(name)]), name)
    )
    assert whole.keys() == set(full.products)
    for part in first:
        assert part.value - whole[part.product] == near
    assert other.count == max(len(whole) - count, 0)
    assert sum(part.value for part in first) + other.value - answer.total == near
    assert answer.total - dense(supply, gwp)[key(0)] == near


@given(supplies(cyclic=True))
def test_flags_are_exact_whoever_is_upstream(supply: Supply) -> None:
    """Every second product is unverified, of every second chain: also where none of them is."""
    products = {
        name: replace(product, unverified=int(product.code) % 2 == 1)
        for name, product in supply.products.items()
    }
    system = System.of(replace(supply, products=products))
    for name in products:
        answer = roll_up_within(system, name, allow_partial=True)
        chain = reached(supply, name)
        flagged = sorted(one for one in chain if products[one].unverified)
        sizes = {part.product: abs(part.value) for part in answer.contributions}
        assert list(answer.unverified.products) == flagged
        if any(sizes.values()):
            wanted = sum(sizes[one] for one in flagged) / sum(sizes.values())
            assert answer.unverified.share == pytest.approx(wanted, abs=1e-12)
        unknown = {one for one in chain if not (supply.recipes[one].inputs or supply.recipes[one].emissions)}
        assert set(answer.coverage.unknown) == unknown
        assert answer.coverage.complete is not bool(unknown)
        assert answer.products_count == len(chain)


@given(st.lists(st.tuples(names, names), max_size=30), st.data())
def test_owners_are_those_of_the_keys(pairs: list[tuple[str, str]], data: st.DataObject) -> None:
    keys = sorted({f"{owner}/{code}" for owner, code in pairs})
    chain = sorted(data.draw(st.sets(st.sampled_from(range(len(keys))))) if keys else ())
    wanted = {keys[i].partition("/")[0] for i in chain}
    assert sorted(Owners.of(keys).among(np.array(chain, dtype=np.intp))) == sorted(wanted)


def test_a_total_and_what_is_of_the_root_alone_look_at_no_chain() -> None:
    supply = graph(car=[kg(1), of("steel", 2)], steel=[kg(3), of("coal", 1)], coal=[kg(5)])
    answer = roll_up_within(System.of(supply), "a/car")
    assert (answer.total, answer.total_including_biogenic) == (17, 17)
    assert [part.value for part in answer.inputs] == [16]
    assert sum(part.value for part in answer.by_stage) == 17
    assert not {"chain", "units"} & vars(answer.solved.root).keys()
    assert answer.owners == ("a",)
    assert "units" not in vars(answer.solved.root)
    assert value(supply.recipes["a/coal"].emissions[0]) == 5


@pytest.mark.parametrize("prefer", Prefer)
def test_parts_worked_out_before_are_the_same(prefer: Prefer) -> None:
    supply = graph(car=[kg(1), of("steel", 2)], steel=[kg(3)])
    system = System.of(supply, prefer)
    before, after = (roll_up_within(system, "a/car") for _ in range(2))
    before.work_out(["contributions", "coverage", "owners"])
    assert {"contributions", "coverage", "owners"} <= vars(before).keys()
    assert before.contributions[:] == after.contributions[:]
    assert before.coverage == after.coverage


def test_what_a_large_loop_calls_for_is_what_a_dense_solve_says() -> None:
    """Kernels gather within a loop: 300 products, each of which needs itself and some others."""
    draw, size = np.random.default_rng(5), 300
    consumer = np.repeat(np.arange(size), 6)
    supplier = draw.integers(0, size, len(consumer)).astype(np.int32)
    supplier[::6] = np.arange(size)
    supplier[1::6] = (np.arange(size) + 1) % size
    amount = draw.uniform(0.01, 0.15, len(consumer)) * 10.0 ** draw.uniform(-1, 0, len(consumer))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("huren.graph.network.engine.LARGE", 0)
        network = Network.of(size, consumer.astype(np.int32), supplier, amount)
    needs = np.zeros((size, size))
    np.add.at(needs, (network.place[consumer], network.place[supplier]), amount)
    demand = np.zeros(size)
    demand[[3, 40]] = 2.0, -0.5
    walk = network.upstream([3, 40])
    scales = network.scales(walk, [3, 40], [2.0, -0.5])
    wanted = np.linalg.solve(np.eye(size) - needs.T, demand)
    assert sorted(walk.tolist()) == list(range(size))
    np.testing.assert_allclose(scales, wanted[walk], rtol=1e-11, atol=1e-11 * np.abs(wanted).max())
