"""Every key and code there is, and where: a look-up in about a microsecond without a string in memory."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from huren.graph.snapshot.columns import Array
from huren.graph.snapshot.table import Table, pooled

KINDS: dict[str, type[np.generic]] = {"key.end": np.uint8, "key.utf8": np.uint8}
_FEW = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """Candidates by text: places in buckets of the text's hash, later ones in a dict beside them.

    Text decides, not the hash, which Python seeds anew in each process; so nobody can choose texts that
    all fall into one bucket. Cost: 8 bytes a place. Views of memory, since an item of an array costs more.
    """

    starts: memoryview
    places: memoryview
    later: dict[int, tuple[int, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, texts: Iterable[str], count: int) -> Index:
        """Cost: 0.3 µs each."""
        size = 1 << max(count - 1, 0).bit_length()
        buckets = np.fromiter(map(hash, texts), np.int64, count) & (size - 1)
        ends = np.cumsum(np.bincount(buckets, minlength=size))
        starts = np.concatenate(([0], ends)).astype(np.uint32)
        return cls(starts.data, np.argsort(buckets, kind="stable").astype(np.uint32).data)

    def plus(self, texts: Sequence[str], first: int) -> Index:
        """Further texts at ``first`` and after it. Cost: all that came later, too."""
        later = dict(self.later)
        for place, text in enumerate(texts, first):
            later[hash(text)] = (*later.get(hash(text), ()), place)
        return Index(self.starts, self.places, later)

    def candidates(self, text: str) -> list[int]:
        """Places that may hold ``text``, ascending."""
        found = hash(text)
        bucket = found & (len(self.starts) - 2)
        places = self.places[self.starts[bucket] : self.starts[bucket + 1]].tolist()
        return [*places, *self.later.get(found, ())] if self.later else places


@dataclass(frozen=True, slots=True, eq=False)
class Keys:
    """Keys by place, "owner/code", and their places by key and by code. ``ends``, ``utf8``: of ``table``."""

    table: Table
    by_key: Index
    by_code: Index
    ends: memoryview
    utf8: memoryview

    @classmethod
    def of(cls, table: Table) -> Keys:
        """Cost: 1 µs a key."""
        by_key = Index.of(table.texts("key"), len(table["key.end"]))
        by_code = Index.of(map(code_of, table.texts("key")), len(table["key.end"]))
        return cls._with(table, by_key, by_code)

    @classmethod
    def none(cls) -> Keys:
        """No key yet."""
        return cls.of(Table.empty(KINDS))

    @classmethod
    def _with(cls, table: Table, by_key: Index, by_code: Index) -> Keys:
        return cls(table, by_key, by_code, table["key.end"].data, table["key.utf8"].data)

    def __len__(self) -> int:
        return len(self.ends)

    def plus(self, keys: Sequence[str]) -> Keys:
        """These keys and further ones. The index is made anew once an eighth has come to it."""
        table = self.table.plus(pooled("key", keys))
        before, indexed = len(self), len(self.by_key.places)
        if before + len(keys) - indexed > max(_FEW, indexed // 8):
            return Keys.of(table)
        added = [code_of(key) for key in keys]
        return self._with(table, self.by_key.plus(keys, before), self.by_code.plus(added, before))

    def text(self, place: int) -> str:
        """The key at ``place``."""
        return str(self.utf8[self.ends[place - 1] if place else 0 : self.ends[place]], "utf-8")

    def ordered(self) -> Array:
        """Places in the order of keys. Cost: 0.2 µs a key, or where many came out of order, a sort."""
        size, run = len(self), _run(self.table.texts("key"))
        if size - run > _FEW:
            return np.array(sorted(range(size), key=self.text))
        later = sorted(range(run, size), key=self.text)
        at = [bisect(range(run), self.text(place), key=self.text) for place in later]
        return np.insert(np.arange(run), at, later)

    def find(self, key: str) -> int | None:
        """The place of ``key``, or None."""
        for place in self.by_key.candidates(key):
            if self.text(place) == key:
                return place
        return None

    def coded(self, code: str) -> list[int]:
        """The places of the keys with ``code``, whoever owns them."""
        return [place for place in self.by_code.candidates(code) if code_of(self.text(place)) == code]


def _run(texts: Iterator[str]) -> int:
    """How many texts from the first on are in order."""
    last, count = "", 0
    for text in texts:
        if text < last:
            break
        last, count = text, count + 1
    return count


def code_of(key: str) -> str:
    """The owner's own code in a key.

    >>> code_of("acme/pipe/8")
    'pipe/8'
    """
    return key.partition("/")[2]
