"""What a roll-up does not know, and the refusal to give a number that hides it."""

from __future__ import annotations

import numpy as np

from huren.errors import UnlinkedInputs
from huren.graph.loops import IntArray
from huren.graph.model.rollup import Coverage
from huren.graph.root import Root, Solved
from huren.graph.splits import not_restated
from huren.graph.system import System

MOST_UNLINKED = 100
_NAMED = 5


def coverage(solved: Solved) -> Coverage:
    """Unlinked inputs and unknown products anywhere upstream, and CO2e that could not be restated."""
    system, chain = solved.system, solved.root.chain
    rows, unknown = _unlinked_rows(system, solved.root), chain[system.marks.unknown[chain]]
    units = solved.units[np.searchsorted(chain, system.gaps.consumer[rows])] if len(rows) else np.zeros(0)
    needed = np.abs(units * system.gaps.amount[rows])
    largest = rows[np.lexsort((rows, -needed))[:MOST_UNLINKED]]
    concerned = len(set(unknown.tolist()) | set(system.gaps.consumer[rows].tolist()))
    return Coverage(
        complete=not (len(rows) or len(unknown)),
        unlinked=tuple(system.gaps.rows[row] for row in largest.tolist()),
        unlinked_count=len(rows),
        unlinked_stated=not bool(system.marks.silent[chain].any()),
        unknown=tuple(system.keys[i] for i in unknown.tolist()),
        concerned=concerned / len(chain),
        not_restated=not_restated(solved),
    )


def refuse_partial(system: System, root: Root) -> None:
    """Raises: UnlinkedInputs, naming what is missing, unless all that is upstream is known."""
    if not (len(system.gaps.amount) or system.marks.unknown.any()):
        return
    rows, unknown = _unlinked_rows(system, root), root.chain[system.marks.unknown[root.chain]]
    flows = [f"`{system.gaps.rows[r].flow}` ({system.gaps.rows[r].consumer})" for r in rows[:_NAMED].tolist()]
    silent = [f"`{system.keys[i]}`" for i in unknown[:_NAMED].tolist()]
    if not (flows or silent):
        return
    product = system.keys[root.position]
    raise UnlinkedInputs(
        f"the roll-up of `{product}` is partial: "
        + _listed(
            [(len(rows), "inputs that nothing supplies", flows), (len(unknown), "products unknown", silent)]
        ),
        f"`{product}` 的汇总不完整: "
        + _listed([(len(rows), "项投入无供应方", flows), (len(unknown), "个产品无数据", silent)]),
        fix="Link each input to a product, give each product an inventory, or ask with `allowPartial: true`.",
        fix_zh="请为每项投入指定供应产品并为每个产品提供清单,或以 `allowPartial: true` 重新查询。",
    )


def _unlinked_rows(system: System, root: Root) -> IntArray:
    """Cost: where there are any in the whole graph, a look at each of its products."""
    if not len(system.gaps.amount):
        return np.zeros(0, np.intp)
    upstream = np.zeros(len(system.keys), dtype=np.bool_)
    upstream[root.chain] = True
    return np.flatnonzero(upstream[system.gaps.consumer])


def _listed(kinds: list[tuple[int, str, list[str]]]) -> str:
    parts = [
        f"{count} {what} ({', '.join(names)}{', …' if count > len(names) else ''})"
        for count, what, names in kinds
        if count
    ]
    return "; ".join(parts)
