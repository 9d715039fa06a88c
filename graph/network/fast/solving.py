"""x = b + N x in solving order: one pass outside loops, Gauss-Seidel sweeps within them.

A sweep leaves rho times the error that it found, so that after a change d what is left is near
d rho / (1 - rho); rho is measured from two looks, some sweeps apart. A change is measured against the size of
what was added up, so that neither signs nor declared units matter.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from huren.graph.factors import BoolArray, FloatArray
from huren.graph.network.fast.kernel import kernel
from huren.graph.network.rows import Order, ProductArray, Unsigned

_PAIR = 2
_SLOW = 0.98
_SWEEPS, _TRIED = 2_000, 250
"""Sweeps that leave ``_SLOW`` of an error come within a hundredth in 250, and to the end in 2,000."""
_CLOSE, _ROUNDING, _NOISE = 1e-14, 5e-16, 1e-11


@kernel
def solved(needs: Unsigned, order: Order, first: int, last: int, own: FloatArray, x: FloatArray) -> None:
    """Set x after loop ``first`` - 1 and up to loop ``last``, which are solved otherwise.

    ``own`` and ``x``: ``(products, columns)``. With ``last`` the number of loops: up to the end.
    """
    at = order.bounds[first - 1, 1] if first else 0
    room = _room(needs, order, first, last)
    for one in range(first, last):
        _passed(needs, order.products[at : order.bounds[one, 0]], own, x)
        _settled(needs, order, one, own, x, room)
        at = order.bounds[one, 1]
    end = order.bounds[last, 0] if last < len(order.bounds) else len(order.products)
    _passed(needs, order.products[at:end], own, x)


@kernel
def followed(
    needs: Unsigned, order: Order, walk: ProductArray, own: FloatArray, x: FloatArray, moved: BoolArray
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
                _settled(needs, order, one, own, x, _room(needs, order, one, one + 1))
            noted(members, before, x, moved)
        k = end


@kernel
def met(needs: Unsigned, members: ProductArray, moved: BoolArray) -> bool:
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
def reaching(needs: Unsigned, order: Order, one: int, own: FloatArray, x: FloatArray) -> FloatArray:
    """``own`` of the members of a loop with what they need from outside it, ``(members, columns)``."""
    members = order.products[order.bounds[one, 0] : order.bounds[one, 1]]
    found = np.empty((len(members), own.shape[1]))
    for k in range(len(members)):
        i = members[k]
        for j in range(own.shape[1]):
            found[k, j] = own[i, j]
        for e in range(needs.starts[i], needs.ends[i]):
            s, amount = needs.others[e], needs.amounts[e]
            if order.loop[s] != one:
                for j in range(own.shape[1]):
                    found[k, j] += amount * x[s, j]
    return found


class Inner(NamedTuple):
    """What stays within a loop: row k is ``others[starts[k]:starts[k + 1]]`` with ``amounts`` beside it.

    Rows and ``others`` count from where the loop begins in solving order. ``gains``, ``(members,)``:
    1 / (1 - what a product needs of itself), which is in no row.
    """

    starts: NDArray[np.uint64]
    others: NDArray[np.uint32]
    amounts: FloatArray
    gains: FloatArray


@kernel
def _room(needs: Unsigned, order: Order, first: int, last: int) -> Inner:
    """Memory for the largest of the loops from ``first`` to before ``last``: most have but two members."""
    members, count = 0, np.uint64(0)
    for begin, end in order.bounds[first:last]:
        needed = np.uint64(0)
        for i in order.products[begin:end]:
            needed += needs.ends[i] - needs.starts[i]
        members, count = max(members, end - begin), max(count, needed)
    starts, gains = np.zeros(members + 1, np.uint64), np.empty(members)
    return Inner(starts, np.empty(count, np.uint32), np.empty(count), gains)


@kernel
def _inside(needs: Unsigned, order: Order, one: int, absolute: bool, room: Inner) -> Inner:
    """One loop of N, or of |N|, in ``room``. Cost: a look at what its members need."""
    begin, end = order.bounds[one]
    members, at = order.products[begin:end].view(np.uint32), np.uint64(0)
    starts, others, amounts, gains = room.starts, room.others, room.amounts, room.gains
    for k in range(len(members)):
        i = members[k]
        gains[k] = 1.0
        for e in range(needs.starts[i], needs.ends[i]):
            turn, amount = order.rank[needs.others[e]] - begin, needs.amounts[e]
            if absolute:
                amount = abs(amount)
            if turn == k:
                gains[k] = 1 / (1 - amount)
            elif 0 <= turn < len(members):
                others[at], amounts[at] = turn, amount
                at += np.uint64(1)
        starts[k + 1] = at
    return Inner(starts, others, amounts, gains[: len(members)])


@kernel
def _settled(needs: Unsigned, order: Order, one: int, own: FloatArray, x: FloatArray, room: Inner) -> None:
    """Set x of the members of a loop."""
    begin, end = order.bounds[one]
    members = order.products[begin:end]
    if len(members) == _PAIR:
        i, k = members.view(np.uint32)
        _paired(needs, i, k, own, x)
    else:
        _swept_out(needs, order, one, own, x, room)


@kernel
def _paired(needs: Unsigned, i: int, k: int, own: FloatArray, x: FloatArray) -> None:
    """Two products that need each other, by elimination: of a large graph most loops are such."""
    kept_i, needs_k = _apart(needs, i, k, own, x)
    kept_k, needs_i = _apart(needs, k, i, own, x)
    kept = kept_i * kept_k - needs_k * needs_i
    for j in range(x.shape[1]):
        of_i, of_k = x[i, j], x[k, j]
        x[i, j] = (kept_k * of_i + needs_k * of_k) / kept
        x[k, j] = (kept_i * of_k + needs_i * of_i) / kept


@kernel
def _apart(needs: Unsigned, i: int, k: int, own: FloatArray, x: FloatArray) -> tuple[float, float]:
    """Set x of i to what comes from neither. What a unit of i leaves of itself, and what it needs of k."""
    kept, needed = 1.0, 0.0
    for j in range(x.shape[1]):
        x[i, j] = own[i, j]
    for e in range(needs.starts[i], needs.ends[i]):
        s, amount = needs.others[e], needs.amounts[e]
        if s == i:
            kept = 1 - amount
        elif s == k:
            needed = amount
        else:
            for j in range(x.shape[1]):
                x[i, j] += amount * x[s, j]
    return kept, needed


@kernel
def _swept_out(needs: Unsigned, order: Order, one: int, own: FloatArray, x: FloatArray, room: Inner) -> None:
    """Sweeps of a loop until what is left is rounding; few of them look how much it changes."""
    members = order.products[order.bounds[one, 0] : order.bounds[one, 1]]
    inner, base = _inside(needs, order, one, False, room), reaching(needs, order, one, own, x)
    y, before, rho, sweeps, done = x[members], 0.0, _SLOW, 4, 0
    while done < _SWEEPS:
        for _ in range(sweeps - 1):
            _swept(inner, base, y)
        change = _changed(inner, base, y)
        if before > 0 and change > _NOISE:
            rho = min((change / before) ** (1 / sweeps), _SLOW)
        done += sweeps
        if not (change > _ROUNDING and change * rho / (1 - rho) > _CLOSE):
            break
        sweeps = _ahead(change, rho)
        before = change
    for j in range(y.shape[1]):
        lost = np.isnan(y[:, j].sum())
        for k in range(len(members)):
            x[members[k], j] = np.nan if lost else y[k, j]


@kernel
def _ahead(change: float, rho: float) -> int:
    """How many sweeps to the next look: most of those that are still needed, as far as can be told."""
    if rho == _SLOW:
        return 4
    needed = np.log(_CLOSE * (1 - rho) / (change * rho)) / np.log(rho)
    return int(min(max(0.8 * needed, 4.0), 16.0))


@kernel
def _swept(inner: Inner, base: FloatArray, y: FloatArray) -> None:
    if y.shape[1] == 1:
        _swept_alone(inner, base[:, 0], y[:, 0])
    else:
        _swept_together(inner, base, y)


@kernel
def _swept_alone(inner: Inner, base: FloatArray, y: FloatArray) -> None:
    for k in range(len(y)):
        total = base[k]
        for e in range(inner.starts[k], inner.starts[k + 1]):
            total += inner.amounts[e] * y[inner.others[e]]
        y[k] = total * inner.gains[k]


@kernel
def _swept_together(inner: Inner, base: FloatArray, y: FloatArray) -> None:
    count = y.shape[1]
    total = np.empty(count)
    for k in range(len(y)):
        for j in range(count):
            total[j] = base[k, j]
        for e in range(inner.starts[k], inner.starts[k + 1]):
            s, amount = inner.others[e], inner.amounts[e]
            for j in range(count):
                total[j] += amount * y[s, j]
        for j in range(count):
            y[k, j] = total[j] * inner.gains[k]


@kernel
def _changed(inner: Inner, base: FloatArray, y: FloatArray) -> float:
    """A sweep; the greatest change, as a share of the size of what was added up."""
    if y.shape[1] == 1:
        return _changed_alone(inner, base[:, 0], y[:, 0])
    return _changed_together(inner, base, y)


@kernel
def _changed_alone(inner: Inner, base: FloatArray, y: FloatArray) -> float:
    worst = 0.0
    for k in range(len(y)):
        total, size = base[k], abs(base[k])
        for e in range(inner.starts[k], inner.starts[k + 1]):
            part = inner.amounts[e] * y[inner.others[e]]
            total, size = total + part, size + abs(part)
        value, size = total * inner.gains[k], size * abs(inner.gains[k])
        if abs(value - y[k]) > worst * size:
            worst = abs(value - y[k]) / size
        y[k] = value
    return worst


@kernel
def _changed_together(inner: Inner, base: FloatArray, y: FloatArray) -> float:
    count, worst = y.shape[1], 0.0
    total, size = np.empty(count), np.empty(count)
    for k in range(len(y)):
        for j in range(count):
            total[j], size[j] = base[k, j], abs(base[k, j])
        for e in range(inner.starts[k], inner.starts[k + 1]):
            s, amount = inner.others[e], inner.amounts[e]
            for j in range(count):
                part = amount * y[s, j]
                total[j] += part
                size[j] += abs(part)
        gain = inner.gains[k]
        for j in range(count):
            value = total[j] * gain
            if abs(value - y[k, j]) > worst * size[j] * abs(gain):
                worst = abs(value - y[k, j]) / (size[j] * abs(gain))
            y[k, j] = value
    return worst


@kernel
def tame(needs: Unsigned, order: Order) -> BoolArray:
    """Which loops sweeps will solve, ``(loops,)``: there is a w with |N| w < w, found in quick sweeps.

    Such a w > 0 proves that |N| has a spectral radius below 1 (Collatz 1942). It is sought as
    (I - |N|)^-2 1, since (I - |N|)^-1 1 leaves too little to see where declared units lie far apart.
    """
    found, room = np.zeros(len(order.bounds), np.bool_), _room(needs, order, 0, len(order.bounds))
    for one in range(len(order.bounds)):
        inner = _inside(needs, order, one, True, room)
        size = len(inner.gains)
        v, w = np.zeros(size), np.zeros(size)
        if _weighed(inner, np.ones(size), v) and _weighed(inner, v, w):
            found[one] = _leaves(inner, w)
    return found


@kernel
def _weighed(inner: Inner, base: FloatArray, w: FloatArray) -> bool:
    """Whether w = base + |N| w within a loop is soon near its end, to a hundredth."""
    before = 0.0
    for _ in range(_TRIED):
        change = 0.0
        for k in range(len(w)):
            value = (base[k] + _used(inner, w, k)) * inner.gains[k]
            change = max(change, abs(value - w[k]) / value)
            w[k] = value
        rho = change / before if before > 0 else 1.0
        before = change
        if change == 0.0 or (rho < 1 and change * rho / (1 - rho) < 1e-2):
            return True
    return False


@kernel
def _leaves(inner: Inner, w: FloatArray) -> bool:
    for k in range(len(w)):
        if not (inner.gains[k] > 0 and _used(inner, w, k) < (1 / inner.gains[k] - 1e-6) * w[k]):
            return False
    return True


@kernel
def _used(inner: Inner, w: FloatArray, k: int) -> float:
    """|N| w at k from the others of its loop."""
    used = 0.0
    for e in range(inner.starts[k], inner.starts[k + 1]):
        used += inner.amounts[e] * w[inner.others[e]]
    return used
