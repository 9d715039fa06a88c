"""The largest structural paths of a chain, exactly, best first (structural path analysis).

A path runs from the root along inputs to a product that emits; its value is the product of the amounts
times what one unit of the last product emits itself. All paths together sum to the total.
Source: Treloar (1997); best-first search with an exact bound (A*, Hart, Nilsson, Raphael 1968).
"""

from __future__ import annotations

import numpy as np

from huren.errors import BadInput
from huren.graph.model.rollup import Path, share
from huren.graph.network.local import largest_paths as network_paths
from huren.graph.network.rows import positions
from huren.graph.root import Solved


def largest_paths(solved: Solved, count: int) -> tuple[Path, ...]:
    """The ``count`` paths with the largest |value|, largest first; fewer where there are fewer.

    Cost: the peaks of the whole graph, once; then ``count`` × depth × inputs of a product.
    Raises: BadInput where ``count`` is not positive, or a loop with credits amplifies its own paths.
    """
    if count < 1:
        raise BadInput(
            "the number of paths must be at least 1",
            "路径数量至少为 1",
            fix="Ask for one or more paths.",
            fix_zh="请查询一条或多条路径。",
        )
    system, root = solved.system, solved.root
    emitted, peaks = system.peaks(solved.gwp)
    needed: dict[int, float] = {}
    for (supplier, _), amount in root.needed.items():
        needed[supplier] = needed.get(supplier, 0.0) + solved.amount * amount
    seeds, amounts = positions(list(needed)), np.array(list(needed.values()))
    if not np.isfinite(peaks[seeds]).all():
        raise _amplified(solved)
    found = network_paths(system.network, seeds, amounts, emitted, peaks, count)
    paths = [_path(solved, path, flow, flow * float(emitted[path[-1]])) for path, flow in found]
    whole = sum(mass * solved.weights.counted[flow] for (_, flow), mass in root.emitted.items())
    if whole:
        paths.append(_path(solved, (), solved.amount, solved.amount * float(whole)))
    return tuple(sorted(paths, key=lambda path: -abs(path.value))[:count])


def _path(solved: Solved, suppliers: tuple[int, ...], amount: float, value: float) -> Path:
    keys = solved.system.keys
    names = (keys[solved.root.position], *(keys[i] for i in suppliers))
    return Path(names, amount, value, share(value, solved.total))


def _amplified(solved: Solved) -> BadInput:
    product = solved.system.keys[solved.root.position]
    return BadInput(
        f"a loop with credits behind `{product}` amplifies its own paths, so that none is the largest",
        f"`{product}` 上游存在带抵扣的循环,其路径逐圈放大,不存在最大路径",
        fix="Ask for contributions instead of paths.",
        fix_zh="请改为查询贡献而非路径。",
    )
