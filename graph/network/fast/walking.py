"""Upstream of some products: which they need, and exactly how much of each."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from huren.graph.factors import FloatArray
from huren.graph.network.fast.kernel import kernel
from huren.graph.network.rows import Order, ProductArray, Rows, Unsigned

_SWEEPS = 4_000
_CLOSE, _ROUNDING, _NOISE, _SLOW = 1e-12, 5e-16, 1e-11, 0.98


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


class Inner(NamedTuple):
    """What stays within loops: row k is ``others[starts[k]:ends[k]]`` with ``amounts`` beside it.

    A row is of a supplier, ``others`` its consumers; both are in walking order within each loop, in which
    rows count from where the loop begins, ``others`` from 0. ``gains``: 1 / (1 - what a product needs of
    itself), which is in no row. Places are unsigned, since numba would ask each whether it counts from the
    end.
    """

    starts: NDArray[np.uint64]
    ends: NDArray[np.uint64]
    others: NDArray[np.uint32]
    amounts: FloatArray
    gains: FloatArray


@kernel
def inside(needs: Rows, order: Order) -> Inner:
    """Cost: two looks at each need of a product in a loop."""
    size = len(order.products)
    starts, ends, gains = np.zeros(size, np.int64), np.zeros(size, np.int64), np.ones(size)
    for begin, end in order.bounds:
        for i in order.products[begin:end]:
            for e in range(needs.starts[i], needs.ends[i]):
                other = needs.others[e]
                if other == i:
                    gains[begin + end - 1 - order.rank[i]] = 1 / (1 - needs.amounts[e])
                elif order.loop[other] == order.loop[i]:
                    ends[begin + end - 1 - order.rank[other]] += 1
    at = 0
    for k in range(size):
        starts[k], at = at, at + ends[k]
        ends[k] = starts[k]
    others, amounts = np.empty(at, np.uint32), np.empty(at)
    for begin, end in order.bounds:
        for i in order.products[begin:end]:
            for e in range(needs.starts[i], needs.ends[i]):
                other = needs.others[e]
                if other != i and order.loop[other] == order.loop[i]:
                    k = begin + end - 1 - order.rank[other]
                    others[ends[k]], amounts[ends[k]] = end - 1 - order.rank[i], needs.amounts[e]
                    ends[k] += 1
    return Inner(starts.astype(np.uint64), ends.astype(np.uint64), others, amounts, gains)


@kernel
def scaled(
    needs: Unsigned, inner: Inner, order: Order, walk: ProductArray, demand: FloatArray, scales: FloatArray
) -> None:
    """s = demand + N^T s along ``walk``, consumers first and loops whole; ``scales`` are aligned with it.

    ``inner``: :func:`inside`. What is passed on is added to ``demand``, which is 0 at the products of the
    walk afterwards.
    """
    k = 0
    while k < len(walk):
        one, end = order.loop[walk[k]], k + 1
        if one < 0:
            scales[k] = demand[walk[k]]
        else:
            end = k + order.bounds[one, 1] - order.bounds[one, 0]
            begin, stop = order.bounds[one]
            rows = inner.starts[begin:stop], inner.ends[begin:stop], inner.others, inner.amounts
            _settled(Inner(*rows, inner.gains[begin:stop]), demand[walk[k:end]], scales[k:end])
        for at in range(k, end):
            demand[walk[at]] = 0.0
            passed_on(needs, order.loop, walk[at], scales[at], demand)
        k = end


@kernel
def passed_on(needs: Unsigned, loop: ProductArray, i: int, scale: float, demand: FloatArray) -> None:
    """Add to ``demand`` what ``scale`` units of i need from outside its loop."""
    if scale != 0.0:
        for e in range(needs.starts[i], needs.ends[i]):
            if loop[i] < 0 or loop[needs.others[e]] != loop[i]:
                demand[needs.others[e]] += needs.amounts[e] * scale


@kernel
def _settled(inner: Inner, demand: FloatArray, scales: FloatArray) -> None:
    """Gauss-Seidel in a loop, ``inner`` its rows alone; one sweep in four looks how much it changes.

    Each product gathers from its consumers, which is many times as fast as handing on to suppliers.
    """
    before, rho = 0.0, _SLOW
    for _ in range(_SWEEPS // 4):
        for _ in range(3):
            _swept(inner, demand, scales)
        change = _changed(inner, demand, scales)
        if before > 0 and change > _NOISE:
            rho = min((change / before) ** 0.25, _SLOW)
        before = change
        if not (change > _ROUNDING and change * rho / (1 - rho) > _CLOSE):
            break


@kernel
def _swept(inner: Inner, demand: FloatArray, scales: FloatArray) -> None:
    for k in range(len(demand)):
        total = demand[k]
        for e in range(inner.starts[k], inner.ends[k]):
            total += inner.amounts[e] * scales[inner.others[e]]
        scales[k] = total * inner.gains[k]


@kernel
def _changed(inner: Inner, demand: FloatArray, scales: FloatArray) -> float:
    """A sweep; the greatest change, as a share of the size of what was added up."""
    worst = 0.0
    for k in range(len(demand)):
        total, size = demand[k], abs(demand[k])
        for e in range(inner.starts[k], inner.ends[k]):
            part = inner.amounts[e] * scales[inner.others[e]]
            total, size = total + part, size + abs(part)
        value, size = total * inner.gains[k], size * abs(inner.gains[k])
        if abs(value - scales[k]) > worst * size:
            worst = abs(value - scales[k]) / size
        scales[k] = value
    return worst
