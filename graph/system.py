"""A supply graph compiled to arrays and solved: what every roll-up of one revision shares.

Only cradle-to-gate flows propagate: an input or emission labelled distribution, use or end of life
belongs to its own product alone, and enters no product further down the chain.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from huren.graph.chain import BoolArray, Chain
from huren.graph.factors import FloatArray, backward_error
from huren.graph.gwp import CO2E, FACTORS, counted
from huren.graph.loops import IntArray, consuming_loop
from huren.graph.model.rollup import Loop, UnlinkedPart
from huren.graph.model.supply import GATE, GwpSet, Prefer, Product, Supply
from huren.graph.sides import Flow, Side, finite, flow_of, no_product, undivided


@dataclass(frozen=True, slots=True)
class Weights:
    """kg CO2e per kg of each flow under one GWP set: all of them, and 0 where not counted."""

    every: FloatArray
    counted: FloatArray


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

    rows: tuple[UnlinkedPart, ...]
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
class System:
    """A supply graph in arrays, products in the order of their keys. Build it with :meth:`of`.

    ``own`` and ``x``, ``(products, flows)``: kg per declared unit emitted at each product, and with all
    that is behind it, both cradle to gate; ``x`` is NaN behind an unsolvable loop. ``stated``: whether a
    product says anything of a flow. ``credits``: by block of ``chain``, the loop if it holds a credit.
    """

    supply: Supply
    prefer: Prefer
    keys: tuple[str, ...]
    index: dict[str, int]
    flows: tuple[Flow, ...]
    column: dict[Flow, int]
    weights: dict[GwpSet, Weights]
    chain: Chain
    own: FloatArray
    x: FloatArray
    stated: BoolArray
    credits: tuple[Loop | None, ...]
    marks: Marks
    regions: Regions
    gaps: Gaps

    @classmethod
    def of(
        cls, supply: Supply, prefer: Prefer = Prefer.MODELLED, roots: Iterable[str] | None = None
    ) -> System:
        """Compile and solve ``supply``, or only what is upstream of ``roots``.

        Cost: O(products × flows + inputs), and one LU per loop; 500 roll-ups a second follow from one.
        Raises: BadInput for a number that is not finite, a gas without factor; NotFound for an input
        whose supplier is no product. A loop that consumes all it makes is refused at the roll-up alone.
        """
        keys = tuple(sorted(supply.products if roots is None else _upstream(supply, prefer, roots)))
        index = {key: i for i, key in enumerate(keys)}
        sides = [Side.of(supply, key, prefer) for key in keys]
        products = [supply.products[key] for key in keys]
        flows, own, stated = _emitted(keys, sides)
        column = {flow: j for j, flow in enumerate(flows)}
        weights = {gwp: _weights(flows, gwp) for gwp in GwpSet}
        chain = Chain.of(_needs(keys, index, sides))
        x = chain.intensities(own)
        credits_ = _credits(keys, chain, own, x)
        marks, regions, gaps = Marks.of(products, sides), Regions.of(products), Gaps.of(keys, sides)
        solved = chain, own, x, stated, credits_
        return cls(supply, prefer, keys, index, flows, column, weights, *solved, marks, regions, gaps)

    def at(self, product: str) -> int:
        """The position of ``product``. Raises: NotFound."""
        if product not in self.index:
            raise no_product(product)
        return self.index[product]

    def side(self, position: int) -> Side:
        """The side of the product at ``position`` that counts here: modelled or declared."""
        return Side.of(self.supply, self.keys[position], self.prefer)


def _weights(flows: tuple[Flow, ...], gwp: GwpSet) -> Weights:
    every = np.array([1.0 if gas == CO2E else FACTORS[gas, origin][gwp] for gas, origin, _ in flows])
    mask = np.array([counted(gas, origin) for gas, origin, _ in flows], dtype=np.bool_)
    return Weights(every, every * mask)


def _emitted(keys: tuple[str, ...], sides: list[Side]) -> tuple[tuple[Flow, ...], FloatArray, BoolArray]:
    """Every flow of the graph; kg of each emitted up to the gate, and whether stated, by product."""
    rows = [(i, flow_of(e, keys[i]), e) for i, side in enumerate(sides) for e in side.emissions]
    flows = tuple(sorted({flow for _, flow, _ in rows}, key=lambda flow: (flow[0], flow[1], flow[2] or "")))
    column = {flow: j for j, flow in enumerate(flows)}
    own, stated = np.zeros((len(keys), len(flows))), np.zeros((len(keys), len(flows)), dtype=np.bool_)
    for i, flow, row in rows:
        finite(row.kg, keys[i], row.gas)
        stated[i, column[flow]] = True
        if row.stage is None or row.stage in GATE:
            own[i, column[flow]] += row.kg
    return flows, own, stated


def _needs(keys: tuple[str, ...], index: dict[str, int], sides: list[Side]) -> csr_array[np.float64]:
    """N[consumer, supplier], cradle to gate."""
    consumers: list[int] = []
    suppliers: list[int] = []
    amounts: list[float] = []
    for i, side in enumerate(sides):
        for row in side.inputs:
            finite(row.amount, keys[i], row.supplier)
            if row.stage is None or row.stage in GATE:
                if row.supplier not in index:
                    raise no_product(row.supplier)
                consumers.append(i)
                suppliers.append(index[row.supplier])
                amounts.append(row.amount)
    return csr_array(
        (np.array(amounts, dtype=np.float64), (consumers, suppliers)), shape=(len(keys), len(keys))
    )


def _upstream(supply: Supply, prefer: Prefer, roots: Iterable[str]) -> set[str]:
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


def _credits(keys: tuple[str, ...], chain: Chain, own: FloatArray, x: FloatArray) -> tuple[Loop | None, ...]:
    """For each block with a negative coefficient its members and the residual of its solution."""
    return tuple(
        Loop(
            tuple(keys[i] for i in block.members),
            backward_error(chain.needs[block.members], x, x[block.members], own[block.members]),
        )
        if block.negative
        else None
        for block in chain.blocks
    )


def check_loops(supply: Supply, keys: Iterable[str] | None = None) -> None:
    """Refuse loops that consume all they make: all of them, or those that go through ``keys``.

    For imports and mutations; reads the models, whatever is declared. Cost: O(what is upstream of
    ``keys``), and one LU per loop. Raises: ConsumingLoop, naming the members.
    """
    order = tuple(sorted(supply.products if keys is None else _upstream(supply, Prefer.MODELLED, keys)))
    index = {key: i for i, key in enumerate(order)}
    chain = Chain.of(_needs(order, index, [Side.of(supply, key, Prefer.MODELLED) for key in order]))
    touched = set(range(len(order))) if keys is None else {index[key] for key in keys}
    for block in chain.blocks:
        if not block.solvable and not touched.isdisjoint(block.members.tolist()):
            raise consuming_loop([order[i] for i in block.members])


def _flags(values: Iterable[bool]) -> BoolArray:
    return np.fromiter(values, dtype=np.bool_)
