"""Whether one chain's footprint is lower than another's beyond their common uncertainty (R28, for chains).

As R28 has it for certificates: within one comparable set, with both uncertainties stated, from two
standard deviations on; and since suppliers in common are known here, they are not counted twice.
"""

from __future__ import annotations

from dataclasses import dataclass

from huren.graph.model.supply import Stage
from huren.graph.model.text import Text
from huren.graph.model.uncertainty import Difference
from huren.mappings.comparison import Compared

NEEDED = 2.0
"""Standard deviations that make a difference significant: the gsd^2 of R28, 95 %."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of two products: its class, whether all upstream is known, and stages after its gate that count.

    ``late`` None: a total to the grave that does not say which.
    """

    key: str
    category: str | None
    complete: bool
    late: frozenset[Stage] | None


@dataclass(frozen=True, slots=True)
class Judged:
    """How it ends, and why."""

    verdict: Compared
    because: Text


def judge(found: Difference, a: Side, b: Side) -> Judged:
    """LOWER where a is lower than b for certain enough, HIGHER alike; else what stands in the way."""
    return _outside(a, b) or _unknown(found, a, b) or _judged(found)


def _outside(a: Side, b: Side) -> Judged | None:
    for side in (a, b):
        if side.category is None:
            return _open(f"`{side.key}` 未给出产品类别", f"`{side.key}` states no product class")
        if side.late is None:
            says = f"`{side.key}` is a total to the grave that does not say which stages it holds"
            return _open(f"`{side.key}` 为未拆分阶段的全生命周期总量", says)
    if a.category != b.category:
        return _refused(
            f"产品类别不同({a.category}、{b.category})", f"two product classes ({a.category}, {b.category})"
        )
    if a.late != b.late:
        return _refused(
            "大门之后计入的阶段不同,边界不可比", "they do not count the same stages after the gate"
        )
    return None


def _unknown(found: Difference, a: Side, b: Side) -> Judged | None:
    for side in (a, b):
        if not side.complete:
            return _open(f"`{side.key}` 的链条不完整", f"the chain of `{side.key}` is not completely known")
    if not found.stated.complete:
        count = found.stated.unstated
        return _open(
            f"影响差值的 {count} 项数据未给出不确定度",
            f"{count} numbers that bear on the difference state no uncertainty",
        )
    return None


def _judged(found: Difference) -> Judged:
    chance = f"{100 * found.chance_lower:.4g} %"
    if found.deviations > NEEDED:
        return Judged(Compared.LOWER, Text(f"低于,概率 {chance}", f"lower, with a probability of {chance}"))
    if found.deviations < -NEEDED:
        return Judged(
            Compared.HIGHER, Text(f"高于,更低的概率仅 {chance}", f"higher; it is lower with {chance} alone")
        )
    return Judged(
        Compared.NOT_DISTINGUISHABLE,
        Text(f"无法区分(更低的概率 {chance})", f"not distinguishable; it is lower with {chance}"),
    )


def _open(zh: str, en: str) -> Judged:
    return Judged(Compared.UNKNOWN, Text(zh, en))


def _refused(zh: str, en: str) -> Judged:
    return Judged(Compared.REFUSED, Text(f"不可比:{zh}", f"not comparable: {en}"))
