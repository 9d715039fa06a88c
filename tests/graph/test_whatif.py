"""What-if, against the same supply graph built with the answer in it."""

from __future__ import annotations

import re
from dataclasses import replace
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huren.errors import BadInput, ConsumingLoop, HurenError, NotFound
from huren.graph.following import following
from huren.graph.model.supply import Declared, Input, Recipe, Stage, Supply
from huren.graph.rollup import roll_up, roll_up_within
from huren.graph.system import System
from huren.graph.whatif import Change, Replace, Step, what_if
from tests.graph.snapshot.stated import columns
from tests.graph.test_rollup_laws import key, supplies

OWN = {"a/car": 5.0, "a/steel": 2.0, "a/coal": 0.7, "a/wind": 0.01}
ROWS = [("a/car", "a/steel", 3.0), ("a/car", "a/coal", 4.0), ("a/steel", "a/coal", 6.0)]
SUPPLY = Supply.of(OWN, ROWS)


def rebuilt(**instead: str) -> Supply:
    return Supply.of(OWN, [(c, "a/" + instead.get(s[2:], s[2:]), amount) for c, s, amount in ROWS])


def test_every_input_upstream_is_replaced_in_the_same_amount() -> None:
    changed = what_if(SUPPLY, [Replace("a/coal", "a/wind")])
    assert changed == rebuilt(coal="wind")
    assert roll_up(changed, "a/car").total == pytest.approx(5 + 3 * 2 + (4 + 18) * 0.01)
    assert Supply.of(OWN, ROWS) == SUPPLY


def test_several_are_replaced_at_once_so_that_a_swap_is_a_swap() -> None:
    swap = [Replace("a/coal", "a/wind"), Replace("a/wind", "a/coal")]
    assert what_if(what_if(SUPPLY, swap), swap) == SUPPLY
    assert what_if(SUPPLY, swap) == rebuilt(coal="wind", wind="coal")


def test_nothing_asked_changes_nothing() -> None:
    assert what_if(SUPPLY, []) == SUPPLY
    assert what_if(SUPPLY, [Replace("a/wind", "a/coal")]) == SUPPLY


def test_an_amount_is_changed_or_taken_out() -> None:
    steel = what_if(SUPPLY, [Change("a/car", "a/steel", 1.0), Change("a/car", "a/coal", 0.0)])
    assert roll_up(steel, "a/car").total == pytest.approx(5 + 2 + 6 * 0.7)
    assert "a/coal" not in {part.supplier for part in roll_up(steel, "a/car").inputs}


def test_changes_come_before_replacements() -> None:
    both = what_if(SUPPLY, [Replace("a/coal", "a/wind"), Change("a/steel", "a/coal", 1.0)])
    assert roll_up(both, "a/steel").total == pytest.approx(2.01)


def test_a_supplier_is_taken_out_everywhere() -> None:
    without = what_if(SUPPLY, [Change(None, "a/coal", 0.0)])
    assert roll_up(without, "a/car").total == pytest.approx(5 + 3 * 2)


def test_one_consumer_alone_takes_another_supplier() -> None:
    own = what_if(SUPPLY, [Replace("a/coal", "a/wind", consumer="a/car")])
    assert own == Supply.of(OWN, [("a/car", "a/steel", 3.0), ("a/car", "a/wind", 4.0), ROWS[2]])


def test_a_step_for_one_consumer_goes_before_the_same_step_for_all() -> None:
    steps = [Replace("a/coal", "a/wind"), Replace("a/coal", "a/coal", consumer="a/steel")]
    assert what_if(SUPPLY, steps) == what_if(SUPPLY, [Replace("a/coal", "a/wind", consumer="a/car")])


def test_a_share_comes_from_another_supplier() -> None:
    """30 % of the 4 units of coal at the car: 1.2 of wind, 2.8 of coal."""
    mixed = what_if(SUPPLY, [Replace("a/coal", "a/wind", 0.3, "a/car")])
    assert roll_up(mixed, "a/car").total == pytest.approx(5 + 3 * (2 + 6 * 0.7) + 2.8 * 0.7 + 1.2 * 0.01)
    assert [row.supplier for row in mixed.recipes["a/car"].inputs] == ["a/steel", "a/coal", "a/wind"]


def test_a_share_is_of_both_together_and_holds_however_much_came_from_either() -> None:
    rows = [("a/car", "a/coal", 4.0), ("a/car", "a/wind", 6.0)]
    amounts = {row.supplier: row.amount for row in what_if(
        Supply.of(OWN, rows), [Replace("a/coal", "a/wind", 0.3)]
    ).recipes["a/car"].inputs}  # fmt: skip
    assert amounts == pytest.approx({"a/coal": 7.0, "a/wind": 3.0})


@given(st.floats(0, 1), st.floats(0.1, 10), st.floats(0, 10))
def test_shares_keep_the_sum_and_are_linear_between_the_two_suppliers(
    share: float, coal: float, wind: float
) -> None:
    supply = Supply.of(OWN, [("a/car", "a/coal", coal), ("a/car", "a/wind", wind)])
    total = roll_up(what_if(supply, [Replace("a/coal", "a/wind", share)]), "a/car").total
    assert total == pytest.approx(5 + (coal + wind) * (share * 0.01 + (1 - share) * 0.7))


