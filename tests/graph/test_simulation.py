"""Monte Carlo: each sample against the roll-up itself, all samples against the analytic spread."""

from __future__ import annotations

from dataclasses import replace
from math import exp, isclose, log, sqrt

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.sparse.linalg import splu

from huren.errors import BadInput, LimitExceeded
from huren.graph.factors import BoolArray, FloatArray
from huren.graph.model.supply import Stage, Supply
from huren.graph.network import engine
from huren.graph.network.plain import Plain
from huren.graph.uncertainty import cascade, draws, reduced, simulation
from huren.graph.uncertainty.analytic import Study
from huren.graph.uncertainty.cascade import Cascade
from huren.graph.uncertainty.draws import Draws
from huren.graph.uncertainty.simulation import every, largest, simulate, totals
from tests.graph.spreads import graph, kg, of, put, study, supplies, total

pytestmark = pytest.mark.slow

FIGURES = (33.6286, 4.05937, 33.3627)
# A chain with a loop, a shared grid, a use phase and a credit; every number states a spread.
MODULE = graph(
    module=[of("cell", 1.1, 1.05), of("grid", 14, 1.1), of("grid", 30, 1.3, Stage.USE), kg(3, 1.2)],
    cell=[of("wafer", 1.03, 1.02), of("grid", 18, 1.1), of("scrap", -0.2, 1.1), kg(1, 1.1)],
    wafer=[of("grid", 40, 1.15), kg(2, 1.25)],
    grid=[of("coal", 0.4, 1.05), kg(0.1, 1.1)],
    coal=[of("grid", 0.3, 1.2), kg(0.3, 1.15)],
    scrap=[kg(4, 1.1)],
)


def one_by_one(found: Study, supply: Supply, code: str, varied: BoolArray, count: int) -> FloatArray:
    """The total in each sample, by a roll-up of its own."""
    rows, samples = found.centre.parameters, []
    for piece in Draws(found.centre, varied, count, 7, 1).pieces():
        value = piece.at(np.arange(len(rows.value)))
        for column in value.T.tolist():
            places = {}
            for at, number in enumerate(column):
                kind = "inputs" if rows.supplier[at] >= 0 else "emissions"
                places[rows.key(int(rows.consumer[at])), kind, int(rows.ordinal[at])] = number
            samples.append(total(put(supply, places), code))
    return np.array(samples)


@given(supplies(gases=("CO2",)), st.booleans())
def test_every_sample_is_the_roll_up_of_its_numbers_whichever_way_it_is_solved(
    supply: Supply, some: bool
) -> None:
    found = study(supply, "0", assume=1.1)
    varied = every(found)
    if some:
        varied[::2] = False
    with pytest.MonkeyPatch.context() as patch:
        few = totals(found, varied, 8, 7)[0]
        patch.setattr(simulation, "_FEW", -1)
        whole = totals(found, varied, 8, 7)[0]
    wanted = one_by_one(found, supply, "0", varied, 8)
    size = 1e-9 * (np.abs(wanted).max() + 1)
    assert few == pytest.approx(wanted, rel=1e-9, abs=size)
    assert whole == pytest.approx(wanted, rel=1e-9, abs=size)


@given(supplies(gases=("CO2",)))
def test_machine_code_gives_the_same_samples(supply: Supply) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simulation, "_FEW", -1)
        found = study(supply, "0", assume=1.1)
        wanted = totals(found, every(found), 8, 7)[0]
        patch.setattr(engine, "LARGE", 0)
        large = study(supply, "0", assume=1.1)
        assert not isinstance(large.centre.network.engine, Plain)
        size = 1e-9 * (np.abs(wanted).max() + 1)
        assert totals(large, every(large), 8, 7)[0] == pytest.approx(wanted, rel=1e-7, abs=100 * size)
        assert large.effects == pytest.approx(found.effects, rel=1e-9, abs=size)


