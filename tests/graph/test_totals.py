"""All footprints at once, against a roll-up of each."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huren.errors import BadInput, ConsumingLoop, UnlinkedInputs
from huren.graph.model.supply import (
    Declared,
    Emission,
    GwpSet,
    Input,
    Provenance,
    Recipe,
    Stage,
    Supply,
    Unlinked,
)
from huren.graph.network.plain import matrix_of
from huren.graph.rollup import roll_up_within
from huren.graph.system import System
from huren.graph.totals import Totals, gathered, primary_shares
from tests.graph.test_rollup_laws import supplies

pytestmark = pytest.mark.slow

OWN = {"a/car": 5.0, "a/steel": 2.0, "a/coal": 0.7}
ROWS = [("a/car", "a/steel", 3.0), ("a/steel", "a/coal", 6.0)]


def held(supply: Supply) -> None:
    """Every total, and every refusal, is that of a roll-up."""
    system = System.of(supply)
    totals = Totals.of(system)
    for at, key in enumerate(system.keys):
        try:
            answer = roll_up_within(system, key, allow_partial=True, gwp=GwpSet.AR5)
        except (BadInput, ConsumingLoop):
            assert totals.refused[at]
            continue
        assert not totals.refused[at]
        assert totals.partial[at] == (not answer.coverage.complete)
        found = float(totals.kg[at] @ system.weights[GwpSet.AR5].counted)
        assert found == pytest.approx(answer.total, rel=1e-9, abs=1e-9)


@given(supplies(cyclic=False))
def test_totals_are_those_of_roll_ups(supply: Supply) -> None:
    held(supply)


@given(supplies(cyclic=True))
def test_totals_are_those_of_roll_ups_in_loops(supply: Supply) -> None:
    held(supply)


def test_what_lacks_a_supplier_is_partial_downstream_of_it_and_nowhere_else() -> None:
    supply = Supply.of(OWN, ROWS)
    lacking = replace(supply.recipes["a/steel"], unlinked=(Unlinked("slag", 1.0, "kg"),))
    found = Totals.of(System.of(replace(supply, recipes=supply.recipes | {"a/steel": lacking})))
    assert found.partial.tolist() == [True, False, True]
    with pytest.raises(UnlinkedInputs):
        roll_up_within(System.of(replace(supply, recipes=supply.recipes | {"a/steel": lacking})), "a/car")
    held(replace(supply, recipes=supply.recipes | {"a/coal": Recipe()}))


def test_an_undivided_supplier_refuses_what_needs_it_and_not_itself() -> None:
    supply = Supply.of(OWN, ROWS)
    whole = Recipe(declared=Declared(9.0, to_grave=True))
    undivided = replace(supply, recipes=supply.recipes | {"a/coal": whole})
    assert Totals.of(System.of(undivided)).refused.tolist() == [True, False, True]
    held(undivided)


def test_a_consuming_loop_refuses_its_members_and_what_needs_them() -> None:
    supply = Supply.of(OWN | {"a/wind": 0.01}, [*ROWS, ("a/coal", "a/steel", 1.0)])
    found = Totals.of(System.of(supply))
    assert found.refused.tolist() == [True, True, True, False]
    held(supply)


def test_what_comes_after_the_gate_counts_at_its_own_product_alone() -> None:
    supply = Supply.of(OWN, ROWS)
    late = replace(supply.recipes["a/steel"], inputs=(Input("a/coal", 6.0, Stage.USE),))
    changed = replace(supply, recipes=supply.recipes | {"a/steel": late})
    kg = Totals.of(System.of(changed)).kg[:, 0]
    np.testing.assert_allclose(kg, [5 + 3 * 2, 0.7, 2 + 6 * 0.7])
    held(changed)
    held(Supply())


@given(supplies(cyclic=True))
def test_what_is_gathered_by_region_is_what_roll_ups_say(supply: Supply) -> None:
    system = System.of(supply)
    if Totals.of(system).refused.any():
        return
    counted = system.weights[GwpSet.AR6].counted
    masks = np.eye(len(system.regions.names))[system.regions.of_product]
    found = gathered(system, (system.own @ counted)[:, None] * masks)
    late = system.emitted.summed(system.emitted.late, system.own.shape) @ counted
    found += late[:, None] * masks
    for at, key in enumerate(system.keys):
        parts = {
            part.region: part.value for part in roll_up_within(system, key, allow_partial=True).by_region
        }
        told = [parts.get(name, 0.0) for name in system.regions.names]
        np.testing.assert_allclose(found[at], told, rtol=1e-9, atol=1e-9)


def test_the_part_that_comes_from_primary_data() -> None:
    """A car emits 5 itself, 3 x 2 at its steel, of which 1.5 a unit are measured, and 4 after the gate."""
    measured = Provenance("primary")
    steel = (Emission("CO2e", 1.5, provenance=measured), Emission("CO2e", 0.5))
    car = (Emission("CO2e", 5.0), Emission("CO2e", 4.0, stage=Stage.USE, provenance=measured))
    supply = Supply.of({"a/car": 0.0, "a/steel": 0.0, "a/idea": 0.0}, ROWS[:1])
    emissions = {"a/car": car, "a/steel": steel}
    recipes = {key: replace(supply.recipes[key], emissions=rows) for key, rows in emissions.items()}
    found = primary_shares(System.of(replace(supply, recipes=supply.recipes | recipes)), GwpSet.AR6)
    np.testing.assert_allclose(found, [(3 * 1.5 + 4) / 15, np.nan, 0.75])


@given(supplies(cyclic=True), st.sampled_from(GwpSet))
def test_what_is_certified_is_so(supply: Supply, gwp: GwpSet) -> None:
    """Against a dense solve, which is right to 1e-12 of the largest number in it."""
    system = System.of(supply)
    proven = system.certificate(gwp)
    x = system.x @ system.weights[gwp].counted
    sound = np.isfinite(x)
    needs = matrix_of(system.network.needs).toarray()[np.ix_(sound, sound)]
    own = (system.own @ system.weights[gwp].counted)[sound]
    exact = np.linalg.solve(np.eye(len(own)) - needs, own)
    off = np.abs(x[sound] - exact)
    if np.isfinite(proven.error):
        assert (off <= proven.error * np.abs(exact) + 1e-9 * np.abs(exact).max(initial=0)).all()


def test_products_without_a_footprint_do_not_spoil_what_is_proven_of_the_others() -> None:
    loop = [("a/egg", "a/hen", 1.0), ("a/hen", "a/egg", 1.0)]
    supply = Supply.of(OWN | {"a/egg": 1.0, "a/hen": 1.0}, ROWS + loop)
    assert Totals.of(System.of(supply)).refused.any()
    assert System.of(supply).certificate(GwpSet.AR6).certified
    assert System.of(Supply()).certificate(GwpSet.AR6).certified


def test_a_loop_of_credits_does_not_spoil_what_is_proven_of_a_chain_without_it() -> None:
    """Its |N| amplifies, so that nothing is proven of its members and of all products together."""
    loop = [("a/egg", "a/hen", 3.0), ("a/hen", "a/egg", -1.0)]
    system = System.of(Supply.of(OWN | {"a/egg": 1.0, "a/hen": 1.0}, ROWS + loop))
    assert not system.certificate(GwpSet.AR6).certified
    chain = roll_up_within(system, "a/car").solved.root.chain
    assert system.proven(GwpSet.AR6, chain).certified
    assert not system.proven(GwpSet.AR6, roll_up_within(system, "a/egg").solved.root.chain).certified
