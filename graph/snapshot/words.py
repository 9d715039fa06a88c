"""Words that recur, as codes."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from threading import Lock
from typing import Any, Generic, TypeVar

import numpy as np

from huren.graph.snapshot.columns import Array

T = TypeVar("T", bound=Hashable)


class Words(Generic[T]):
    """What each code of a column stands for; code 0 for None, which ``blank`` is too.

    It only grows, and a code never changes its meaning: older snapshots go on reading it.
    """

    def __init__(self, words: Iterable[T] = (), blank: Any = "") -> None:
        self.words: list[T | None] = [None, *words]
        self._codes = Codes(self.words, blank)

    def __getitem__(self, code: int) -> T | None:
        return self.words[code]

    def coded(self, words: Iterable[Any], size: int) -> Array:
        """The codes of ``size`` words, new ones for those that have none. Cost: 0.05 µs each."""
        return np.fromiter(map(self._codes.__getitem__, words), np.uint32, size)


class Codes(dict[Any, int]):
    """The code of each word; one that is asked for first is put at the end of ``words``, by one thread."""

    def __init__(self, words: list[Any], blank: Any) -> None:
        super().__init__({blank: 0} | {word: code for code, word in enumerate(words)})
        self._words, self._lock = words, Lock()

    def __missing__(self, word: Any) -> int:
        with self._lock:
            if word not in self:
                self._words.append(word)
                self[word] = len(self._words) - 1
            return self[word]
