"""A supply graph compiled to arrays: the equations that a :class:`~huren.graph.system.System` solves.

Only cradle-to-gate flows propagate: an input or emission labelled distribution, use or end of life
belongs to its own product alone, and enters no product further down the chain.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from huren.graph.factors import BoolArray, FloatArray
from huren.graph.loops import IntArray
from huren.graph.model.rollup import UnlinkedPart
from huren.graph.model.supply import GATE, Prefer, Product, Supply
from huren.graph.sides import Flow, Side, finite, flow_of, no_product, undivided

PRIMARY = "primary"
"""The kind of data that was measured for the very process (ISO 14067 3.1.7.1)."""


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """Flags by product, ``(products,)``: which side of it counts, and what it leaves unsaid."""

    declared: BoolArray
    undivided: BoolArray
    unknown: BoolArray
    silent: BoolArray
    unverified: BoolArray

    @classmethod
    def of(cls, products: list[Product], sides: list[Side]) -> Marks:
        """``silent``: modelled, but came without a list of unlinked inputs."""
        return cls(
            declared=_flags(side.declared is not None for side in sides),
            undivided=_flags(side.declared is not None and undivided(side.declared) for side in sides),
            unknown=_flags(side.unknown for side in sides),
            silent=_flags(side.declared is None and not side.recipe.unlinked_stated for side in sides),
            unverified=_flags(product.unverified for product in products),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Regions:
    """The regions there are, unknown last, and the position of each product's among them."""

    names: tuple[str | None, ...]
    of_product: IntArray

    @classmethod
    def of(cls, products: list[Product]) -> Regions:
        """Cost: O(products)."""
        names = sorted({product.region for product in products}, key=lambda name: (name is None, name or ""))
        place = {name: i for i, name in enumerate(names)}
        codes = (place[product.region] for product in products)
        return cls(tuple(names), np.fromiter(codes, np.intp, len(products)))


@dataclass(frozen=True, slots=True, eq=False)
class Gaps:
    """Every unlinked input, with the position of its consumer and its amount, ``(rows,)``."""

    rows: Sequence[UnlinkedPart]
    consumer: IntArray
    amount: FloatArray

    @classmethod
    def of(cls, keys: tuple[str, ...], sides: list[Side]) -> Gaps:
        """By consumer, then flow. Raises: BadInput for an amount that is not finite."""
        found = [(i, row) for i, key in enumerate(keys) for row in sides[i].unlinked(key)]
        consumer = np.fromiter((i for i, _ in found), np.intp, len(found))
        amount = np.fromiter((row.amount for _, row in found), np.float64, len(found))
        return cls(tuple(row for _, row in found), consumer, amount)


@dataclass(frozen=True, slots=True, eq=False)
class Emitted:
    """Every emission row that counts, ``(rows,)``, by product: ``kg`` of the flow at position ``flow``.

    ``late``: after the gate. ``primary``: from primary data.
    """

    product: IntArray
    flow: IntArray
    kg: FloatArray
    late: BoolArray
    primary: BoolArray

    def summed(self, rows: BoolArray, shape: tuple[int, int], kg: FloatArray | None = None) -> FloatArray:
        """kg (or what ``kg`` has instead, by row) of those ``rows``, ``(products, flows)``."""
        cell = self.product[rows].astype(np.int64) * shape[1] + self.flow[rows]
        values = (self.kg if kg is None else kg)[rows]
        cells = np.bincount(cell, weights=values, minlength=shape[0] * shape[1])
        return np.asarray(cells.reshape(shape), dtype=np.float64)

    def stated(self, shape: tuple[int, int]) -> BoolArray:
        """Whether a product says anything of a flow, ``(products, flows)``."""
        said = np.zeros(shape, np.bool_)
        said[self.product, self.flow] = True
        return said


