"""The equations of a whole supply graph compiled from its columns, without an object for a product.

The same as :meth:`huren.graph.equations.Equations.of` makes of the objects, to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, overload

import numpy as np
from scipy.sparse import csr_array

from huren.graph.equations import PRIMARY, Emitted, Equations, Gaps, Marks, Regions
from huren.graph.gwp import CO2E, canonical
from huren.graph.model.rollup import UnlinkedPart
from huren.graph.model.supply import GATE, Emission, Prefer
from huren.graph.sides import Flow, finite, flow_of, no_product
from huren.graph.snapshot.columns import Array
from huren.graph.snapshot.snapshot import NOTHING, Snapshot
from huren.graph.snapshot.table import spans
from huren.graph.snapshot.words import Words

T = TypeVar("T")

_BLOCK = 1 << 16


class Lazy(Sequence[T]):
    """``count`` things, each made when asked for."""

    def __init__(self, count: int, make: Callable[[int], T]) -> None:
        self._count, self._make = count, make

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> T: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[T, ...]: ...
    def __getitem__(self, at: int | slice) -> T | tuple[T, ...]:
        places = range(self._count)[at]
        return self._make(places) if isinstance(places, int) else tuple(map(self._make, places))


class Positions(Mapping[str, int]):
    """The position of each key.

    ``ranks``: by place in the snapshot, NOTHING where there is no product; ``places``: by position.
    """

    def __init__(self, snapshot: Snapshot, ranks: Array, places: Array) -> None:
        self.snapshot, self.ranks, self.places = snapshot, ranks, places

    def __getitem__(self, key: str) -> int:
        place = self.snapshot.keys.find(key)
        if place is None or self.ranks[place] == NOTHING:
            raise KeyError(key)
        return int(self.ranks[place])

    def __iter__(self) -> Iterator[str]:
        return iter(self.snapshot.products)

    def __len__(self) -> int:
        return len(self.places)

    def key(self, position: int) -> str:
        """The key at a position."""
        return self.snapshot.keys.text(int(self.places[position]))

    def keys_in_order(self) -> Lazy[str]:
        """All keys, each made when asked for."""
        return Lazy(len(self.places), self.key)


@dataclass(frozen=True, slots=True, eq=False)
class UnlinkedParts(Sequence[UnlinkedPart]):
    """Unlinked inputs, each made when asked for: columns by row, the ``key`` of a consumer."""

    key: Callable[[int], str]
    words: Mapping[str, Words[Any]]
    consumer: Array
    flow: Array
    unit: Array
    amount: Array

    def __len__(self) -> int:
        return len(self.consumer)

    @overload
    def __getitem__(self, at: int) -> UnlinkedPart: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[UnlinkedPart, ...]: ...
    def __getitem__(self, at: int | slice) -> UnlinkedPart | tuple[UnlinkedPart, ...]:
        if isinstance(at, slice):
            return tuple(self[i] for i in range(len(self))[at])
        flow, unit = self.words["flow"][self.flow[at]], self.words["unit"][self.unit[at]]
        return UnlinkedPart(self.key(int(self.consumer[at])), flow or "", float(self.amount[at]), unit or "")


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Products in the order of their keys: their places and rows, and which side of each counts.

    ``ranks``: by place, the position among all of them.
    """

    shot: Snapshot
    places: Array
    ranks: Array
    rows: Array
    modelled: Array
    declared: Array

    @classmethod
    def of(cls, shot: Snapshot, prefer: Prefer) -> Frame:
        ordered = shot.keys.ordered()
        places = ordered[shot.heads[ordered] != NOTHING]
        ranks = np.full(len(shot.heads), NOTHING, np.int32)
        ranks[places] = np.arange(len(places))
        return cls._of(shot, prefer, places, ranks)

    @classmethod
    def at(cls, index: Positions, prefer: Prefer, positions: Array) -> Frame:
        """Some of the products alone, in the order given. Cost: theirs."""
        return cls._of(index.snapshot, prefer, index.places[positions], index.ranks)

    @classmethod
    def _of(cls, shot: Snapshot, prefer: Prefer, places: Array, ranks: Array) -> Frame:
        table, rows = shot.table, shot.heads[places]
        modelled = (table.sizes("input", rows) > 0) | (table["modelled"][rows] > 0)
        declared = table.sizes("declared", rows) > 0
        if prefer is Prefer.MODELLED:
            declared &= ~modelled
        return cls(shot, places, ranks, rows, modelled, declared)

    def part(self, first: int) -> Frame:
        """A block of the products, counted from its first."""
        block = slice(first, first + _BLOCK)
        columns = self.rows[block], self.modelled[block], self.declared[block]
        return Frame(self.shot, self.places[block], self.ranks, *columns)

    def key(self, position: int) -> str:
        return self.shot.keys.text(int(self.places[position]))

    def items(self, group: str) -> tuple[Array, Array]:
        """The positions of the consumers, and where their items are: none behind a declared total."""
        sizes = np.where(self.declared, 0, self.shot.table.sizes(group, self.rows))
        return self._spread(self.shot.table.starts(group, self.rows), sizes)

    def emissions(self) -> tuple[Array, Array]:
        """As :meth:`items`, with those that a declared total stands for."""
        table = self.shot.table
        starts, sizes = table.starts("emission", self.rows), table.sizes("emission", self.rows)
        model = table["modelled"][self.rows].astype(np.int64)
        starts = np.where(self.declared, starts + model, starts)
        return self._spread(starts, np.where(self.declared, sizes - model, model))

    def _spread(self, starts: Array, sizes: Array) -> tuple[Array, Array]:
        return np.repeat(np.arange(len(sizes), dtype=np.int32), sizes), spans(starts, sizes)


