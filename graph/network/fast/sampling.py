"""x = b + N x for many samples at once, each with its own amounts: one look at the needs serves them all."""

from __future__ import annotations

import numpy as np

from huren.graph.factors import BoolArray, FloatArray
from huren.graph.network.fast.kernel import kernel
from huren.graph.network.rows import Order, PlaceArray, ProductArray, Rows

_SWEEPS, _SLOW = 300, 0.98
_CLOSE, _NOISE = 1e-8, 1e-11
"""What sweeps may leave of x: below the six digits that are told of many samples."""


@kernel
def added(at: PlaceArray, values: FloatArray, onto: FloatArray) -> None:
    """onto[at] += values, ``(…, samples)``, places in any order and as often as need be."""
    for k in range(len(at)):
        for j in range(values.shape[1]):
            onto[at[k], j] += values[k, j]


@kernel
def solved_each(needs: Rows, order: Order, amounts: FloatArray, own: FloatArray, x: FloatArray) -> BoolArray:
    """Set x from near it; which samples settled, ``(samples,)``.

    ``amounts``: ``(needs, samples)``, in place of those of ``needs``; ``own``, ``x``: ``(products,
    samples)``. A sample does not settle where a loop consumes all it makes, or very nearly.
    """
    settled, at = np.ones(x.shape[1], np.bool_), 0
    for one in range(len(order.bounds)):
        _passed(needs, order.products[at : order.bounds[one, 0]], amounts, own, x)
        _settle(needs, order.products[order.bounds[one, 0] : order.bounds[one, 1]], amounts, own, x, settled)
        at = order.bounds[one, 1]
    _passed(needs, order.products[at:], amounts, own, x)
    return settled


@kernel
def _passed(needs: Rows, order: ProductArray, amounts: FloatArray, own: FloatArray, x: FloatArray) -> None:
    total = np.empty(x.shape[1])
    for i in order:
        total[:] = own[i]
        for e in range(needs.starts[i], needs.ends[i]):
            s = needs.others[e]
            for j in range(x.shape[1]):
                total[j] += amounts[e, j] * x[s, j]
        x[i] = total


@kernel
def _settle(
    needs: Rows,
    members: ProductArray,
    amounts: FloatArray,
    own: FloatArray,
    x: FloatArray,
    settled: BoolArray,
) -> None:
    before, rho, left = 0.0, _SLOW, np.empty(x.shape[1])
    for _ in range(_SWEEPS):
        _swept(needs, members, amounts, own, x, left)
        change = left.max()
        if before > 0 and change > _NOISE:
            rho = min(change / before, _SLOW)
        before = change
        if not change * rho / (1 - rho) > _CLOSE:
            break
    for j in range(x.shape[1]):
        settled[j] &= left[j] * rho / (1 - rho) <= _CLOSE


@kernel
def _swept(
    needs: Rows,
    members: ProductArray,
    amounts: FloatArray,
    own: FloatArray,
    x: FloatArray,
    left: FloatArray,
) -> None:
    """One sweep; by how much each sample changed at most, of what it is. Loops over samples are plain, so
    that the processor takes eight at once."""
    total, count = np.empty(x.shape[1]), x.shape[1]
    left[:] = 0.0
    for i in members:
        itself = -1
        for j in range(count):
            total[j] = own[i, j]
        for e in range(needs.starts[i], needs.ends[i]):
            s = needs.others[e]
            if s == i:
                itself = e
                continue
            for j in range(count):
                total[j] += amounts[e, j] * x[s, j]
        if itself >= 0:
            for j in range(count):
                rest = 1 - amounts[itself, j]
                total[j] = total[j] / rest if rest > 0 else np.inf
        for j in range(count):
            left[j] = max(left[j], abs(total[j] - x[i, j]) / abs(total[j]) if total[j] else abs(x[i, j]))
            x[i, j] = total[j]
