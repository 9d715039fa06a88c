"""First-order uncertainty: worked by hand, by finite differences, and by its laws."""

from __future__ import annotations

from dataclasses import replace
from math import exp, expm1, isclose, log, sqrt

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from huren.errors import BadInput
from huren.graph.model.supply import Origin, Stage, Supply
from huren.graph.model.uncertainty import Shape, Spread
from huren.graph.uncertainty.analytic import uncertainty
from tests.graph.spreads import (
    at_means,
    g,
    graph,
    kg,
    of,
    put,
    rows_of,
    solved,
    study,
    supplies,
    total,
    value,
    with_rows,
)

pytestmark = pytest.mark.slow


def lifted(gsd: float) -> float:
    """Mean over median of a log-normal number."""
    return exp(log(gsd) ** 2 / 2)


def relative(gsd: float) -> float:
    """Its variance over the square of its mean."""
    return expm1(log(gsd) ** 2)


# Worked by hand

CAR = graph(car=[of("steel", 900, 1.1), kg(100, 1.2)], steel=[kg(2, 1.3)])


def test_inputs_that_cancel_are_not_certain() -> None:
    """T = x (a - a'): 0, whatever x, but both amounts move it."""
    cancelling = graph(
        car=[of("steel", 3, 1.2), of("steel", -3, 1.2), kg(5)], steel=[of("ore", 2), kg(4)], ore=[kg(1)]
    )
    found = uncertainty(solved(cancelling, "car")[0])
    each = 3 * (4 + 2 * 1) * lifted(1.2)
    assert found.spread.mean == pytest.approx(5)
    assert isclose(found.spread.sd, sqrt(2 * each**2 * relative(1.2)))


def test_a_chain_of_two() -> None:
    """T = 100 + 900 * 2: two numbers multiplied, one added."""
    found = uncertainty(solved(CAR, "car")[0])
    own, bought = 100 * lifted(1.2), 900 * 2 * lifted(1.1) * lifted(1.3)
    parts = own**2 * relative(1.2), bought**2 * relative(1.1), bought**2 * relative(1.3)
    assert found.total == 1900
    assert isclose(found.spread.mean, own + bought)
    assert isclose(found.spread.sd, sqrt(sum(parts)))
    steel, amount, car = found.largest(9)
    assert (steel.product, steel.gas, steel.origin, steel.supplier) == (
        "a/steel",
        "CO2",
        Origin.UNSPECIFIED,
        None,
    )
    assert (amount.product, amount.supplier, amount.gas, amount.gsd) == ("a/car", "a/steel", None, 1.1)
    assert (car.source, car.gsd) == ("measured", 1.2)
    assert [p.variance for p in (steel, amount, car)] == pytest.approx([parts[2], parts[1], parts[0]])
    assert car.elasticity == pytest.approx(own / (own + bought))


def test_a_loop() -> None:
    """x = e / (1 - a): the elasticity of x to a is a / (1 - a), to e it is 1."""
    found = uncertainty(solved(graph(coal=[of("coal", 0.4, 1.05), kg(2, 1.1)]), "coal")[0])
    a, e = 0.4 * lifted(1.05), 2 * lifted(1.1)
    x = e / (1 - a)
    assert isclose(found.spread.mean, x)
    assert isclose(found.spread.sd, x * sqrt(relative(1.1) + (a / (1 - a)) ** 2 * relative(1.05)))


def test_a_supplier_of_two_inputs_is_one_number() -> None:
    """The grid's factor enters twice, and adds up before it is squared."""
    rows = {"cell": [of("grid", 3), of("wafer", 1)], "wafer": [of("grid", 2)], "grid": [kg(0.6, 1.2)]}
    found = uncertainty(solved(graph(**rows), "cell")[0])
    assert isclose(found.spread.sd, 5 * 0.6 * lifted(1.2) * sqrt(relative(1.2)))