@dataclass(frozen=True, slots=True, eq=False)
class Equations:
    """x = own + needs x, by product and flow, and what answers say of the products.

    ``own``, ``(products, flows)``: kg per declared unit emitted at each product up to the gate. ``stated``:
    whether a product says anything of a flow, at whatever stage. ``needs``, ``(products, products)``:
    [consumer, supplier], up to the gate; entries of one pair add up. ``late``: the same after the gate,
    which counts at its own product alone; where only a part of a graph is compiled, whole for its roots.
    """

    keys: Sequence[str]
    index: Mapping[str, int]
    flows: tuple[Flow, ...]
    own: FloatArray
    stated: BoolArray
    needs: csr_array[Any]
    late: csr_array[Any]
    emitted: Emitted
    marks: Marks
    regions: Regions
    gaps: Gaps

    @classmethod
    def of(cls, supply: Supply, prefer: Prefer, roots: Iterable[str] | None = None) -> Equations:
        """Those of ``supply``, or only of what is upstream of ``roots``, in the order of keys.

        Cost: O(products x flows + inputs). Raises: BadInput for a number that is not finite, a gas without
        factor; NotFound for an input whose supplier is no product.
        """
        keys = tuple(sorted(supply.products if roots is None else upstream(supply, prefer, roots)))
        index = {key: i for i, key in enumerate(keys)}
        sides = [Side.of(supply, key, prefer) for key in keys]
        products = [supply.products[key] for key in keys]
        flows, emitted = _emitted(keys, sides)
        shape = len(keys), len(flows)
        own, stated = emitted.summed(~emitted.late, shape), emitted.stated(shape)
        needs, late = needs_of(keys, index, sides), needs_of(keys, index, sides, late=True)
        marks, regions, gaps = Marks.of(products, sides), Regions.of(products), Gaps.of(keys, sides)
        return cls(keys, index, flows, own, stated, needs, late, emitted, marks, regions, gaps)


def _emitted(keys: tuple[str, ...], sides: list[Side]) -> tuple[tuple[Flow, ...], Emitted]:
    """Every flow of the graph, and every emission row that counts."""
    rows = [(i, flow_of(e, keys[i]), e) for i, side in enumerate(sides) for e in side.emissions]
    for i, _, row in rows:
        finite(row.kg, keys[i], row.gas)
    flows = tuple(sorted({flow for _, flow, _ in rows}, key=lambda flow: (flow[0], flow[1], flow[2] or "")))
    column = {flow: j for j, flow in enumerate(flows)}
    return flows, Emitted(
        product=np.fromiter((i for i, _, _ in rows), np.intp),
        flow=np.fromiter((column[flow] for _, flow, _ in rows), np.intp),
        kg=np.fromiter((row.kg for _, _, row in rows), np.float64),
        late=_flags(row.stage is not None and row.stage not in GATE for _, _, row in rows),
        primary=_flags(row.provenance.data_kind == PRIMARY for _, _, row in rows),
    )


def needs_of(
    keys: tuple[str, ...], index: dict[str, int], sides: list[Side], *, late: bool = False
) -> csr_array[np.float64]:
    """N[consumer, supplier], cradle to gate; or of what is ``late``, as far as the suppliers are here."""
    consumers: list[int] = []
    suppliers: list[int] = []
    amounts: list[float] = []
    for i, side in enumerate(sides):
        for row in side.inputs:
            finite(row.amount, keys[i], row.supplier)
            if (row.stage is None or row.stage in GATE) is not late:
                if row.supplier not in index:
                    if late:
                        continue
                    raise no_product(row.supplier)
                consumers.append(i)
                suppliers.append(index[row.supplier])
                amounts.append(row.amount)
    return csr_array(
        (np.array(amounts, dtype=np.float64), (consumers, suppliers)), shape=(len(keys), len(keys))
    )


def upstream(supply: Supply, prefer: Prefer, roots: Iterable[str]) -> set[str]:
    """Keys of ``roots`` and all that they need at any stage, and those suppliers up to the gate."""
    waiting = [(key, True) for key in roots]
    found: set[str] = set()
    expanded: set[str] = set()
    while waiting:
        key, root = waiting.pop()
        if key not in supply.products:
            raise no_product(key)
        found.add(key)
        if root or key not in expanded:
            expanded.add(key)
            needed = Side.of(supply, key, prefer).inputs
            waiting += [
                (row.supplier, False) for row in needed if root or row.stage is None or row.stage in GATE
            ]
    return found


def _flags(values: Iterable[bool]) -> BoolArray:
    return np.fromiter(values, dtype=np.bool_)