def equations_of(snapshot: Snapshot, prefer: Prefer) -> Equations:
    """Those of the whole graph, in the order of keys. Cost and errors: as of :meth:`Equations.of`."""
    frame = Frame.of(snapshot, prefer)
    index = Positions(snapshot, frame.ranks, frame.places)
    flows, emitted = emitted_at(frame)
    shape = len(index), len(flows)
    own, stated = emitted.summed(~emitted.late, shape), emitted.stated(shape)
    needs, late = _needs(frame)
    told = marks_at(frame), regions_of(snapshot, frame.rows), gaps_at(frame, index.key)
    return Equations(index.keys_in_order(), index, flows, own, stated, needs, late, emitted, *told)


def needs_at(snapshot: Snapshot) -> tuple[Positions, csr_array[Any]]:
    """What all need by their models up to the gate, ``(products, products)``. Raises: BadInput, NotFound."""
    frame = Frame.of(snapshot, Prefer.MODELLED)
    return Positions(snapshot, frame.ranks, frame.places), _needs(frame)[0]


def emitted_at(frame: Frame) -> tuple[tuple[Flow, ...], Emitted]:
    """The flows of some products, in order, and their emission rows. Raises: BadInput."""
    table, words = frame.shot.table, frame.shot.words
    product, at = frame.emissions()
    kg = table["emission.kg"][at]
    flows, column = flows_of(frame, product, at)
    if len(bad := np.flatnonzero(~np.isfinite(kg))):
        gas = words["gas"][table["emission.gas"][at[bad[0]]]]
        finite(float(kg[bad[0]]), frame.key(product[bad[0]]), str(gas))
    late = ~gate_of(words["stage"])[table["emission.stage"][at]]
    primary = np.array([kind == PRIMARY for kind in words["kind"].words])[table["emission.kind"][at]]
    return flows, Emitted(product, column, kg, late, primary)