def test_a_credit_lowers_the_mean_and_widens_the_spread() -> None:
    scrap = graph(part=[kg(10, 1.1), of("virgin", -0.8, 1.2)], virgin=[kg(8, 1.3)])
    found = uncertainty(solved(scrap, "part")[0])
    own, credit = 10 * lifted(1.1), -0.8 * 8 * lifted(1.2) * lifted(1.3)
    assert isclose(found.spread.mean, own + credit)
    parts = own**2 * relative(1.1), credit**2 * relative(1.2), credit**2 * relative(1.3)
    assert isclose(found.spread.sd, sqrt(sum(parts)))
    assert found.spread.shape is Shape.NORMAL
    assert found.spread.gsd is None
    assert found.spread.interval(0.9).low < 0 < found.spread.interval(0.9).high


def test_what_comes_after_the_gate_counts_at_the_root_alone() -> None:
    lamp = [kg(1, 1.1), of("grid", 50, 1.4, Stage.USE), kg(0.5, 1.5, Stage.END_OF_LIFE)]
    rows = {"lamp": lamp, "grid": [kg(0.6, 1.2)], "room": [of("lamp", 2)]}
    found = uncertainty(solved(graph(**rows), "lamp")[0])
    use, end = 50 * 0.6 * lifted(1.4) * lifted(1.2), 0.5 * lifted(1.5)
    own = 1 * lifted(1.1)
    parts = use**2 * (relative(1.4) + relative(1.2)), end**2 * relative(1.5), own**2 * relative(1.1)
    assert isclose(found.spread.mean, use + end + own)
    assert isclose(found.spread.sd, sqrt(sum(parts)))
    assert found.largest(1)[0].stage is Stage.USE
    room = uncertainty(solved(graph(**rows), "room")[0])
    assert isclose(room.spread.sd, 2 * own * sqrt(relative(1.1)))
    assert room.stated.stated == 1


def test_relative_variances_of_factors_add_and_so_do_variances_of_terms() -> None:
    """JCGM 100:2008 5.1.6, equation (12), and IPCC 2006 volume 1 chapter 3, equations 3.1 and 3.2."""
    product = graph(a=[of("b", 3, 1.05)], b=[of("c", 2, 1.08)], c=[kg(7, 1.03)])
    found = uncertainty(solved(product, "a")[0]).spread
    assert isclose((found.sd / found.mean) ** 2, relative(1.05) + relative(1.08) + relative(1.03))
    terms = graph(a=[kg(3, 1.05), kg(2, 1.08), kg(7, 1.03)])
    summed = uncertainty(solved(terms, "a")[0]).spread
    wanted = [(m * lifted(s)) ** 2 * relative(s) for m, s in [(3, 1.05), (2, 1.08), (7, 1.03)]]
    assert isclose(summed.sd, sqrt(sum(wanted)))


def test_one_number_alone_keeps_its_own_distribution() -> None:
    """A log-normal of two moments is the number's own: same gsd, same ends (gsd^±1.645 about the median)."""
    spread = uncertainty(solved(graph(a=[kg(8, 1.3)]), "a")[0]).spread
    assert spread.gsd == pytest.approx(1.3)
    ends = spread.interval(0.9)
    assert (ends.low, ends.high) == pytest.approx((8 / 1.3**1.6448536, 8 * 1.3**1.6448536))
    mirrored = uncertainty(solved(graph(a=[kg(-8, 1.3)]), "a")[0]).spread
    assert mirrored.shape is Shape.LOG_NORMAL
    assert (mirrored.interval(0.9).low, mirrored.interval(0.9).high) == pytest.approx((-ends.high, -ends.low))


