"""A large chain solved anew for each sample by machine code, many at once, from the solution at the means."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from huren.graph.factors import FloatArray
from huren.graph.loops import IntArray
from huren.graph.network.fast.sampling import added, solved_each
from huren.graph.network.rows import places
from huren.graph.uncertainty.centre import Centre, consuming
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
        """kg CO2e in one unit of ``products``, ``(products, samples)``.

        In a loop without credits, emissions that settle prove that it leaves something (Seneta 1981, theorem
        1.6). Cost: some sweeps for all together; a sample that does not settle, factors of its own.
        Raises: BadInput for a loop that consumes all it makes in a sample.
        """
        network, rows = self.centre.network, self.centre.parameters
        amounts = np.zeros((len(network.needs.amounts), samples.count))
        added(self.slots, samples.at(self.gate), amounts)
        own, emitted = np.zeros((network.size, samples.count)), np.flatnonzero(~rows.inputs & ~rows.late)
        added(rows.consumer[emitted], samples.at(emitted), own)
        x, settled = np.repeat(self.centre.x[:, None], samples.count, axis=1), np.zeros(samples.count, bool)
        if not network.solver.blocks:
            settled = solved_each(network.needs, network.order, amounts, own, x)
        for k in np.flatnonzero(~settled).tolist():
            x[:, k] = self._alone(amounts[:, k], own[:, k])
        return np.asarray(x[products])

    def _alone(self, amounts: FloatArray, own: FloatArray) -> FloatArray:
        network, key = self.centre.network, self.centre.parameters.key
        needs = network.needs._replace(amounts=np.ascontiguousarray(amounts))
        solver = network.engine.solver(needs, network.order)
        for block in solver.blocks.values():
            if not block.solvable:
                raise consuming([key(i) for i in np.sort(block.members).tolist()])
        x = self.centre.x.copy()
        solver.solve(np.ascontiguousarray(own)[:, None], x[:, None])
        return x
