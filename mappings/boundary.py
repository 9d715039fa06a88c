"""Stages of a value and what each holds: modules of EN 15804 read as stages, D left out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from huren.errors import BadInput, Place
from huren.graph.model.certificate import Certificate
from huren.graph.model.supply import Stage

Cell = tuple[Stage, str]
"""The smallest part that a figure can cover: a stage, or one module of it."""

Breakdown = dict[frozenset[Cell], Decimal]
"""kg CO2e by the cells that a figure covers together."""

_STAGE_OF = {
    "A1": Stage.RAW_MATERIAL,
    "A2": Stage.RAW_MATERIAL,
    "A3": Stage.PRODUCTION,
    "A4": Stage.DISTRIBUTION,
    "A5": Stage.DISTRIBUTION,
    **{f"B{n}": Stage.USE for n in range(1, 8)},
    **{f"C{n}": Stage.END_OF_LIFE for n in range(1, 5)},
}
_MODULES = tuple(_STAGE_OF)
_RANGE = re.compile(r"([ABC])(\d)?(?:-([ABC])?(\d)?)?")


def modules_of(name: str) -> frozenset[str]:
    """The single modules of a row of an EN 15804 table; none for D, which is never added.

    >>> sorted(modules_of("A1-A3")), sorted(modules_of("c3–4")), modules_of("D")
    (['A1', 'A2', 'A3'], ['C3', 'C4'], frozenset())

    Raises: BadInput for a name that is no module, or a row that D is part of.
    """
    plain = name.upper().replace("–", "-").replace(" ", "")
    if plain == "D":
        return frozenset()
    found = _RANGE.fullmatch(plain)
    first, last = _ends(*found.groups()) if found else ("", "")
    if first not in _STAGE_OF or last not in _STAGE_OF or _MODULES.index(first) > _MODULES.index(last):
        raise _no_module(name)
    return frozenset(_MODULES[_MODULES.index(first) : _MODULES.index(last) + 1])


def _ends(letter: str, digit: str | None, other: str | None, last: str | None) -> tuple[str, str]:
    """The first and the last module of "A1", "A1-A3", "A1-3", "B" or "B-C"."""
    until = other or letter
    own = digit if last is None and other is None else None
    final = last or own or max(m for m in _MODULES if m.startswith(until))[1]
    return f"{letter}{digit or 1}", f"{until}{final}"


def _no_module(name: str) -> BadInput:
    return BadInput(
        f"`{name}` is no module of EN 15804",
        f"“{name}”不是 EN 15804 的模块",
        fix="Use A1, A2, A3, A1-A3, A4, A5, B1 … B7, C1 … C4 or D.",
        fix_zh="请使用 A1、A2、A3、A1-A3、A4、A5、B1…B7、C1…C4 或 D。",
        place=Place(column=f"modules.{name}"),
    )


def stages_of_module(module: str) -> frozenset[Stage]:
    """The stages of an EN 15804 module or range of modules; none for D.

    Raises: BadInput for a name that is no module.
    """
    return frozenset(_STAGE_OF[one] for one in modules_of(module))


def _by_module(certificate: Certificate) -> Breakdown:
    """Two rows for the same modules that disagree count as none."""
    stated = [
        (frozenset((_STAGE_OF[m], m) for m in modules_of(name)), kg) for name, kg in certificate.modules
    ]
    rows = {cells: kg for cells, kg in stated if cells}
    return {cells: kg for cells, kg in rows.items() if all(kg == k for c, k in stated if c == cells)}


def _by_stage(certificate: Certificate) -> Breakdown:
    return {frozenset({(stage, stage.value)}): kg for stage, kg in certificate.breakdown}


def boundary_of(certificate: Certificate) -> frozenset[Stage] | None:
    """The stated boundary, else what the breakdown covers; None: not stated."""
    if certificate.stages is not None:
        return certificate.stages
    rows = _by_stage(certificate) or _by_module(certificate)
    return frozenset(stage for cells in rows for stage, _ in cells) or None


def part_of(certificate: Certificate, wanted: frozenset[Stage]) -> Decimal | None:
    """The sum over ``wanted``, by stage where that is stated, else by module; None where neither gives it."""
    by_stage = _part(_by_stage(certificate), wanted)
    return by_stage if by_stage is not None else _part(_by_module(certificate), wanted)


def _part(rows: Breakdown, wanted: frozenset[Stage]) -> Decimal | None:
    """Every declared cell of ``wanted`` once, None where a stage has none or a figure covers it only in part.

    A row that sums others (A1-A3 beside A1, A2 and A3) is never added to them.
    """
    cells = frozenset(cell for row in rows for cell in row if cell[0] in wanted)
    if {stage for stage, _ in cells} != wanted:
        return None
    chosen = _cover(cells, sorted(rows, key=lambda row: (-len(row), sorted(row))))
    return None if chosen is None else sum((rows[row] for row in chosen), Decimal(0))


def _cover(cells: frozenset[Cell], rows: Iterable[frozenset[Cell]]) -> tuple[frozenset[Cell], ...] | None:
    """Rows that hold each of ``cells`` exactly once, the widest first; None where there are none."""
    if not cells:
        return ()
    usable = [row for row in rows if row <= cells]
    first = min(cells)
    for row in usable:
        if first in row and (rest := _cover(cells - row, usable)) is not None:
            return (row, *rest)
    return None
