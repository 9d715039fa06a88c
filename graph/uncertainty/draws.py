"""Random numbers for the uncertain rows of a chain: the same for a seed, on every machine, in any pieces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from huren.errors import BadInput
from huren.graph.factors import BoolArray, FloatArray
from huren.graph.loops import IntArray
from huren.graph.uncertainty.centre import Centre, sound

_AT_ONCE = 4_000_000
"""Numbers held at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Some draws of the rows in ``varied``, ``(varied, samples)``; all others stand at their mean."""

    centre: Centre
    varied: BoolArray
    drawn: FloatArray

    @property
    def count(self) -> int:
        """How many samples."""
        return int(self.drawn.shape[1])

    def at(self, rows: IntArray) -> FloatArray:
        """The values of some rows, ``(rows, samples)``."""
        value = np.repeat(self.centre.value[rows, None], self.count, axis=1)
        place = np.cumsum(self.varied) - 1
        value[self.varied[rows]] = self.drawn[place[rows[self.varied[rows]]]]
        return value

    def refuse_consuming(self) -> None:
        """Raises: BadInput for a loop that consumes all it makes in a sample.

        A non-negative loop that leaves something at the largest draws of all its rows does so at each.
        """
        if not self.varied[self.centre.parameters.gate].any():
            return
        largest = self.drawn.max(axis=1, initial=0.0)
        try:
            self._look_at(largest)
        except BadInput:
            for sample in self.drawn.T:
                self._look_at(sample)

    def _look_at(self, drawn: FloatArray) -> None:
        value = self.centre.value.copy()
        value[self.varied] = drawn
        sound(self.centre.parameters, value)


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """``samples`` draws of the rows in ``varied``; ``width``: numbers that are held for each sample.

    PCG64 (O'Neill 2014) and numpy's ziggurat for the normal: integers and products, no platform's exp.
    """

    centre: Centre
    varied: BoolArray
    samples: int
    seed: int
    width: int

    def pieces(self) -> Iterator[Samples]:
        """All of them, in order."""
        chance = np.random.Generator(np.random.PCG64(self.seed))
        median, sigma = self.centre.parameters.value[self.varied], self.centre.sigma[self.varied]
        size = max(1, _AT_ONCE // max(1, self.width))
        for begun in range(0, self.samples, size):
            normal = chance.standard_normal((min(size, self.samples - begun), len(median)))
            normal *= sigma
            np.exp(normal, out=normal)
            normal *= median
            yield Samples(self.centre, self.varied, np.ascontiguousarray(normal.T))