def test_shares_that_touch_one_another_are_refused() -> None:
    units = Supply.of(OWN | {"a/gas": 0.4}, [*ROWS, ("a/car", "a/gas", 1.0)])
    with pytest.raises(BadInput, match="touch one another"):
        what_if(units, [Replace("a/coal", "a/wind", 0.3), Replace("a/wind", "a/gas")])
    with pytest.raises(BadInput, match="touch one another"):
        what_if(units, [Replace("a/coal", "a/wind", 0.3), Replace("a/gas", "a/wind", 0.5, "a/car")])


@pytest.mark.parametrize("share", [-0.1, 1.1, nan, inf])
def test_what_is_no_share_is_refused(share: float) -> None:
    with pytest.raises(BadInput, match="from 0 to 1"):
        what_if(SUPPLY, [Replace("a/coal", "a/wind", share)])


def test_rows_of_one_pair_keep_their_proportions() -> None:
    rows = (Input("a/coal", 1, Stage.PRODUCTION), Input("a/wind", 5), Input("a/coal", 3, Stage.USE))
    supply = replace(SUPPLY, recipes=SUPPLY.recipes | {"a/car": Recipe(rows)})
    changed = what_if(supply, [Change("a/car", "a/coal", 8)]).recipes["a/car"]
    assert [row.amount for row in changed.inputs] == [2, 5, 6]
    assert [row.stage for row in changed.inputs] == [row.stage for row in rows]


def test_rows_that_add_up_to_0_give_all_to_the_first() -> None:
    supply = Supply.of(OWN, [("a/car", "a/coal", 1.0), ("a/car", "a/coal", -1.0)])
    changed = what_if(supply, [Change("a/car", "a/coal", 8)]).recipes["a/car"]
    assert [row.amount for row in changed.inputs] == [8, 0]


def test_declared_totals_stay() -> None:
    steel = replace(SUPPLY.recipes["a/steel"], declared=Declared(9.0))
    supply = replace(SUPPLY, recipes=SUPPLY.recipes | {"a/steel": steel})
    assert what_if(supply, [Replace("a/coal", "a/wind")]).recipes["a/steel"].declared == Declared(9.0)


def test_a_replacement_that_makes_a_consuming_loop_is_refused_at_the_roll_up() -> None:
    with pytest.raises(ConsumingLoop, match="`a/steel`"):
        roll_up(what_if(SUPPLY, [Replace("a/coal", "a/steel")]), "a/car")


def test_another_declared_unit_is_refused() -> None:
    wind = replace(SUPPLY.products["a/wind"], declared_unit="kWh")
    supply = replace(SUPPLY, products=SUPPLY.products | {"a/wind": wind})
    with pytest.raises(BadInput, match="`a/coal` is declared per piece, but `a/wind` per kWh"):
        what_if(supply, [Replace("a/coal", "a/wind")])


def test_one_supplier_replaced_by_two_is_refused() -> None:
    with pytest.raises(BadInput, match="two steps about `a/coal` contradict"):
        what_if(SUPPLY, [Replace("a/coal", "a/wind"), Replace("a/coal", "a/steel")])


@pytest.mark.parametrize(
    "step",
    [
        Replace("a/x", "a/wind"),
        Replace("a/coal", "a/x"),
        Replace("a/coal", "a/wind", consumer="a/x"),
        Change("a/x", "a/coal", 1),
        Change("a/car", "a/x", 1),
        Change(None, "a/x", 1),
    ],
)
def test_an_unknown_product_is_not_found(step: Step) -> None:
    with pytest.raises(NotFound, match="`a/x`"):
        what_if(SUPPLY, [step])


def test_an_input_that_is_not_there_cannot_be_changed() -> None:
    with pytest.raises(BadInput, match="`a/car` has no input of `a/wind`"):
        what_if(SUPPLY, [Change("a/car", "a/wind", 1)])


@pytest.mark.parametrize("amount", [nan, inf])
def test_an_amount_that_is_not_finite_is_refused(amount: float) -> None:
    with pytest.raises(BadInput, match="finite"):
        what_if(SUPPLY, [Change("a/car", "a/coal", amount)])


some = st.integers(0, 3).map(key)
anyone = st.none() | some
steps = st.one_of(
    st.builds(Change, anyone, some, st.floats(0, 0.1)),
    st.builds(Replace, some, some, st.sampled_from([1.0, 0.3]), anyone),
)


@pytest.mark.slow
@given(supplies(cyclic=True), st.lists(steps, max_size=3))
def test_a_graph_in_columns_becomes_the_same_as_one_of_objects(supply: Supply, asked: list[Step]) -> None:
    """Its products, what is solved of it from what was solved before, and what is refused."""
    kept = columns(supply).supply()
    try:
        wanted = what_if(supply, asked)
    except (BadInput, NotFound) as refused:
        with pytest.raises(type(refused), match=re.escape(str(refused))):
            what_if(kept, asked)
        return
    changed = what_if(kept, asked)
    assert dict(changed.recipes) == dict(wanted.recipes)
    assert dict(kept.recipes) == supply.recipes
    after, plain = following(System.of(kept), changed), System.of(wanted)
    for product in supply.products:
        assert footprint(after, product) == footprint(plain, product)


def footprint(system: System, product: str) -> object:
    """Its total, or in which words it is refused."""
    try:
        return pytest.approx(roll_up_within(system, product, allow_partial=True).total, rel=1e-9, abs=1e-12)
    except HurenError as refused:
        return str(refused)
