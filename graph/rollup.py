"""The roll-up: a product's footprint with all its suppliers, exactly, and where it comes from.

x = b + N x over cradle-to-gate flows, x in kg of each gas and origin per declared unit; the root's own
distribution, use and end of life are added at the root alone. See :mod:`huren.graph.network.network` for the
solver. Source: Heijungs & Suh, The Computational Structure of Life Cycle Assessment (2002); ISO 14067.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from math import isfinite

from huren.errors import BadInput
from huren.graph.answer import RollUp
from huren.graph.coverage import refuse_partial
from huren.graph.loops import IntArray, consuming_loop
from huren.graph.model.supply import GwpSet, Prefer, Supply
from huren.graph.root import Root, Solved
from huren.graph.system import System


def roll_up(  # noqa: PLR0913  (the question, by name)
    supply: Supply,
    product: str,
    *,
    amount: float = 1.0,
    gwp: GwpSet = GwpSet.AR6,
    prefer: Prefer = Prefer.MODELLED,
    allow_partial: bool = False,
    at: datetime | None = None,
) -> RollUp:
    """The footprint of ``amount`` declared units of ``product``: kg CO2e under ``gwp``.

    Compiles what is upstream of the product and answers; for many questions of one supply graph build
    a :class:`System` once and ask :func:`roll_up_within`, whose errors are the same.

    >>> supply = Supply.of({"a/car": 100, "a/steel": 2}, [("a/car", "a/steel", 900)])
    >>> roll_up(supply, "a/car").total
    1900.0
    """
    system = System.of(supply, prefer, [product])
    return roll_up_within(system, product, amount=amount, gwp=gwp, allow_partial=allow_partial, at=at)


def roll_up_within(  # noqa: PLR0913  (the question, by name)
    system: System,
    product: str,
    *,
    amount: float = 1.0,
    gwp: GwpSet = GwpSet.AR6,
    allow_partial: bool = False,
    at: datetime | None = None,
) -> RollUp:
    """The footprint of ``amount`` declared units of ``product`` in a compiled supply graph.

    ``at``: the instant for which declared totals are flagged as expired (default the supply's own).
    Cost: the product's own rows, and a look at what is upstream where something there might refuse an answer;
    each part of it its own.
    Raises: what :func:`solve_within` raises.
    """
    solved = solve_within(system, product, amount=amount, gwp=gwp, allow_partial=allow_partial)
    return RollUp(solved, at or system.supply.as_of)


def solve_within(
    system: System,
    product: str,
    *,
    amount: float = 1.0,
    gwp: GwpSet = GwpSet.AR6,
    allow_partial: bool = False,
) -> Solved:
    """The solution behind :func:`roll_up_within`, for other questions of it.

    Raises: BadInput for an amount that is not positive, a result beyond float64, or a supplier known
    only by an undivided cradle-to-grave total; NotFound; ConsumingLoop; UnlinkedInputs where the chain
    is partial and ``allow_partial`` is not set.
    """
    if not (isfinite(amount) and amount > 0):
        raise _bad_amount(amount)
    root = Root.of(system, system.at(product))
    refuse_loops(system, lambda: root.chain)
    refuse_undivided(system, lambda: root.chain[root.chain != root.position])
    if not allow_partial:
        refuse_partial(system, root)
    return Solved.of(system, root, amount, gwp)


def refuse_loops(system: System, chain: Callable[[], IntArray]) -> None:
    """Raises: ConsumingLoop for a loop of ``chain``, not looked at in vain, that consumes all it makes."""
    unsolvable = system.network.consuming()
    upstream = set(chain().tolist()) if unsolvable else set()
    for members in unsolvable:
        if int(members[0]) in upstream:
            raise consuming_loop([system.keys[i] for i in members])


def refuse_undivided(system: System, suppliers: Callable[[], IntArray]) -> None:
    """Raises: BadInput for one of ``suppliers``, not looked at in vain, known to the grave alone."""
    undivided = system.marks.undivided
    found = [at for at in suppliers().tolist() if undivided[at]] if undivided.any() else []
    for position in found[:1]:
        raise BadInput(
            f"`{system.keys[position]}` is known only by a cradle-to-grave total without a breakdown by "
            "stage, so its part up to the gate is unknown",
            f"`{system.keys[position]}` 仅有未按阶段拆分的全生命周期声明值,无法得到其摇篮到大门部分",
            fix="Give that total by stage, or a cradle-to-gate total, or a model of the product.",
            fix_zh="请提供该声明值的分阶段数据、摇篮到大门的声明值,或该产品的模型。",
        )


def _bad_amount(amount: float) -> BadInput:
    return BadInput(
        f"the amount must be a positive finite number, not {amount!r}",
        f"数量须为有限正数,而非 {amount!r}",
        fix="Ask for more than 0 declared units.",
        fix_zh="请填写大于 0 的数量。",
    )
