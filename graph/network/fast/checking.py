"""What proves a solution: one pass over all needs."""

from __future__ import annotations

import numpy as np

from huren.graph.factors import FloatArray
from huren.graph.network.fast.kernel import kernel
from huren.graph.network.rows import Unsigned

_UNIT = 1.2e-16


@kernel
def checked(needs: Unsigned, own: FloatArray, x: FloatArray, v: FloatArray) -> tuple[float, float]:
    """The greatest (|r| + its rounding) / (v - |N| v) of all positions; and of |r| / size.

    r = own + N x - x; the first is infinite where v - |N| v is not positive beyond rounding. Positions that
    hold nothing and get nothing, with v 0, are exact.
    """
    excess, off = 0.0, 0.0
    for i in range(len(own)):
        total, size, used = own[i], abs(own[i]), 0.0
        for e in range(needs.starts[i], needs.ends[i]):
            s = needs.others[e]
            part = needs.amounts[e] * x[s]
            total, size = total + part, size + abs(part)
            used += abs(needs.amounts[e]) * v[s]
        rounding = (np.float64(needs.ends[i] - needs.starts[i]) + 3) * _UNIT
        size += abs(x[i])
        rest, left = abs(total - x[i]), v[i] - used - rounding * (v[i] + used)
        if not size < np.inf:
            return np.inf, np.inf
        off = max(off, rest / size) if size > 0 else off
        if left > 0:
            excess = max(excess, (rest + rounding * size) / left)
        elif size > 0 or v[i] > 0 or used > 0:
            excess = np.inf
    return excess, off
