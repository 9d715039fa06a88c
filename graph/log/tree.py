"""The Merkle tree of RFC 6962 section 2 (RFC 9162 section 2.1), SHA-256. Pure.

A proof is first a list of ranges of leaves; the hash of a range is folded from complete subtrees
(``cover``), which never change once they are full and so can be kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from hashlib import sha256

Range = tuple[int, int]
"""Leaves from the first up to, not including, the second."""

Place = tuple[int, int]
"""A complete subtree: ``(level, index)`` holds the 2**level leaves from index * 2**level on."""

EMPTY = sha256(b"").digest()
"""The root of no leaves."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf."""
    return sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees."""
    return sha256(b"\1" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """The root over complete subtrees, given in order, each larger than the next."""
    return reduce(lambda right, left: node_hash(left, right), reversed(hashes)) if hashes else EMPTY


def cover(leaves: Range) -> tuple[Place, ...]:
    """The complete subtrees that make up ``leaves``, in order; at most two for each level.

    >>> cover((0, 7)), cover((4, 7))
    (((2, 0), (1, 2), (0, 6)), ((1, 2), (0, 6)))
    """
    start, end = leaves
    found: list[Place] = []
    while start < end:
        widest = (end - start).bit_length() - 1
        level = min(widest, (start & -start).bit_length() - 1) if start else widest
        found.append((level, start >> level))
        start += 1 << level
    return tuple(found)


def inclusion(index: int, size: int) -> tuple[Range, ...]:
    """PATH(index, D[size]): what a proof that leaf ``index`` is in the first ``size`` hashes; lowest first.

    Raises: ValueError unless 0 <= index < size.
    """
    if not 0 <= index < size:
        raise ValueError("no such leaf")
    start, end, path = 0, size, list[Range]()
    while end - start > 1:
        middle = start + _split(end - start)
        left = index < middle
        path.append((middle, end) if left else (start, middle))
        start, end = (start, middle) if left else (middle, end)
    return tuple(reversed(path))


def consistency(old: int, new: int) -> tuple[Range, ...]:
    """PROOF(old, D[new]): what a proof that the first ``old`` leaves are unchanged in ``new`` hashes.

    Raises: ValueError unless 0 <= old <= new. Empty where there is nothing to prove: old 0, or old = new.
    """
    if not 0 <= old <= new:
        raise ValueError("no such sizes")
    if old == 0:
        return ()
    start, end, path = 0, new, list[Range]()
    while end != old:
        middle = start + _split(end - start)
        left = old <= middle
        path.append((middle, end) if left else (start, middle))
        start, end = (start, middle) if left else (middle, end)
    return tuple(reversed(path if start == 0 else [*path, (start, end)]))


def included(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether ``path`` proves that leaf hash ``leaf`` stands at ``index`` of ``size`` under ``root``.

    The algorithm of RFC 9162 2.1.3.2, independent of :func:`inclusion`. Cost: O(log size).
    """
    if not 0 <= index < size:
        return False
    position, last, found = index, size - 1, leaf
    for part in path:
        if last == 0:
            return False
        if position & 1 or position == last:
            found = node_hash(part, found)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            found = node_hash(found, part)
        position, last = position >> 1, last >> 1
    return last == 0 and found == root


def consistent(old: int, new: int, path: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Whether ``path`` proves that the tree of ``old`` leaves is the beginning of that of ``new``.

    The algorithm of RFC 9162 2.1.4.2, independent of :func:`consistency`. Cost: O(log new).
    """
    if old in (0, new):
        return 0 <= old <= new and not path and old_root == (new_root if old == new else EMPTY)
    if not 0 < old < new or not path:
        return False
    rest = path if old & (old - 1) else [old_root, *path]
    position, last = old - 1, new - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    was = now = rest[0]
    for part in rest[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            was, now = node_hash(part, was), node_hash(part, now)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            now = node_hash(now, part)
        position, last = position >> 1, last >> 1
    return last == 0 and was == old_root and now == new_root


@dataclass(frozen=True, slots=True)
class Frontier:
    """All that appending needs of a tree: its size, and the roots of ``cover((0, size))``."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    @property
    def root(self) -> bytes:
        """The root of the tree."""
        return fold(self.hashes)

    def append(self, leaf: bytes) -> tuple[Frontier, tuple[tuple[Place, bytes], ...]]:
        """The tree with one more leaf hash, and every subtree that it completes, the leaf first."""
        hashes, place, made = list(self.hashes), (0, self.size), [((0, self.size), leaf)]
        while place[1] & 1:
            place = place[0] + 1, place[1] >> 1
            made.append((place, node_hash(hashes.pop(), made[-1][1])))
        return Frontier(self.size + 1, (*hashes, made[-1][1])), tuple(made)


def grown(leaves: Iterable[bytes], frontier: Frontier = Frontier()) -> Frontier:
    """``frontier`` with more leaf hashes. Cost: O(1) hashes for each leaf, on average two."""
    for leaf in leaves:
        frontier, _ = frontier.append(leaf)
    return frontier


def _split(size: int) -> int:
    """The largest power of two below ``size``."""
    return 1 << (size - 1).bit_length() - 1
