"""A chain in which few rows vary, solved for many samples by what those rows change: exact, loops included.

x' = x + P f, with P the columns of (I - N)^-1 at the consumers of the varied rows, N at its means, and f
what they bring: changes of emissions, and changes of amounts times x' of their suppliers. One small dense
system for each sample finds the latter (Woodbury 1950). No loop is split, whatever is left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from huren.graph.factors import BoolArray, FloatArray
from huren.graph.loops import IntArray
from huren.graph.uncertainty.centre import Centre
from huren.graph.uncertainty.draws import Samples

_AT_ONCE = 4_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Reduced:
    """``inputs``, ``emissions``: varied rows up to the gate; ``by_…``: P of their consumers, by product."""

    centre: Centre
    inputs: IntArray
    emissions: IntArray
    by_input: FloatArray
    by_emission: FloatArray

    @classmethod
    def of(cls, centre: Centre, varied: BoolArray) -> Reduced:
        """Cost: a solve of the chain with as many right-hand sides as consumers vary."""
        rows = centre.parameters
        inputs = np.flatnonzero(varied & rows.gate)
        emissions = np.flatnonzero(varied & ~rows.inputs & ~rows.late)
        consumers = np.unique(rows.consumer[np.concatenate((inputs, emissions))])
        units = np.zeros((len(centre.x), len(consumers)))
        units[consumers, np.arange(len(consumers))] = 1.0
        answers = centre.network.solve(units)
        by_input, by_emission = (
            answers[:, np.searchsorted(consumers, rows.consumer[part])] for part in (inputs, emissions)
        )
        return cls(centre, inputs, emissions, by_input, by_emission)

    def solve(self, samples: Samples, products: IntArray) -> FloatArray:
        """kg CO2e in one unit of ``products``, ``(products, samples)``.

        Raises: BadInput for a loop that consumes all it makes in a sample.
        """
        samples.refuse_consuming()
        mean, rows = self.centre.value, self.centre.parameters
        changed = samples.at(self.inputs) - mean[self.inputs, None]
        emitted = samples.at(self.emissions) - mean[self.emissions, None]
        suppliers = rows.supplier[self.inputs]
        known = self.centre.x[suppliers, None] + self.by_emission[suppliers] @ emitted
        brought = changed * self._suppliers(self.by_input[suppliers], changed, known)
        x = self.centre.x[products, None] + self.by_emission[products] @ emitted
        return np.asarray(x + self.by_input[products] @ brought)

    def _suppliers(self, between: FloatArray, changed: FloatArray, known: FloatArray) -> FloatArray:
        """x' of the suppliers of the varied inputs: (I - between diag(changed)) x' = known, by sample."""
        count, samples = known.shape
        size = max(1, _AT_ONCE // max(1, count * count))
        found = np.empty_like(known)
        for begun in range(0, samples, size):
            part = slice(begun, begun + size)
            matrices = np.eye(count) - between[None] * changed[:, part].T[:, None, :]
            found[:, part] = np.linalg.solve(matrices, known[:, part].T[:, :, None])[:, :, 0].T
        return found
