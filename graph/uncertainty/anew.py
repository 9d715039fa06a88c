"""A large chain solved for each sample by itself, by machine code, from the solution at the means."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from huren.graph.factors import FloatArray
from huren.graph.loops import IntArray
from huren.graph.network.engine import Solver
from huren.graph.network.rows import Rows, places
from huren.graph.uncertainty.centre import Centre
from huren.graph.uncertainty.draws import Samples


@dataclass(frozen=True, slots=True, eq=False)
class Anew:
    """``slots``: where the amount of each gate row goes among the needs of the network, ``(gate rows,)``."""

    centre: Centre
    gate: IntArray
    slots: IntArray

    @classmethod
    def of(cls, centre: Centre) -> Anew:
        """Cost: a sort of the needs."""
        rows, needs, size = centre.parameters, centre.network.needs, centre.network.size
        gate = np.flatnonzero(rows.gate)
        at = places(needs, np.arange(size, dtype=np.int32))
        consumer = np.repeat(np.arange(size), needs.ends - needs.starts)
        pairs = consumer * size + needs.others[at]
        order = np.argsort(pairs)
        wanted = rows.consumer[gate] * size + rows.supplier[gate]
        return cls(centre, gate, at[order[np.searchsorted(pairs, wanted, sorter=order)]])

    def solve(self, samples: Samples, products: IntArray) -> FloatArray:
        """kg CO2e in one unit of ``products``, ``(products, samples)``. Cost: a warm solve for each."""
        value = np.ascontiguousarray(samples.at(np.arange(len(self.centre.value))).T)
        solver = self._solver(np.abs(value).max(axis=0, initial=0.0))
        found = np.empty((len(products), samples.count))
        for k, numbers in enumerate(value):
            if solver.blocks:
                solver = self._solver(numbers)
            else:
                solver.rewritten(self._needs(numbers))
            x = self.centre.x.copy()
            solver.solve(self.centre.parameters.gate_emissions(numbers)[:, None], x[:, None])
            found[:, k] = x[products]
        return found

    def _solver(self, value: FloatArray) -> Solver:
        """Loops that sweeps solve at the largest amounts, they solve at all others; the rest have factors."""
        network = self.centre.network
        return network.engine.solver(self._needs(value), network.order)

    def _needs(self, value: FloatArray) -> Rows:
        needs = self.centre.network.needs
        amounts = np.bincount(self.slots, value[self.gate], minlength=len(needs.amounts))
        return needs._replace(amounts=np.asarray(amounts, dtype=np.float64))
