"""Data quality, recomputation and what rests on a source: worked by hand, and by their laws."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from huren.errors import BadInput
from huren.graph.answer import RollUp
from huren.graph.downstream import known_throughout, resting_on
from huren.graph.model.quality import Quality, TraceLevel
from huren.graph.model.supply import (
    Declared,
    Emission,
    GwpSet,
    Prefer,
    Provenance,
    Recipe,
    Stage,
    Supply,
    Unlinked,
)
from huren.graph.quality import quality
from huren.graph.rollup import roll_up
from huren.graph.system import System
from huren.graph.verification import verification
from tests.graph.spreads import graph, kg, of, solved, supplies

TODAY = date(2026, 7, 1)
PRIMARY, SECONDARY = Provenance("primary"), Provenance("secondary")


def row(mass: float, known: Provenance, stage: Stage | None = None) -> Emission:
    return Emission("CO2", mass, stage=stage, provenance=known)


def with_facts(supply: Supply, **facts: dict[str, Any]) -> Supply:
    known = {f"a/{code}": replace(supply.products[f"a/{code}"], **given) for code, given in facts.items()}
    return replace(supply, products=supply.products | known)


def assessed(supply: Supply, code: str = "car", amount: float = 1.0) -> Quality:
    return quality(solved(supply, code, amount=amount)[0], TODAY)


# car 100, steel 900 × 2 = 1800, scrap −100 × 1 = −100
CAR = with_facts(
    graph(
        car=[of("steel", 900), of("scrap", -100), row(100, PRIMARY)],
        steel=[row(1.5, PRIMARY), row(0.5, SECONDARY)],
        scrap=[kg(1)],
    ),
    car={"dqr_tech": 1.0, "period_end": date(2025, 7, 1), "traceability": "meter"},
    steel={"dqr_tech": 3.0, "dqr_time": 4.0, "period_end": date(2023, 7, 2), "traceability": "invoice"},
    scrap={"traceability": "meter"},
)
EVERYTHING = 100 + 1800 + 100


def with_provenance(supply: Supply, known: Provenance) -> Supply:
    recipes = {
        key: replace(recipe, emissions=tuple(replace(one, provenance=known) for one in recipe.emissions))
        for key, recipe in supply.recipes.items()
    }
    return replace(supply, recipes=recipes)


def test_primary_share_is_by_size_over_the_whole_chain() -> None:
    plain = with_provenance(CAR, Provenance())
    assert assessed(plain).kinds.unstated == 1
    found = assessed(CAR).kinds
    # The scrap's row is stated as primary by `kg`.
    assert found.primary == pytest.approx((100 + 1350 + 100) / EVERYTHING)
    assert found.secondary == pytest.approx(450 / EVERYTHING)
    assert found.unstated == 0
    odd = with_provenance(CAR, Provenance("estimated"))
    assert (assessed(odd).kinds.primary, assessed(odd).kinds.unstated) == (0, 1)


def test_emissions_after_the_gate_count_for_the_amount_asked() -> None:
    supply = graph(lamp=[row(1, PRIMARY), row(3, SECONDARY, Stage.USE)], room=[of("lamp", 2)])
    assert assessed(supply, "lamp", amount=7).kinds.primary == pytest.approx(0.25)
    assert assessed(supply, "room").kinds.primary == 1


def test_ratings_are_weighted_by_contribution_among_those_that_state_them() -> None:
    found = assessed(CAR)
    assert found.technological.weighted == pytest.approx((100 * 1 + 1800 * 3) / 1900)
    assert found.technological.stated == pytest.approx(1900 / EVERYTHING)
    assert (found.technological.worst, found.technological.product) == (3, "a/steel")
    assert (found.temporal.weighted, found.temporal.stated) == (4, pytest.approx(1800 / EVERYTHING))
    assert (found.geographical.weighted, found.geographical.stated, found.geographical.product) == (
        None,
        0,
        None,
    )


def test_age_is_in_years_since_the_period_ended() -> None:
    found = assessed(CAR).age
    assert found.worst == pytest.approx(3, abs=0.01)
    assert found.weighted == pytest.approx((100 * 365 + 1800 * 1095) / 365.25 / 1900)
    future = with_facts(CAR, steel={"period_end": date(2027, 1, 1)})
    assert assessed(future).age.worst == pytest.approx(365 / 365.25)


def test_traceability_is_in_the_words_that_were_used() -> None:
    assert assessed(CAR).traceability == (
        TraceLevel("invoice", 1, pytest.approx(1800 / EVERYTHING)),
        TraceLevel("meter", 2, pytest.approx(200 / EVERYTHING)),
    )
    unstated = with_facts(CAR, steel={"traceability": None})
    assert [level.level for level in assessed(unstated).traceability] == [None, "meter"]


def test_weak_links_are_large_and_badly_known() -> None:
    links = assessed(CAR).weak(9)
    # 1800 × 4, 100 × 5 (unrated), 100 × 1
    assert [(link.product, link.rating) for link in links] == [
        ("a/steel", 4),
        ("a/scrap", None),
        ("a/car", 1),
    ]
    assert links[1].value == -100
    assert links[0].share == pytest.approx(1800 / 1800)
    assert links[1].years is None
    assert assessed(CAR).weak(1) == links[:1]
    with pytest.raises(BadInput, match="at least 1"):
        assessed(CAR).weak(0)


def test_data_are_stale_where_a_supplier_s_are_newer_or_the_day_asked_has_passed() -> None:
    steel = {"period_start": date(2025, 7, 2), "period_end": date(2026, 1, 1)}
    supply = with_facts(CAR, steel=steel)
    (found,) = assessed(supply).stale(None)
    assert (found.product, found.supplier, found.began) == ("a/car", "a/steel", date(2025, 7, 2))
    assert found.ended == date(2025, 7, 1)
    assert found.share == pytest.approx(100 / 1800)
    same_day = with_facts(CAR, steel={**steel, "period_start": date(2025, 7, 1)})
    assert assessed(same_day).stale(None) == ()
    assert assessed(same_day).stale(date(2025, 7, 1)) == ()
    by_day = assessed(supply).stale(date(2026, 1, 2))
    assert [(one.product, one.supplier) for one in by_day] == [("a/steel", None), ("a/car", "a/steel")]


def test_a_supplier_after_the_gate_makes_data_stale_at_the_root_alone() -> None:
    lamp = graph(lamp=[kg(1), of("grid", 5, None, Stage.USE)], grid=[kg(1)], room=[of("lamp", 1)])
    supply = with_facts(lamp, lamp={"period_end": date(2020, 1, 1)}, grid={"period_start": date(2024, 1, 1)})
    assert [one.product for one in assessed(supply, "lamp").stale(None)] == ["a/lamp"]
    assert assessed(supply, "room").stale(None) == ()


@given(supplies())
def test_shares_sum_to_one(supply: Supply) -> None:
    answer = solved(supply, "0")[0]
    found = quality(answer, TODAY)
    if not np.abs(answer.emitted).sum():
        return
    kinds = (found.kinds.primary, found.kinds.secondary, found.kinds.unstated)
    if None not in kinds:
        assert sum(kinds) == pytest.approx(1)  # type: ignore[arg-type]
    assert sum(level.share or 0 for level in found.traceability) == pytest.approx(1)
    assert sum(level.products for level in found.traceability) == len(answer.root.chain)


def test_nothing_emitted_has_no_shares() -> None:
    found = assessed(graph(car=[kg(0)]))
    assert (found.kinds.primary, found.technological.stated, found.weak(3)) == (None, None, ())


# Recomputation


def declared(supply: Supply, code: str, total: Declared | None) -> Supply:
    recipe = replace(supply.recipes[f"a/{code}"], declared=total)
    return replace(supply, recipes=supply.recipes | {f"a/{code}": recipe})


def checks(supply: Supply, prefer: Prefer = Prefer.MODELLED, gwp: GwpSet = GwpSet.AR6) -> Any:
    answer: RollUp = roll_up(supply, "a/car", prefer=prefer, gwp=gwp, allow_partial=True)
    return verification(answer.solved)


@pytest.mark.parametrize("prefer", Prefer)
def test_a_declared_total_is_recomputed_whichever_side_counts(prefer: Prefer) -> None:
    supply = declared(declared(CAR, "car", Declared(1817.0, GwpSet.AR6)), "steel", Declared(2.0, GwpSet.AR5))
    found = {one.product: one for one in checks(supply, prefer)}
    assert set(found) == ({"a/car", "a/steel"} if prefer is Prefer.MODELLED else {"a/car"})
    car = found["a/car"]
    assert (car.declared, car.computed, car.complete, car.to_grave) == (1817, 1800, True, False)
    assert car.difference == -17
    assert car.relative == pytest.approx(-17 / 1817)
    assert car.matches(0.01)
    assert not car.matches(0.009)


def test_a_product_in_the_chain_is_held_against_its_own_set_and_boundary() -> None:
    methane = graph(
        car=[of("gas", 1)], gas=[Emission("CH4", 1.0), kg(5, None, Stage.USE), of("pipe", 2)], pipe=[kg(1)]
    )
    gate = declared(methane, "gas", Declared(30.0, GwpSet.AR5))
    (found,) = checks(gate)
    assert (found.computed, found.gwp, found.gwp_stated) == (28 + 2, GwpSet.AR5, True)
    grave = declared(methane, "gas", Declared(35.0, None, to_grave=True, stages=((Stage.USE, 5.0),)))
    (found,) = checks(grave)
    assert (found.computed, found.gwp, found.gwp_stated, found.to_grave) == (
        pytest.approx(27.9 + 2 + 5),
        GwpSet.AR6,
        False,
        True,
    )


def test_an_incomplete_model_is_said_to_be_so() -> None:
    recipe = replace(CAR.recipes["a/steel"], unlinked=(Unlinked("lime", 1, "kg"),))
    supply = replace(CAR, recipes=CAR.recipes | {"a/steel": recipe})
    (found,) = checks(declared(supply, "steel", Declared(2.0)))
    assert not found.complete
    (zero,) = checks(declared(CAR, "steel", Declared(0.0)))
    assert zero.relative is None
    assert not zero.matches(0.5)


def test_what_is_stated_once_is_not_checked() -> None:
    assert checks(CAR) == ()
    only = replace(CAR, recipes=CAR.recipes | {"a/steel": Recipe(declared=Declared(2.0, GwpSet.AR6))})
    assert checks(only) == ()


# Downstream


def test_what_rests_on_a_source_and_how_far() -> None:
    supply = with_facts(
        graph(
            car=[of("steel", 900), kg(100)],
            steel=[of("coal", 0.5), kg(2)],
            coal=[kg(1)],
            bike=[of("coal", 3)],
            hat=[kg(9)],
        ),
        coal={"period_start": date(2025, 1, 1)},
        bike={"period_end": date(2024, 12, 31)},
        car={"period_end": date(2025, 1, 1)},
    )
    found = resting_on(System.of(supply), "a/coal", GwpSet.AR6)
    assert [(one.product, one.value, one.stale) for one in found] == [
        ("a/bike", 3, True),
        ("a/steel", 0.5, False),
        ("a/car", 450, False),
    ]
    assert [one.share for one in found] == pytest.approx([1, 0.2, 450 / 2350])
    assert resting_on(System.of(supply), "a/hat", GwpSet.AR6) == ()


def test_in_a_loop_what_returns_is_counted_once() -> None:
    """All that power emits comes by way of coal that it burns, but for its own 2 kg a first time."""
    supply = graph(coal=[of("power", 0.5), kg(1)], power=[of("coal", 0.4), kg(2)])
    system = System.of(supply)
    (found,) = resting_on(system, "a/coal", GwpSet.AR6)
    total = float(system.x[system.at("a/power")] @ system.weights[GwpSet.AR6].counted)
    assert found.product == "a/power"
    assert total - found.value == pytest.approx(2)


@pytest.mark.slow
@given(supplies(least=0.001))
def test_silencing_a_source_takes_away_what_comes_by_way_of_it(supply: Supply) -> None:
    """A source that emits nothing and needs nothing any more: what each total loses is what rested on it."""
    system = System.of(supply)
    found = {one.product: one.value for one in resting_on(system, "a/0", GwpSet.AR6)}
    without = System.of(replace(supply, recipes=supply.recipes | {"a/0": Recipe((), (kg(0),))}))
    totals = system.x @ system.weights[GwpSet.AR6].counted
    rest = without.x @ without.weights[GwpSet.AR6].counted
    for key in supply.products:
        if key != "a/0":
            lost = totals[system.at(key)] - rest[without.at(key)]
            assert found.get(key, 0.0) == pytest.approx(lost, rel=1e-9, abs=1e-9)


@pytest.mark.slow
@given(supplies())
def test_a_product_is_known_throughout_where_its_roll_up_is_complete(supply: Supply) -> None:
    recipe = replace(supply.recipes["a/0"], unlinked=(Unlinked("lime", 1, "kg"),))
    gapped = replace(supply, recipes=supply.recipes | {"a/0": recipe})
    system = System.of(gapped)
    known = known_throughout(system)
    for key in supply.products:
        complete = roll_up(gapped, key, allow_partial=True).coverage.complete
        late = any(
            need.stage not in (None, Stage.RAW_MATERIAL, Stage.PRODUCTION)
            for need in gapped.recipes[key].inputs
        )
        assert known[system.at(key)] == complete or (late and not complete)
