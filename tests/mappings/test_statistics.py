"""Statistics: no two answers subtract to fewer than three contributors; what is suppressed is just that."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import resources
from itertools import combinations
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huren.errors import BadInput
from huren.mappings.releasing import rounded
from huren.mappings.statistics import (
    Figures,
    Suppressed,
    balanced,
    figures,
    groups,
    partitions,
    quarter_of,
    read,
)

BY = partitions()["class-province-quarter"]
TEXT = (resources.files("huren.mappings") / "statistics.toml").read_text(encoding="utf-8")
numbers = st.dictionaries(
    st.integers(0, 200).map(str), st.lists(st.floats(0.01, 1e6), min_size=1, max_size=3)
)


@given(numbers)
def test_no_two_answers_subtract_to_fewer_than_three_contributors(values: dict[str, list[float]]) -> None:
    """Answers are means over sets of contributors: the sets, and what is left of one after another."""
    means = sorted(fmean(one) for one in values.values())
    if figures(values, BY).suppressed:
        return
    positions = list(range(len(means)))
    parts = [set(part) for part in groups(positions, BY)]
    assert sum(map(len, parts)) == len(means)
    for part in parts:
        assert len(part) >= 3
    for one, other in combinations(parts, 2):
        assert len(one - other) >= 3
        assert len(other - one) >= 3
        assert not one & other


@given(numbers)
def test_what_is_suppressed_is_just_what_the_rules_say(values: dict[str, list[float]]) -> None:
    """Against the rules written out a second time."""
    means = sorted((sum(one) / len(one) for one in values.values()), reverse=True)
    told = figures(values, BY)
    if len(means) < 3:
        assert told == Figures(suppressed=Suppressed.TOO_FEW)
        return
    third = len(means) // 3
    thirds = [means[:third], means[third:-third], means[-third:]] if third >= 3 else []

    def fine(part: list[float]) -> bool:
        top = sorted(part, reverse=True)
        return top[0] <= 0.5 * sum(top) and sum(top) - top[0] - top[1] >= 0.1 * top[0]

    expected_whole = fine(means) and abs(means[0] - 0.5 * sum(means)) > 1e-6
    if thirds and all(map(fine, thirds)):
        assert told.suppressed is None
        assert told.low is not None
    elif expected_whole:
        assert told.suppressed is None
        assert told.low is None


def test_few_contributors_are_told_as_one_mean() -> None:
    told = figures({"a": [1.0, 3.0], "b": [3.0], "c": [4.0]}, BY)
    assert told == Figures("3-5", None, "3.0", None)
    nine = figures({str(n): [float(n)] for n in range(1, 10)}, BY)
    assert nine == Figures("6-10", "2.0", "5.0", "8.0")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], Suppressed.TOO_FEW),
        ([1.0, 1.0], Suppressed.TOO_FEW),
        ([1.0, 1.0, 1.0], None),
        ([2.0, 1.0, 1.0], None),
        ([2.1, 1.0, 1.0], Suppressed.DOMINATED),
        ([10.0, 10.0, 0.5], Suppressed.DOMINATED),
        ([10.0, 10.0, 1.0], None),
        ([-2.1, 1.0, 1.0], Suppressed.DOMINATED),
        ([0.0, 0.0, 0.0], None),
    ],
)
def test_the_rules_at_their_edges(values: list[float], expected: Suppressed | None) -> None:
    assert figures({str(n): [value] for n, value in enumerate(values)}, BY).suppressed is expected
    assert expected is None or expected.says.zh


def test_many_releases_of_one_owner_are_one_contributor() -> None:
    assert figures({"a": [1.0] * 50, "b": [1.0]}, BY).suppressed is Suppressed.TOO_FEW


def test_where_a_third_is_dominated_only_the_whole_is_told() -> None:
    values = {str(n): [10.0] for n in range(8)} | {"x": [45.0]}
    told = figures(values, BY)
    assert (told.low, told.middle, told.high) == (None, rounded(125 / 9, 2), None)
    assert not balanced([10.0, 10.0, 45.0], BY)


def test_quarters() -> None:
    now = datetime(2026, 9, 30, 16, tzinfo=UTC)
    found = quarter_of("2026-Q3", now)
    assert (found.start.isoformat(), found.end.isoformat()) == (
        "2026-07-01T00:00:00+08:00",
        "2026-10-01T00:00:00+08:00",
    )
    assert quarter_of("2025-Q4", now).end.isoformat() == "2026-01-01T00:00:00+08:00"
    for bad in ("2026-Q4", "2026-Q5", "2026-q1", "", "2026-Q3 ", "1999-Q1"):
        with pytest.raises(BadInput):
            quarter_of(bad, now)
    with pytest.raises(BadInput):
        quarter_of("2026-Q3", datetime(2026, 9, 30, 15, 59, tzinfo=UTC))


@pytest.mark.parametrize(
    ("old", "new"),
    [("contributors = 3", "contributors = 2"), ("share = 0.5", "share = 0.6"), ("p = 0.1", "p = 0.0")],
)
def test_weak_rules_are_refused(old: str, new: str) -> None:
    with pytest.raises(BadInput):
        read(TEXT.replace(old, new))


def test_overlapping_partitions_are_refused() -> None:
    second = TEXT[TEXT.index("[[partition]]") :].replace("class-province-quarter", "another")
    with pytest.raises(BadInput, match="overlap"):
        read(TEXT + second)
