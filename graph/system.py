"""A supply graph compiled to arrays and solved: what every roll-up of one revision shares.

Only cradle-to-gate flows propagate: an input or emission labelled distribution, use or end of life
belongs to its own product alone, and enters no product further down the chain.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from huren.graph.equations import Emitted, Equations, Gaps, Marks, Regions, needs_of, upstream
from huren.graph.factors import BoolArray, FloatArray
from huren.graph.gwp import CO2E, FACTORS, counted
from huren.graph.loops import IntArray, consuming_loop
from huren.graph.model.rollup import Loop
from huren.graph.model.supply import GwpSet, Prefer, Supply
from huren.graph.network.network import Certificate, Network
from huren.graph.network.rows import positions
from huren.graph.owners import Owners
from huren.graph.sides import Flow, Side, no_product
from huren.graph.snapshot.equations import equations_of, needs_at
from huren.graph.snapshot.snapshot import Recipes


@dataclass(frozen=True, slots=True)
class Weights:
    """kg CO2e per kg of each flow under one GWP set: all of them, and 0 where not counted."""

    every: FloatArray
    counted: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class System:
    """A supply graph in arrays, products in the order of their keys. Build it with :meth:`of`.

    ``own`` and ``x``, ``(products, flows)``: kg per declared unit emitted at each product, and with all
    that is behind it, both cradle to gate; ``x`` is NaN behind an unsolvable loop. ``stated``: whether a
    product says anything of a flow. ``credits``: loops that hold a credit, by the position of a member.
    """

    supply: Supply
    prefer: Prefer
    keys: Sequence[str]
    index: Mapping[str, int]
    flows: tuple[Flow, ...]
    column: dict[Flow, int]
    weights: dict[GwpSet, Weights]
    network: Network
    own: FloatArray
    x: FloatArray
    stated: BoolArray
    credits: dict[int, Loop]
    late: csr_array[Any]
    emitted: Emitted
    marks: Marks
    regions: Regions
    gaps: Gaps
    _peaks: dict[GwpSet, tuple[FloatArray, FloatArray]] = field(default_factory=dict, repr=False)
    _certificates: dict[GwpSet, Certificate] = field(default_factory=dict, repr=False)
    _owners: list[Owners] = field(default_factory=list, repr=False)

    @classmethod
    def of(
        cls, supply: Supply, prefer: Prefer = Prefer.MODELLED, roots: Iterable[str] | None = None
    ) -> System:
        """Compile and solve ``supply``, or only what is upstream of ``roots``.

        Cost: O(products × flows + inputs), and one LU per loop; 500 roll-ups a second follow from one.
        Raises: BadInput for a number that is not finite, a gas without factor; NotFound for an input
        whose supplier is no product. A loop that consumes all it makes is refused at the roll-up alone.
        """
        found = _equations(supply, prefer, roots)
        keys, index, flows, own = found.keys, found.index, found.flows, found.own
        column = {flow: j for j, flow in enumerate(flows)}
        weights = {gwp: _weights(flows, gwp) for gwp in GwpSet}
        network = Network.of_matrix(found.needs)
        x = network.solve(own)
        solved = network, own, x, found.stated, credits_of(keys, network, own, x)
        told = found.late, found.emitted, found.marks, found.regions, found.gaps
        return cls(supply, prefer, keys, index, flows, column, weights, *solved, *told)

    def at(self, product: str) -> int:
        """The position of ``product``. Raises: NotFound."""
        if product not in self.index:
            raise no_product(product)
        return self.index[product]

    def peaks(self, gwp: GwpSet) -> tuple[FloatArray, FloatArray]:
        """kg CO2e counted at each product, and of the largest path that begins with it, both per unit.

        Cost: about one solve, the first time under each set.
        """
        if gwp not in self._peaks:
            own = self.own @ self.weights[gwp].counted
            self._peaks[gwp] = own, self.network.peaks(own)
        return self._peaks[gwp]

    def certificate(self, gwp: GwpSet) -> Certificate:
        """What is proven of the kg CO2e counted behind every product that has a footprint, cradle to gate.

        Cost: about three solves, the first time under each set.
        """
        if gwp not in self._certificates:
            sound = np.flatnonzero(np.isfinite(self.x @ self.weights[gwp].counted))
            self._certificates[gwp] = self.proven(gwp, sound)
        return self._certificates[gwp]

    def proven(self, gwp: GwpSet, among: IntArray) -> Certificate:
        """The same of some products, ascending, that need none but one another and have a footprint.

        Cost: about three solves of what they need.
        """
        counted, part = self.weights[gwp].counted, positions(among)
        network = self.network if len(part) == len(self.keys) else self.network.part(part)
        return network.certify((self.own @ counted)[part], (self.x @ counted)[part])

    @property
    def owners(self) -> Owners:
        """Whose the products are. Cost: a search for each owner, the first time."""
        if not self._owners:
            self._owners.append(Owners.of(self.keys))
        return self._owners[0]

    def side(self, position: int) -> Side:
        """The side of the product at ``position`` that counts here: modelled or declared."""
        return Side.of(self.supply, self.keys[position], self.prefer)


def _equations(supply: Supply, prefer: Prefer, roots: Iterable[str] | None) -> Equations:
    """A whole graph that is kept in columns is compiled from them, anything else from its objects."""
    if roots is None and isinstance(supply.recipes, Recipes):
        return equations_of(supply.recipes.snapshot, prefer)
    return Equations.of(supply, prefer, roots)


def _weights(flows: tuple[Flow, ...], gwp: GwpSet) -> Weights:
    every = np.array([1.0 if gas == CO2E else FACTORS[gas, origin][gwp] for gas, origin, _ in flows])
    mask = np.array([counted(gas, origin) for gas, origin, _ in flows], dtype=np.bool_)
    return Weights(every, every * mask)


def credits_of(keys: Sequence[str], network: Network, own: FloatArray, x: FloatArray) -> dict[int, Loop]:
    """Each loop with a negative coefficient, by its first member, with the residual of its solution."""
    loops = {int(members.min()): members for members in map(network.order.members, network.credit_loops())}
    return {
        first: Loop(tuple(keys[i] for i in sorted(members.tolist())), network.residual(members, own, x))
        for first, members in sorted(loops.items())
    }


def check_loops(supply: Supply, keys: Iterable[str] | None = None) -> None:
    """Refuse loops that consume all they make: all of them, or those that go through ``keys``.

    For imports and mutations; reads the models, whatever is declared. Cost: O(what is upstream of ``keys``),
    or of a graph in columns all of it, and an LU per hard loop. Raises: ConsumingLoop, naming the members.
    """
    order, index, needs = _modelled(supply, keys)
    network = Network.of_matrix(needs)
    touched = set(range(len(order))) if keys is None else {index[key] for key in keys}
    for members in network.consuming():
        if not touched.isdisjoint(members.tolist()):
            raise consuming_loop([order[i] for i in members.tolist()])


def _modelled(
    supply: Supply, keys: Iterable[str] | None
) -> tuple[Sequence[str], Mapping[str, int], csr_array[Any]]:
    """Keys, their positions, and what they need by their models; in columns all of it."""
    if isinstance(supply.recipes, Recipes):
        places, needs = needs_at(supply.recipes.snapshot)
        return places.keys_in_order(), places, needs
    order = tuple(sorted(supply.products if keys is None else upstream(supply, Prefer.MODELLED, keys)))
    index = {key: i for i, key in enumerate(order)}
    sides = [Side.of(supply, key, Prefer.MODELLED) for key in order]
    return order, index, needs_of(order, index, sides)
