"""The system of a supply graph that followed from one already solved: only what was stated anew is compiled.

What depends on it is solved again, product by product in the same order, so that two processes which came
to a graph by different ways answer alike. The system before stays as it is for who still asks it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from huren.graph.equations import Emitted, Gaps, Marks, Regions
from huren.graph.factors import BoolArray
from huren.graph.model.supply import Supply
from huren.graph.network.plain import rows_of
from huren.graph.snapshot.columns import Array
from huren.graph.snapshot.equations import (
    Frame,
    Positions,
    UnlinkedParts,
    emitted_at,
    gaps_at,
    inputs_at,
    marks_at,
    regions_of,
)
from huren.graph.snapshot.snapshot import NOTHING, Recipes, Snapshot
from huren.graph.snapshot.table import spans
from huren.graph.system import System, credits_of

FEW, SHARE = 100, 20
"""Up to so many products that were stated anew, or one in so many, it is cheaper than to compile all."""


def following(previous: System, supply: Supply) -> System:
    """:meth:`System.of` all of ``supply``, by what ``previous`` has already solved.

    Cost: a copy of x and of what is emitted, a look at each need, and the rows of what was stated anew with
    all that depends on it. All is compiled anew where a product came or many changed, or where a flow, such
    as methane of fossil origin, is stated for the first time or nowhere any more.
    Raises: what :meth:`System.of` raises.
    """
    return _followed(previous, supply) or System.of(supply, previous.prefer)


def _followed(previous: System, supply: Supply) -> System | None:
    before, recipes = previous.index, supply.recipes
    if not (isinstance(before, Positions) and isinstance(recipes, Recipes)):
        return None
    found = _restated(before, recipes.snapshot)
    if found is None:
        return None
    index, at = found
    frame = Frame.at(index, previous.prefer, at)
    emitted = _emitted(previous, frame, at)
    if emitted is None:
        return None
    rows, late = _needs(frame, len(index))
    marks, gaps = _marks(previous.marks, frame, at), _gaps(previous.gaps, frame, index, at)
    own, stated = previous.own.copy(), previous.stated.copy()
    own[at], stated[at] = emitted.own, emitted.stated
    told = replace(
        previous,
        supply=supply,
        keys=index.keys_in_order(),
        index=index,
        own=own,
        stated=stated,
        late=_late(previous.late, late, at),
        emitted=emitted.every,
        marks=marks,
        regions=_regions(previous, index, at),
        gaps=gaps,
        _peaks={},
        _certificates={},
    )
    before_rows = map(previous.network.needs.row, at.tolist())
    changed = [(i, new) for i, new, old in zip(at.tolist(), rows, before_rows, strict=True) if new != old]
    emits = at[(own[at] != previous.own[at]).any(axis=1)]
    return _solved(told, previous, emits, changed)


def _solved(
    told: System, previous: System, emits: Array, needs: list[tuple[int, dict[int, float]]]
) -> System:
    """``told`` with what follows where products emit something else, and where some need something else."""
    network = previous.network.changed(needs) if needs else previous.network
    moved = np.zeros(len(told.own), np.bool_)
    moved[emits] = True
    moved[[i for i, _ in needs]] = True
    x = previous.x.copy()
    network.follow(told.own, x, moved)
    return replace(told, network=network, x=x, credits=credits_of(told.keys, network, told.own, x))


def _restated(before: Positions, shot: Snapshot) -> tuple[Positions, Array] | None:
    """The positions of all products, and of those stated anew, ascending; None where they are too many."""
    if shot.line is not before.snapshot.line:
        return None
    came = np.full(len(shot.heads) - len(before.ranks), NOTHING, np.int32)
    ranks = np.concatenate([before.ranks, came]) if len(came) else before.ranks
    heads = np.concatenate([before.snapshot.heads, came]) if len(came) else before.snapshot.heads
    at = np.sort(ranks[shot.heads != heads])
    if len(at) > max(FEW, len(before) // SHARE) or (len(at) and at[0] == NOTHING):
        return None
    return Positions(shot, ranks, before.places), at


@dataclass(frozen=True, slots=True)
class _Emissions:
    """All emission rows, and of those stated anew what :class:`System` has of each."""

    every: Emitted
    own: Array
    stated: BoolArray


def _emitted(previous: System, frame: Frame, at: Array) -> _Emissions | None:
    """None where the flows are others than before."""
    flows, found = emitted_at(frame)
    if not previous.column.keys() >= set(flows):
        return None
    columns = np.array([previous.column[flow] for flow in flows], np.int64)
    old, new = previous.emitted, replace(found, flow=columns[found.flow])
    splice = _Splice.of(old.product, at, at[new.product])
    every = Emitted(
        splice(old.product, at[new.product]),
        *(splice(getattr(old, name), getattr(new, name)) for name in ("flow", "kg", "late", "primary")),
    )
    if not np.bincount(every.flow, minlength=len(previous.flows)).all():
        return None
    shape = len(at), len(previous.flows)
    return _Emissions(every, new.summed(~new.late, shape), new.stated(shape))


def _needs(frame: Frame, size: int) -> tuple[list[dict[int, float]], csr_array[Any]]:
    """What each needs up to the gate, and after it, ``(restated, products)``."""
    consumer, supplier, amount, early = inputs_at(frame)
    count = len(frame.rows)
    ends = np.cumsum(np.bincount(consumer[early], minlength=count))
    part = amount[early], supplier[early], np.concatenate(([0], ends))
    rows = rows_of(csr_array(part, shape=(count, size)))
    after = ~early & (supplier != NOTHING)
    cells = consumer[after].astype(np.int64), supplier[after].astype(np.int64)
    return [rows.row(k) for k in range(count)], csr_array((amount[after], cells), shape=(count, size))


def _late(old: csr_array[Any], new: csr_array[Any], at: Array) -> csr_array[Any]:
    """``old`` with the rows ``at`` as in ``new``."""
    if not (new.nnz or np.diff(old.indptr)[at].any()):
        return old
    owner, fresh = (np.repeat(np.arange(len(m.indptr) - 1), np.diff(m.indptr)) for m in (old, new))
    splice = _Splice.of(owner, at, at[fresh])
    counts = np.bincount(splice(owner, at[fresh]), minlength=old.shape[0])
    ends = np.concatenate(([0], np.cumsum(counts)))
    return csr_array((splice(old.data, new.data), splice(old.indices, new.indices), ends), shape=old.shape)


def _marks(old: Marks, frame: Frame, at: Array) -> Marks:
    new = marks_at(frame)

    def put(name: str) -> BoolArray:
        flags: BoolArray = getattr(old, name).copy()
        flags[at] = getattr(new, name)
        return flags

    return Marks(*map(put, ("declared", "undivided", "unknown", "silent", "unverified")))


def _regions(previous: System, index: Positions, at: Array) -> Regions:
    old, shot, names = previous.regions, index.snapshot, index.snapshot.words["region"]
    codes = shot.table["region"][shot.heads[index.places[at]]].tolist()
    before = old.of_product[at].tolist()
    if [names[code] for code in codes] == [old.names[one] for one in before]:
        return old
    return regions_of(shot, shot.heads[index.places])


def _gaps(old: Gaps, frame: Frame, index: Positions, at: Array) -> Gaps:
    new, parts = gaps_at(frame, index.key).rows, old.rows
    assert isinstance(new, UnlinkedParts)
    assert isinstance(parts, UnlinkedParts)
    consumer = at[new.consumer].astype(np.intp)
    splice = _Splice.of(parts.consumer, at, consumer)
    columns = splice(parts.consumer, consumer), splice(parts.flow, new.flow), splice(parts.unit, new.unit)
    rows = UnlinkedParts(index.key, parts.words, *columns, splice(parts.amount, new.amount))
    return Gaps(rows, rows.consumer, rows.amount)


@dataclass(frozen=True, slots=True)
class _Splice:
    """Columns in the order of their products, with those of some products in place of what they had.

    ``gone``: where these were; ``order``: of what is left with what came after it, None where each product
    has as many as before.
    """

    gone: Array
    order: Array | None

    @classmethod
    def of(cls, owner: Array, at: Array, fresh: Array) -> _Splice:
        """``owner`` of each row there was, ``fresh`` of those of ``at`` that come; all ascending."""
        begin, end = np.searchsorted(owner, at, "left"), np.searchsorted(owner, at, "right")
        gone = spans(begin, end - begin)
        if np.array_equal(owner[gone], fresh):
            return cls(gone, None)
        return cls(gone, np.argsort(np.concatenate([np.delete(owner, gone), fresh]), kind="stable"))

    def __call__(self, old: Array, new: Array) -> Array:
        if self.order is not None:
            return np.asarray(np.concatenate([np.delete(old, self.gone), new])[self.order])
        if not len(self.gone):
            return old
        column = old.astype(np.promote_types(old.dtype, new.dtype))
        column[self.gone] = new
        return column
