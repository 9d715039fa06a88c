"""Two totals that rest on common suppliers: what they share moves together, and cancels."""

from __future__ import annotations

from math import exp, expm1, inf, isclose, log, sqrt
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huren.graph.model.supply import Stage, Supply
from huren.graph.uncertainty.analytic import difference
from huren.graph.uncertainty.simulation import every, totals
from tests.graph.spreads import graph, kg, of, study, supplies

pytestmark = pytest.mark.slow


def lifted(gsd: float) -> float:
    return exp(log(gsd) ** 2 / 2)


def relative(gsd: float) -> float:
    return expm1(log(gsd) ** 2)


def pair(grid: float, own: float, more: float = 10.5) -> Supply:
    """Two products that need 10 and ``more`` of one grid, and emit 1 each themselves."""
    return graph(a=[of("grid", 10), kg(1, own)], b=[of("grid", more), kg(1, own)], grid=[kg(0.6, grid)])


def test_the_grid_that_both_use_cancels_but_for_what_one_uses_more() -> None:
    found = difference(study(pair(1.5, 1.01), "a", "b"))
    grid, own = 0.6 * lifted(1.5), lifted(1.01)
    assert found.total == pytest.approx(-0.5 * 0.6)
    assert isclose(found.spread.mean, -0.5 * grid)
    assert isclose(found.spread.sd, sqrt((0.5 * grid) ** 2 * relative(1.5) + 2 * own**2 * relative(1.01)))
    alone = [sqrt((n * grid) ** 2 * relative(1.5) + own**2 * relative(1.01)) for n in (10, 10.5)]
    assert found.correlation == pytest.approx(10 * 10.5 * grid**2 * relative(1.5) / (alone[0] * alone[1]))
    assert found.correlation > 0.999


def test_lower_is_lower_where_the_doubt_is_common_and_open_where_it_is_not() -> None:
    """5 % less of the same uncertain grid is less for certain; of two such grids it is anybody's guess."""
    together = difference(study(pair(1.3, 1.001), "a", "b"))
    assert together.chance_lower > 0.999
    apart = graph(
        a=[of("north", 10), kg(1, 1.001)],
        b=[of("south", 10.5), kg(1, 1.001)],
        north=[kg(0.6, 1.3)],
        south=[kg(0.6, 1.3)],
    )
    found = difference(study(apart, "a", "b"))
    assert found.correlation == pytest.approx(0)
    assert 0.5 < found.chance_lower < 0.6


def test_the_logarithm_decides_as_r28_does_where_nothing_is_shared() -> None:
    """ln(b / a) over sqrt(sigma_a^2 + sigma_b^2): for one number each it is exact."""
    found = difference(study(graph(a=[kg(100, 1.1)], b=[kg(130, 1.15)]), "a", "b"))
    wanted = log(130 / 100) / sqrt(log(1.1) ** 2 + log(1.15) ** 2)
    assert found.deviations == pytest.approx(wanted)
    assert found.chance_lower == pytest.approx(NormalDist().cdf(wanted))


def test_a_product_is_not_lower_than_itself_whatever_is_unknown() -> None:
    found = difference(study(pair(1.5, 1.1), "a", "a"))
    assert (found.total, found.spread.mean, found.spread.sd, found.deviations) == (0, 0, 0, 0)
    assert found.chance_lower == 0.5
    assert found.correlation == pytest.approx(1)
    silent = difference(study(graph(a=[kg(1)]), "a", "a"))
    assert silent.stated.unstated == 0
    assert silent.correlation is None


def test_what_is_certain_is_certain() -> None:
    less = difference(study(graph(a=[kg(1, 1.0)], b=[kg(2, 1.0)]), "a", "b"))
    assert (less.deviations, less.chance_lower) == (inf, 1)
    more = difference(study(graph(a=[kg(2, 1.0)], b=[kg(1, 1.0)]), "a", "b"))
    assert (more.deviations, more.chance_lower) == (-inf, 0)
    common = graph(a=[of("grid", 10)], b=[of("grid", 11)], grid=[kg(0.6, 1.3)])
    always = difference(study(common, "a", "b"))
    assert always.stated.unstated == 2
    assert always.deviations == inf


def test_unstated_numbers_that_cancel_are_not_missed() -> None:
    common = graph(a=[of("grid", 10, 1.0), kg(1, 1.1)], b=[of("grid", 10, 1.0), kg(2, 1.1)], grid=[kg(0.6)])
    found = difference(study(common, "a", "b"))
    # Both rows of need, though certain, bear on the difference; the grid's own number does not.
    assert (found.a.stated.unstated, found.stated.unstated) == (1, 0)


def test_one_product_may_stand_behind_the_other_with_a_use_phase_of_its_own() -> None:
    chain = graph(
        lamp=[of("led", 2, 1.1), kg(1, 1.1)],
        led=[kg(3, 1.2), of("grid", 9, 1.3, Stage.USE)],
        grid=[kg(0.5, 1.1)],
    )
    found = difference(study(chain, "lamp", "led"))
    led, use = 3 * lifted(1.2), 9 * 0.5 * lifted(1.3) * lifted(1.1)
    assert isclose(found.a.spread.mean, 2 * lifted(1.1) * led + lifted(1.1))
    assert isclose(found.b.spread.mean, led + use)
    assert isclose(found.spread.mean, found.a.spread.mean - found.b.spread.mean)


@given(supplies(), st.floats(0.01, 100))
def test_variances_obey_the_law_of_cosines(supply: Supply, amount: float) -> None:
    """var(a - b) = var a + var b - 2 rho sd a sd b, either way round."""
    last = str(len(supply.products) - 1)
    there, back = (
        difference(study(supply, *pair_, amount=amount, assume=1.1)) for pair_ in (("0", last), (last, "0"))
    )
    a, b = there.a.spread.sd, there.b.spread.sd
    shared = 2 * (there.correlation or 0.0) * a * b
    assert there.spread.sd**2 == pytest.approx(a * a + b * b - shared, rel=1e-9, abs=1e-9 * (a * a + b * b))
    assert back.spread.sd == pytest.approx(there.spread.sd)
    assert back.spread.mean == pytest.approx(-there.spread.mean)
    assert back.deviations == pytest.approx(-there.deviations, rel=1e-6, abs=1e-6)


def test_the_chance_agrees_with_samples_that_share_their_draws() -> None:
    """50,000 samples: the sampling error of a share is at most 0.25 %; 1.5 % is left to first order."""
    supply = graph(
        a=[of("cell", 1.1, 1.1), of("grid", 12, 1.05), kg(2, 1.2)],
        b=[of("cell", 1.2, 1.1), of("grid", 13, 1.05), kg(2, 1.2)],
        cell=[of("grid", 20, 1.1), kg(4, 1.15)],
        grid=[of("coal", 0.4, 1.05), kg(0.2, 1.1)],
        coal=[of("grid", 0.2, 1.1), kg(0.3, 1.2)],
    )
    both = study(supply, "a", "b")
    first, second = totals(both, every(both), 50_000, 3)
    found = difference(both)
    assert 0.7 < found.chance_lower < 0.95
    assert found.chance_lower == pytest.approx(float((first < second).mean()), abs=0.015)
    assert found.spread.sd == pytest.approx(float((first - second).std()), rel=0.05)
    assert found.correlation == pytest.approx(float(np.corrcoef(first, second)[0, 1]), abs=0.01)
