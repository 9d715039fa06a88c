"""The conversions against their definitions, written out anew in exact fractions; cases are drawn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huren.graph.model.certificate import Certificate
from huren.graph.model.supply import Stage
from huren.mappings.boundary import part_of
from huren.mappings.decide import recognise
from huren.mappings.decision import Derived

GRID, SLACK, TOLERANCE, LIMIT = Fraction("0.5777"), Fraction("0.005"), Fraction("0.05"), Fraction("0.05")
# From the IPCC tables as the specification prints them: AR5, AR6 low, AR6, AR6 high.
METHANE_AND_MORE = {
    ("CO2", "fossil"): (1, 1, 1, 1),
    ("CO2", "biogenic"): (0, 0, 0, 0),
    ("CH4", "fossil"): (30, "29.8", "29.8", "29.8"),
    ("CH4", "biogenic"): (28, 27, 27, 27),
    ("CH4", "unspecified"): (28, 27, "27.9", "29.8"),
    ("N2O", "unspecified"): (265, 273, 273, 273),
}

amounts = st.integers(0, 100_000).map(lambda n: Decimal(n) / 100)
signed = st.integers(-100_000, 100_000).map(lambda n: Decimal(n) / 100)
shares = st.integers(0, 99).map(lambda n: Decimal(n) / 100)


@dataclass(frozen=True)
class Case:
    """All that the conversions of one certificate read; ``use`` is cut away where ``cut``."""

    raw: Decimal
    production: Decimal
    use: Decimal
    cut: bool
    offset: Decimal
    uptake: Decimal
    release: Decimal
    counted: bool
    power: tuple[tuple[str, Decimal, Decimal], ...]  # stage, kWh, factor
    gases: tuple[tuple[tuple[str, str], str, Decimal], ...]  # gas and origin, stage, kg
    covered: tuple[str, ...]
    own: Decimal
    theirs: Decimal
    excluded: tuple[Decimal, ...]
    ratio: Decimal


@st.composite
def cases(draw: st.DrawFn) -> Case:
    cut = draw(st.booleans())
    stages = st.sampled_from(["production", "raw_material", "use"] if cut else ["production"])
    nothing = st.just(Decimal(0))
    return Case(
        raw=draw(signed),
        production=draw(signed),
        use=draw(signed),
        cut=cut,
        offset=draw(amounts),
        # How much of it lies in the stages kept would not be known.
        uptake=draw(nothing if cut else amounts),
        release=draw(nothing if cut else amounts),
        counted=draw(st.booleans()),
        power=tuple(draw(st.lists(st.tuples(stages, amounts, shares), max_size=3))),
        gases=tuple(
            draw(
                st.lists(
                    st.tuples(st.sampled_from(sorted(METHANE_AND_MORE)), stages, signed),
                    min_size=1,
                    max_size=4,
                )
            )
        ),
        covered=draw(st.sampled_from([("CO2", "CH4", "N2O"), ("CO2", "CH4")])),
        own=draw(amounts),
        theirs=draw(amounts),
        excluded=tuple(draw(st.lists(st.integers(0, 30).map(lambda n: Decimal(n) / 100), max_size=2))),
        ratio=draw(st.integers(1, 1000).map(lambda n: Decimal(n) / 100)),
    )


def stated(case: Case) -> dict[str, Any]:
    """``case`` as a world states it."""
    parts = {"raw_material": case.raw, "production": case.production}
    if case.cut:
        parts["use"] = case.use
    return {
        "unit": "m2",
        "value": sum(parts.values(), Decimal(0)),
        "equivalents": [{"unit": "kW", "amount": case.ratio}],
        "stages": list(parts),
        "breakdown": parts,
        "offsets": {"kg": case.offset},
        "biogenic": {
            "uptake_kg": case.uptake,
            "release_kg": case.release,
            "biogenic_counted": case.counted,
        },
        "electricity": [
            {
                "method": "certificate",
                "kwh": kwh,
                "stage": stage,
                "factor": {"value": factor, "family": "footprint"},
            }
            for stage, kwh, factor in case.power
        ],
        "gwp_sets": ["AR5"],
        "gases": [
            {"gas": gas, "origin": origin, "stage": stage, "kg": kg}
            for (gas, origin), stage, kg in case.gases
        ],
        "gases_covered": list(case.covered),
        "allocation": {
            "method": "economic",
            "results": [["economic", case.own], ["physical", case.theirs]],
        },
        "exclusions": [{"share": share} for share in case.excluded] or [{"share": 0}],
    }


SCHEME = {
    "id": "CN-CFP",
    "profile": {
        "gases": {"value": ["CO2", "CH4", "N2O"]},
        "cut_off": {"value": {"share": Decimal("0.05")}},
        "gross_up": {"value": True},
        "allocation": {"value": ["physical"]},
        "biogenic_counted": {"value": False},
        "electricity_methods": {"value": ["location"]},
    },
}


def by_definition(case: Case) -> tuple[Fraction, Fraction, Fraction] | None:
    """Value, low and high in the order of the specification; None: a gas left out is not measured."""
    kept = ("raw_material", "production", *(() if case.cut else ("use",)))
    value = Fraction(case.raw) + Fraction(case.production)
    value += Fraction(case.offset)
    if case.counted:
        value -= Fraction(case.release) - Fraction(case.uptake)
    power = [(Fraction(kwh), Fraction(factor)) for stage, kwh, factor in case.power if stage in kept]
    put_in = sum((kwh * GRID for kwh, _ in power), Fraction(0))
    value += put_in - sum((kwh * factor for kwh, factor in power), Fraction(0))
    low, high = value - SLACK * abs(put_in), value + SLACK * abs(put_in)
    rows = [(name, Fraction(kg)) for name, stage, kg in case.gases if stage in kept]
    inside = [(name, kg) for name, kg in rows if name[0] in case.covered]
    if not inside:
        return None  # nothing to restate by
    for name, kg in inside:
        before, least, central, most = (Fraction(f) for f in METHANE_AND_MORE[name])
        value += kg * (central - before)
        ends = sorted((kg * (least - before), kg * (most - before)))
        low, high = low + ends[0], high + ends[1]
    left_out = [kg for name, kg in rows if name[0] not in case.covered]
    if "N2O" not in case.covered:
        if not left_out:
            return None
        value, low, high = (number + sum(left_out) * 273 for number in (value, low, high))
    difference = Fraction(case.theirs) - Fraction(case.own)
    if abs(difference) > TOLERANCE * Fraction(case.own):
        value, low, high = value + difference, low + difference, high + difference
    excluded = sum((Fraction(share) for share in case.excluded), Fraction(0))
    if excluded > LIMIT:
        low, high = min(low, low / (1 - excluded)), max(high, high / (1 - excluded))
    ratio = Fraction(case.ratio)
    return value / ratio, low / ratio, high / ratio


def derived(make: Any, case: Case) -> Derived | None:
    world = make({"certificate": stated(case), "scheme": [SCHEME]})
    return recognise(world.question, world.facts).value


def close(found: Decimal, wanted: Fraction, beside: int = 1) -> bool:
    """Equal in the twelve digits that are given of the larger of ``wanted`` and ``beside``."""
    return abs(Fraction(found) - wanted) <= Fraction(1, 10**11) * max(beside, abs(wanted))


@given(case=cases())
def test_the_chain_of_all_conversions_is_the_definition(make: Any, case: Case) -> None:
    wanted, found = by_definition(case), derived(make, case)
    assert (found is None) == (wanted is None)
    if found is not None and wanted is not None:
        assert all(map(close, (found.value, found.low, found.high), wanted)), (found, wanted)


@given(case=cases())
def test_the_bounds_hold_the_value(make: Any, case: Case) -> None:
    found = derived(make, case)
    assert found is None or found.low <= found.value <= found.high


def scaled(case: Case, by: int) -> Case:
    """``case`` per ``by`` times as much of the product."""
    return replace(
        case,
        raw=case.raw * by,
        production=case.production * by,
        use=case.use * by,
        offset=case.offset * by,
        uptake=case.uptake * by,
        release=case.release * by,
        power=tuple((stage, kwh * by, factor) for stage, kwh, factor in case.power),
        gases=tuple((name, stage, kg * by) for name, stage, kg in case.gases),
        own=case.own * by,
        theirs=case.theirs * by,
    )


@given(case=cases(), by=st.integers(2, 50))
def test_so_many_times_the_product_is_so_many_times_the_value(make: Any, case: Case, by: int) -> None:
    once, often = derived(make, case), derived(make, scaled(case, by))
    assert (once is None) == (often is None)
    if once is not None and often is not None:
        for name in ("value", "low", "high"):
            assert close(getattr(often, name), Fraction(getattr(once, name)) * by)


@given(case=cases(), data=st.data())
def test_the_order_of_rows_does_not_matter(make: Any, case: Case, data: st.DataObject) -> None:
    mixed = replace(
        case,
        power=tuple(data.draw(st.permutations(case.power))),
        gases=tuple(data.draw(st.permutations(case.gases))),
        excluded=tuple(data.draw(st.permutations(case.excluded))),
    )
    one, other = derived(make, case), derived(make, mixed)
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        for name in ("value", "low", "high"):
            assert close(getattr(one, name), Fraction(getattr(other, name)))


@given(value=signed, first=shares, second=shares)
def test_the_more_is_cut_off_the_wider_the_interval(
    make: Any, value: Decimal, first: Decimal, second: Decimal
) -> None:
    def bounds(share: Decimal) -> Derived:
        world = make({"certificate": {"value": value, "exclusions": [{"share": share}]}, "scheme": [SCHEME]})
        found = recognise(world.question, world.facts).value
        assert found is not None
        return found

    less, more = bounds(min(first, second)), bounds(max(first, second))
    assert more.low <= less.low <= less.value == more.value == value <= less.high <= more.high


@pytest.mark.parametrize(("there", "back"), list(combinations(["AR4", "AR5", "AR6"], 2)))
@given(case=cases())
def test_restating_there_and_back_changes_nothing(make: Any, case: Case, there: str, back: str) -> None:
    gases = stated(replace(case, cut=False, covered=("CO2", "CH4", "N2O")))["gases"]

    def restated(value: Decimal, old: str, new: str) -> Decimal:
        world = make(
            {
                "certificate": {"value": value, "gwp_sets": [old], "gases": gases},
                "scheme": [{"id": "CN-CFP", "profile": {"gwp_sets": {"value": [new]}}}],
            }
        )
        found = recognise(world.question, world.facts).value
        assert found is not None
        return found.value

    value = case.raw + case.production
    # Up to 4 x 1,000 kg of gas at 300 are added and taken away again.
    assert close(restated(restated(value, there, back), back, there), Fraction(value), beside=10**6)


STAGE_OF = {"A": Stage.RAW_MATERIAL, "B": Stage.USE, "C": Stage.END_OF_LIFE} | {
    "A3": Stage.PRODUCTION,
    "A4": Stage.DISTRIBUTION,
    "A5": Stage.DISTRIBUTION,
}
SINGLES = [f"A{n}" for n in range(1, 6)] + [f"B{n}" for n in range(1, 8)] + [f"C{n}" for n in range(1, 5)]
SUMS = {"A1-A3": SINGLES[:3], "A4-A5": SINGLES[3:5], "B1-B7": SINGLES[5:12], "C1-C4": SINGLES[12:]}


def of_stage(module: str) -> Stage:
    return STAGE_OF.get(module) or STAGE_OF[module[0]]


@given(
    data=st.data(),
    wanted=st.frozensets(st.sampled_from(Stage), min_size=1),
    summed=st.sets(st.sampled_from(sorted(SUMS))),
)
def test_modules_are_summed_once_whatever_sums_stand_beside_them(
    complete: Certificate, data: st.DataObject, wanted: frozenset[Stage], summed: set[str]
) -> None:
    kg = {module: data.draw(signed) for module in SINGLES}
    rows = [*kg.items(), *((row, sum(kg[m] for m in SUMS[row])) for row in summed), ("D", Decimal(-300))]
    certificate = replace(complete, modules=tuple(data.draw(st.permutations(rows))), breakdown=())
    assert part_of(certificate, wanted) == sum(kg[m] for m in SINGLES if of_stage(m) in wanted)


@given(data=st.data(), wanted=st.frozensets(st.sampled_from(Stage), min_size=1))
def test_a_sum_without_its_parts_is_taken_whole_or_not_at_all(
    complete: Certificate, data: st.DataObject, wanted: frozenset[Stage]
) -> None:
    kg = {row: data.draw(signed) for row in SUMS}
    certificate = replace(complete, modules=tuple(kg.items()), breakdown=())
    halved = len(wanted & {Stage.RAW_MATERIAL, Stage.PRODUCTION}) == 1
    inside = [kg[row] for row, modules in SUMS.items() if of_stage(modules[0]) in wanted]
    assert part_of(certificate, wanted) == (None if halved else sum(inside))
