"""A place among products of a class, told only where it is a place among enough of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huren.mappings.benchmark import PARTS, benchmark
from huren.mappings.statistics import Suppressed, partitions

BY = partitions()["class-province-quarter"]
numbers = st.floats(1, 2).map(lambda x: round(x, 3))
OWNERS = st.dictionaries(st.sampled_from("abcdefgh"), st.lists(numbers, min_size=1, max_size=4), min_size=4)


def test_fewer_than_three_others_tell_nothing() -> None:
    found = benchmark(1.0, {"a": [1.0] * 9, "b": [2.0], "c": []}, BY)
    assert found.suppressed is Suppressed.TOO_FEW
    assert (found.products, found.owners, found.rank, found.place, found.quantiles) == (None,) * 5


def test_one_that_dominates_tells_nothing() -> None:
    assert benchmark(1.0, {"a": [100.0], "b": [1.0], "c": [1.0]}, BY).suppressed is Suppressed.DOMINATED


def test_the_lowest_is_first_and_those_alike_count_by_half() -> None:
    others = {"a": [1.0], "b": [2.0], "c": [2.0], "d": [3.0]}
    assert (benchmark(0.5, others, BY).rank, benchmark(0.5, others, BY).place) == (1, 0)
    assert (benchmark(2.0, others, BY).rank, benchmark(2.0, others, BY).place) == (2, 0.5)
    assert (benchmark(9.0, others, BY).rank, benchmark(9.0, others, BY).place) == (5, 1)


@given(OWNERS, numbers)
def test_quantiles_are_numpy_s_and_ranks_a_count(others: dict[str, list[float]], value: float) -> None:
    found = benchmark(value, others, BY)
    every = [one for values in others.values() for one in values]
    assert found.suppressed is None
    assert found.quantiles == pytest.approx(np.quantile(every, PARTS))
    assert found.rank == 1 + sum(one < value for one in every)
    assert (found.products, found.owners) == (len(every), len(others))
