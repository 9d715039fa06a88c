"""Records as data files state them, each with the place where it stands."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from huren.errors import BadInput, Place
from huren.mappings.records import KINDS, decode

_AT_LINE = re.compile(r"\(at line (\d+)")


@dataclass(frozen=True, slots=True)
class Entry:
    """One table of a data file: what it says (``stated``) and the record it makes."""

    kind: str
    id: str
    file: str
    line: int | None
    stated: Mapping[str, Any]
    record: Any

    def refused(self, key: str, en: str, zh: str, fix: str, fix_zh: str) -> BadInput:
        """The error for ``key`` of this record, with file and line."""
        name = f"{self.kind} `{self.id}`: `{key}` "
        place = Place(self.file, self.line, key)
        return BadInput(name + en, f"{name}{zh}", fix=fix, fix_zh=fix_zh, place=place)


def entries(texts: Mapping[str, str]) -> tuple[Entry, ...]:
    """Every record of TOML ``texts`` by file name, in order: an array of tables for each kind of record.

    Raises: BadInput, naming file, key and reason, at the first that cannot be read.
    """
    found, bad = read_entries(texts)
    for refusal in bad:
        raise refusal
    return found


def read_entries(texts: Mapping[str, str]) -> tuple[tuple[Entry, ...], tuple[BadInput, ...]]:
    """The records of ``texts`` that can be read, and why the others cannot."""
    read = [one for file, text in texts.items() for one in _of_file(file, text)]
    bad = tuple(one for one in read if isinstance(one, BadInput))
    return tuple(one for one in read if isinstance(one, Entry)), bad


def _of_file(file: str, text: str) -> Iterator[Entry | BadInput]:
    try:
        kinds = parsed(file, text)
    except BadInput as bad:
        yield bad
        return
    for kind, rows in kinds.items():
        if kind not in KINDS or not isinstance(rows, list) or not all(isinstance(r, dict) for r in rows):
            yield _no_kind(file, kind)
            continue
        lines = table_lines(text, kind)
        for stated in rows:
            yield _entry(kind, file, next(lines, None), stated)


def _entry(kind: str, file: str, line: int | None, stated: dict[str, Any]) -> Entry | BadInput:
    name = str(stated.get("id") or stated.get("number") or "")
    try:
        _no_record_time(file, stated)
        return Entry(kind, name, file, line, stated, decode(kind, stated, file))
    except BadInput as bad:
        bad.place = Place(file, line, bad.place.column if bad.place else None)
        return bad


def parsed(file: str, text: str) -> dict[str, Any]:
    """The tables of ``text``. Raises: BadInput, with the line, for what is no TOML."""
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as bad:
        at = _AT_LINE.search(str(bad))
        raise BadInput(
            f"{file} is no TOML: {bad}",
            f"{file} 不是有效的 TOML:{bad}",
            fix="Correct the line named.",
            fix_zh="请改正所指的行。",
            place=Place(file, int(at[1]) if at else None),
        ) from None


def table_lines(text: str, kind: str) -> Iterator[int]:
    """The 1-based line of each ``[[kind]]`` table, in order."""
    for header in re.finditer(rf"^\[\[{re.escape(kind)}\]\]", text, re.MULTILINE):
        yield text.count("\n", 0, header.start()) + 1


def _no_record_time(file: str, stated: Any) -> None:
    if isinstance(stated, dict):
        if "recorded_at" in stated:
            raise BadInput(
                "`recorded_at` cannot be stated: the graph sets it",
                "recorded_at 由系统记录,不能填写",
                fix="Leave `recorded_at` out.",
                fix_zh="请删去 recorded_at。",
                place=Place(file, column="recorded_at"),
            )
        stated = list(stated.values())
    for part in stated if isinstance(stated, list) else ():
        _no_record_time(file, part)


def _no_kind(file: str, kind: str) -> BadInput:
    kinds = ", ".join(KINDS)
    return BadInput(
        f"`{kind}` is no kind of record",
        f"“{kind}”不是记录的种类",
        fix=f"Write [[…]] tables of one of: {kinds}.",
        fix_zh=f"请使用以下种类的 [[…]] 表:{kinds}。",
        place=Place(file, column=kind),
    )
