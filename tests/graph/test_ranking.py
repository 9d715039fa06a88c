"""Replacements ranked, against the same replacements made and solved anew."""

from __future__ import annotations

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from huren.errors import BadInput, ConsumingLoop, NotFound
from huren.graph.model.supply import Stage, Supply
from huren.graph.ranking import Ranking, rank
from huren.graph.rollup import roll_up, solve_within
from huren.graph.system import System
from huren.graph.whatif import Replace, what_if
from tests.graph.spreads import graph, kg, of

OWN = {"a/car": 5.0, "a/steel": 2.0, "a/coal": 0.7, "a/wind": 0.01, "a/gas": 0.4}
ROWS = [("a/car", "a/steel", 3.0), ("a/car", "a/coal", 4.0), ("a/steel", "a/coal", 6.0)]


def ranked(supply: Supply, candidates: list[str], supplier: str = "a/coal", amount: float = 1.0) -> Ranking:
    return rank(solve_within(System.of(supply), "a/car", amount=amount), supplier, candidates)


def test_least_first_with_what_each_would_change() -> None:
    """22 units of coal for a car: 4 of its own, 18 by its steel."""
    found = ranked(Supply.of(OWN, ROWS), ["a/gas", "a/coal", "a/wind"])
    assert (found.units, found.intensity) == (pytest.approx(22), 0.7)
    assert [one.product for one in found.ranked] == ["a/wind", "a/gas", "a/coal"]
    assert [one.effect for one in found.ranked] == pytest.approx([22 * -0.69, 22 * -0.3, 0.0])


@given(
    st.lists(st.floats(0.01, 5), min_size=3, max_size=3),
    st.floats(0.1, 9),
    st.lists(st.floats(0, 3), min_size=4),
)
def test_exact_where_no_candidate_needs_the_supplier(
    amounts: list[float], many: float, kilograms: list[float]
) -> None:
    rows = [(*row[:2], amount) for row, amount in zip(ROWS, amounts, strict=True)]
    names = [f"a/new{i}" for i in range(len(kilograms))]
    supply = Supply.of(OWN | dict(zip(names, kilograms, strict=True)), rows)
    before = roll_up(supply, "a/car", amount=many).total
    for one in ranked(supply, names, amount=many).ranked:
        after = roll_up(what_if(supply, [Replace("a/coal", one.product)]), "a/car", amount=many).total
        assert one.effect == pytest.approx(after - before, rel=1e-9, abs=1e-9)


LOOPED = [("a/car", "a/steel", 0.3), ("a/car", "a/coal", 0.4), ("a/steel", "a/coal", 0.6)]
names = st.sampled_from(sorted(OWN))


@given(
    st.lists(st.tuples(names, names, st.floats(-0.1, 0.3)), max_size=8),
    st.sampled_from(["a/steel", "a/coal"]),
    names,
)
def test_exact_whatever_the_candidate_needs_in_turn(
    more: list[tuple[str, str, float]], supplier: str, by: str
) -> None:
    """Loops and credits among them; what the candidate's own chain needs of the supplier is replaced too."""
    supply = Supply.of(OWN, [*LOOPED, *more])
    try:
        before = roll_up(supply, "a/car").total
        after = roll_up(what_if(supply, [Replace(supplier, by)]), "a/car").total
        roll_up(supply, by)
    except ConsumingLoop:
        reject()
    effect = ranked(supply, [by], supplier).ranked[0].effect
    assert effect == pytest.approx(after - before, rel=1e-7, abs=1e-9 * abs(before))


def test_what_the_use_of_the_root_needs_is_replaced_too() -> None:
    supply = graph(
        car=[of("coal", 4), of("coal", 2, stage=Stage.USE), kg(5)],
        coal=[of("car", 0.01), kg(0.7)],
        coke=[of("coal", 0.2), kg(0.1)],
    )
    before, after = (
        roll_up(one, "a/car").total for one in (supply, what_if(supply, [Replace("a/coal", "a/coke")]))
    )
    assert ranked(supply, ["a/coke"]).ranked[0].effect == pytest.approx(after - before)


def test_coke_of_coal_takes_coke_for_its_own_coal_too() -> None:
    """22 units of coal, now of coke that needs 0.01 of itself: 22 x (0.1 / 0.99 - 0.7)."""
    supply = Supply.of(OWN | {"a/coke": 0.1}, [*ROWS, ("a/coke", "a/coal", 0.01)])
    [coke] = ranked(supply, ["a/coke"]).ranked
    assert coke.effect == pytest.approx(22 * (0.1 / 0.99 - 0.7))


@pytest.mark.parametrize("amount", [1.0, 2.5])
def test_a_candidate_that_would_consume_all_it_makes_is_named(amount: float) -> None:
    supply = Supply.of(OWN | {"a/coke": 0.1}, [*ROWS, ("a/coke", "a/coal", amount)])
    with pytest.raises(BadInput, match="taking `a/coke` instead of `a/coal` closes a loop"):
        ranked(supply, ["a/wind", "a/coke"])


def test_a_candidate_without_a_footprint_is_named() -> None:
    supply = Supply.of(OWN | {"a/mad": 1.0}, [*ROWS, ("a/mad", "a/mad", 1.0)])
    with pytest.raises(ConsumingLoop, match="`a/mad`"):
        ranked(supply, ["a/wind", "a/mad"])


def test_a_root_that_needs_itself_is_replaced_as_a_supplier_alone() -> None:
    supply = Supply.of(OWN, [*ROWS, ("a/steel", "a/car", 0.1)])
    found = ranked(supply, ["a/wind"], supplier="a/car")
    assert found.units == pytest.approx(0.3 / (1 - 0.3))


def test_what_the_chain_does_not_need_is_not_replaced() -> None:
    supply = Supply.of(OWN, ROWS)
    with pytest.raises(BadInput, match="needs `a/gas`"):
        ranked(supply, ["a/wind"], supplier="a/gas")
    with pytest.raises(NotFound):
        ranked(supply, ["a/x"])
