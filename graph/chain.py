"""The whole supply graph as one linear system, solved in the order of its loops.

x = b + N x, with N[c, s] the amount of supplier s that one declared unit of consumer c needs. Products
that need one another form a block; blocks are ordered so that suppliers come first, and each level of
that order is one array operation. Exact: nothing is cut off, by depth or by size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from huren.graph.factors import BoolArray, FloatArray
from huren.graph.loops import Block, IntArray


@dataclass(frozen=True, slots=True)
class _Level:
    """Products whose suppliers all stand in earlier levels, or in their own block.

    ``consumers``, ``suppliers``, ``amounts``: the needs outside the blocks, by consumer; ``starts``
    where each consumer's begin.
    """

    consumers: IntArray
    suppliers: IntArray
    amounts: FloatArray
    starts: IntArray
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """N in solving order. ``needs``: N without zeros; ``blocks``: its loops; ``rank``: level by product."""

    needs: csr_array[Any]
    blocks: tuple[Block, ...]
    rank: IntArray
    levels: tuple[_Level, ...]

    @classmethod
    def of(cls, needs: csr_array[Any]) -> Chain:
        """Order and factorise ``needs``, ``(n, n)``; entries of one pair add up.

        Cost: O(products + needs), and one LU per loop.
        """
        needs = csr_array(needs, copy=True)
        needs.sum_duplicates()
        needs.eliminate_zeros()
        consumer = np.repeat(np.arange(needs.shape[0]), np.diff(needs.indptr))
        count, labels = connected_components(needs, directed=True, connection="strong")
        component = labels.astype(np.intp)
        inside = component[consumer] == component[needs.indices]
        rank = ranks(count, component[consumer[~inside]], component[needs.indices[~inside]])[component]
        with np.errstate(all="ignore"):
            blocks = tuple(_blocks(needs, component, consumer[inside]))
        levels = _levels(needs, rank, consumer, inside, blocks)
        return cls(needs, blocks, rank, levels)

    def intensities(self, own: FloatArray) -> FloatArray:
        """x = own + N x for every product and every column of ``own``, ``(n, columns)``.

        NaN for the members of an unsolvable loop and whatever needs them.
        """
        x = np.array(own, dtype=np.float64)
        with np.errstate(all="ignore"):
            for level in self.levels:
                if len(level.starts):
                    parts = level.amounts[:, None] * x[level.suppliers]
                    x[level.consumers[level.starts]] += np.add.reduceat(parts, level.starts, axis=0)
                for block in level.blocks:
                    x[block.members] = block.solve(x[block.members])
        return x

    def scales(self, demand: FloatArray) -> FloatArray:
        """s = demand + N^T s, ``(n,)``: declared units of each product that ``demand`` calls for.

        Every loop upstream of the demand must be solvable.
        """
        s = np.array(demand, dtype=np.float64)
        top = self.rank[np.flatnonzero(s)].max(initial=0)
        with np.errstate(all="ignore"):
            for level in reversed(self.levels[: top + 1]):
                for block in level.blocks:
                    called = s[block.members]
                    if called.any():
                        s[block.members] = block.solve_transposed(called)
                np.add.at(s, level.suppliers, level.amounts * s[level.consumers])
        return s

    def upstream(self, seeds: IntArray) -> BoolArray:
        """Which products stand upstream of ``seeds``, themselves included, ``(n,)``."""
        seen = np.zeros(self.needs.shape[0], dtype=np.bool_)
        seen[seeds] = True
        for level in reversed(self.levels[: self.rank[seeds].max(initial=0) + 1]):
            for block in level.blocks:
                seen[block.members] = seen[block.members].any()
            seen[level.suppliers[seen[level.consumers]]] = True
        return seen


def ranks(count: int, consumers: IntArray, suppliers: IntArray) -> IntArray:
    """Level of each component: one more than the highest of its suppliers', 0 without (Kahn's order)."""
    pending = np.bincount(consumers, minlength=count).tolist()
    served = np.argsort(suppliers, kind="stable")
    ends = np.concatenate(([0], np.cumsum(np.bincount(suppliers, minlength=count)))).tolist()
    served_list = consumers[served].tolist()
    rank = [0] * count
    ready = [c for c in range(count) if not pending[c]]
    for component in ready:
        for consumer in served_list[ends[component] : ends[component + 1]]:
            rank[consumer] = max(rank[consumer], rank[component] + 1)
            pending[consumer] -= 1
            if not pending[consumer]:
                ready.append(consumer)
    return np.asarray(rank, dtype=np.intp)


def _blocks(needs: csr_array[Any], component: IntArray, looped: IntArray) -> list[Block]:
    """A block for each component with needs inside it: loops, and products that need themselves."""
    members = np.flatnonzero(np.isin(component, np.unique(component[looped])))
    members = members[np.argsort(component[members], kind="stable")]
    cuts = np.flatnonzero(np.diff(component[members])) + 1
    return [Block(part, needs[part][:, part]) for part in np.split(members, cuts) if len(part)]


def _levels(
    needs: csr_array[Any], rank: IntArray, consumer: IntArray, inside: BoolArray, blocks: tuple[Block, ...]
) -> tuple[_Level, ...]:
    outside = np.flatnonzero(~inside)
    outside = outside[np.argsort(rank[consumer[outside]], kind="stable")]
    height = int(rank.max(initial=-1)) + 1
    ends = np.cumsum(np.bincount(rank[consumer[outside]], minlength=height))
    at: list[list[Block]] = [[] for _ in range(height)]
    for block in blocks:
        at[rank[block.members[0]]].append(block)
    return tuple(
        _level(needs, consumer, part, at[i]) for i, part in enumerate(np.split(outside, ends[:-1])[:height])
    )


def _level(needs: csr_array[Any], consumer: IntArray, edges: IntArray, blocks: list[Block]) -> _Level:
    consumers = consumer[edges]
    starts = np.flatnonzero(np.diff(consumers, prepend=-1))
    return _Level(consumers, needs.indices[edges].astype(np.intp), needs.data[edges], starts, tuple(blocks))
