"""Declared totals in a roll-up: when they count, how far they reach, and when they have run out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from huren.errors import BadInput
from huren.graph.answer import RollUp
from huren.graph.model.supply import Declared, GwpSet, Prefer, Recipe, Stage, Supply, Unlinked
from huren.graph.rollup import roll_up

CAR = Supply.of(
    {"a/car": 100, "a/steel": 2, "a/coal": 0.5},
    [("a/car", "a/steel", 900), ("a/steel", "a/coal", 0.6), ("a/car", "a/coal", 10)],
)


def with_recipe(supply: Supply, key: str, recipe: Recipe) -> Supply:
    return replace(supply, recipes=supply.recipes | {key: recipe})


def stages(answer: RollUp) -> dict[str, float]:
    return {part.stage.value: part.value for part in answer.by_stage if part.value}


def declared_steel(**values: object) -> Supply:
    values = {"kg_co2e": 3.0, "gwp_set": GwpSet.AR5, "biogenic_kg_co2": -0.5} | values
    total = Declared(**values)  # type: ignore[arg-type]  # the tests name the fields
    return with_recipe(CAR, "a/steel", replace(CAR.recipes["a/steel"], declared=total))


def test_prefer_says_throughout_which_side_of_a_product_counts() -> None:
    supply = declared_steel()
    modelled, declared = (roll_up(supply, "a/car", prefer=prefer) for prefer in Prefer)
    assert (modelled.total, modelled.declared_used) == (2175, ())
    assert (declared.total, declared.declared_used) == (100 + 2700 + 5, ("a/steel",))
    assert declared.total_including_biogenic == declared.total - 450
    assert [part.gwp_set for part in declared.coverage.not_restated] == [None, GwpSet.AR5]
    assert roll_up(supply, "a/steel", prefer=Prefer.DECLARED).total == 3
    assert roll_up(supply, "a/steel", prefer=Prefer.DECLARED).products_count == 1


def test_a_declared_total_stands_where_there_is_no_model_whatever_is_unlinked_behind_it() -> None:
    supply = with_recipe(
        CAR, "a/steel", Recipe(unlinked=(Unlinked("lime", 1, "kg"),), declared=Declared(4.0, GwpSet.AR6))
    )
    answer = roll_up(supply, "a/car")
    assert answer.total == 100 + 3600 + 5
    assert (answer.coverage.complete, answer.declared_used) == (True, ("a/steel",))


def test_a_cradle_to_grave_total_without_breakdown_is_refused_as_a_supplier_but_whole_as_a_root() -> None:
    supply = declared_steel(to_grave=True)
    with pytest.raises(BadInput, match="`a/steel` is known only by a cradle-to-grave total"):
        roll_up(supply, "a/car", prefer=Prefer.DECLARED, allow_partial=True)
    answer = roll_up(supply, "a/steel", prefer=Prefer.DECLARED)
    assert (answer.total, stages(answer)) == (3, {"production": 3})


def test_a_cradle_to_grave_total_with_breakdown_gives_its_gate_stages() -> None:
    parts = ((Stage.RAW_MATERIAL, 1.0), (Stage.PRODUCTION, 1.5), (Stage.USE, 0.5))
    supply = declared_steel(to_grave=True, stages=parts)
    assert roll_up(supply, "a/car", prefer=Prefer.DECLARED).total == 100 + 900 * 2.5 + 5
    answer = roll_up(supply, "a/steel", prefer=Prefer.DECLARED)
    assert answer.total == 3
    assert stages(answer) == {"raw_material": 1, "production": 1.5, "use": 0.5}


def test_a_breakdown_that_leaves_much_of_the_total_open_is_none() -> None:
    supply = declared_steel(to_grave=True, stages=((Stage.USE, 0.5),))
    with pytest.raises(BadInput, match="cradle-to-grave"):
        roll_up(supply, "a/car", prefer=Prefer.DECLARED)
    rounded = declared_steel(to_grave=True, stages=((Stage.PRODUCTION, 2.49), (Stage.USE, 0.5)))
    assert roll_up(rounded, "a/steel", prefer=Prefer.DECLARED).total == pytest.approx(3, rel=1e-15)


def test_an_expired_declared_total_is_flagged_and_still_counts() -> None:
    end = datetime(2026, 6, 1, tzinfo=UTC)
    supply = declared_steel(valid_until=end)
    late = roll_up(supply, "a/car", prefer=Prefer.DECLARED, at=end)
    assert (late.expired_declared, late.total) == (("a/steel",), 2805)
    early = roll_up(supply, "a/car", prefer=Prefer.DECLARED, at=datetime(2026, 5, 31, tzinfo=UTC))
    assert early.expired_declared == ()