def test_a_loop_that_sweeps_do_not_solve_has_factors_for_each_sample() -> None:
    supply = graph(coal=[of("power", 0.999, 1.0), kg(1, 1.1)], power=[of("coal", 0.999, 1.0001), kg(2, 1.1)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simulation, "_FEW", -1)
        patch.setattr(engine, "LARGE", 0)
        found = study(supply, "coal")
        assert found.centre.network.solver.blocks
        wanted = one_by_one(found, supply, "coal", every(found), 20)
        assert totals(found, every(found), 20, 7)[0] == pytest.approx(wanted, rel=1e-9)


def test_rows_that_cancel_at_their_means_keep_their_place() -> None:
    """The loop is there in every sample, but not at the means."""
    supply = graph(
        coal=[of("power", 0.3, 1.1), of("power", -0.3, 1.1), kg(1, 1.1)],
        power=[of("coal", 0.4, 1.1), kg(2, 1.1)],
    )
    for few, large in ((128, 20_000), (-1, 20_000), (-1, 0)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(simulation, "_FEW", few)
            patch.setattr(engine, "LARGE", large)
            found = study(supply, "coal")
            wanted = one_by_one(found, supply, "coal", every(found), 20)
            assert totals(found, every(found), 20, 7)[0] == pytest.approx(wanted, rel=1e-9)


def test_both_ways_agree_on_a_chain_with_all_there_is() -> None:
    found = study(MODULE, "module")
    wanted = one_by_one(found, MODULE, "module", every(found), 20)
    assert totals(found, every(found), 20, 7)[0] == pytest.approx(wanted, rel=1e-11)
    levels = Cascade.of(found.centre)
    (piece,) = Draws(found.centre, every(found), 20, 7, 1).pieces()
    at = np.array([found.centre.parameters.roots[0]])
    gate = replace(MODULE, recipes=dict(MODULE.recipes))
    gate.recipes["a/module"] = replace(
        MODULE.recipes["a/module"],
        inputs=tuple(row for row in MODULE.recipes["a/module"].inputs if row.stage is None),
    )
    early = study(gate, "module")
    assert levels.solve(piece, at)[0].mean() < wanted.mean()
    assert early.spread(early.effects[0]).mean == pytest.approx(float(found.centre.x[at[0]]))


def test_a_loop_that_its_mean_s_factors_do_not_fit_is_solved_by_itself() -> None:
    """A radius of 0.9 or more in many samples, where refinement takes too many steps."""
    supply = graph(coal=[of("power", 0.7, 1.38), kg(1, 1.1)], power=[of("coal", 0.3, 1.38), kg(2, 1.1)])
    found = study(supply, "coal")
    alone: list[object] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simulation, "_FEW", -1)
        patch.setattr(cascade, "splu", lambda matrix: alone.append(matrix) or splu(matrix))
        wanted = one_by_one(found, supply, "coal", every(found), 200)
        assert totals(found, every(found), 200, 7)[0] == pytest.approx(wanted, rel=1e-9)
    assert 0 < len(alone) < 100
    assert totals(found, every(found), 200, 7)[0] == pytest.approx(wanted, rel=1e-9)


@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.floats(0.1, 0.95), st.floats(0.0, 1.5))
def test_largest_changes_leave_something_where_the_radius_of_the_whole_loop_does(
    seed: int, size: int, at_means: float, grown: float
) -> None:
    chance = np.random.default_rng(seed)
    needs, change = chance.random((2, size, size))
    needs *= at_means / radius(needs)
    change *= grown
    wanted = radius(needs + change)
    assume(abs(wanted - 1) > 1e-6)
    pairs = np.argwhere(change)
    answers = np.linalg.inv(np.eye(size) - needs)
    between = answers[np.ix_(pairs[:, 1], pairs[:, 0])]
    samples = change[tuple(pairs.T)][:, None] * [1.0, 0.5, -1.0]
    assert reduced._leaves_something(between, samples) == (wanted < 1)


def radius(matrix: FloatArray) -> float:
    """The spectral radius."""
    return float(np.abs(np.linalg.eigvals(matrix)).max())


# Against the analytic spread


def test_many_samples_of_numbers_multiplied_have_their_exact_mean_and_variance() -> None:
    """T = a b c + d: E T and var T are known in closed form; bounds are four standard errors."""
    supply = graph(x=[of("y", 3, 1.2), kg(4, 1.3)], y=[of("z", 2, 1.15)], z=[kg(5, 1.25)])
    found = totals(study(supply, "x"), every(study(supply, "x")), 100_000, 1)[0]
    squares = {gsd: log(gsd) ** 2 for gsd in (1.2, 1.15, 1.25, 1.3)}
    chain = squares[1.2] + squares[1.15] + squares[1.25]
    mean = 30 * exp(chain / 2) + 4 * exp(squares[1.3] / 2)
    variance = 900 * exp(chain) * (exp(chain) - 1) + 16 * exp(squares[1.3]) * (exp(squares[1.3]) - 1)
    assert abs(found.mean() - mean) < 4 * sqrt(variance / 100_000)
    kurtosis = float((((found - found.mean()) / found.std()) ** 4).mean())
    assert abs(found.std() / sqrt(variance) - 1) < 4 * sqrt((kurtosis - 1) / 400_000)


