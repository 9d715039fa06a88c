"""Laws of what a mark shows, whose goods a certificate stands for, and how old its data are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huren.graph.model.certificate import Certificate, Change, Goods, MarkUse, SiteValue
from huren.graph.model.dated import Parameter, start
from huren.graph.model.facts import Facts
from huren.graph.model.profile import Profile
from huren.mappings.catalogue import read
from huren.mappings.decide import Decision, recognise
from huren.mappings.outcome import Outcome
from huren.mappings.rule import Finding
from huren.mappings.rules.mark import may_show
from huren.mappings.rules.scope_identity import average

values = st.decimals("0.001", "99999", places=5)
positive = st.decimals("0.01", "9999", places=2)
sites = st.lists(st.builds(SiteValue, st.uuids().map(str), positive, positive), min_size=2, max_size=5)


def half_up(value: Decimal, places: int) -> Fraction:
    """``value`` rounded half up by the definition: the whole number at or below it plus one half."""
    scaled = Fraction(value) * 10**places + Fraction(1, 2)
    return Fraction(scaled.numerator // scaled.denominator, 10**places)


def digits(shown: str) -> int:
    """Significant digits of a positive number as it is written."""
    return len(shown.replace(".", "").lstrip("0"))


@given(value=values, places=st.integers(0, 5))
def test_a_mark_may_show_the_value_rounded_half_up(value: Decimal, places: int) -> None:
    right = half_up(value, places)
    shown = f"{right.numerator * 10**places // right.denominator:0{places + 1}d}"
    text = f"{shown[:-places]}.{shown[-places:]}" if places else shown
    wanted = digits(text) >= 3 or right == Fraction(value)
    assert may_show(value, Decimal(text)) is wanted
    step = Decimal(1).scaleb(-places)
    for wrong in (Decimal(text) + step, Decimal(text) - step):
        assert not may_show(value, wrong) or Fraction(wrong) == Fraction(value)


@pytest.fixture(scope="module")
def asked(make: Any) -> Callable[..., Decision]:
    """The default question of a certificate changed, on a day."""

    def ask(on: date | None = None, profile: Profile | None = None, **changes: Any) -> Decision:
        world = make({})
        facts: Facts = world.facts
        schemes = tuple(
            replace(s, profile=replace(s.profile, site_average=Parameter(value=True))) for s in facts.schemes
        )
        certificate: Certificate = replace(facts.certificates[0], **changes)
        question = world.question if on is None else replace(world.question, as_of=start(on))
        return recognise(question, replace(facts, certificates=(certificate,), schemes=schemes))

    return ask


def found(decision: Decision, rule: str) -> Finding:
    return next(f for f in decision.findings if f.rule == rule)


@given(plants=sites)
def test_an_average_lies_between_the_plants(plants: list[SiteValue]) -> None:
    mean = average(plants)
    known = [plant.value for plant in plants if plant.value is not None]
    assert mean is not None
    assert min(known) - Decimal("1e-20") <= mean <= max(known) + Decimal("1e-20")


@given(plants=sites, stated=positive)
def test_goods_of_any_plant_take_a_value_between_the_plants(
    asked: Callable[..., Decision], plants: list[SiteValue], stated: Decimal
) -> None:
    decision = asked(value=stated, model="M", goods=Goods(model="M"), sites=tuple(plants))
    assert decision.value is not None
    known = [plant.value for plant in plants if plant.value is not None]
    slack = Decimal("1e-9")
    assert min(known) * (1 - slack) <= decision.value.value <= max(known) * (1 + slack)
    weight = sum(Fraction(p.output or 0) for p in plants)
    mean = sum(Fraction(p.value or 0) * Fraction(p.output or 0) for p in plants) / weight
    assert float(decision.value.value) == pytest.approx(float(mean), rel=1e-9)


kinds = st.sampled_from(["bill_of_materials", "energy_mix", "supplier", "process"])
days = st.dates(date(2019, 1, 1), date(2031, 12, 31))
changes = st.builds(Change, kinds, days, st.none() | st.decimals("-30", "30", places=1))


@given(
    period_end=st.dates(date(2018, 1, 1), date(2025, 5, 31)),
    on=days,
    later=st.integers(0, 3000),
    happened=st.lists(changes, max_size=3),
)
def test_data_never_grow_younger(
    asked: Callable[..., Decision], period_end: date, on: date, later: int, happened: list[Change]
) -> None:
    stated = {"period_end": period_end, "changes": tuple(happened)}
    first = found(asked(on, **stated), "R26").outcome
    after = found(asked(on + timedelta(days=later), **stated), "R26").outcome
    assert first.severity <= after.severity


@given(period_end=st.dates(date(2019, 1, 1), date(2024, 12, 31)))
def test_data_are_taken_until_the_day_before_five_years(
    asked: Callable[..., Decision], period_end: date
) -> None:
    day_after = period_end + timedelta(days=1)
    fifth = (
        date(day_after.year + 5, 3, 1)
        if (day_after.month, day_after.day) == (2, 29)
        else day_after.replace(year=day_after.year + 5)
    )
    assert found(asked(fifth - timedelta(days=1), period_end=period_end), "R26").outcome is Outcome.EQUAL
    assert found(asked(fifth, period_end=period_end), "R26").outcome is Outcome.CONDITIONAL


@pytest.mark.parametrize("shown", ["about 552", "", "五百", "1e3", "552.06.1"])
def test_a_mark_that_shows_no_number_is_reported(asked: Callable[..., Decision], shown: str) -> None:
    mark = found(asked(marks=(MarkUse("C1", shown),)), "R27")
    assert mark.outcome is Outcome.BLOCKED
    assert mark.because.en.endswith("and report it")
    assert mark.because.zh.endswith("应予举报")


def test_a_peer_review_by_an_independent_body_is_taken() -> None:
    body = '[[body]]\nid = "{}"\nname = {{ zh = "机构", en = "body" }}\nsource = "a text"\n'
    review = 'competence = [{ kind = "peer_review", on = 2026-01-01, passed = true, by = "C" }]\n'
    assert len(read({"good.toml": body.format("B") + review + body.format("C")}).bodies) == 2