def flows_of(frame: Frame, product: Array, at: Array) -> tuple[tuple[Flow, ...], Array]:
    """The flows there are, in order, and which of them each emission is."""
    table, words = frame.shot.table, frame.shot.words
    gas, names = table["emission.gas"][at], [canonical(word) if word else None for word in words["gas"].words]
    if len(bad := np.flatnonzero(np.array([name is None for name in names])[gas])):
        flow_of(Emission(str(words["gas"][gas[bad[0]]]), 0.0), frame.key(product[bad[0]]))
    plain = sorted({name for name in names if name})
    code = np.array([plain.index(name) if name else 0 for name in names])[gas]
    sets = table["emission.gwp"][at] * np.array([name == CO2E for name in plain] or [False])[code]
    every = (code * 8 + table["emission.origin"][at]) * 8 + sets
    found = np.flatnonzero(np.bincount(every))
    origins: list[Any] = words["origin"].words
    gwps: list[Any] = words["gwp"].words
    flows = [(plain[c // 64], origins[c // 8 % 8], gwps[c % 8]) for c in found.tolist()]
    order = sorted(range(len(flows)), key=lambda j: (flows[j][0], flows[j][1], flows[j][2] or ""))
    columns = np.zeros(int(every.max(initial=0)) + 1, np.int64)
    columns[found[order]] = np.arange(len(order))
    return tuple(flows[j] for j in order), columns[every]


def _needs(frame: Frame) -> tuple[csr_array[Any], csr_array[Any]]:
    """Up to the gate, and after it; by blocks of products, so that little is needed beside the result."""
    size, most = len(frame.rows), int(frame.shot.table.sizes("input", frame.rows).sum())
    suppliers, amounts = np.empty(most, np.int32), np.empty(most, np.float64)
    ends, filled, late = np.zeros(size + 1, np.int64), 0, [np.zeros((3, 0))]
    for first in range(0, size, _BLOCK):
        part = frame.part(first)
        consumer, supplier, amount, early = inputs_at(part)
        stop = filled + int(early.sum())
        suppliers[filled:stop], amounts[filled:stop] = supplier[early], amount[early]
        counts = np.bincount(consumer[early], minlength=len(part.rows))
        ends[first + 1 : first + 1 + len(part.rows)] = counts
        after = ~early & (supplier != NOTHING)
        late.append(np.stack([first + consumer[after], supplier[after], amount[after]]))
        filled = stop
    ends = np.cumsum(ends, dtype=np.int32 if filled < 1 << 31 else np.int64)
    gate = csr_array((amounts[:filled], suppliers[:filled], ends), shape=(size, size))
    consumers, others, values = np.concatenate(late, axis=1)
    cells = consumers.astype(np.int64), others.astype(np.int64)
    return gate, csr_array((values, cells), shape=(size, size))


def inputs_at(frame: Frame) -> tuple[Array, Array, Array, Array]:
    """Consumer, supplier and amount of what is needed, and whether it is up to the gate."""
    table = frame.shot.table
    consumer, at = frame.items("input")
    amount = table["input.amount"][at]
    counts = amount != 0
    consumer, at, amount = consumer[counts], at[counts], amount[counts]
    early = gate_of(frame.shot.words["stage"])[table["input.stage"][at]]
    supplier = frame.ranks[table["input.supplier"][at]]
    wrong = np.flatnonzero(~np.isfinite(amount) | (early & (supplier == NOTHING)))
    if len(wrong):
        named = frame.shot.keys.text(int(table["input.supplier"][at[wrong[0]]]))
        finite(float(amount[wrong[0]]), frame.key(consumer[wrong[0]]), named)
        raise no_product(named)
    return consumer, supplier, amount, early


def marks_at(frame: Frame) -> Marks:
    """What is flagged of some products."""
    table, rows = frame.shot.table, frame.rows
    return Marks(
        declared=frame.declared,
        undivided=frame.declared & table["undivided"][rows],
        unknown=~(frame.declared | frame.modelled),
        silent=~(frame.declared | table["unlinked_stated"][rows]),
        unverified=table["unverified"][rows].copy(),
    )


def regions_of(shot: Snapshot, rows: Array) -> Regions:
    """The regions of products by their rows. Cost: O(rows)."""
    words = shot.words["region"]
    codes, of_product = np.unique(shot.table["region"][rows], return_inverse=True)
    names = [words[code] for code in codes.tolist()]
    order = sorted(range(len(names)), key=lambda j: (names[j] is None, names[j] or ""))
    return Regions(tuple(names[j] for j in order), np.argsort(order)[of_product])


def gaps_at(frame: Frame, key: Callable[[int], str]) -> Gaps:
    """The unlinked inputs of some products; ``key`` of each. Raises: BadInput."""
    table, words = frame.shot.table, frame.shot.words
    consumer, at = frame.items("unlinked")
    flow, unit, amount = (table[f"unlinked.{name}"][at] for name in ("flow", "unit", "amount"))
    order = np.lexsort((amount, _ranks(words["unit"])[unit], _ranks(words["flow"])[flow], consumer))
    consumer, flow, unit, amount = consumer[order], flow[order], unit[order], amount[order]
    if len(bad := np.flatnonzero(~np.isfinite(amount))):
        finite(float(amount[bad[0]]), frame.key(consumer[bad[0]]), str(words["flow"][flow[bad[0]]]))

    parts = UnlinkedParts(key, frame.shot.words, consumer.astype(np.intp), flow, unit, amount)
    return Gaps(parts, parts.consumer, amount)


def gate_of(stages: Words[Any]) -> Array:
    """By code of a stage, whether it is up to the gate; no stage is."""
    return np.array([stage is None or stage in GATE for stage in stages.words])


def _ranks(words: Words[Any]) -> Array:
    """By code, the place of a word in the order of words."""
    return np.argsort(sorted(range(len(words.words)), key=lambda code: words.words[code] or ""))
