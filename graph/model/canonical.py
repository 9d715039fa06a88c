"""JSON in its one canonical form (RFC 8785), and read so strictly that two readers cannot differ. Pure."""

from __future__ import annotations

import json
from typing import Any, NoReturn

import rfc8785

DEEPEST = 100
"""Levels of nesting that are read."""


def canonical(value: Any) -> bytes:
    """``value`` (JSON kinds) as RFC 8785 has it. Raises: ValueError for what has no such form.

    >>> canonical({"b": 1.0, "a": "é"}).decode()
    '{"a":"é","b":1}'
    """
    try:
        return rfc8785.dumps(value)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def parse(text: bytes) -> Any:
    """The value that ``text`` writes. Raises: ValueError for anything that is not plain JSON.

    Refused are two members of one name (of which readers take the first or the last), NaN and infinities,
    bytes that are not UTF-8, a byte order mark and whatever follows the value.
    """
    try:
        value = json.loads(text.decode("utf-8"), object_pairs_hook=_members, parse_constant=_no_number)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    _check_depth(value)
    return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("two members of one object have the same name")
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")


def _check_depth(value: Any) -> None:
    level, rest = 0, [value]
    while rest:
        level += 1
        if level > DEEPEST:
            raise ValueError("nested too deeply")
        inner = (v.values() if isinstance(v, dict) else v for v in rest if isinstance(v, dict | list))
        rest = [part for parts in inner for part in parts]
