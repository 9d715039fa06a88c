"""When one chain's footprint may be called lower than another's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from huren.graph.model.supply import Stage
from huren.graph.uncertainty.analytic import difference
from huren.mappings.comparison import Compared
from huren.mappings.lower import Side, judge
from tests.graph.spreads import graph, kg, of, study

A = Side("a/a", "steel", complete=True, late=frozenset())
B = replace(A, key="a/b")
FAR = difference(study(graph(a=[kg(1, 1.1)], b=[kg(2, 1.1)]), "a", "b"))
NEAR = difference(study(graph(a=[kg(1, 1.1)], b=[kg(1.2, 1.1)]), "a", "b"))
SILENT = difference(study(graph(a=[kg(1, 1.1)], b=[kg(9)]), "a", "b"))


def test_lower_and_higher_from_two_standard_deviations_on() -> None:
    """ln 2 / (sqrt 2 ln 1.1) = 5.1, ln 1.2 / (sqrt 2 ln 1.1) = 1.35."""
    assert judge(FAR, A, B).verdict is Compared.LOWER
    back = difference(study(graph(a=[kg(1, 1.1)], b=[kg(2, 1.1)]), "b", "a"))
    assert judge(back, B, A).verdict is Compared.HIGHER
    assert judge(NEAR, A, B).verdict is Compared.NOT_DISTINGUISHABLE
    shared = graph(a=[of("grid", 1, 1.0)], b=[of("grid", 1.2, 1.0)], grid=[kg(1, 1.1)])
    assert judge(difference(study(shared, "a", "b")), A, B).verdict is Compared.LOWER


@pytest.mark.parametrize(
    ("a", "b", "verdict", "why"),
    [
        (A, replace(B, category="cement"), Compared.REFUSED, "two product classes (steel, cement)"),
        (replace(A, category=None), B, Compared.UNKNOWN, "`a/a` states no product class"),
        (A, replace(B, late=frozenset({Stage.USE})), Compared.REFUSED, "the same stages after the gate"),
        (A, replace(B, late=None), Compared.UNKNOWN, "`a/b` is a total to the grave"),
        (A, replace(B, complete=False), Compared.UNKNOWN, "chain of `a/b` is not completely known"),
    ],
)
def test_what_stands_in_the_way_is_said(a: Side, b: Side, verdict: Compared, why: str) -> None:
    found = judge(FAR, a, b)
    assert found.verdict is verdict
    assert why in found.because.en
    assert found.because.zh


def test_a_number_that_states_nothing_leaves_it_open_however_far_apart_they_are() -> None:
    found = judge(SILENT, A, B)
    assert found.verdict is Compared.UNKNOWN
    assert "1 numbers" in found.because.en
    assumed = difference(study(graph(a=[kg(1, 1.1)], b=[kg(9)]), "a", "b", assume=1.3))
    assert judge(assumed, A, B).verdict is Compared.LOWER
