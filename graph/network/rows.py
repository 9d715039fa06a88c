"""The arrays of a network. Sparse rows may lie anywhere, so that one can be rewritten and the others stay."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from huren.graph.factors import FloatArray

ProductArray = NDArray[np.int32]
"""Positions of products, or of loops."""
PlaceArray = NDArray[np.int64]
"""Places in an array of needs, of which there may be more than 2^31."""


RowArrays = tuple[PlaceArray, PlaceArray, ProductArray, FloatArray]
OrderArrays = tuple[ProductArray, ProductArray, ProductArray, PlaceArray]
StateArrays = tuple[FloatArray, FloatArray, FloatArray]
"""The same as bare tuples: numba takes 2 µs to know a named one, much beside what a kernel takes."""


class Rows(NamedTuple):
    """Row i is ``others[starts[i]:ends[i]]`` with ``amounts`` beside it, each product once and none 0.

    ``starts``, ``ends``, ``(products,)``; the other two as long as need be. Of the needs, row c holds the
    suppliers of consumer c; of the served, row s holds the consumers of supplier s.
    """

    starts: PlaceArray
    ends: PlaceArray
    others: ProductArray
    amounts: FloatArray

    def row(self, i: int) -> dict[int, float]:
        """The entries of row i."""
        part = slice(self.starts[i], self.ends[i])
        return dict(zip(self.others[part].tolist(), self.amounts[part].tolist(), strict=True))

    @property
    def bare(self) -> RowArrays:
        """The arrays alone."""
        return self.starts, self.ends, self.others, self.amounts

    @property
    def unsigned(self) -> Unsigned:
        """The same rows for a kernel that looks at most of them."""
        starts, ends = self.starts.view(np.uint64), self.ends.view(np.uint64)
        return Unsigned(starts, ends, self.others.view(np.uint32), self.amounts)


class Unsigned(NamedTuple):
    """Rows in the same memory: numba would ask a signed place whether it counts from the end."""

    starts: NDArray[np.uint64]
    ends: NDArray[np.uint64]
    others: NDArray[np.uint32]
    amounts: FloatArray


class Order(NamedTuple):
    """Solving order: suppliers first, each loop together.

    ``products``: positions in that order; ``rank``: its inverse; ``loop``: the loop a product is in, -1 for
    none, all ``(products,)``; ``bounds``: where in ``products`` each loop begins and ends, ``(loops, 2)``. A
    product that needs itself is a loop.
    """

    products: ProductArray
    rank: ProductArray
    loop: ProductArray
    bounds: PlaceArray

    @classmethod
    def of(cls, products: ProductArray, bounds: PlaceArray) -> Order:
        """Cost: O(products)."""
        rank, loop = np.empty_like(products), np.full(len(products), -1, dtype=np.int32)
        rank[products] = np.arange(len(products), dtype=np.int32)
        sizes = bounds[:, 1] - bounds[:, 0]
        inside = np.repeat(bounds[:, 0] - np.cumsum(sizes) + sizes, sizes) + np.arange(sizes.sum())
        loop[products[inside]] = np.repeat(np.arange(len(bounds), dtype=np.int32), sizes)
        return cls(products, rank, loop, bounds)

    @property
    def bare(self) -> OrderArrays:
        """The arrays alone."""
        return self.products, self.rank, self.loop, self.bounds

    def members(self, loop: int) -> ProductArray:
        """Positions of the products of a loop."""
        begin, end = self.bounds[loop]
        return self.products[begin:end]


class State(NamedTuple):
    """A solution that is kept current, each ``(products,)``: x of ``own``, and what x lacks of own + N x."""

    own: FloatArray
    x: FloatArray
    lacking: FloatArray

    @property
    def bare(self) -> StateArrays:
        """The arrays alone."""
        return self.own, self.x, self.lacking


def places(rows: Rows, which: ProductArray) -> PlaceArray:
    """Where the entries of rows ``which`` lie, one row after the other."""
    counts = (rows.ends - rows.starts)[which]
    return np.repeat(rows.starts[which] - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())


def positions(values: object) -> ProductArray:
    """As an array of positions."""
    return np.ascontiguousarray(values, dtype=np.int32)
