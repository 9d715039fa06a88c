"""Whose products there are, where keys "owner/code" stand in order: those of one owner stand together."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from huren.graph.loops import IntArray

_PAST = chr(ord("/") + 1)


@dataclass(frozen=True, slots=True, eq=False)
class Owners:
    """``names``, and the position of the first product of each and the end of all, ``(owners + 1,)``."""

    names: tuple[str, ...]
    starts: IntArray

    @classmethod
    def of(cls, keys: Sequence[str]) -> Owners:
        """Of keys in order. Cost: a search among them for each owner."""
        names: list[str] = []
        starts = [0]
        while starts[-1] < len(keys):
            names.append(keys[starts[-1]].partition("/")[0])
            starts.append(bisect_left(keys, names[-1] + _PAST, starts[-1]))
        return cls(tuple(names), np.array(starts, dtype=np.intp))

    def among(self, chain: IntArray) -> tuple[str, ...]:
        """The owners of the products at some positions, which ascend. Cost: a search for each owner."""
        held = np.flatnonzero(np.diff(np.searchsorted(chain, self.starts)))
        return tuple(self.names[i] for i in held.tolist())
