"""Rows that can be rewritten one at a time, each with room to grow."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from huren.graph.network.rows import PlaceArray, Rows, places


class Growing:
    """Rows whose entries are replaced in place, or moved to where there is room.

    ``rows`` are the present ones: their arrays change in place, and are others after one of them was moved.
    Cost of a change: its row; now and then, when the room is used up, a copy of all.
    """

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self._limits: PlaceArray = rows.ends.copy()
        self._used = len(rows.others)

    def row(self, i: int) -> dict[int, float]:
        """The entries of row i."""
        part = slice(self.rows.starts[i], self.rows.ends[i])
        return dict(zip(self.rows.others[part].tolist(), self.rows.amounts[part].tolist(), strict=True))

    def replace(self, i: int, others: Sequence[int], amounts: Sequence[float]) -> None:
        """Row i anew; each product once and no amount 0."""
        self._make_room(i, len(others))
        start = self.rows.starts[i]
        self.rows.others[start : start + len(others)] = others
        self.rows.amounts[start : start + len(others)] = amounts
        self.rows.ends[i] = start + len(others)

    def put(self, i: int, other: int, amount: float) -> None:
        """One entry of row i: set, added, or with 0 taken out."""
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
        if self._used + room > len(self.rows.others):
            self._enlarge(room)
        start, end = int(self.rows.starts[i]), int(self.rows.ends[i])  # packing has moved them
        to, size = self._used, end - start
        for array in (self.rows.others, self.rows.amounts):
            array[to : to + size] = array[start:end]
        self.rows.starts[i], self.rows.ends[i], self._limits[i] = to, to + size, to + room
        self._used += room

    def _enlarge(self, room: int) -> None:
        """Pack all rows, and leave a sixteenth free."""
        rows = self.rows
        at = places(rows, np.arange(len(rows.starts), dtype=np.int32))
        ends = np.cumsum(rows.ends - rows.starts)
        starts, self._used = ends - (rows.ends - rows.starts), len(at)
        spare = room + len(at) // 16 + 1_000
        others = np.concatenate((rows.others[at], np.zeros(spare, dtype=np.int32)))
        amounts = np.concatenate((rows.amounts[at], np.zeros(spare)))
        self.rows, self._limits = Rows(starts, ends, others, amounts), ends.copy()
