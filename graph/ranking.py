"""Which replacement of a supplier would do most: a thousand of them, exact, none solved anew.

Taking all that is needed of i from k instead adds N e_i (e_k - e_i)^T to N, so that with P = (I - N)^-1 the
total changes by s (x_k - x_i) / (P_ii - P_ki), where s units of i were called for (Sherman, Morrison 1950).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from huren.errors import BadInput
from huren.graph.factors import FloatArray
from huren.graph.loops import GAP, IntArray
from huren.graph.model.rollup import share
from huren.graph.rollup import refuse_loops, refuse_undivided
from huren.graph.root import Solved
from huren.graph.system import System
from huren.graph.whatif import same_unit


@dataclass(frozen=True, slots=True)
class Ranked:
    """What one declared unit of ``product`` stands for, kg CO2e, and what taking it instead would change."""

    product: str
    intensity: float
    effect: float
    share: float | None


@dataclass(frozen=True, slots=True)
class Ranking:
    """Replacements of ``supplier``, least footprint first; ``units`` of it are called for over all tiers."""

    supplier: str
    units: float
    intensity: float
    ranked: tuple[Ranked, ...]


def rank(solved: Solved, supplier: str, candidates: Sequence[str]) -> Ranking:
    """The effect of taking all that the root's chain needs of ``supplier`` from each candidate instead.

    Cost: one solve, and a look at what is behind the candidates.
    Raises: NotFound; BadInput where the chain needs none of it, a candidate's declared unit differs, or
    taking it closes a loop that consumes all it makes; ConsumingLoop or BadInput for one without a footprint.
    """
    system = solved.system
    position = system.at(supplier)
    places = [system.at(key) for key in candidates]
    for key in candidates:
        same_unit(system.supply, supplier, key)
    if position not in solved.root.chain:
        raise _not_needed(system.keys[solved.root.position], supplier)
    refuse_loops(system, behind := lambda: system.network.upstream(places).astype(np.intp))
    refuse_undivided(system, behind)
    units, now = _units(solved, position), solved.behind(position)
    then = system.x[places] @ solved.weights.counted
    effects = units * (then - now) / _left(system, position, np.array(places, dtype=np.intp))
    order = np.lexsort((np.array(candidates), effects)).tolist()
    ranked = (
        Ranked(candidates[i], float(then[i]), float(effects[i]), share(float(effects[i]), solved.total))
        for i in order
    )
    return Ranking(supplier, units, now, tuple(ranked))


def _left(system: System, position: int, places: IntArray) -> FloatArray:
    """P_ii - P_ki for the supplier i and each candidate k; 1 for the supplier itself, which changes nothing.

    Raises: BadInput where it is not above 0: it is the determinant of the changed I - N over that of I - N.
    """
    called = np.zeros(system.network.size)
    called[position] = 1.0
    column = system.network.solve(called)
    left = np.where(places == position, 1.0, column[position] - column[places])
    sizes = np.abs(left) if system.network.credits else left
    for at in np.flatnonzero(~(sizes > GAP * abs(column[position])))[:1].tolist():
        raise _closes_a_loop(system.keys[position], system.keys[places[at]])
    return np.asarray(left)


def _units(solved: Solved, position: int) -> float:
    """Declared units that the chain takes of a product: of the root itself, less what was asked for."""
    called = float(solved.units[np.searchsorted(solved.root.chain, position)])
    return called - (solved.amount if position == solved.root.position else 0.0)


def _closes_a_loop(supplier: str, candidate: str) -> BadInput:
    return BadInput(
        f"taking `{candidate}` instead of `{supplier}` closes a loop that consumes all it makes",
        f"以 `{candidate}` 替代 `{supplier}` 会形成耗尽自身产出的循环",
        fix="Leave it out of the candidates.",
        fix_zh="请将其从候选产品中去掉。",
    )


def _not_needed(product: str, supplier: str) -> BadInput:
    return BadInput(
        f"nothing in the chain of `{product}`, as far as you may see it, needs `{supplier}`",
        f"在您可见的范围内,`{product}` 的供应链不需要 `{supplier}`",
        fix="Name a supplier that the roll-up of the product shows.",
        fix_zh="请指明该产品汇总结果中出现的供应产品。",
    )
