"""What leaves for a viewer: masked products, and supply graphs cut at releases, before the real database."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huren.graph.answer import RollUp
from huren.graph.model.release import Release
from huren.graph.model.supply import Emission, GwpSet, Input, Prefer, Product, Recipe, Stage, Supply
from huren.graph.model.text import Text
from huren.graph.rollup import roll_up
from huren.mappings.releasing import Terms, release_of, rounded


def chain() -> Supply:
    keys = ("b/car", "s/steel", "t/ore")
    products = {key: Product(*key.split("/"), Text(en=key), "kg") for key in keys}
    recipes = {
        "b/car": Recipe((Input("s/steel", 2.0, Stage.PRODUCTION),), (Emission("CO2", 1.0),), (), True),
        "s/steel": Recipe((Input("t/ore", 3.0),), (Emission("CO2", 0.5),), (), True),
        "t/ore": Recipe((), (Emission("CO2", 0.1234567),), (), True),
    }
    return Supply(products, recipes)


def steel(**terms: Any) -> Release:
    answer: RollUp = roll_up(chain(), "s/steel")
    return release_of("r1", answer, Terms("s/steel", ("b",), **terms))


def test_a_release_is_the_roll_up_as_rounded() -> None:
    # 0.5 + 3 × 0.1234567 = 0.8703701
    assert steel().kg_co2e == "0.870"
    assert steel(digits=1).kg_co2e == "0.9"
    assert steel(digits=2, by_stage=True) == Release(
        "r1", "s/steel", "0.87", GwpSet.AR6, 2, frozenset({"b"}),
        stages=((Stage.RAW_MATERIAL, "0.37"), (Stage.PRODUCTION, "0.50")),
    )  # fmt: skip


@given(st.floats(-1e12, 1e12).filter(bool), st.integers(1, 15))
def test_rounding_is_within_half_a_unit_of_the_last_digit(value: float, digits: int) -> None:
    error = abs(float(rounded(value, digits)) - value)
    assert error <= abs(value) * 10.0 ** (1 - digits) * 0.5000001


def test_a_release_stands_in_for_the_chain_behind_it() -> None:
    cut = chain()
    cut.recipes["s/steel"] = Recipe(declared=steel().declared())
    assert roll_up(cut, "b/car").total == pytest.approx(1 + 2 * 0.87)
    assert roll_up(cut, "b/car", prefer=Prefer.DECLARED).total == pytest.approx(1 + 2 * 0.87)
