"""Residuals pushed along the needs, as far as they matter: up for hotspots, down for updates.

A product is taken up at its turn in solving order, so that outside loops it is taken up once.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Any

import numpy as np

from huren.graph.factors import FloatArray
from huren.graph.network.fast.kernel import kernel
from huren.graph.network.rows import Order, OrderArrays, ProductArray, RowArrays, Rows, State, StateArrays

_SEEN, _QUEUED = 1, 2


@kernel
def pushed_up(
    need_arrays: RowArrays,
    order_arrays: OrderArrays,
    seeds: ProductArray,
    amounts: FloatArray,
    worth: FloatArray,
    least: float,
    left: FloatArray,
    scale: FloatArray,
    mark: ProductArray,
) -> tuple[ProductArray, FloatArray, FloatArray]:
    """Products met, units of each counted, units of each left; what is left is worth < ``least`` each.

    ``left``, ``scale`` and ``mark`` are 0 before and after.
    """
    needs, order = Rows(*need_arrays), Order(*order_arrays)
    queue, met = [np.int64(0)], [np.int32(0)]
    queue.pop()
    met.pop()
    for k in range(len(seeds)):
        _receive(seeds[k], amounts[k], order.rank, worth, least, left, mark, queue, met)
    while queue:
        i = order.products[-heappop(queue)]
        mark[i] = _SEEN
        units = left[i]
        left[i] = 0.0
        scale[i] += units
        for e in range(needs.starts[i], needs.ends[i]):
            _receive(
                needs.others[e], units * needs.amounts[e], order.rank, worth, least, left, mark, queue, met
            )
    return _collected(met, left, scale, mark)


@kernel
def _receive(
    i: int,
    units: float,
    rank: ProductArray,
    worth: FloatArray,
    least: float,
    left: FloatArray,
    mark: ProductArray,
    queue: list[Any],
    met: list[Any],
) -> None:
    left[i] += units
    if mark[i] == 0:
        mark[i] = _SEEN
        met.append(i)
    if mark[i] != _QUEUED and abs(left[i] * worth[i]) >= least:
        mark[i] = _QUEUED
        heappush(queue, -np.int64(rank[i]))


@kernel
def _collected(
    met: list[Any], left: FloatArray, scale: FloatArray, mark: ProductArray
) -> tuple[ProductArray, FloatArray, FloatArray]:
    ids, counted, rest = np.empty(len(met), np.int32), np.empty(len(met)), np.empty(len(met))
    for k in range(len(met)):
        i = met[k]
        ids[k], counted[k], rest[k] = i, scale[i], left[i]
        left[i], scale[i], mark[i] = 0.0, 0.0, 0
    return ids, counted, rest


@kernel
def pushed_down(
    need_arrays: RowArrays,
    served_arrays: RowArrays,
    order_arrays: OrderArrays,
    sources: ProductArray,
    state_arrays: StateArrays,
    least: float,
    limit: int,
    mark: ProductArray,
) -> tuple[ProductArray, FloatArray, bool]:
    """Products whose x changed, x before, and whether all was done within ``limit`` needs.

    Where all was done, what x lacks is less than ``least`` of it at each product. An x that falls is summed
    anew, since a small difference of large numbers has few digits.
    """
    needs, served, order = Rows(*need_arrays), Rows(*served_arrays), Order(*order_arrays)
    state = State(*state_arrays)
    queue, changed, before = [np.int64(0)], [np.int32(0)], [0.0]
    queue.pop()
    changed.pop()
    before.pop()
    for i in sources:
        state.lacking[i] = _summed(needs, state, i) - state.x[i]
        _await(i, 0.0, order.rank, state, least, mark, queue)
    while queue and limit >= 0:
        i = order.products[heappop(queue)]
        mark[i] &= ~_QUEUED
        if mark[i] & _SEEN == 0:
            mark[i] |= _SEEN
            changed.append(i)
            before.append(state.x[i])
        step, old = state.lacking[i], state.x[i]
        state.lacking[i] = 0.0
        state.x[i] += step
        if abs(state.x[i]) < abs(old) / 2:
            state.x[i] = _summed(needs, state, i)
        limit -= served.ends[i] - served.starts[i]
        if limit >= 0:
            for e in range(served.starts[i], served.ends[i]):
                _await(served.others[e], step * served.amounts[e], order.rank, state, least, mark, queue)
    for k in queue:
        mark[order.products[k]] = 0
    for i in changed:
        mark[i] = 0
    return np.array(changed), np.array(before), limit >= 0


@kernel
def _await(
    i: int,
    step: float,
    rank: ProductArray,
    state: State,
    least: float,
    mark: ProductArray,
    queue: list[Any],
) -> None:
    state.lacking[i] += step
    if abs(state.lacking[i]) > least * abs(state.x[i]) and mark[i] & _QUEUED == 0:
        mark[i] |= _QUEUED
        heappush(queue, np.int64(rank[i]))


@kernel
def _summed(needs: Rows, state: State, i: int) -> float:
    total = state.own[i]
    for e in range(needs.starts[i], needs.ends[i]):
        total += needs.amounts[e] * state.x[needs.others[e]]
    return float(total)