def test_a_number_without_a_spread_is_counted_and_may_be_assumed() -> None:
    supply = graph(car=[of("steel", 900), kg(100, 1.2), kg(0)], steel=[kg(2)])
    found = uncertainty(solved(supply, "car")[0])
    assert (found.stated.stated, found.stated.unstated, found.stated.complete) == (1, 2, False)
    own = 100 * lifted(1.2)
    assert found.stated.unstated_share == pytest.approx(3600 / (3600 + own))
    assert isclose(found.spread.sd, own * sqrt(relative(1.2)))
    assumed = uncertainty(solved(supply, "car")[0], 1.3)
    everywhere = graph(car=[of("steel", 900, 1.3), kg(100, 1.2)], steel=[kg(2, 1.3)])
    assert assumed.spread == uncertainty(solved(everywhere, "car")[0]).spread
    assert (assumed.stated.complete, assumed.stated.unstated) == (True, 2)
    nothing = uncertainty(solved(graph(a=[kg(1)]), "a")[0])
    assert (nothing.stated.anything, nothing.spread.sd, nothing.largest(3)) == (False, 0, ())


@pytest.mark.parametrize("gsd", [0.9, float("nan"), float("inf"), -1.0])
def test_what_is_no_spread_cannot_be_assumed(gsd: float) -> None:
    with pytest.raises(BadInput, match="cannot be assumed"):
        study(CAR, "car", assume=gsd)


@pytest.mark.parametrize("gsd", [0.0, float("inf"), -2.0])
def test_a_row_with_a_spread_that_is_none_is_named(gsd: float) -> None:
    with pytest.raises(BadInput, match="`a/car` states a geometric standard deviation"):
        study(graph(car=[kg(1, gsd)]), "car")


def test_a_spread_beyond_doubles_is_refused() -> None:
    with pytest.raises(BadInput, match="so wide"):
        study(graph(car=[kg(1, 1e300)]), "car")


def test_a_loop_that_consumes_all_it_makes_at_its_mean_is_named() -> None:
    with pytest.raises(BadInput, match="`a/coal`"):
        study(graph(coal=[of("coal", 0.8, 2.5), kg(1)]), "coal")


def test_as_many_parameters_as_are_asked_for() -> None:
    found = uncertainty(solved(CAR, "car")[0])
    assert len(found.largest(2)) == 2
    with pytest.raises(BadInput, match="at least 1"):
        found.largest(0)


# By finite differences


@given(supplies())
def test_the_effect_of_each_row_is_the_derivative_of_the_total(supply: Supply) -> None:
    """Effects of the rows behind 0 at their means, against the roll-up itself with one row nudged."""
    centred = at_means(supply)
    found = study(supply, "0")
    rows = found.centre.parameters
    wanted = []
    for at in range(len(rows.value)):
        key, kind = rows.key(int(rows.consumer[at])), "inputs" if rows.supplier[at] >= 0 else "emissions"
        place = key, kind, getattr(supply.recipes[key], kind).index(rows.row(at))
        number = value(getattr(centred.recipes[key], kind)[place[2]])
        up, down = (total(put(centred, {place: number * (1 + h)})) for h in (1e-5, -1e-5))
        wanted.append((up - down) / 2e-5)
    size = 1e-4 * np.abs(found.effects).max(initial=0.0) + 1e-9
    assert found.effects[0] == pytest.approx(np.array(wanted), rel=1e-5, abs=size)
    assert found.spread(found.effects[0]).mean == pytest.approx(total(centred), rel=1e-9, abs=1e-9)


# Laws


@given(supplies(), st.floats(0.001, 1000))
def test_is_linear_in_the_amount(supply: Supply, amount: float) -> None:
    once, many = study(supply, "0").uncertainty(), study(supply, "0", amount=amount).uncertainty()
    assert many.spread.sd == pytest.approx(amount * once.spread.sd, rel=1e-9)
    assert many.spread.mean == pytest.approx(amount * once.spread.mean, rel=1e-9, abs=1e-9)
    counts = [(one.stated.stated, one.stated.unstated) for one in (once, many)]
    assert counts[0] == counts[1]
    shares = [part.share for part in once.largest(50)]
    assert [part.share for part in many.largest(50)] == pytest.approx(shares, rel=1e-9)


