"""x = b + N x in solving order: one pass outside loops, Gauss-Seidel sweeps within them.

A sweep leaves rho times the error that it found, so that after a change d what is left is near
d rho / (1 - rho); rho is measured from two sweeps. A change is measured against the size of what was
added up, so that neither signs nor declared units matter.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from huren.graph.factors import BoolArray, FloatArray
from huren.graph.network.fast.kernel import kernel
from huren.graph.network.rows import Order, ProductArray, Rows

_SLOW = 0.98
_SWEEPS, _TRIED = 2_000, 250
"""Sweeps that leave ``_SLOW`` of an error come within a hundredth in 250, and to the end in 2,000."""
_ROUNDS = 500
"""Of a loop in which paths do not amplify, the best are found in far fewer."""
_CLOSE, _ROUNDING, _NOISE = 1e-14, 5e-16, 1e-11


class Unsigned(NamedTuple):
    """Rows in the same memory: numba would ask a signed place whether it counts from the end."""

    starts: NDArray[np.uint64]
    ends: NDArray[np.uint64]
    others: NDArray[np.uint32]
    amounts: FloatArray


@kernel
def unsigned(needs: Rows) -> Unsigned:
    """The same rows."""
    starts, ends = needs.starts.view(np.uint64), needs.ends.view(np.uint64)
    return Unsigned(starts, ends, needs.others.view(np.uint32), needs.amounts)


@kernel
def solved(needs: Rows, order: Order, first: int, last: int, own: FloatArray, x: FloatArray) -> None:
    """Set x after loop ``first`` - 1 and up to loop ``last``, which are solved otherwise.

    ``own`` and ``x``: ``(products, columns)``. With ``last`` the number of loops: up to the end.
    """
    rows, at = unsigned(needs), order.bounds[first - 1, 1] if first else 0
    for one in range(first, last):
        _passed(rows, order.products[at : order.bounds[one, 0]], own, x)
        _settled(rows, order.products[order.bounds[one, 0] : order.bounds[one, 1]], own, x)
        at = order.bounds[one, 1]
    end = order.bounds[last, 0] if last < len(order.bounds) else len(order.products)
    _passed(rows, order.products[at:end], own, x)


@kernel
def followed(
    needs: Rows, order: Order, walk: ProductArray, own: FloatArray, x: FloatArray, moved: BoolArray
) -> None:
    """Set x along ``walk``, in solving order with loops whole, where one has ``moved`` or needs who has.

    ``moved`` then holds whose x changed.
    """
    rows, k = unsigned(needs), 0
    while k < len(walk):
        one = order.loop[walk[k]]
        end = k + 1 if one < 0 else k + order.bounds[one, 1] - order.bounds[one, 0]
        members = walk[k:end]
        if met(needs, members, moved):
            before = x[members]
            if one < 0:
                _passed(rows, members, own, x)
            else:
                x[members] = 0.0  # what comes to nothing would only be approached from what it was
                _settled(rows, members, own, x)
            noted(members, before, x, moved)
        k = end


@kernel
def met(needs: Rows, members: ProductArray, moved: BoolArray) -> bool:
    """Whether one of them has moved, or needs one who has."""
    for i in members:
        if moved[i]:
            return True
        for e in range(needs.starts[i], needs.ends[i]):
            if moved[needs.others[e]]:
                return True
    return False


@kernel
def noted(members: ProductArray, before: FloatArray, x: FloatArray, moved: BoolArray) -> None:
    """Which of them have another x than ``before``, ``(members, columns)``."""
    for k in range(len(members)):
        i = members[k]
        moved[i] = False
        for j in range(x.shape[1]):
            if x[i, j] != before[k, j] and not (np.isnan(x[i, j]) and np.isnan(before[k, j])):
                moved[i] = True


@kernel
def _passed(needs: Unsigned, products: ProductArray, own: FloatArray, x: FloatArray) -> None:
    """One pass, exact outside loops. A column alone has its totals in a register."""
    if own.shape[1] == 1:
        _passed_alone(needs, products.view(np.uint32), own[:, 0], x[:, 0])
    else:
        _passed_together(needs, products.view(np.uint32), own, x)


@kernel
def _passed_alone(needs: Unsigned, products: NDArray[np.uint32], own: FloatArray, x: FloatArray) -> None:
    for i in products:
        total = own[i]
        for e in range(needs.starts[i], needs.ends[i]):
            total += needs.amounts[e] * x[needs.others[e]]
        x[i] = total


@kernel
def _passed_together(needs: Unsigned, products: NDArray[np.uint32], own: FloatArray, x: FloatArray) -> None:
    count = own.shape[1]
    total = np.empty(count)
    for i in products:
        for j in range(count):
            total[j] = own[i, j]
        for e in range(needs.starts[i], needs.ends[i]):
            s, amount = needs.others[e], needs.amounts[e]
            for j in range(count):
                total[j] += amount * x[s, j]
        for j in range(count):
            x[i, j] = total[j]


@kernel
def _settled(needs: Unsigned, members: ProductArray, own: FloatArray, x: FloatArray) -> None:
    """Sweeps of a loop until what is left is rounding; one in four looks how much it changes."""
    before, rho = 0.0, _SLOW
    for _ in range(_SWEEPS // 4):
        for _ in range(3):
            _swept(needs, members, own, x)
        change = _changed(needs, members, own, x)
        if before > 0 and change > _NOISE:
            rho = min((change / before) ** 0.25, _SLOW)
        before = change
        if not (change > _ROUNDING and change * rho / (1 - rho) > _CLOSE):
            break
    for j in range(own.shape[1]):
        total = 0.0
        for i in members:
            total += x[i, j]
        if np.isnan(total):
            for i in members:
                x[i, j] = np.nan


@kernel
def _swept(needs: Unsigned, members: ProductArray, own: FloatArray, x: FloatArray) -> None:
    if own.shape[1] == 1:
        _swept_alone(needs, members.view(np.uint32), own[:, 0], x[:, 0])
    else:
        _swept_together(needs, members.view(np.uint32), own, x)


@kernel
def _swept_alone(needs: Unsigned, members: NDArray[np.uint32], own: FloatArray, x: FloatArray) -> None:
    for i in members:
        total, itself = own[i], 0.0
        for e in range(needs.starts[i], needs.ends[i]):
            if needs.others[e] == i:
                itself = needs.amounts[e]
            else:
                total += needs.amounts[e] * x[needs.others[e]]
        x[i] = total / (1 - itself)


@kernel
def _swept_together(needs: Unsigned, members: NDArray[np.uint32], own: FloatArray, x: FloatArray) -> None:
    count = own.shape[1]
    total = np.empty(count)
    for i in members:
        itself = 0.0
        for j in range(count):
            total[j] = own[i, j]
        for e in range(needs.starts[i], needs.ends[i]):
            s, amount = needs.others[e], needs.amounts[e]
            if s == i:
                itself = amount
                continue
            for j in range(count):
                total[j] += amount * x[s, j]
        for j in range(count):
            x[i, j] = total[j] / (1 - itself)


@kernel
def _changed(needs: Unsigned, members: ProductArray, own: FloatArray, x: FloatArray) -> float:
    """A sweep; the greatest change, as a share of the size of what was added up."""
    if own.shape[1] == 1:
        return _changed_alone(needs, members.view(np.uint32), own[:, 0], x[:, 0])
    return _changed_together(needs, members.view(np.uint32), own, x)


@kernel
def _changed_alone(needs: Unsigned, members: NDArray[np.uint32], own: FloatArray, x: FloatArray) -> float:
    worst = 0.0
    for i in members:
        total, size, itself = own[i], abs(own[i]), 0.0
        for e in range(needs.starts[i], needs.ends[i]):
            if needs.others[e] == i:
                itself = needs.amounts[e]
            else:
                part = needs.amounts[e] * x[needs.others[e]]
                total, size = total + part, size + abs(part)
        value = total / (1 - itself)
        change = abs(value - x[i]) * (1 - itself)
        if change > worst * size:
            worst = change / size
        x[i] = value
    return worst


@kernel
def _changed_together(needs: Unsigned, members: NDArray[np.uint32], own: FloatArray, x: FloatArray) -> float:
    count, worst = own.shape[1], 0.0
    total, size = np.empty(count), np.empty(count)
    for i in members:
        itself = 0.0
        for j in range(count):
            total[j], size[j] = own[i, j], abs(own[i, j])
        for e in range(needs.starts[i], needs.ends[i]):
            s, amount = needs.others[e], needs.amounts[e]
            if s == i:
                itself = amount
                continue
            for j in range(count):
                part = amount * x[s, j]
                total[j] += part
                size[j] += abs(part)
        for j in range(count):
            value = total[j] / (1 - itself)
            change = abs(value - x[i, j]) * (1 - itself)
            if change > worst * size[j]:
                worst = change / size[j]
            x[i, j] = value
    return worst


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


@kernel
def reaching(needs: Rows, order: Order, one: int, own: FloatArray, x: FloatArray) -> FloatArray:
    """``own`` of the members of a loop with what they need from outside it, ``(members, columns)``."""
    members = order.products[order.bounds[one, 0] : order.bounds[one, 1]]
    found = np.empty((len(members), own.shape[1]))
    for k in range(len(members)):
        i = members[k]
        for j in range(own.shape[1]):
            found[k, j] = own[i, j]
            for e in range(needs.starts[i], needs.ends[i]):
                if order.loop[needs.others[e]] != one:
                    found[k, j] += needs.amounts[e] * x[needs.others[e], j]
    return found


@kernel
def tame(needs: Rows, order: Order) -> BoolArray:
    """Which loops sweeps will solve, ``(loops,)``: there is a w with |N| w < w, found in quick sweeps.

    Such a w > 0 proves that |N| has a spectral radius below 1 (Collatz 1942). It is sought as
    (I - |N|)^-2 1, since (I - |N|)^-1 1 leaves too little to see where declared units lie far apart.
    """
    size, found = len(order.products), np.zeros(len(order.bounds), np.bool_)
    ones, v, w = np.ones(size), np.zeros(size), np.zeros(size)
    for at in range(len(order.bounds)):
        members = order.products[order.bounds[at, 0] : order.bounds[at, 1]]
        if _weighed(needs, order.loop, members, ones, v) and _weighed(needs, order.loop, members, v, w):
            found[at] = _leaves(needs, order.loop, members, w)
    return found


@kernel
def _weighed(needs: Rows, loop: ProductArray, members: ProductArray, base: FloatArray, w: FloatArray) -> bool:
    """Whether w = base + |N| w within a loop is soon near its end, to a hundredth."""
    before = 0.0
    for _ in range(_TRIED):
        change = 0.0
        for i in members:
            used, itself = _used(needs, loop, w, i)
            value = (base[i] + used) / (1 - itself)
            change = max(change, abs(value - w[i]) / value)
            w[i] = value
        rho = change / before if before > 0 else 1.0
        before = change
        if change == 0.0 or (rho < 1 and change * rho / (1 - rho) < 1e-2):
            return True
    return False


@kernel
def _leaves(needs: Rows, loop: ProductArray, members: ProductArray, w: FloatArray) -> bool:
    for i in members:
        used, itself = _used(needs, loop, w, i)
        if not (itself < 1 and used + itself * w[i] < (1 - 1e-6) * w[i]):
            return False
    return True


@kernel
def _used(needs: Rows, loop: ProductArray, w: FloatArray, i: int) -> tuple[float, float]:
    """|N| w at i from the others of its loop, and what i needs of itself."""
    used, itself = 0.0, 0.0
    for e in range(needs.starts[i], needs.ends[i]):
        if needs.others[e] == i:
            itself = abs(needs.amounts[e])
        elif loop[needs.others[e]] == loop[i]:
            used += abs(needs.amounts[e]) * w[needs.others[e]]
    return used, itself