def test_the_interval_agrees_with_32_000_samples() -> None:
    """5-95 % ends within 2 %, mean within 0.5 %, standard deviation within 5 %: loop, use phase and all.

    The sampling error of an end is about 0.4 % of the total here; the rest is what first order leaves.
    """
    found = study(MODULE, "module")
    analytic, sampled = found.uncertainty().spread, totals(found, every(found), 32_000, 5)[0]
    low, high = np.quantile(sampled, [0.05, 0.95])
    ends = analytic.interval(0.9)
    assert ends.low == pytest.approx(low, rel=0.02)
    assert ends.high == pytest.approx(high, rel=0.02)
    assert analytic.mean == pytest.approx(sampled.mean(), rel=0.005)
    assert analytic.sd == pytest.approx(sampled.std(), rel=0.05)


def test_a_pruned_simulation_keeps_the_mean_and_the_spread() -> None:
    """Rows left out stand at their mean, and no loop is split: both were wrong once (1 % and 29 %)."""
    found = study(MODULE, "module")
    varied = largest(found, 0.9)
    assert varied.sum() < every(found).sum()
    analytic, pruned = found.uncertainty().spread, totals(found, varied, 32_000, 5)[0]
    assert pruned.mean() == pytest.approx(analytic.mean, rel=0.005)
    kept = sqrt(found.variances(found.effects[0])[varied].sum())
    assert pruned.std() == pytest.approx(kept, rel=0.03)
    answer = simulate(found, 10_000, 5)
    assert answer.agrees
    assert answer.varied == largest(found, 0.999).sum() < every(found).sum()
    assert answer.spread_ratio == pytest.approx(1, abs=0.05)


@given(supplies(least=0.001), st.floats(0.1, 0.999))
def test_no_row_that_is_kept_can_be_spared(supply: Supply, kept: float) -> None:
    found = study(supply, "0", assume=1.2)
    variances = found.variances(found.effects[0])
    assume(variances.sum() > 0)
    varied = largest(found, kept)
    inside = variances[varied]
    assert inside.sum() >= kept * variances.sum() * (1 - 1e-12)
    assert inside.sum() - inside.min() < kept * variances.sum() * (1 + 1e-12)
    assert inside.min() >= variances[~varied].max(initial=0.0)


def test_a_wide_spread_is_told_from_the_analytic_one() -> None:
    """Three numbers of gsd 3 multiplied: first order misses their products, and says that it does."""
    wide = graph(x=[of("y", 3, 3.0)], y=[of("z", 2, 3.0)], z=[kg(5, 3.0)])
    answer = simulate(study(wide, "x"), 10_000, 1)
    assert not answer.agrees
    assert answer.spread_ratio is not None
    assert answer.spread_ratio > 1.2


# The seed


def test_a_seed_gives_the_same_figures_in_any_pieces_and_everywhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The figures were worked out once; a machine that has others draws other numbers."""
    found = study(MODULE, "module")
    once = simulate(found, 500, 42)
    assert (once.mean, once.sd, once.median) == FIGURES
    monkeypatch.setattr(draws, "_AT_ONCE", 50)
    assert simulate(found, 500, 42) == once
    assert simulate(found, 500, 43) != once
    assert simulate(found, 500, 42, full=True) != once


def test_certain_numbers_leave_nothing_to_draw() -> None:
    answer = simulate(study(graph(a=[kg(2, 1.0)]), "a"), 100, 0)
    assert (answer.varied, answer.mean, answer.sd, answer.spread_ratio, answer.agrees) == (
        0,
        2,
        0,
        None,
        True,
    )
    assert (answer.interval_95.low, answer.interval_95.high) == (2, 2)


# Bounds


def test_a_loop_that_consumes_all_it_makes_in_a_sample_is_named() -> None:
    """At its mean it leaves something, at one draw in a few hundred it does not."""
    found = study(graph(coal=[of("coal", 0.5, 1.25), kg(1, 1.1)]), "coal")
    with pytest.raises(BadInput, match=r"within their spread.*`a/coal`"):
        simulate(found, 10_000, 1)
    assert isclose(simulate(found, 100, 1).mean, 1 / 0.49, rel_tol=0.2)


@pytest.mark.parametrize(("samples", "seed"), [(99, 1), (10_001, 1), (-5, 1), (100, -1)])
def test_samples_and_seeds_have_bounds(samples: int, seed: int) -> None:
    with pytest.raises(BadInput):
        simulate(study(MODULE, "module"), samples, seed)


def test_a_full_simulation_of_too_many_numbers_is_refused_with_its_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(simulation, "MOST_NUMBERS", 2_000)
    with pytest.raises(LimitExceeded, match="at most 133 samples"):
        simulate(study(MODULE, "module"), 134, 1, full=True)
    simulate(study(MODULE, "module"), 133, 1, full=True)
