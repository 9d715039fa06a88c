"""One mapping laid over another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Over(Mapping[str, T]):
    """What ``first`` has, and beyond it what ``then`` has. Nothing is copied, and nothing made.

    >>> dict(Over({"a": 1}, {"a": 2, "b": 3}))
    {'a': 1, 'b': 3}
    """

    first: Mapping[str, T]
    then: Mapping[str, T]

    def __getitem__(self, key: str) -> T:
        return self.first[key] if key in self.first else self.then[key]

    def __iter__(self) -> Iterator[str]:
        yield from self.first
        yield from (key for key in self.then if key not in self.first)

    def __len__(self) -> int:
        return sum(1 for _ in self)
