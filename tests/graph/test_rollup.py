"""The conventions of the roll-up, one by one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from math import inf, nan

import pytest

from huren.errors import BadInput, NotFound, UnlinkedInputs
from huren.graph.answer import RollUp
from huren.graph.model.supply import (
    Declared,
    Emission,
    GwpSet,
    Input,
    Origin,
    Prefer,
    Recipe,
    Stage,
    Supply,
    Unlinked,
)
from huren.graph.rollup import roll_up, roll_up_within
from huren.graph.system import System

CAR = Supply.of(
    {"a/car": 100, "a/steel": 2, "a/coal": 0.5},
    [("a/car", "a/steel", 900), ("a/steel", "a/coal", 0.6), ("a/car", "a/coal", 10)],
)


def with_recipe(supply: Supply, key: str, recipe: Recipe) -> Supply:
    return replace(supply, recipes=supply.recipes | {key: recipe})


def stages(answer: RollUp) -> dict[str, float]:
    return {part.stage.value: part.value for part in answer.by_stage if part.value}


# What is counted


def test_each_gas_counts_by_its_origin_and_biogenic_co2_beside() -> None:
    rows = (
        Emission("CO2", 10, Origin.FOSSIL),
        Emission("co2", 3, Origin.LAND_USE_CHANGE),
        Emission("CO2", -7, Origin.BIOGENIC),
        Emission("CH4", 1, Origin.FOSSIL),
        Emission("CH4", 1, Origin.BIOGENIC),
        Emission("CH4", 1),
        Emission("CO2e", 2, Origin.BIOGENIC, gwp_set=GwpSet.AR6),
    )
    supply = with_recipe(Supply.of({"a/x": 0}), "a/x", Recipe(emissions=rows))
    totals = {gwp: roll_up(supply, "a/x", gwp=gwp) for gwp in GwpSet}
    assert totals[GwpSet.AR4].total == 10 + 3 + 25 + 25 + 25 + 2
    assert totals[GwpSet.AR5].total == 10 + 3 + 30 + 28 + 28 + 2
    assert totals[GwpSet.AR6].total == pytest.approx(10 + 3 + 29.8 + 27.0 + 27.9 + 2, rel=1e-15)
    assert totals[GwpSet.AR5].total_including_biogenic == totals[GwpSet.AR5].total - 7
    not_counted = [(p.gas, p.origin, p.kg, p.kg_co2e) for p in totals[GwpSet.AR6].by_gas if not p.counted]
    assert not_counted == [("CO2", Origin.BIOGENIC, -7.0, -7.0)]


def test_rows_of_one_gas_and_of_one_pair_add_up() -> None:
    supply = with_recipe(
        Supply.of({"a/x": 0, "a/y": 3}),
        "a/x",
        Recipe((Input("a/y", 1), Input("a/y", 4)), (Emission("CO2", 1), Emission("CO2", 2))),
    )
    answer = roll_up(supply, "a/x")
    assert answer.total == 18
    assert [(part.amount, part.value) for part in answer.inputs] == [(5, 15)]


def test_co2e_of_another_or_unknown_set_counts_unchanged_and_is_listed() -> None:
    rows = (
        Emission("CO2e", 60),
        Emission("CO2e", 30, gwp_set=GwpSet.AR5),
        Emission("CO2e", 10, gwp_set=GwpSet.AR6),
    )
    answer = roll_up(with_recipe(Supply.of({"a/x": 0}), "a/x", Recipe(emissions=rows)), "a/x")
    assert answer.total == 100
    listed = [(part.gwp_set, part.value, part.share) for part in answer.coverage.not_restated]
    assert listed == [(None, 60, 0.6), (GwpSet.AR5, 30, 0.3)]
    assert [part.gwp_set for part in answer.by_gas] == [None, GwpSet.AR5, GwpSet.AR6]


def test_an_unknown_gas_is_refused_by_name() -> None:
    supply = with_recipe(Supply.of({"a/x": 0}), "a/x", Recipe(emissions=(Emission("XYZ", 1),)))
    with pytest.raises(BadInput, match="`XYZ`, emitted by `a/x`"):
        roll_up(supply, "a/x")


# Stages


def test_only_gate_flows_travel_with_a_supplied_product() -> None:
    laptop = Recipe(
        (Input("a/chip", 2), Input("a/grid", 50, Stage.USE)),
        (Emission("CO2", 5), Emission("CO2", 1, stage=Stage.DISTRIBUTION)),
    )
    chip = Recipe(
        (Input("a/grid", 10, Stage.PRODUCTION), Input("a/grid", 99, Stage.END_OF_LIFE)),
        (Emission("CO2", 7, stage=Stage.RAW_MATERIAL), Emission("CO2", 1000, stage=Stage.USE)),
    )
    supply = Supply.of({"a/laptop": 0, "a/chip": 0, "a/grid": 0.5})
    supply = with_recipe(with_recipe(supply, "a/laptop", laptop), "a/chip", chip)
    answer = roll_up(supply, "a/laptop")
    assert stages(answer) == {"raw_material": 2 * (7 + 5), "production": 5, "distribution": 1, "use": 25}
    assert [part.stage for part in answer.by_stage] == list(Stage)
    assert answer.total == 55
    assert stages(roll_up(supply, "a/chip")) == {
        "raw_material": 7,
        "production": 5,
        "use": 1000,
        "end_of_life": 49.5,
    }


def test_what_comes_after_the_gate_is_added_once_at_a_root_inside_a_loop() -> None:
    mine = Recipe((Input("a/power", 0.5),), (Emission("CO2", 1), Emission("CO2", 10, stage=Stage.USE)))
    supply = with_recipe(Supply.of({"a/mine": 0, "a/power": 2}, [("a/power", "a/mine", 0.5)]), "a/mine", mine)
    answer = roll_up(supply, "a/mine")
    assert answer.total == pytest.approx((1 + 0.5 * 2) / (1 - 0.25) + 10, rel=1e-14)
    assert sum(part.value for part in answer.contributions) == pytest.approx(answer.total, rel=1e-14)


def test_a_product_that_needs_itself_is_its_own_supplier_in_the_split() -> None:
    supply = Supply.of({"a/seed": 9}, [("a/seed", "a/seed", 0.1)])
    answer = roll_up(supply, "a/seed")
    assert answer.total == pytest.approx(10, rel=1e-15)
    assert stages(answer) == {"raw_material": pytest.approx(1), "production": 9}
    assert [part.value for part in answer.contributions] == [pytest.approx(10)]


# Contributions, regions, unverified


def test_contributions_are_emissions_at_each_product_with_the_rest_as_other() -> None:
    answer = roll_up(CAR, "a/car", amount=2)
    assert answer.total == 2 * (100 + 900 * 2 + (540 + 10) * 0.5)
    first, other = answer.contributions.first(1)
    assert [(part.product, part.value) for part in first] == [("a/steel", 3600)]
    assert (other.count, other.value) == (2, 200 + 550)
    assert other.share == pytest.approx(750 / answer.total)
    assert answer.contributions.first(9)[1].count == 0
    assert [(part.supplier, part.amount) for part in answer.inputs] == [("a/steel", 1800), ("a/coal", 20)]


def test_shares_are_none_where_the_total_is_0() -> None:
    answer = roll_up(Supply.of({"a/x": 5, "a/y": -5}, [("a/x", "a/y", 1)]), "a/x")
    assert answer.total == 0
    assert {part.share for part in (*answer.contributions, *answer.by_stage, *answer.by_region)} == {None}
    assert answer.contributions.first(1)[1].share is None


def test_regions_are_those_of_the_emitting_products() -> None:
    places = {"a/car": "CN-BJ", "a/steel": "CN-HE", "a/coal": None}
    supply = replace(CAR, products={k: replace(p, region=places[k]) for k, p in CAR.products.items()})
    answer = roll_up(supply, "a/car")
    assert [(part.region, part.value) for part in answer.by_region] == [
        ("CN-HE", 1800),
        (None, 275),
        ("CN-BJ", 100),
    ]


def test_owners_have_what_is_emitted_at_their_products_and_the_rest_is_one() -> None:
    """Each product emits 1; of b/steel two units are needed, and six of each of its suppliers."""
    own = dict.fromkeys(("a/car", "a/seat", "b/steel", "c/coal", "c/coke", "d/lime", "e/other"), 1.0)
    needs = [("a/car", "a/seat", 4.0), ("a/car", "b/steel", 2.0)]
    answer = roll_up(
        Supply.of(own, needs + [("b/steel", by, 3.0) for by in ("c/coal", "c/coke", "d/lime")]), "a/car"
    )
    told = [(part.owner, part.value) for part in answer.by_owner(9)]
    assert told == [("c", 12.0), ("d", 6.0), ("a", 5.0), ("b", 2.0)]
    some = answer.by_owner(2)
    assert [(part.owner, part.value) for part in some] == [*told[:2], (None, 7.0)]
    assert [part.share for part in some] == [12 / 25, 6 / 25, 7 / 25]


def test_unverified_products_of_the_chain_are_named_with_their_share() -> None:
    supply = Supply.of({"a/x": 5, "a/y": -15, "a/z": 1}, [("a/x", "a/y", 1)])
    products = {k: replace(p, unverified=k in {"a/y", "a/z"}) for k, p in supply.products.items()}
    answer = roll_up(replace(supply, products=products), "a/x")
    assert (answer.unverified.products, answer.unverified.share) == (("a/y",), 0.75)


# Partial


def test_an_unlinked_input_upstream_refuses_by_name_unless_partial_is_allowed() -> None:
    steel = replace(CAR.recipes["a/steel"], unlinked=(Unlinked("lime", 0.05, "kg"),))
    supply = with_recipe(CAR, "a/steel", steel)
    with pytest.raises(UnlinkedInputs, match=r"1 inputs that nothing supplies \(`lime` \(a/steel\)\)"):
        roll_up(supply, "a/car")
    answer = roll_up(supply, "a/car", allow_partial=True)
    assert not answer.coverage.complete
    assert (answer.coverage.unlinked_count, answer.coverage.concerned) == (1, 1 / 3)
    (row,) = answer.coverage.unlinked
    assert (row.consumer, row.flow, row.amount, row.unit) == ("a/steel", "lime", 0.05, "kg")
    assert answer.total == roll_up(CAR, "a/car").total
    assert roll_up(supply, "a/coal").coverage.complete


def test_the_hundred_unlinked_inputs_needed_most_are_listed_and_all_are_counted() -> None:
    near = tuple(Unlinked(f"n{i:03}", 1.0, "kg") for i in range(80))
    far = tuple(Unlinked(f"f{i:03}", 1.0, "kg") for i in range(80))
    supply = with_recipe(CAR, "a/car", replace(CAR.recipes["a/car"], unlinked=near))
    supply = with_recipe(supply, "a/steel", replace(CAR.recipes["a/steel"], unlinked=far))
    coverage = roll_up(supply, "a/car", allow_partial=True).coverage
    assert coverage.unlinked_count == 160
    assert [row.flow for row in coverage.unlinked] == [row.flow for row in (*far, *near[:20])]


def test_a_product_of_which_nothing_is_said_is_partial_but_an_emission_of_0_is_a_statement() -> None:
    silent = with_recipe(CAR, "a/coal", Recipe(unlinked_stated=True))
    with pytest.raises(UnlinkedInputs, match="1 products unknown \\(`a/coal`\\)"):
        roll_up(silent, "a/car")
    assert roll_up(silent, "a/car", allow_partial=True).coverage.unknown == ("a/coal",)
    gone = replace(CAR, recipes={k: r for k, r in CAR.recipes.items() if k != "a/coal"})
    assert roll_up(gone, "a/car", allow_partial=True).coverage.unknown == ("a/coal",)
    stated = with_recipe(CAR, "a/coal", Recipe(emissions=(Emission("CO2", 0),)))
    assert roll_up(stated, "a/car").total == 1900
    assert roll_up(stated, "a/car").coverage.complete


def test_a_chain_without_a_list_of_unlinked_inputs_says_so_and_is_not_partial() -> None:
    supply = with_recipe(CAR, "a/coal", replace(CAR.recipes["a/coal"], unlinked_stated=False))
    coverage = roll_up(supply, "a/car").coverage
    assert coverage.complete
    assert not coverage.unlinked_stated
    assert roll_up(CAR, "a/car").coverage.unlinked_stated


def test_an_input_of_amount_0_brings_nothing_into_the_chain() -> None:
    supply = Supply.of({"a/x": 1, "a/y": 1}, [("a/x", "a/y", 0.0)])
    supply = with_recipe(supply, "a/y", Recipe(unlinked=(Unlinked("lime", 1, "kg"),)))
    assert roll_up(supply, "a/x").products_count == 1


# Bad questions and absurd numbers


@pytest.mark.parametrize("amount", [0.0, -1.0, nan, inf])
def test_an_amount_that_is_not_positive_is_refused(amount: float) -> None:
    with pytest.raises(BadInput, match="positive finite number"):
        roll_up(CAR, "a/car", amount=amount)


def test_an_unknown_product_is_not_found() -> None:
    with pytest.raises(NotFound, match="`a/plane`"):
        roll_up(CAR, "a/plane")
    with pytest.raises(NotFound, match="`a/plane`"):
        roll_up_within(System.of(CAR), "a/plane")


@pytest.mark.parametrize("bad", [nan, inf, -inf])
@pytest.mark.parametrize("where", ["input", "emission", "unlinked", "declared"])
def test_a_number_that_is_not_finite_is_refused_by_name(bad: float, where: str) -> None:
    recipe = {
        "input": Recipe((Input("a/coal", bad),), (Emission("CO2", 1),)),
        "emission": Recipe(emissions=(Emission("CO2", bad),)),
        "unlinked": Recipe(emissions=(Emission("CO2", 1),), unlinked=(Unlinked("lime", bad, "kg"),)),
        "declared": Recipe(declared=Declared(bad)),
    }[where]
    with pytest.raises(BadInput, match="`a/steel` is not a finite number"):
        roll_up(with_recipe(CAR, "a/steel", recipe), "a/car", allow_partial=True)


def test_a_result_beyond_a_double_is_refused() -> None:
    supply = Supply.of({"a/x": 1, "a/y": 1e300}, [("a/x", "a/y", 1e300)])
    with pytest.raises(BadInput, match="beyond what a double can hold"):
        roll_up(supply, "a/x")


def test_the_answer_says_at_which_revision_it_was_given() -> None:
    now = datetime(2026, 11, 1, tzinfo=UTC)
    answer = roll_up(replace(CAR, revision=7, as_of=now), "a/car")
    assert (answer.revision, answer.as_of, answer.gwp, answer.prefer) == (7, now, GwpSet.AR6, Prefer.MODELLED)