@given(supplies())
def test_shares_sum_to_one_and_variances_to_the_variance(supply: Supply) -> None:
    found = study(supply, "0").uncertainty()
    assume(found.spread.sd)
    parts = found.largest(1000)
    assert sum(part.share or 0 for part in parts) == pytest.approx(1)
    assert sum(part.variance for part in parts) == pytest.approx(found.spread.sd**2)
    assert [p.variance for p in parts] == sorted((p.variance for p in parts), reverse=True)


@given(supplies(), st.integers(-9, 9))
def test_another_declared_unit_changes_nothing(supply: Supply, power: int) -> None:
    """Product 1 declared per 2^power as much: its rows grow so, and others need so much less of it."""
    assume("a/1" in supply.products)
    unit, other = 2.0**power, supply
    for key, kind, i in rows_of(supply):
        row = getattr(supply.recipes[key], kind)[i]
        own = unit if key == "a/1" else 1.0
        bought = unit if kind == "inputs" and row.supplier == "a/1" else 1.0
        other = put(other, {(key, kind, i): value(row) * own / bought})
    before, after = (study(each, "0").uncertainty() for each in (supply, other))
    assert after.spread.sd == pytest.approx(before.spread.sd, rel=1e-9, abs=1e-12)
    assert after.spread.mean == pytest.approx(before.spread.mean, rel=1e-9, abs=1e-12)
    assert after.stated.unstated == before.stated.unstated


@given(supplies())
def test_the_mirror_image_of_a_chain_has_the_mirror_image_of_its_spread(supply: Supply) -> None:
    mirrored = with_rows(supply, lambda row: -row.kg if hasattr(row, "kg") else row.amount)
    one, two = (study(each, "0").uncertainty().spread for each in (supply, mirrored))
    assert two.sd == pytest.approx(one.sd)
    ends = one.interval(0.95)
    assert (two.interval(0.95).low, two.interval(0.95).high) == pytest.approx((-ends.high, -ends.low))


@given(supplies())
def test_a_row_in_two_independent_halves_has_half_the_variance(supply: Supply) -> None:
    """Two numbers measured apart are each known half as badly as their sum measured at once."""
    rows = supply.recipes["a/0"].emissions
    assume(rows and rows[0].kg)
    half = replace(rows[0], kg=rows[0].kg / 2)
    recipe = replace(supply.recipes["a/0"], emissions=(half, half, *rows[1:]))
    split = replace(supply, recipes=supply.recipes | {"a/0": recipe})
    whole, halves = study(supply, "0"), study(split, "0")
    first = len(supply.recipes["a/0"].inputs)
    assume(whole.centre.parameters.supplier[first] < 0)
    before, after = (one.variances(one.effects[0]) for one in (whole, halves))
    assert after[first] + after[first + 1] == pytest.approx(before[first] / 2)
    assert halves.spread(halves.effects[0]).mean == pytest.approx(
        whole.spread(whole.effects[0]).mean, rel=1e-9, abs=1e-12
    )


@given(supplies())
def test_certain_numbers_have_no_spread(supply: Supply) -> None:
    certain = {
        key: replace(
            recipe,
            inputs=tuple(replace(row, provenance=g(1.0)) for row in recipe.inputs),
            emissions=tuple(replace(row, provenance=g(1.0)) for row in recipe.emissions),
        )
        for key, recipe in supply.recipes.items()
    }
    found = study(replace(supply, recipes=certain), "0").uncertainty()
    assert found.spread.sd == 0
    assert found.spread.mean == pytest.approx(found.total, rel=1e-12, abs=1e-12)
    assert found.stated.unstated == 0


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6), st.sampled_from([0.5, 0.9, 0.95]))
def test_an_interval_holds_what_it_says(mean: float, sd: float, level: float) -> None:
    assume(mean or sd)
    spread = Spread(mean, sd)
    ends, middle = spread.interval(level), spread.quantile(0.5)
    assert ends.low <= middle <= ends.high
    if spread.shape is Shape.LOG_NORMAL:
        assert ends.low * ends.high == pytest.approx(middle**2)
        assert abs(mean) > 3 * sd
    else:
        assert ends.low + ends.high == pytest.approx(2 * mean, abs=1e-6)
