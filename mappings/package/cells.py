"""Cells of a column turned into values: numbers, days and words of a fixed vocabulary.

Each function takes a whole column, notes what is wrong with a cell, and puts a harmless value there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from math import inf, isinf
from typing import TypeVar

from huren.errors import BadInput
from huren.mappings import units
from huren.mappings.package.problems import Fault, quoted
from huren.mappings.package.table import Table

T = TypeVar("T")

_SEPARATORS = re.compile(r"[\s\-_]+")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LONGEST_ID = 400
"""An index entry of the database must stay under 8 kB with its owner, at four bytes a character."""


def texts(table: Table, column: str) -> list[str | None]:
    """Free text; None where blank."""
    return [cell or None for cell in table.column(column)]


def words(table: Table, column: str) -> list[str]:
    """Required text: ids, names and units; "" where it is wrong."""
    return [word or "" for word in needed(table, column, _word)]


def numbers(table: Table, column: str) -> list[float]:
    """Required finite numbers. Cost: a third of a microsecond a cell."""
    cells = table.column(column)
    matches = _NUMBER.fullmatch
    found = [float(cell) if matches(cell) else inf for cell in cells]
    for row, number in enumerate(found):
        if (number == 0 or isinf(number)) and (fault := number_fault(cells[row])):
            table.wrong(row, column, fault)
            found[row] = 0.0
    return found


def maybe_numbers(
    table: Table, column: str, check: Callable[[float], Fault | None] = lambda _: None
) -> list[float | None]:
    """Finite numbers that ``check`` has nothing against; None where blank."""
    return maybe(table, column, lambda cell: number_fault(cell) or check(float(cell)) or float(cell))


def choice(column: str, vocabulary: Mapping[str, T]) -> Callable[[str], T | Fault]:
    """Reads a cell by ``vocabulary``, whose keys are in lower case with underscores."""

    def read(cell: str) -> T | Fault:
        plain = _SEPARATORS.sub("_", cell.casefold())
        return vocabulary[plain] if plain in vocabulary else unknown(column, cell, tuple(vocabulary))

    return read


def needed(table: Table, column: str, read: Callable[[str], T | Fault]) -> list[T | None]:
    """As :func:`maybe`, but a blank cell is a fault."""
    cells = table.column(column)
    if "" in cells:
        for row, cell in enumerate(cells):
            if not cell:
                table.wrong(row, column, blank())
    return maybe(table, column, read)


def maybe(table: Table, column: str, read: Callable[[str], T | Fault]) -> list[T | None]:
    """What ``read`` makes of each cell, called once for each different one; None where blank or wrong."""
    if column not in table.columns:
        return [None] * table.size
    cells = table.column(column)
    good: dict[str, T] = {}
    faults: dict[str, Fault] = {}
    for cell in set(cells) - {""}:
        made = read(cell)
        if isinstance(made, Fault):
            faults[cell] = made
        else:
            good[cell] = made
    if faults:
        for row, cell in enumerate(cells):
            if cell in faults:
                table.wrong(row, column, faults[cell])
    return [good.get(cell) for cell in cells]


def at_least_one(gsd: float) -> Fault | None:
    """A geometric standard deviation is 1 (none) or more."""
    return None if gsd >= 1 else _out_of_range("gsd", f"{gsd:g}", "1 or more", "不小于 1")


def one_to_five(rating: float) -> Fault | None:
    """A data quality rating goes from 1, best, to 5."""
    if 1 <= rating <= 5:
        return None
    return _out_of_range("data quality rating", f"{rating:g}", "from 1 to 5", "介于 1 与 5 之间")


def above_zero(amount: float) -> Fault | None:
    """What a value is stated for: it divides."""
    return None if amount > 0 else _out_of_range("amount", f"{amount:g}", "above 0", "大于 0")


def number_fault(cell: str) -> Fault | None:
    """Why ``cell`` is no number that can be used, or None.

    >>> number_fault("1_000").fix
    'Write plain digits, with a point for decimals and no separators, such as 1234.5 or 1.2345e3.'
    >>> number_fault("1e400").en, number_fault("-2.5E-3")
    ('`1e400` is too large for a number', None)
    """
    if not cell:
        return blank()
    if not _NUMBER.fullmatch(cell):
        return _no_number(cell)
    value = float(cell)
    if isinf(value):
        return _beyond(cell, "large", "大")
    if value == 0 and re.search("[1-9]", re.split("[eE]", cell)[0]):
        return _beyond(cell, "small", "小")
    return None


def blank() -> Fault:
    """A cell that must say something is blank."""
    return Fault("the cell is blank", "单元格为空", "Fill it in.", "请填写。")


def unknown(column: str, cell: str, known: Sequence[str]) -> Fault:
    """A word that the vocabulary of a column does not have."""
    close = get_close_matches(cell.casefold(), known, n=1)
    hint, hint_zh = (f"Did you mean `{close[0]}`? ", f"是否为“{close[0]}”?") if close else ("", "")
    listed = ", ".join(known)
    return Fault(
        f"unknown {column} `{quoted(cell)}`",
        f"未知的 {column}“{quoted(cell)}”",
        f"{hint}Use one of {listed}, or leave it blank.",
        f"{hint_zh}请使用 {listed} 之一,或留空。",
    )


def day(cell: str) -> date | Fault:
    """A day by ISO 8601, the extended form alone."""
    fault = Fault(
        f"`{quoted(cell)}` is no day",
        f"“{quoted(cell)}”不是有效日期",
        "Write the day as YYYY-MM-DD, such as 2025-06-30.",
        "请按 YYYY-MM-DD 填写日期,如 2025-06-30。",
    )
    if not _DAY.fullmatch(cell):
        return fault
    try:
        return date.fromisoformat(cell)
    except ValueError:
        return fault


def unit(cell: str) -> str | Fault:
    """A known unit, as spelt."""
    try:
        units.dimension(cell)
    except BadInput as bad:
        return Fault.of(bad)
    return cell


def _word(cell: str) -> str | Fault:
    if len(cell) <= _LONGEST_ID and "\n" not in cell and "\t" not in cell:
        return cell
    return Fault(
        f"`{quoted(cell)}` has a line break or more than {_LONGEST_ID} characters",
        f"“{quoted(cell)}”含换行或超过 {_LONGEST_ID} 个字符",
        "Write it on one line, and shorter.",
        "请写在一行内并缩短。",
    )


def _no_number(cell: str) -> Fault:
    return Fault(
        f"`{quoted(cell)}` is no number",
        f"“{quoted(cell)}”不是数字",
        "Write plain digits, with a point for decimals and no separators, such as 1234.5 or 1.2345e3.",
        "请用半角数字和小数点填写,不加分隔符,如 1234.5 或 1.2345e3。",
    )


def _beyond(cell: str, size: str, size_zh: str) -> Fault:
    return Fault(
        f"`{quoted(cell)}` is too {size} for a number",
        f"“{quoted(cell)}”数值过{size_zh}",
        "Check the exponent, or choose another unit.",
        "请核对指数,或改用其他单位。",
    )


def _out_of_range(what: str, value: str, wanted: str, wanted_zh: str) -> Fault:
    return Fault(
        f"{what} is {value}, not {wanted}",
        f"{what} 为 {value},应{wanted_zh}",
        f"Give a number {wanted}.",
        f"请填写{wanted_zh}的数值。",
    )
