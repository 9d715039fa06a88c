"""Numbers, instants and days as texts: exact, and the same in every language and time zone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from huren.errors import BadInput

DecimalText = NewType("DecimalText", Decimal)
"""A number that leaves as a decimal text without exponent; comes with or without one."""

InstantText = NewType("InstantText", datetime)
"""An RFC 3339 instant; leaves in UTC."""

DayText = NewType("DayText", date)
"""A day, ISO 8601."""

WhenText = NewType("WhenText", date)
"""A day or an instant, told apart by how it is written."""

_LONGEST = 64
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
_PLAIN = re.compile(r"[0-9eE.+-]+")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EXPONENTS = range(-300, 301)


def exact(value: float) -> DecimalText:
    """The shortest decimal that reads back as the very same double.

    >>> str(exact(1900.0)), str(exact(0.1)), str(exact(-0.0))
    ('1900', '0.1', '0')
    """
    text = repr(value)
    return (
        DecimalText(Decimal(text[:-2] if text.endswith(".0") else text)) if value else DecimalText(Decimal(0))
    )


def maybe(value: float | None) -> DecimalText | None:
    """:func:`exact`, or None for None."""
    return None if value is None else exact(value)


def plain(value: Decimal) -> str:
    """``value`` in digits alone.

    >>> plain(Decimal("1E+3")), plain(Decimal("-2.5E-7"))
    ('1000', '-0.00000025')
    """
    return format(value, "f")


def read_decimal(value: object) -> Decimal:
    """A finite number of at most 64 characters, 0 or from 1e-300 to 1e300. Raises: BadInput."""
    text = str(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else ""
    try:
        number = Decimal(text if len(text) <= _LONGEST and _PLAIN.fullmatch(text) else "NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or (number and number.adjusted() not in _EXPONENTS):
        raise BadInput(
            f"`{str(value)[:_LONGEST]}` is not a finite decimal number from 1e-300 to 1e300",
            f"“{str(value)[:_LONGEST]}”不是 1e-300 至 1e300 之间的有限十进制数",
            fix='Write a decimal such as "0.5" or "1.5e-3".',
            fix_zh='请写成 "0.5" 或 "1.5e-3" 这样的十进制数。',
        )
    return number


def write_instant(value: datetime) -> str:
    """``value`` in UTC.

    >>> write_instant(datetime.fromisoformat("2026-06-01T08:00:00+08:00"))
    '2026-06-01T00:00:00Z'
    """
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def read_instant(value: object) -> datetime:
    """An RFC 3339 instant with its offset. Raises: BadInput."""
    try:
        if isinstance(value, str) and _RFC3339.fullmatch(value):
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise _bad(value, "an instant of RFC 3339", "RFC 3339 时刻", "2026-06-01T00:00:00Z")


def read_day(value: object) -> date:
    """A day of ISO 8601, such as 2026-06-01. Raises: BadInput."""
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise _bad(value, "a day", "日期", "2026-06-01")


def read_when(value: object) -> date:
    """A day, or an instant with its offset. Raises: BadInput."""
    return (
        read_day(value) if isinstance(value, str) and len(value) <= len("2026-06-01") else read_instant(value)
    )


def write_when(value: date) -> str:
    """As it was written: a day, or an instant in UTC."""
    return write_instant(value) if isinstance(value, datetime) else value.isoformat()


def _bad(value: object, en: str, zh: str, example: str) -> BadInput:
    said = str(value)[:_LONGEST]
    return BadInput(
        f"`{said}` is not {en}", f"“{said}”不是{zh}", fix=f"Write {example}.", fix_zh=f"请写成 {example}。"
    )


SCALARS: Mapping[object, ScalarDefinition] = {
    DecimalText: strawberry.scalar(
        name="Decimal",
        description="A decimal number as a text. Answers have no exponent and all digits of the double behind"
        " them; input may have an exponent.",
        serialize=plain,
        parse_value=read_decimal,
    ),
    InstantText: strawberry.scalar(
        name="DateTime",
        description="An RFC 3339 instant with its offset, such as 2026-06-01T00:00:00Z; answers are in UTC.",
        serialize=write_instant,
        parse_value=read_instant,
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
    ),
    DayText: strawberry.scalar(
        name="Date", description="A day, such as 2026-06-01.", serialize=date.isoformat, parse_value=read_day
    ),
    WhenText: strawberry.scalar(
        name="When",
        description="A printed day such as 2026-06-01, in the zone of the scheme, a last day included;"
        " or an instant such as 2026-06-01T00:00:00Z.",
        serialize=write_when,
        parse_value=read_when,
    ),
}
"""How each of these types is read and written."""
