"""What is wrong with a log, and where: recomputed from its leaves, held against what others keep. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from huren.graph.log.note import Checkpoint
from huren.graph.log.read import Stored
from huren.graph.log.tree import Frontier, Place, leaf_hash
from huren.graph.model.audit import commitment
from huren.graph.model.text import Text

ABSENT = bytes(32)

EDITED = Text("条目与其承诺不符", "the entry is not what was committed to")
NO_LEAF = Text("缺少叶子", "the leaf is gone")
NO_ENTRY = Text("条目缺失,且无删除记录", "the entry is gone, and no erasure is on record")
MISPLACED = Text("条目不属于此处", "an entry that the log does not have")
REWRITTEN = Text("与数据库之外保存的记录不同", "it is not what was kept outside the database")
GONE = Text("已签名的条目不复存在", "entries that a checkpoint speaks of are gone")
FORKED = Text("与检查点的根不符", "it does not lead to the root of a checkpoint")
BAD_NODE = Text("内部节点与叶子不符", "an inner node does not follow from its leaves")
BAD_HEAD = Text("日志首部与叶子不符", "the head does not follow from the leaves")


@dataclass(frozen=True, slots=True)
class Damage:
    """Something wrong with the entries from ``first`` to ``last``, both included."""

    first: int
    last: int
    what: Text


@dataclass(frozen=True, slots=True)
class Copy:
    """A log as somebody holds it. ``head`` and ``nodes`` are what a database keeps beside it.

    ``leaves``: leaf hashes by position; ``entries`` None where the copy has only hashes.
    """

    leaves: Mapping[int, bytes]
    entries: Sequence[Stored] | None = None
    head: Frontier | None = None
    nodes: Mapping[Place, bytes] | None = None

    @property
    def end(self) -> int:
        """The position after the last. Cost: a look at every leaf."""
        size = self.head.size if self.head else 0
        return max(size, 1 + max(self.leaves, default=-1))


@dataclass(slots=True)
class _Found:
    """The first thing found at each position."""

    at: dict[int, Text] = field(default_factory=dict)

    def add(self, positions: Iterable[int], what: Text) -> None:
        for position in positions:
            self.at.setdefault(position, what)

    def clean(self, positions: range) -> bool:
        """Is nothing found there?"""
        if len(positions) < len(self.at):
            return not any(position in self.at for position in positions)
        return not any(position in positions for position in self.at)

    def ranges(self) -> Iterator[Damage]:
        """Runs of neighbours of one kind as one."""
        run: Damage | None = None
        for position, what in sorted(self.at.items()):
            if run and run.last == position - 1 and run.what is what:
                run = Damage(run.first, position, what)
            else:
                if run:
                    yield run
                run = Damage(position, position, what)
        if run:
            yield run


def check(
    copy: Copy, remembered: Sequence[bytes] = (), checkpoints: Iterable[Checkpoint] = ()
) -> tuple[Damage, ...]:
    """All damage of ``copy``, in order; nothing where it is whole.

    ``remembered``: leaf hashes that were kept elsewhere, from the first on; with them damage is located to
    the entry, whatever was recomputed. ``checkpoints`` locate it between two of their sizes.
    Cost: two hashes for each entry, and one for each inner node.
    """
    found = _Found()
    hashed = _entries(copy, found)
    leaves = [copy.leaves.get(i) or hashed.get(i) or ABSENT for i in range(copy.end)]
    found.add((i for i in range(copy.end) if i not in copy.leaves), NO_LEAF)
    found.add(
        (i for i, (was, now) in enumerate(zip(remembered, leaves, strict=False)) if was != now), REWRITTEN
    )
    found.add(range(copy.end, len(remembered)), GONE)
    roots = _grow(copy, leaves, {one.size for one in checkpoints}, found)
    _checkpoints(sorted(checkpoints, key=lambda one: one.size), roots, copy.end, found)
    return tuple(found.ranges())


def _entries(copy: Copy, found: _Found) -> dict[int, bytes]:
    """The hash of each entry, by position; those that are wrong, missing or in excess are found."""
    if copy.entries is None:
        return {}
    end, hashed = copy.end, dict[int, bytes]()
    erased: set[int] = set()
    for one in copy.entries:
        if one.position in hashed or not 0 <= one.position < end:
            found.add([one.position], MISPLACED)
            continue
        hashed[one.position] = leaf_hash(commitment(one.text, one.salt))
        if hashed[one.position] != copy.leaves.get(one.position) or not _labelled(one, erased):
            found.add([one.position], EDITED)
    found.add((i for i in range(end) if i not in hashed and i not in erased), NO_ENTRY)
    return hashed


def _labelled(one: Stored, erased: set[int]) -> bool:
    """Whether what an entry is looked up by is what it says; notes what it says to have erased."""
    try:
        facts = json.loads(one.text)
        if facts["action"] == "erase":
            erased.add(int(facts["subject"].removeprefix("position:")))
        return (facts["id"], facts["owner"]) == (one.id, one.owner)
    except (ValueError, KeyError, TypeError, AttributeError):
        return False


def _grow(copy: Copy, leaves: Sequence[bytes], sizes: set[int], found: _Found) -> dict[int, bytes]:
    """The roots at ``sizes``; on the way, inner nodes and head are compared where the copy has them."""
    frontier, roots, wrong = Frontier(), {0: Frontier().root}, set[Place]()
    for leaf in leaves:
        frontier, made = frontier.append(leaf)
        if copy.nodes is not None:
            for place, hash in made[1:]:
                if copy.nodes.get(place) != hash:
                    _node(place, wrong, found)
        if frontier.size in sizes:
            roots[frontier.size] = frontier.root
    if copy.head is not None and copy.head != frontier and not found.at:
        found.add([min(copy.head.size, max(0, frontier.size - 1))], BAD_HEAD)
    return roots


def _node(place: Place, wrong: set[Place], found: _Found) -> None:
    """An inner node is wrong: new only where nothing below it is."""
    level, index = place
    below = {(level - 1, 2 * index), (level - 1, 2 * index + 1)}
    positions = range(index << level, (index + 1) << level)
    if wrong.isdisjoint(below) and found.clean(positions):
        found.add(positions, BAD_NODE)
    wrong.add(place)


def _checkpoints(ordered: Sequence[Checkpoint], roots: Mapping[int, bytes], end: int, found: _Found) -> None:
    """The first checkpoint that is not met, where nothing below it was found yet; and what is gone."""
    good, met = 0, True
    for one in ordered:
        if one.size > end:
            found.add(range(end, one.size), GONE)
        elif roots[one.size] != one.root:
            if met and found.clean(range(one.size)):
                found.add(range(min(good, one.size - 1), one.size), FORKED)
            met = False
        elif met:
            good = one.size
