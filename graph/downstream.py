"""Downstream of a product: what rests on it, how far, and on what is not known. Pure."""

from __future__ import annotations

from datetime import date

import numpy as np

from huren.graph.factors import BoolArray
from huren.graph.model.quality import Resting
from huren.graph.model.rollup import share
from huren.graph.model.supply import GwpSet
from huren.graph.system import System


def resting_on(system: System, source: str, gwp: GwpSet) -> tuple[Resting, ...]:
    """Every product that needs ``source`` up to its gate, by share of its total, then key.

    P[i, s] / P[s, s], with P = (I - N)^-1, is how much of s one unit of i calls for before any of it
    returns through a loop; times x[s], the kg CO2e whose way leads through s.
    Cost: one solve of the graph. Raises: NotFound.
    """
    at, weights = system.at(source), system.weights[gwp].counted
    unit = np.zeros(len(system.keys))
    unit[at] = 1.0
    with np.errstate(all="ignore"):
        called = system.network.solve(unit)
        values = called / called[at] * float(system.x[at] @ weights)
        totals = system.x @ weights
    began = system.supply.products[source].period_start
    found = [
        Resting(key, float(values[i]), share(float(values[i]), float(totals[i])), _stale(system, key, began))
        for i in np.flatnonzero(np.isfinite(called) & (called != 0)).tolist()
        if (key := system.keys[i]) != source
    ]
    return tuple(sorted(found, key=lambda one: (-abs(one.share or 0.0), one.product)))


def _stale(system: System, key: str, began: date | None) -> bool:
    ended = system.supply.products[key].period_end
    return began is not None and ended is not None and ended < began


def known_throughout(system: System) -> BoolArray:
    """Which products have all that is upstream of them known, ``(products,)``.

    Cost: the needs of those that have not.
    """
    missing = system.marks.unknown.copy()
    missing[system.gaps.consumer] = True
    missing[system.network.downstream(np.flatnonzero(missing))] = True
    return ~missing
