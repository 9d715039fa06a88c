"""x = b + N x in solving order: one pass outside loops, Gauss-Seidel sweeps within them.

A sweep leaves rho times the error that it found, so that after a change d what is left is near
d rho / (1 - rho); rho is measured from two sweeps. A change is measured against the size of what was
added up, so that neither signs nor declared units matter.
"""

from __future__ import annotations

import numpy as np

from huren.graph.factors import BoolArray, FloatArray
from huren.graph.network.fast.kernel import kernel
from huren.graph.network.rows import Order, ProductArray, Rows

_SLOW = 0.98
_SWEEPS, _TRIED = 2_000, 250
"""Sweeps that leave ``_SLOW`` of an error come within a hundredth in 250, and to the end in 2,000."""
_ROUNDS = 500
"""Of a loop in which paths do not amplify, the best are found in far fewer."""
_SIDE_BY_SIDE = 6
"""Columns from which on all of a product are worked out together: the processor takes eight at once, and
finds them beside one another. Fewer go in turn, each total in a register. The sums are the same."""
_CLOSE, _ROUNDING, _NOISE = 1e-14, 5e-16, 1e-11


@kernel
def solved(needs: Rows, order: Order, first: int, last: int, own: FloatArray, x: FloatArray) -> None:
    """Set x after loop ``first`` - 1 and up to loop ``last``, which are solved otherwise.

    ``own`` and ``x``: ``(products, columns)``. With ``last`` the number of loops: up to the end.
    """
    at = order.bounds[first - 1, 1] if first else 0
    for one in range(first, last):
        _passed(needs, order.products[at : order.bounds[one, 0]], own, x)
        _settled(needs, order.products[order.bounds[one, 0] : order.bounds[one, 1]], own, x)
        at = order.bounds[one, 1]
    end = order.bounds[last, 0] if last < len(order.bounds) else len(order.products)
    _passed(needs, order.products[at:end], own, x)


@kernel
def followed(
    needs: Rows, order: Order, walk: ProductArray, own: FloatArray, x: FloatArray, moved: BoolArray
) -> None:
    """Set x along ``walk``, in solving order with loops whole, where one has ``moved`` or needs who has.

    ``moved`` then holds whose x changed.
    """
    k = 0
    while k < len(walk):
        one = order.loop[walk[k]]
        end = k + 1 if one < 0 else k + order.bounds[one, 1] - order.bounds[one, 0]
        members = walk[k:end]
        if met(needs, members, moved):
            before = x[members]
            if one < 0:
                _passed(needs, members, own, x)
            else:
                x[members] = 0.0  # what comes to nothing would only be approached from what it was
                _settled(needs, members, own, x)
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
def _passed(needs: Rows, order: ProductArray, own: FloatArray, x: FloatArray) -> None:
    if own.shape[1] < _SIDE_BY_SIDE:
        _passed_in_turn(needs, order, own, x)
    else:
        _passed_side_by_side(needs, order, own, x)


@kernel
def _passed_in_turn(needs: Rows, order: ProductArray, own: FloatArray, x: FloatArray) -> None:
    for i in order:
        begin, end = needs.starts[i], needs.ends[i]
        for j in range(own.shape[1]):
            total = own[i, j]
            for e in range(begin, end):
                total += needs.amounts[e] * x[needs.others[e], j]
            x[i, j] = total


@kernel
def _passed_side_by_side(needs: Rows, order: ProductArray, own: FloatArray, x: FloatArray) -> None:
    count = own.shape[1]
    total = np.empty(count)
    for i in order:
        for j in range(count):
            total[j] = own[i, j]
        for e in range(needs.starts[i], needs.ends[i]):
            s, amount = needs.others[e], needs.amounts[e]
            for j in range(count):
                total[j] += amount * x[s, j]
        for j in range(count):
            x[i, j] = total[j]


@kernel
def _settled(needs: Rows, members: ProductArray, own: FloatArray, x: FloatArray) -> None:
    before, rho = 0.0, _SLOW
    for _ in range(_SWEEPS):
        change = _swept(needs, members, own, x)
        if before > 0 and change > _NOISE:
            rho = min(change / before, _SLOW)
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
def _swept(needs: Rows, members: ProductArray, own: FloatArray, x: FloatArray) -> float:
    if own.shape[1] < _SIDE_BY_SIDE:
        return _swept_in_turn(needs, members, own, x)
    return _swept_side_by_side(needs, members, own, x)


@kernel
def _swept_in_turn(needs: Rows, members: ProductArray, own: FloatArray, x: FloatArray) -> float:
    worst = 0.0
    for i in members:
        begin, end = needs.starts[i], needs.ends[i]
        for j in range(own.shape[1]):
            total, size, itself = own[i, j], abs(own[i, j]), 0.0
            for e in range(begin, end):
                if needs.others[e] == i:
                    itself = needs.amounts[e]
                else:
                    part = needs.amounts[e] * x[needs.others[e], j]
                    total, size = total + part, size + abs(part)
            value = total / (1 - itself)
            change = abs(value - x[i, j]) * (1 - itself)
            if change > worst * size:
                worst = change / size
            x[i, j] = value
    return worst


@kernel
def _swept_side_by_side(needs: Rows, members: ProductArray, own: FloatArray, x: FloatArray) -> float:
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
