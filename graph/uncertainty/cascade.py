"""A whole chain solved for many samples at once, each with its own coefficients, suppliers first.

Outside loops one pass over the levels is exact. A loop is solved by refinement with the factors it has at
the means, which nearly fit every sample; a sample that they do not fit is solved by itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csc_array, csr_array, eye_array
from scipy.sparse.linalg import splu

from huren.graph.chain import Chain
from huren.graph.factors import BoolArray, FloatArray
from huren.graph.loops import Block, IntArray
from huren.graph.uncertainty.centre import Centre, needs
from huren.graph.uncertainty.draws import Samples

_ENOUGH = 1e-11
_STEPS = 60


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    """Rows of inputs by consumer; ``starts``: where each of ``consumers`` begins in ``rows``."""

    rows: IntArray
    suppliers: IntArray
    consumers: IntArray
    starts: IntArray

    @classmethod
    def of(cls, centre: Centre, rows: IntArray) -> _Sums:
        consumer, supplier = centre.parameters.consumer[rows], centre.parameters.supplier[rows]
        order = np.argsort(consumer, kind="stable")
        consumers, starts = np.unique(consumer[order], return_index=True)
        return cls(rows[order], supplier[order], consumers, starts)

    def add(self, onto: FloatArray, value: FloatArray, x: FloatArray) -> None:
        """Add to each consumer what its suppliers bring, all ``(…, samples)``."""
        if len(self.rows):
            parts = value[self.rows] * x[self.suppliers]
            onto[self.consumers] += np.add.reduceat(parts, self.starts, axis=0)


@dataclass(frozen=True, slots=True, eq=False)
class Cascade:
    """The chain of a :class:`Centre` in the order of its levels: inputs from below, then loops."""

    centre: Centre
    levels: tuple[tuple[_Sums, tuple[tuple[Block, _Sums], ...]], ...]

    @classmethod
    def of(cls, centre: Centre) -> Cascade:
        """Cost: O(rows)."""
        rows, chain = centre.parameters, Chain.of(needs(centre.parameters, centre.value))
        looped = [(block, np.flatnonzero(_inside(centre, block))) for block in chain.blocks]
        outside = rows.gate.copy()
        for _, within_it in looped:
            outside[within_it] = False
        at = np.flatnonzero(outside)
        rank = chain.rank[rows.consumer[at]]
        levels = []
        for level in range(int(chain.rank.max(initial=0)) + 1):
            own = [(b, _Sums.of(centre, r)) for b, r in looped if chain.rank[b.members[0]] == level]
            levels.append((_Sums.of(centre, at[rank == level]), tuple(own)))
        return cls(centre, tuple(levels))

    def solve(self, samples: Samples, products: IntArray) -> FloatArray:
        """kg CO2e in one unit of ``products``, ``(products, samples)``.

        Raises: BadInput for a loop that consumes all it makes in a sample.
        """
        samples.refuse_consuming()
        rows, value = self.centre.parameters, samples.at(np.arange(len(self.centre.value)))
        x = np.zeros((len(rows.products), value.shape[1]))
        emitted = np.flatnonzero(~rows.inputs & ~rows.late)
        np.add.at(x, rows.consumer[emitted], value[emitted])
        for below, loops in self.levels:
            below.add(x, value, x)
            for block, sums in loops:
                x[block.members] = self._loop(block, sums, value, x)
        return x[products]

    def _loop(self, block: Block, sums: _Sums, value: FloatArray, x: FloatArray) -> FloatArray:
        """x of the members of a loop, ``(members, samples)``, where x holds what comes from outside."""
        outer, y = x[block.members], np.zeros_like(x)
        y[block.members] = block.solve(outer)
        for _ in range(_STEPS):
            rest = np.zeros_like(x)
            rest[block.members] = outer - y[block.members]
            sums.add(rest, value, y)
            step = block.solve(rest[block.members])
            y[block.members] += step
            off = np.abs(step).max(axis=0) > _ENOUGH * np.abs(y[block.members]).max(axis=0)
            if not off.any():
                return y[block.members]
        found = y[block.members]
        for sample in np.flatnonzero(off).tolist():
            matrix = _within(self.centre, block, value[:, sample])
            factors = splu(csc_array(eye_array(len(block.members), format="csc") - matrix))
            found[:, sample] = factors.solve(outer[:, sample])
        return found


def _within(centre: Centre, block: Block, value: FloatArray) -> csr_array[np.float64]:
    """N among the members of a loop, ``(members, members)``."""
    at = _inside(centre, block)
    place = np.full(len(centre.x), -1, dtype=np.intp)
    place[block.members] = np.arange(len(block.members))
    rows = centre.parameters
    pairs = place[rows.consumer[at]], place[rows.supplier[at]]
    return csr_array((value[at], pairs), shape=(len(block.members),) * 2)


def _inside(centre: Centre, block: Block) -> BoolArray:
    """Which rows lie within a loop."""
    member = np.zeros(len(centre.x), dtype=np.bool_)
    member[block.members] = True
    rows = centre.parameters
    return np.asarray(rows.gate & member[rows.consumer] & member[rows.supplier])
