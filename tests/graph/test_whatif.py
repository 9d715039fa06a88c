"""What-if, against the same supply graph built with the answer in it."""

from __future__ import annotations

from dataclasses import replace
from math import inf, nan

import pytest

from huren.errors import BadInput, ConsumingLoop, NotFound
from huren.graph.model.supply import Declared, Input, Recipe, Stage, Supply
from huren.graph.rollup import roll_up
from huren.graph.whatif import Change, Replace, what_if

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
    assert what_if(SUPPLY) == SUPPLY
    assert what_if(SUPPLY, [Replace("a/wind", "a/coal")]) == SUPPLY


def test_an_amount_is_changed_or_taken_out() -> None:
    steel = what_if(SUPPLY, changes=[Change("a/car", "a/steel", 1.0), Change("a/car", "a/coal", 0.0)])
    assert roll_up(steel, "a/car").total == pytest.approx(5 + 2 + 6 * 0.7)
    assert "a/coal" not in {part.supplier for part in roll_up(steel, "a/car").inputs}


def test_changes_come_before_replacements() -> None:
    both = what_if(SUPPLY, [Replace("a/coal", "a/wind")], [Change("a/steel", "a/coal", 1.0)])
    assert roll_up(both, "a/steel").total == pytest.approx(2.01)


def test_rows_of_one_pair_keep_their_proportions() -> None:
    rows = (Input("a/coal", 1, Stage.PRODUCTION), Input("a/wind", 5), Input("a/coal", 3, Stage.USE))
    supply = replace(SUPPLY, recipes=SUPPLY.recipes | {"a/car": Recipe(rows)})
    changed = what_if(supply, changes=[Change("a/car", "a/coal", 8)]).recipes["a/car"]
    assert [row.amount for row in changed.inputs] == [2, 5, 6]
    assert [row.stage for row in changed.inputs] == [row.stage for row in rows]


def test_rows_that_add_up_to_0_give_all_to_the_first() -> None:
    supply = Supply.of(OWN, [("a/car", "a/coal", 1.0), ("a/car", "a/coal", -1.0)])
    changed = what_if(supply, changes=[Change("a/car", "a/coal", 8)]).recipes["a/car"]
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
    with pytest.raises(BadInput, match="both by `a/wind` and by `a/steel`"):
        what_if(SUPPLY, [Replace("a/coal", "a/wind"), Replace("a/coal", "a/steel")])


@pytest.mark.parametrize(
    ("replacements", "changes"),
    [
        ([Replace("a/x", "a/wind")], []),
        ([Replace("a/coal", "a/x")], []),
        ([], [Change("a/x", "a/coal", 1)]),
        ([], [Change("a/car", "a/x", 1)]),
    ],
)
def test_an_unknown_product_is_not_found(replacements: list[Replace], changes: list[Change]) -> None:
    with pytest.raises(NotFound, match="`a/x`"):
        what_if(SUPPLY, replacements, changes)


def test_an_input_that_is_not_there_cannot_be_changed() -> None:
    with pytest.raises(BadInput, match="`a/car` has no input of `a/wind`"):
        what_if(SUPPLY, changes=[Change("a/car", "a/wind", 1)])


@pytest.mark.parametrize("amount", [nan, inf])
def test_an_amount_that_is_not_finite_is_refused(amount: float) -> None:
    with pytest.raises(BadInput, match="finite"):
        what_if(SUPPLY, changes=[Change("a/car", "a/coal", amount)])
