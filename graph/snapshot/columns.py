"""Columns that grow at their end and never change for whoever holds them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

_GROWTH = 8
"""A column that has to move takes an eighth more room than it needs. Room nobody wrote to costs no memory."""


@dataclass(slots=True, eq=False)
class _Room:
    """Cells, of which the first ``used`` are taken for good."""

    cells: Array
    used: int


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """Numbers of one kind; ``values`` is read only.

    A longer column shares the cells of the shorter one, which does not look past its own end, so that
    growing by a few costs a few. A second column grown from the same one moves out first: whoever comes
    late copies. A column in which all is alike takes no room at all, and codes are as narrow as they can be.
    """

    values: Array
    _room: _Room | None = field(default=None, repr=False)

    @classmethod
    def alike(cls, value: Any, size: int = 0) -> Column:
        """``size`` times the numpy scalar ``value``."""
        narrow = np.min_scalar_type(value) if value.dtype.kind == "u" else value.dtype
        return cls(np.broadcast_to(value.astype(narrow), size))

    @classmethod
    def of(cls, cells: Array, used: int) -> Column:
        """The first ``used`` of ``cells``, with the rest as room to grow into. Takes the cells over."""
        return cls(_seen(cells, used), _Room(cells, used))

    def plus(self, more: Array) -> Column:
        """These numbers and ``more``, which must be of the same kind. Cost: O(more), now and then O(all).

        One at a time: two threads must not grow columns that share cells.
        """
        before, size = len(self.values), len(self.values) + len(more)
        if not len(more):
            return self
        if (not before or self.values.strides == (0,)) and self._like(more):
            return Column.alike(self.values[0] if before else more[0], size)
        room = self._room
        kind = _widest(self.values, more)
        if room is None or room.used != before or size > len(room.cells) or room.cells.dtype != kind:
            room = _Room(np.empty(size + size // _GROWTH, kind), before)
            room.cells[:before] = self.values
        room.cells[before:size] = more
        room.used = size
        return Column(_seen(room.cells, size), room)

    def _like(self, more: Array) -> bool:
        first = self.values[0] if len(self.values) else more[0]
        return bool(np.all(more == first) or (first != first and np.all(more != more)))  # noqa: PLR0124  (NaN)


def _seen(cells: Array, size: int) -> Array:
    view = cells[:size].view()
    view.flags.writeable = False
    return view


def _widest(old: Array, new: Array) -> Any:
    """The kind that holds both: codes and offsets as wide as their largest, all else as it is."""
    if old.dtype.kind != "u":
        return old.dtype
    return np.promote_types(old.dtype, np.min_scalar_type(new.max()))
