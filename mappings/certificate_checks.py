"""Whether the facts of one certificate can be so: the one place for mutations and packages alike. Pure.

A fault names its field as the domain does, with the row of a list ("gas_shares[0].share").
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from huren.errors import BadInput, Place
from huren.graph.gwp import canonical
from huren.graph.model.certificate import Certificate
from huren.graph.model.dated import end, start
from huren.graph.model.organisation import check_uscc
from huren.graph.model.text import Text
from huren.mappings.boundary import boundary_of, modules_of, part_of
from huren.mappings.gases import is_family
from huren.mappings.rules.unit import check_unit

ROUNDING = Decimal("0.01")
"""Largest difference, as a share of the larger side, between a value and the sum of its parts."""

Found = Iterator[BadInput]

_CODE = 18
"""Characters of a unified social credit code."""


@dataclass(frozen=True, slots=True)
class _Bounds:
    """What a number must satisfy, and that in words."""

    hold: Callable[[Decimal], bool]
    says: Text


_NOT_NEGATIVE = _Bounds(lambda x: x >= 0, Text("不小于 0", "at least 0"))
_POSITIVE = _Bounds(lambda x: x > 0, Text("大于 0", "above 0"))
_SHARE = _Bounds(lambda x: 0 <= x <= 1, Text("0 至 1 之间", "from 0 to 1"))
_PART = _Bounds(lambda x: 0 <= x < 1, Text("不小于 0 且小于 1", "at least 0 and below 1"))
_DEVIATION = _Bounds(lambda x: x >= 1, Text("不小于 1", "at least 1"))
_PERCENT = _Bounds(lambda x: x >= -100, Text("不小于 -100", "at least -100"))

_SINGLE = (
    ("uncertainty_gsd", _DEVIATION),
    ("service_years", _POSITIVE),
    ("offsets.kg", _NOT_NEGATIVE),
    ("quality.primary_share", _SHARE),
    ("quality.rating", _NOT_NEGATIVE),
    ("quality.technological", _NOT_NEGATIVE),
    ("quality.geographical", _NOT_NEGATIVE),
    ("quality.temporal", _NOT_NEGATIVE),
)
_IN_ROWS = (
    ("equivalents", "amount", _POSITIVE),
    ("sites", "output", _POSITIVE),
    ("gas_shares", "share", _SHARE),
    ("electricity", "kwh", _NOT_NEGATIVE),
    ("electricity", "factor.value", _NOT_NEGATIVE),
    ("exclusions", "share", _PART),
    ("changes", "percent", _PERCENT),
)


def faults(certificate: Certificate) -> Found:
    """Everything in ``certificate`` that cannot be, each with its field. Cost: O(rows of its lists)."""
    yield from _ranges(certificate)
    yield from _days(certificate)
    yield from _words(certificate)
    yield from _rows_that_contradict(certificate)
    yield from _sums(certificate)


def _ranges(c: Certificate) -> Found:
    for path, bounds in _SINGLE:
        yield from _number(path, c, path.split("."), bounds)
    for path, field, bounds in _IN_ROWS:
        for n, row in enumerate(getattr(c, path) or ()):
            yield from _number(f"{path}[{n}].{field}", row, field.split("."), bounds)


def _number(path: str, value: Any, names: Iterable[str], bounds: _Bounds) -> Found:
    for name in names:
        value = None if value is None else getattr(value, name)
    if value is not None and not bounds.hold(value):
        yield _must(path, value, bounds.says.en, bounds.says.zh)


def _days(c: Certificate) -> Found:
    for first, last in (("issued", "valid_until"), ("period_start", "period_end")):
        since, until = getattr(c, first), getattr(c, last)
        if since is not None and until is not None and end(until) <= start(since):
            yield _must(last, until, f"no earlier than `{first}` ({since})", f"不早于 {first}({since})")


def _words(c: Certificate) -> Found:
    yield from _checked("unit", check_unit, c.unit)
    for n, equivalent in enumerate(c.equivalents):
        yield from _checked(f"equivalents[{n}].unit", check_unit, equivalent.unit)
    gases = [(f"gases[{n}].gas", row.gas, False) for n, row in enumerate(c.gases)]
    gases += [(f"gas_shares[{n}].gas", row.gas, True) for n, row in enumerate(c.gas_shares)]
    gases += [("gases_covered", gas, True) for gas in sorted(c.gases_covered or ())]
    for path, gas, may_be_family in gases:
        if canonical(gas) is None and not (may_be_family and is_family(gas)):
            yield _must(
                path, gas, "a gas that has a factor, such as CO2 or HFC-134a", "有因子的气体,例如 CO2"
            )
    for module, _ in c.modules:
        yield from _checked(f"modules.{module}", modules_of, module)
    maker = c.goods.holder if c.goods else None
    yield from _checked("goods.holder", check_uscc, maker if maker and len(maker) == _CODE else None)


def _checked(path: str, check: Callable[[str], object], text: str | None) -> Found:
    """What ``check`` says against a text that is stated."""
    try:
        if text is not None:
            check(text)
    except BadInput as bad:
        en, zh = f"`{path}`: {bad.en}", f"`{path}`:{bad.zh}"
        yield BadInput(en, zh, fix=bad.fix, fix_zh=bad.fix_zh, place=Place(column=path))


def _rows_that_contradict(c: Certificate) -> Found:
    """Two rows of one list for the same thing that give two numbers."""
    lists: tuple[tuple[str, Iterable[tuple[Any, Any]]], ...] = (
        ("breakdown", c.breakdown),
        ("modules", c.modules),
        ("equivalents", ((e.unit, e.amount) for e in c.equivalents)),
        ("gases", (((canonical(g.gas) or g.gas, g.origin, g.stage), g.kg) for g in c.gases)),
        ("gas_shares", (((canonical(g.gas) or g.gas, g.origin), g.share) for g in c.gas_shares)),
        ("components", ((x.name, (x.included, x.kg)) for x in c.components)),
        ("scenarios", (((s.stage, s.from_scheme), s.kg) for s in c.scenarios)),
        ("sites", ((s.site, (s.value, s.output)) for s in c.sites)),
        ("allocation.results", c.allocation.results if c.allocation else ()),
        ("end_of_life.results", c.end_of_life.results if c.end_of_life else ()),
    )
    for path, rows in lists:
        told: dict[Any, Any] = {}
        for n, (name, said) in enumerate(rows):
            if told.setdefault(name, said) != said:
                yield _twice(f"{path}[{n}]", name)


def _sums(c: Certificate) -> Found:
    total = _total(c)
    if c.value is not None and total is not None:
        offset = (c.offsets and c.offsets.kg) or Decimal(0)
        # Credits are taken off the whole, and may stand in none of the stages.
        if all(_differ(total, stated) for stated in (c.value, c.value + offset)):
            yield _no_sum("breakdown" if c.breakdown else "modules", total, c.value)
    shares = sum((row.share for row in c.gas_shares), Decimal(0))
    if shares > 1 + ROUNDING:
        yield _must("gas_shares", shares, "shares that add up to at most 1", "合计不超过 1 的占比")


def _total(c: Certificate) -> Decimal | None:
    """The parts of the value together; None where they do not cover its whole boundary."""
    try:
        boundary = boundary_of(c)
        return None if boundary is None else part_of(c, boundary)
    except BadInput:
        return None


def _differ(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) > ROUNDING * max(abs(one), abs(other))


def _must(path: str, value: object, en: str, zh: str) -> BadInput:
    said = _quoted(value)
    return _bad(
        path,
        Text(f"`{path}` 须为{zh},而非 {said}", f"`{path}` must be {en}, not {said}"),
        Text(f"请改正 `{path}`。", f"Correct `{path}`."),
    )


def _twice(path: str, name: object) -> BadInput:
    said = _quoted(", ".join(str(part) for part in name if part) if isinstance(name, tuple) else name)
    return _bad(
        path,
        Text(f"`{path}` 对 {said} 重复填写且数值不一致", f"`{path}` gives {said} again, with another number"),
        Text("请只保留一行。", "Keep one of the two rows."),
    )


def _no_sum(path: str, total: Decimal, value: Decimal) -> BadInput:
    gap = f"{total - value:+f} kg CO2e"
    return _bad(
        path,
        Text(
            f"`{path}` 合计 {total:f},与数值 {value:f} 相差 {gap},超出修约误差",
            f"`{path}` adds up to {total:f}, the value is {value:f}: {gap} is more than rounding",
        ),
        Text(f"请核对 `{path}` 与数值。", f"Check `{path}` and the value."),
    )


def _bad(path: str, says: Text, fix: Text) -> BadInput:
    return BadInput(says.en, says.zh, fix=fix.en, fix_zh=fix.zh, place=Place(column=path))


def _quoted(value: object) -> str:
    """What a message may repeat of a stated value."""
    return "".join(c if c.isprintable() else "�" for c in str(value)[:60])
