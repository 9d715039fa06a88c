"""What a release says of a roll-up: the boundary, breakdown and precision that its owner chose. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Context, Decimal

from huren.errors import BadInput
from huren.graph.answer import RollUp
from huren.graph.model.access import EVERYONE
from huren.graph.model.release import Release
from huren.graph.model.supply import GATE, GwpSet, Stage

MOST_DIGITS = 15
"""More digits than a double holds would say nothing, and fewer hide more."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How a footprint is released: to whom, to how many significant digits, with stages or without."""

    product: str
    audience: tuple[str, ...]
    gwp: GwpSet = GwpSet.AR6
    digits: int = 3
    by_stage: bool = False
    to_grave: bool = False
    valid_until: datetime | None = None
    allow_partial: bool = False
    for_statistics: bool = False


def check_terms(terms: Terms, now: datetime) -> Terms:
    """``terms`` themselves. Raises: BadInput for what cannot be released so."""
    if not 1 <= terms.digits <= MOST_DIGITS:
        raise _bad(
            f"`digits` must be from 1 to {MOST_DIGITS}, not {terms.digits}",
            f"`digits` 须为 1 至 {MOST_DIGITS},而非 {terms.digits}",
            (
                "Say how many significant digits others may see; 3 is usual.",
                "请填写对外显示的有效位数,通常为 3。",
            ),
        )
    if not terms.audience or (EVERYONE in terms.audience and len(terms.audience) > 1):
        raise _bad(
            "a release is meant for organisations by id, or for everyone: `*` alone",
            "发布对象须为机构标识,或仅为 `*`(所有人)",
            ("Name who may see it.", "请写明发布对象。"),
        )
    if terms.to_grave and not terms.by_stage:
        raise _bad(
            "a footprint to the grave needs its stages, or nobody could use it as an input",
            "全生命周期碳足迹须按阶段发布,否则无法作为投入使用",
            (
                "Ask `byStage: true`, or release the footprint to the gate.",
                "请设 `byStage: true`,或只发布到大门。",
            ),
        )
    if terms.for_statistics and EVERYONE in terms.audience:
        raise _bad(
            "a public release cannot count in statistics: who knows it could take it off the mean",
            "公开发布的数值不能计入统计,否则可被从均值中扣除",
            ("Leave `forStatistics` out, or name organisations.", "请省略 `forStatistics`,或指定机构。"),
        )
    if terms.valid_until is not None and terms.valid_until <= now:
        raise _bad(
            "`validUntil` has passed",
            "`validUntil` 已过",
            ("Name an instant to come, or leave it out.", "请填写将来的时刻,或省略。"),
        )
    return terms


def release_of(id: str, answer: RollUp, terms: Terms) -> Release:
    """What is released of ``answer``, the roll-up of one declared unit.

    Each stage is rounded first, so that what is shown adds up as it is shown.
    """
    stages = [(stage, value) for stage, value in _stages(answer) if terms.to_grave or stage in GATE]
    parts = tuple((stage, rounded(value, terms.digits)) for stage, value in stages if value)
    if terms.by_stage:
        total = format(sum((Decimal(kg) for _, kg in parts), Decimal(0)), "f")
    else:
        total = rounded(sum(value for _, value in stages), terms.digits)
    shown = parts if terms.by_stage else ()
    return Release(
        id,
        answer.product,
        total,
        terms.gwp,
        terms.digits,
        frozenset(terms.audience),
        terms.to_grave,
        shown,
        terms.valid_until,
        for_statistics=terms.for_statistics,
    )


def rounded(value: float, digits: int) -> str:
    """``value`` with just so many significant digits, half to even: a short one is filled up, so that the
    text does not tell an exact number.

    >>> rounded(1234.5678, 3), rounded(0.5, 2), rounded(-2.5, 1), rounded(0.9996, 3)
    ('1230', '0.50', '-2', '1.00')
    """
    short = Context(prec=digits).create_decimal_from_float(value)
    last = Decimal(1).scaleb(short.adjusted() - digits + 1)
    return format(short.quantize(last, context=Context(prec=digits + 1)), "f")


def _stages(answer: RollUp) -> Sequence[tuple[Stage, float]]:
    return [(part.stage, part.value) for part in answer.by_stage]


def _bad(en: str, zh: str, fix: tuple[str, str]) -> BadInput:
    return BadInput(en, zh, fix=fix[0], fix_zh=fix[1])
