"""Which replacement of a supplier would do most: a thousand of them by first order, none solved anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from huren.errors import BadInput
from huren.graph.model.rollup import share
from huren.graph.root import Solved
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

    effect = s (x' - x), with s the units called for and x, x' kg CO2e per unit: exact where the candidate's
    own chain needs nothing of the supplier, else of first order. Cost: O(candidates × flows).
    Raises: NotFound; BadInput where the chain needs none of it, or a candidate's declared unit differs.
    """
    system = solved.system
    position = system.at(supplier)
    places = [system.at(key) for key in candidates]
    for key in candidates:
        same_unit(system.supply, supplier, key)
    if position not in solved.root.chain:
        raise _not_needed(system.keys[solved.root.position], supplier)
    units, now = _units(solved, position), solved.behind(position)
    then = system.x[places] @ solved.weights.counted
    effects = units * (then - now)
    order = np.lexsort((np.array(candidates), effects)).tolist()
    ranked = (
        Ranked(candidates[i], float(then[i]), float(effects[i]), share(float(effects[i]), solved.total))
        for i in order
    )
    return Ranking(supplier, units, now, tuple(ranked))


def _units(solved: Solved, position: int) -> float:
    """Declared units that the chain takes of a product: of the root itself, less what was asked for."""
    called = float(solved.units[np.searchsorted(solved.root.chain, position)])
    return called - (solved.amount if position == solved.root.position else 0.0)


def _not_needed(product: str, supplier: str) -> BadInput:
    return BadInput(
        f"nothing in the chain of `{product}`, as far as you may see it, needs `{supplier}`",
        f"在您可见的范围内,`{product}` 的供应链不需要 `{supplier}`",
        fix="Name a supplier that the roll-up of the product shows.",
        fix_zh="请指明该产品汇总结果中出现的供应产品。",
    )
