"""Rows that can be rewritten one at a time, each with room to grow."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field
from threading import Lock

import numpy as np

from huren.graph.factors import FloatArray
from huren.graph.network.rows import PlaceArray, ProductArray, Rows, places


@dataclass(slots=True, eq=False)
class _Room:
    """Where rows lie; its first ``used`` places are given away, each to one row of one holder."""

    others: ProductArray
    amounts: FloatArray
    used: int
    lock: Lock = field(default_factory=Lock)

    def take(self, count: int) -> int | None:
        """The first of ``count`` free places; None where there are too few."""
        with self.lock:
            start = self.used
            if start + count > len(self.others):
                return None
            self.used += count
            return start


class Growing:
    """Rows whose entries are replaced in place, or moved to where there is room.

    ``rows`` are the present ones: their arrays change in place, and are others after one of them was moved.
    Cost of a change: its row; now and then, when the room is used up, a copy of all.
    """

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self._limits: PlaceArray = rows.ends.copy()
        self._room = _Room(rows.others, rows.amounts, len(rows.others))

    def fork(self) -> Growing:
        """The same rows, which change apart from these: each moves before it is written to.

        These must not change any more. Both lie in the same room. Cost: 16 bytes a row.
        """
        other, rows = copy(self), self.rows
        other.rows = rows._replace(starts=rows.starts.copy(), ends=rows.ends.copy())
        other._limits = np.zeros_like(rows.ends)
        return other

    def replace(self, i: int, others: Sequence[int], amounts: Sequence[float]) -> None:
        """Row i anew; each product once and no amount 0."""
        self._make_room(i, len(others))
        start = self.rows.starts[i]
        self.rows.others[start : start + len(others)] = others
        self.rows.amounts[start : start + len(others)] = amounts
        self.rows.ends[i] = start + len(others)

    def put(self, i: int, other: int, amount: float) -> None:
        """One entry of row i: set, added, or with 0 taken out."""
        self._make_room(i, int(self.rows.ends[i] - self.rows.starts[i]))  # of a fork: its own
        start, end = self.rows.starts[i], self.rows.ends[i]
        at = start + np.flatnonzero(self.rows.others[start:end] == other)
        if not len(at):
            self._make_room(i, int(end - start) + 1)
            at = self.rows.ends[i : i + 1].copy()
            self.rows.ends[i] += 1
        elif not amount:
            self.rows.ends[i] -= 1
            last = self.rows.ends[i]
            other, amount = int(self.rows.others[last]), float(self.rows.amounts[last])
        self.rows.others[at], self.rows.amounts[at] = other, amount

    def _make_room(self, i: int, count: int) -> None:
        if self.rows.starts[i] + count <= self._limits[i]:
            return
        room = 2 * count + 2
        to = self._room.take(room)
        while to is None:
            self._enlarge(room)
            to = self._room.take(room)
        start, end = int(self.rows.starts[i]), int(self.rows.ends[i])  # packing has moved them
        size = min(end - start, room)
        for array in (self.rows.others, self.rows.amounts):
            array[to : to + size] = array[start : start + size]
        self.rows.starts[i], self.rows.ends[i], self._limits[i] = to, to + size, to + room

    def _enlarge(self, room: int) -> None:
        """Pack all rows, and leave a sixteenth free."""
        rows = self.rows
        at = places(rows, np.arange(len(rows.starts), dtype=np.int32))
        ends = np.cumsum(rows.ends - rows.starts)
        starts, used = ends - (rows.ends - rows.starts), len(at)
        spare = room + len(at) // 16 + 1_000
        others = np.concatenate((rows.others[at], np.zeros(spare, dtype=np.int32)))
        amounts = np.concatenate((rows.amounts[at], np.zeros(spare)))
        self.rows, self._limits = Rows(starts, ends, others, amounts), ends.copy()
        self._room = _Room(others, amounts, used)
