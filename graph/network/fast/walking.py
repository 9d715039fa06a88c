"""Upstream of some products: which they need, and exactly how much of each."""

from __future__ import annotations

import numpy as np

from huren.graph.factors import FloatArray
from huren.graph.network.fast.kernel import kernel
from huren.graph.network.rows import Order, ProductArray, Rows

_SWEEPS = 4_000
_CLOSE, _ROUNDING, _NOISE, _SLOW = 1e-14, 1e-16, 1e-11, 0.98


@kernel
def reached(rows: Rows, seeds: ProductArray, mark: ProductArray) -> ProductArray:
    """All that rows lead to from ``seeds``, themselves included, as found; ``mark`` is 0 before and after."""
    found, count = np.empty(len(mark), np.int32), 0
    for i in seeds:
        if mark[i] == 0:
            mark[i] = 1
            found[count] = i
            count += 1
    at = 0
    while at < count:
        i = found[at]
        at += 1
        for e in range(rows.starts[i], rows.ends[i]):
            other = rows.others[e]
            if mark[other] == 0:
                mark[other] = 1
                found[count] = other
                count += 1
    for i in found[:count]:
        mark[i] = 0
    return found[:count].copy()


@kernel
def scaled(needs: Rows, order: Order, walk: ProductArray, demand: FloatArray, scales: FloatArray) -> None:
    """s = demand + N^T s along ``walk``, consumers first and loops whole; ``scales`` are aligned with it.

    What is passed on is added to ``demand``, which is 0 at the products of the walk afterwards.
    """
    k = 0
    while k < len(walk):
        one = order.loop[walk[k]]
        if one < 0:
            size = 1
            scales[k], demand[walk[k]] = demand[walk[k]], 0.0
            passed_on(needs, walk[k], scales[k], demand)
        else:
            size = order.bounds[one, 1] - order.bounds[one, 0]
            _settled(needs, walk[k : k + size], demand, scales[k : k + size])
        k += size


@kernel
def passed_on(needs: Rows, i: int, scale: float, demand: FloatArray) -> None:
    """Add to ``demand`` what ``scale`` units of i need of others."""
    if scale != 0.0:
        for e in range(needs.starts[i], needs.ends[i]):
            if needs.others[e] != i:
                demand[needs.others[e]] += needs.amounts[e] * scale


@kernel
def _settled(needs: Rows, members: ProductArray, demand: FloatArray, scales: FloatArray) -> None:
    before, rho = 0.0, _SLOW
    mass = np.zeros(len(members))
    for _ in range(_SWEEPS):
        change = 0.0
        for k in range(len(members)):
            i = members[k]
            step = demand[i] / (1 - _itself(needs, i))
            demand[i] = 0.0
            scales[k] += step
            mass[k] += abs(step)
            if abs(step) > change * mass[k]:
                change = abs(step) / mass[k]
            passed_on(needs, i, step, demand)
        if before > 0 and change > _NOISE:
            rho = min(change / before, _SLOW)
        before = change
        if not (change > _ROUNDING and change * rho / (1 - rho) > _CLOSE):
            break
    for i in members:
        demand[i] = 0.0


@kernel
def _itself(needs: Rows, i: int) -> float:
    for e in range(needs.starts[i], needs.ends[i]):
        if needs.others[e] == i:
            return float(needs.amounts[e])
    return 0.0
