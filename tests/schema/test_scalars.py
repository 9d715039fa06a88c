"""Numbers and days come in one spelling, the one that supply packages take."""

from __future__ import annotations

import pytest

from huren.errors import BadInput
from huren.schema.scalars import read_day, read_decimal


@pytest.mark.parametrize("text", ["１", "٣.5", " 1", "1\n", "1_0", "1,5", "+-1", "sNaN", ""])
def test_decimals_are_plain_digits(text: str) -> None:
    with pytest.raises(BadInput):
        read_decimal(text)


@pytest.mark.parametrize("text", ["2026-W23-1", "２０２６-06-01", "2026-06-01\n", "20260601", "2026-02-30"])
def test_days_are_year_month_day(text: str) -> None:
    with pytest.raises(BadInput):
        read_day(text)
