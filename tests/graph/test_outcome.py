"""What is begun again while nobody knows how it ended."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from huren.errors import BadInput
from huren.graph import outcome
from huren.graph.database import OutcomeUnknown

UNKNOWN = OutcomeUnknown("nobody knows", "结果未知", fix="Ask again.", fix_zh="请重试。")


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcome, "PAUSE", 0.001)


def attempts(*ends: Exception | int) -> tuple[Iterator[Exception | int], outcome.Attempt[int]]:
    left = iter(ends)

    async def attempt() -> int:
        end = next(left)
        if isinstance(end, Exception):
            raise end
        return end

    return left, attempt


async def test_until_the_outcome_is_known() -> None:
    left, attempt = attempts(UNKNOWN, UNKNOWN, 7, 8)
    assert await outcome.known(attempt, 60.0) == 7
    assert list(left) == [8]


async def test_what_is_known_to_have_failed_is_not_begun_again() -> None:
    refused = BadInput("no", "否", fix="Do not.", fix_zh="请勿。")
    left, attempt = attempts(UNKNOWN, refused, 8)
    with pytest.raises(BadInput):
        await outcome.known(attempt, 60.0)
    assert list(left) == [8]


async def test_patience_ends() -> None:
    left, attempt = attempts(UNKNOWN, 8)
    with pytest.raises(OutcomeUnknown):
        await outcome.known(attempt, 0.0)
    assert list(left) == [8]
