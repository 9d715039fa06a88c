"""A chain in which few rows vary, solved for many samples by what those rows change: exact, loops included.

x' = x + P f, with P the columns of (I - N)^-1 at the consumers of the varied rows, N at its means, and f
what they bring: changes of emissions, and changes of amounts times x' of their suppliers. One small system
for each sample holds the latter (Woodbury 1950). No loop is split, whatever is left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from huren.graph.factors import BoolArray, FloatArray
from huren.graph.loops import IntArray
from huren.graph.uncertainty.centre import Centre
from huren.graph.uncertainty.draws import Samples

_ENOUGH, _STEPS = 1e-13, 60


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
        mean, suppliers = self.centre.value, self.centre.parameters.supplier[self.inputs]
        changed = samples.at(self.inputs) - mean[self.inputs, None]
        emitted = samples.at(self.emissions) - mean[self.emissions, None]
        between = self.by_input[suppliers]
        if self.centre.network.credits or not _leaves_something(between, changed):
            samples.refuse_consuming()
        known = self.centre.x[suppliers, None] + self.by_emission[suppliers] @ emitted
        brought = changed * _suppliers(between, changed, known)
        x = self.centre.x[products, None] + self.by_emission[products] @ emitted
        return np.asarray(x + self.by_input[products] @ brought)


def _leaves_something(between: FloatArray, changed: FloatArray) -> bool:
    """Whether no loop consumes all it makes in any sample, given that none does at the means.

    With U >= 0 the largest changes, (I - N) - U is a regular splitting: N + U has a radius below 1 exactly
    if (I - N)^-1 U has (Varga 1962, theorem 3.13), whose radius is that of between diag(largest). A v > 0
    that it leaves something of proves it.
    """
    largest = np.maximum(changed, 0.0).max(axis=1, initial=0.0)
    try:
        v = np.linalg.solve(np.eye(len(largest)) - between * largest, np.ones(len(largest)))
    except np.linalg.LinAlgError:
        return False
    return bool((v > 0).all())


def _suppliers(between: FloatArray, changed: FloatArray, known: FloatArray) -> FloatArray:
    """x' of the suppliers of the varied inputs: x' = known + between (changed x'), by sample.

    Repeated for all samples at once, since changes are small beside 1 as a rule; a sample in which they are
    not is solved by itself.
    """
    found = before = known
    for _ in range(_STEPS):
        before, found = found, known + between @ (changed * found)
        if _settled(before, found).all():
            break
    for sample in np.flatnonzero(~_settled(before, found)).tolist():
        matrix = np.eye(len(known)) - between * changed[:, sample]
        found[:, sample] = np.linalg.solve(matrix, known[:, sample])
    return found


def _settled(before: FloatArray, found: FloatArray) -> BoolArray:
    """Which samples hardly change any more, ``(samples,)``."""
    return np.asarray((np.abs(found - before) <= _ENOUGH * np.abs(found)).all(axis=0))
