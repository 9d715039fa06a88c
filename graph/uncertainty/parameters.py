"""The numbers that a total rests on: every input and emission row behind some products, as columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np

from huren.errors import BadInput
from huren.graph.equations import PRIMARY
from huren.graph.factors import BoolArray, FloatArray
from huren.graph.loops import IntArray
from huren.graph.model.supply import GATE, Emission, GwpSet, Input, Provenance, Stage
from huren.graph.root import Root
from huren.graph.sides import flow_of
from huren.graph.snapshot.equations import Positions
from huren.graph.snapshot.stated import stated_emissions, stated_inputs
from huren.graph.system import System

KINDS = (PRIMARY, "secondary", None)
"""Kinds of data, as ``Parameters.kind`` counts them; the last: none stated, or another."""

_Row = tuple[int, int, float, float, bool, int, int]
_TYPES = (np.intp, np.intp, np.float64, np.float64, np.bool_, np.intp, np.intp)


@dataclass(frozen=True, slots=True, eq=False)
class Parameters:
    """Rows of the products behind ``roots``, ``(rows,)``, by key of the product: inputs, then emissions.

    Their order is the same however the system numbers its products. ``products``: their positions in the
    system, ``(products,)``; all else counts along it. ``consumer``: the product of the row; ``supplier``:
    of an input, -1 for an emission; ``value``: the amount, or kg CO2e counted; ``sigma``: ln of the
    geometric standard deviation, NaN where none is stated; ``late``: after the gate, of a root alone;
    ``ordinal``: place among the product's inputs or emissions; ``kind``: of data, in KINDS.
    """

    system: System
    gwp: GwpSet
    products: IntArray
    roots: tuple[int, ...]
    consumer: IntArray
    supplier: IntArray
    value: FloatArray
    sigma: FloatArray
    late: BoolArray
    ordinal: IntArray
    kind: IntArray

    @classmethod
    def of(cls, system: System, roots: Sequence[Root], gwp: GwpSet) -> Parameters:
        """Gather them. Cost: the rows of all that is upstream. Raises: BadInput for a gsd that is none."""
        positions = roots[0].chain if len(roots) == 1 else np.unique(np.concatenate([r.chain for r in roots]))
        found, cancelled = cls._among(system, positions, roots, gwp)
        while len(cancelled):  # rows that sum to 0 are no need to the network, and yet they move the total
            positions = np.union1d(positions, system.network.upstream(cancelled))
            found, cancelled = cls._among(system, positions, roots, gwp)
        return found

    @classmethod
    def _among(
        cls, system: System, positions: IntArray, roots: Sequence[Root], gwp: GwpSet
    ) -> tuple[Parameters, IntArray]:
        """The rows of the products at ``positions``, and suppliers in them that are none of these."""
        positions = positions.astype(np.intp)
        if not isinstance(system.index, Positions):
            positions = np.array(sorted(positions.tolist(), key=system.keys.__getitem__), dtype=np.intp)
        place = np.full(len(system.keys), -1, dtype=np.intp)
        place[positions] = np.arange(len(positions))
        asked = tuple(int(place[root.position]) for root in roots)
        consumer, supplier, value, gsd, late, ordinal, kind = _columns(system, positions, gwp)
        kept = ~late | np.isin(consumer, asked)
        needed = supplier[kept & (supplier >= 0)]
        supplier = np.where(supplier < 0, -1, place[supplier])
        sigma = _sigmas(system, positions[consumer], gsd)
        rest = (consumer, supplier, value, sigma, late, ordinal, kind)
        found = cls(system, gwp, positions, asked, *(column[kept] for column in rest))
        return found, np.unique(needed[place[needed] < 0])

    @property
    def inputs(self) -> BoolArray:
        """Which rows are inputs."""
        return self.supplier >= 0

    @property
    def gate(self) -> BoolArray:
        """Which rows are inputs up to the gate: the coefficients of the chain."""
        return self.inputs & ~self.late

    def gate_emissions(self, value: FloatArray) -> FloatArray:
        """kg CO2e emitted at each product up to the gate at some values of the rows, ``(products,)``."""
        emitted = ~self.inputs & ~self.late
        sums = np.bincount(self.consumer[emitted], value[emitted], minlength=len(self.products))
        return np.asarray(sums, dtype=np.float64)

    def row(self, at: int) -> Input | Emission:
        """The row itself."""
        side = self.system.side(int(self.products[self.consumer[at]]))
        rows: Sequence[Input | Emission] = side.inputs if self.supplier[at] >= 0 else tuple(side.emissions)
        return rows[int(self.ordinal[at])]

    def key(self, product: int) -> str:
        """The key of one of ``products``."""
        return self.system.keys[int(self.products[product])]


def _columns(system: System, positions: IntArray, gwp: GwpSet) -> list[Any]:
    if isinstance(system.index, Positions):
        return _from_columns(system, system.index, positions, gwp)
    return _from_objects(system, positions, gwp)


def _from_objects(system: System, positions: IntArray, gwp: GwpSet) -> list[Any]:
    """The rows of products that are objects, one after the other."""
    found = (_rows(system, i, position, gwp) for i, position in enumerate(positions.tolist()))
    columns = list(zip(*chain.from_iterable(found), strict=True)) or [()] * len(_TYPES)
    return [np.array(column, dtype=kind) for column, kind in zip(columns, _TYPES, strict=True)]


def _rows(system: System, at: int, position: int, gwp: GwpSet) -> Iterator[_Row]:
    side, key, weights = system.side(position), system.keys[position], system.weights[gwp].counted
    for ordinal, need in enumerate(side.inputs):
        supplier = system.index.get(need.supplier, -1)
        yield at, supplier, need.amount, *_told(need.provenance, need.stage), ordinal, _kind(need.provenance)
    for ordinal, row in enumerate(side.emissions):
        kg = row.kg * float(weights[system.column[flow_of(row, key)]])
        yield at, -1, kg, *_told(row.provenance, row.stage), ordinal, _kind(row.provenance)


def _told(known: Provenance, stage: Stage | None) -> tuple[float, bool]:
    return np.nan if known.gsd is None else known.gsd, stage is not None and stage not in GATE


def _kind(known: Provenance) -> int:
    return KINDS.index(known.data_kind) if known.data_kind in KINDS else len(KINDS) - 1


def _from_columns(system: System, index: Positions, positions: IntArray, gwp: GwpSet) -> list[Any]:
    """The rows of products that are kept in columns: inputs before emissions, product after product."""
    named = [kind for kind in KINDS if kind is not None]
    asked = index, system.prefer, positions, named
    parts = stated_inputs(*asked), stated_emissions(*asked, gwp)
    order = np.argsort(np.concatenate([part.product for part in parts]), kind="stable")
    names = ("product", "supplier", "value", "gsd", "late", "ordinal", "kind")
    return [np.concatenate([getattr(part, name) for part in parts])[order] for name in names]


def _sigmas(system: System, positions: IntArray, gsd: FloatArray) -> FloatArray:
    """ln of each geometric standard deviation. Raises: BadInput for one that is none, naming its product."""
    for bad in np.flatnonzero(~np.isnan(gsd) & ~((gsd > 0) & np.isfinite(gsd)))[:1].tolist():
        raise _no_spread(system.keys[int(positions[bad])], float(gsd[bad]))
    return np.asarray(np.abs(np.log(gsd)))


def _no_spread(key: str, gsd: float) -> BadInput:
    return BadInput(
        f"`{key}` states a geometric standard deviation of {gsd!r}",
        f"`{key}` 给出的几何标准差为 {gsd!r}",
        fix="Give a finite number of at least 1.",
        fix_zh="请填写不小于 1 的有限数值。",
    )
