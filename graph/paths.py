"""The largest structural paths of a chain, exactly, best first (structural path analysis).

A path runs from the root along inputs to a product that emits; its value is the product of the amounts
times what one unit of the last product emits itself. All paths together sum to the total.
Source: Treloar (1997); best-first search with an exact bound (A*, Hart, Nilsson, Raphael 1968).
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Any

import numpy as np
from scipy.sparse import csr_array, vstack

from huren.errors import BadInput
from huren.graph.factors import FloatArray
from huren.graph.model.rollup import Path, share
from huren.graph.root import Solved


def largest_paths(solved: Solved, count: int) -> tuple[Path, ...]:
    """The ``count`` paths with the largest |value|, largest first; fewer where there are fewer.

    Cost: the bound, once (depth × needs); then ``count`` × depth × inputs of a product.
    Raises: BadInput where ``count`` is not positive, or a loop with credits amplifies its own paths.
    """
    if count < 1:
        raise BadInput(
            "the number of paths must be at least 1",
            "路径数量至少为 1",
            fix="Ask for one or more paths.",
            fix_zh="请查询一条或多条路径。",
        )
    needs, emitted = _rooted(solved)
    best = _bounds(solved, needs, emitted)
    return tuple(_path(solved, emitted, *found) for found in _search(needs, emitted, best, count))


def _rooted(solved: Solved) -> tuple[csr_array[Any], FloatArray]:
    """N and own kg CO2e over the chain, with the root as asked (all stages, ``amount`` units) added last.

    The root stands apart from itself as a supplier, which is cradle to gate only.
    """
    system, root = solved.system, solved.root
    within = np.full(len(system.keys), -1, dtype=np.intp)
    within[root.chain] = np.arange(len(root.chain))
    suppliers = [int(within[supplier]) for supplier, _ in root.needed]
    first = csr_array(
        (np.array(list(root.needed.values())), ([0] * len(suppliers), suppliers)), shape=(1, len(root.chain))
    )
    needs = csr_array(vstack([system.chain.needs[root.chain][:, root.chain], solved.amount * first]))
    own = system.own[root.chain] @ solved.weights.counted
    whole = sum(mass * solved.weights.counted[flow] for (_, flow), mass in root.emitted.items())
    return needs, np.append(own, solved.amount * whole)


def _bounds(solved: Solved, needs: csr_array[Any], emitted: FloatArray) -> FloatArray:
    """The largest |value| of any path that begins at each product, per unit of it: the exact bound."""
    best = np.abs(emitted)
    starts = np.flatnonzero(np.diff(needs.indptr))
    if not len(starts):
        return best
    amounts, cuts = np.abs(needs.data), needs.indptr[starts]
    for _ in range(len(best) + 1):
        through = np.maximum.reduceat(amounts * best[needs.indices], cuts)
        if not (through > best[starts]).any():
            return best
        best[starts] = np.maximum(best[starts], through)
    raise _amplified(solved)


def _search(
    needs: csr_array[Any], emitted: FloatArray, best: FloatArray, count: int
) -> list[tuple[tuple[int, ...], float]]:
    """Paths as positions with the flow that reaches their end; deeper first where bounds tie."""
    indptr, indices, amounts = needs.indptr.tolist(), needs.indices.tolist(), needs.data.tolist()
    own, bound = emitted.tolist(), best.tolist()
    root = len(emitted) - 1
    heap: list[tuple[float, int, tuple[int, ...], float, bool]] = []
    heappush(heap, (-bound[root], 0, (root,), 1.0, False))
    found: list[tuple[tuple[int, ...], float]] = []
    while heap and len(found) < count:
        _, depth, path, flow, complete = heappop(heap)
        if complete:
            found.append((path, flow))
            continue
        end = path[-1]
        if own[end]:
            heappush(heap, (-abs(flow * own[end]), depth - 1, path, flow, True))
        for at in range(indptr[end], indptr[end + 1]):
            onward, supplier = flow * amounts[at], indices[at]
            if bound[supplier]:
                heappush(heap, (-abs(onward * bound[supplier]), depth - 1, (*path, supplier), onward, False))
    return found


def _path(solved: Solved, emitted: FloatArray, path: tuple[int, ...], flow: float) -> Path:
    keys, chain = solved.system.keys, solved.root.chain
    names = (keys[solved.root.position], *(keys[chain[i]] for i in path[1:]))
    value = float(flow * emitted[path[-1]])
    amount = solved.amount if len(path) == 1 else flow
    return Path(names, amount, value, share(value, solved.total))


def _amplified(solved: Solved) -> BadInput:
    product = solved.system.keys[solved.root.position]
    return BadInput(
        f"a loop with credits behind `{product}` amplifies its own paths, so that none is the largest",
        f"`{product}` 上游存在带抵扣的循环,其路径逐圈放大,不存在最大路径",
        fix="Ask for contributions instead of paths.",
        fix_zh="请改为查询贡献而非路径。",
    )
