"""A table that only grows: columns by row, and groups of items that each row has any number of.

"amount" is a column of rows, "input.amount" one of the items of the group "input"; where each row's items
end stands in "input.end". Text is a group whose items are the bytes of its UTF-8.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from huren.graph.snapshot.columns import Array, Column

END = ".end"
_AT_ONCE = 1 << 14


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Columns by name. It never changes; see :class:`~huren.graph.snapshot.columns.Column` for growing."""

    columns: Mapping[str, Column]

    @classmethod
    def empty(cls, kinds: Mapping[str, type[np.generic]]) -> Table:
        """No rows, of columns of these kinds; unsigned ones widen as need be."""
        return cls({name: Column.alike(kind(0)) for name, kind in kinds.items()})

    def __getitem__(self, name: str) -> Array:
        return self.columns[name].values

    def plus(self, batch: Mapping[str, Array]) -> Table:
        """These rows and those of ``batch``, which has sizes in place of ends."""
        return Table({name: self._grown(name, column, batch[name]) for name, column in self.columns.items()})

    def taken(self, rows: Array) -> Table:
        """The ``rows`` alone, in that order. Cost: O(their items)."""
        batch: dict[str, Array] = {}
        for name, column in self.columns.items():
            group, dot, _ = name.rpartition(".")
            if name.endswith(END):
                batch[name] = self.sizes(group, rows)
            else:
                batch[name] = column.values[self.items(group, rows) if dot else rows]
        empty = {name: Column.alike(column.values.dtype.type(0)) for name, column in self.columns.items()}
        return Table(empty).plus(batch)

    def span(self, group: str, row: int) -> slice:
        """Where the items of one row are."""
        ends = self[group + END]
        return slice(int(ends[row - 1]) if row else 0, int(ends[row]))

    def sizes(self, group: str, rows: Array) -> Array:
        """How many items each of ``rows`` has."""
        return np.asarray(self[group + END][rows].astype(np.int64) - self.starts(group, rows))

    def starts(self, group: str, rows: Array) -> Array:
        """Where the items of each of ``rows`` begin."""
        ends = self[group + END]
        return np.where(rows > 0, ends[rows - 1], 0).astype(np.int64) if len(ends) else np.zeros(0, np.int64)

    def items(self, group: str, rows: Array) -> Array:
        """Where the items of ``rows`` are, one row after the other."""
        return spans(self.starts(group, rows), self.sizes(group, rows))

    def text(self, group: str, row: int) -> str:
        """The text that one row has."""
        return self[f"{group}.utf8"][self.span(group, row)].tobytes().decode()

    def texts(self, group: str) -> Iterator[str]:
        """The text of every row. Cost: 0.1 µs each, and the memory of some thousands."""
        whole, ends, start = self[f"{group}.utf8"].data, self[group + END], 0
        for first in range(0, len(ends), _AT_ONCE):
            for end in ends[first : first + _AT_ONCE].tolist():
                yield str(whole[start:end], "utf-8")
                start = end

    def _grown(self, name: str, column: Column, more: Array) -> Column:
        if not name.endswith(END) or not len(more):
            return column.plus(more)
        last = column.values[-1:].astype(np.uint64).sum()
        return column.plus(last + np.cumsum(more, dtype=np.uint64))


def spans(starts: Array, sizes: Array) -> Array:
    """The places of spans one after the other: ``sizes[k]`` of them from ``starts[k]`` on.

    >>> spans(np.array([7, 2]), np.array([2, 1])).tolist()
    [7, 8, 2]
    """
    shift = starts - np.cumsum(sizes) + sizes
    return np.repeat(shift, sizes) + np.arange(int(sizes.sum()))


def codes(values: Iterable[int], size: int) -> Array:
    """Codes or sizes as an array."""
    return np.fromiter(values, np.uint32, size)


def pooled(group: str, texts: Sequence[str]) -> dict[str, Array]:
    """Texts as the batch of a group. Raises: UnicodeEncodeError for half of a surrogate pair."""
    encoded = [text.encode() for text in texts]
    whole = np.frombuffer(b"".join(encoded), np.uint8)
    return {group + END: codes(map(len, encoded), len(encoded)), f"{group}.utf8": whole}
