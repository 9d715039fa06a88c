"""Structural paths, largest first (A*, Hart, Nilsson, Raphael 1968)."""

from __future__ import annotations

from heapq import heappop, heappush, heapreplace
from typing import Any

import numpy as np

from huren.graph.factors import FloatArray
from huren.graph.network.fast.kernel import kernel
from huren.graph.network.rows import Order, PlaceArray, ProductArray, RowArrays, Rows

_ROUNDS = 500
"""Of a loop in which paths do not amplify, the best are found in far fewer."""


@kernel
def searched(
    need_arrays: RowArrays,
    seeds: ProductArray,
    amounts: FloatArray,
    own: FloatArray,
    peaks: FloatArray,
    count: int,
) -> tuple[PlaceArray, ProductArray, FloatArray, PlaceArray]:
    """The ``count`` paths from the seeds on with the largest |flow x own|.

    Paths are kept as links: parent (-1 for a seed), product, flow that reaches it; and which of them, best
    first, are ends. ``peaks``: the largest |value| of any path on from one unit of a product. Where hopes
    tie, the deeper goes first.
    """
    needs = Rows(*need_arrays)
    parent: list[Any] = [np.int64(0)]
    product: list[Any] = [np.int32(0)]
    flow = [0.0]
    parent.pop()
    product.pop()
    flow.pop()
    heap, kept = [(0.0, -np.int64(0), False)], [0.0]
    heap.pop()
    kept.pop()
    for k in range(len(seeds)):
        _open(-1, seeds[k], amounts[k], peaks, kept, count, heap, parent, product, flow)
    ends = np.empty(count, np.int64)
    found = 0
    while heap and found < count:
        _, newest, complete = heappop(heap)
        at = -newest
        if complete:
            ends[found] = at
            found += 1
            continue
        i, here = product[at], flow[at]
        value = abs(here * own[i])
        if value > 0 and _keep(value, kept, count):
            heappush(heap, (-value, -at, True))
        for e in range(needs.starts[i], needs.ends[i]):
            onward = here * needs.amounts[e]
            _open(at, needs.others[e], onward, peaks, kept, count, heap, parent, product, flow)
    return np.array(parent), np.array(product), np.array(flow), ends[:found]


@kernel
def _open(
    at: Any,
    i: Any,
    units: float,
    peaks: FloatArray,
    kept: list[float],
    count: int,
    heap: list[Any],
    parent: list[Any],
    product: list[Any],
    flow: list[float],
) -> None:
    hope = abs(units) * peaks[i]
    if hope > 0 and (len(kept) < count or hope >= kept[0]):
        parent.append(at)
        product.append(i)
        flow.append(units)
        heappush(heap, (-hope, np.int64(1 - len(parent)), False))


@kernel
def _keep(value: float, kept: list[float], count: int) -> bool:
    if len(kept) < count:
        heappush(kept, value)
        return True
    if value > kept[0]:
        heapreplace(kept, value)
        return True
    return value == kept[0]


@kernel
def peaked(needs: Rows, order: Order, best: FloatArray) -> None:
    """best = max(best, |N| best), in place, until nothing grows; infinite in a loop that grows on."""
    k = 0
    while k < len(order.products):
        one = order.loop[order.products[k]]
        end = k + 1 if one < 0 else order.bounds[one, 1]
        rounds, grown = 0, True
        while grown:
            grown = _grown(needs, order.products[k:end], best) and one >= 0
            rounds += 1
            if grown and rounds > min(end - k, _ROUNDS):
                best[order.products[k:end]] = np.inf
                grown = False
        k = end


@kernel
def _grown(needs: Rows, members: ProductArray, best: FloatArray) -> bool:
    grown = False
    for i in members:
        for e in range(needs.starts[i], needs.ends[i]):
            through = abs(needs.amounts[e]) * best[needs.others[e]]
            if through > best[i]:
                best[i] = through
                grown = True
    return grown
