"""The export table: recipient country x sector x field class to an effect. Data, read and checked once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from itertools import combinations
from typing import Any

from huren.errors import BadInput, Place
from huren.graph.model.access import FieldClass
from huren.graph.model.dated import Certainty
from huren.graph.model.text import Text

FILE = "exports.toml"
ANY = "*"


class Outflow(StrEnum):
    """What a row of the table lets happen; APPROVE: nothing without an approval in force."""

    ALLOW = "allow"
    AGGREGATE = "aggregate"
    APPROVE = "approve"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: ``to`` a country, a group or ANY; ``sector`` a sector or ANY."""

    id: str
    to: str
    sector: str
    fields: frozenset[FieldClass]
    effect: Outflow
    why: Text
    source: str
    certainty: Certainty
    illustrative: bool


@dataclass(frozen=True, slots=True)
class ExportTable:
    """The rows, and the countries, groups and sectors that they speak of.

    ``home``: the country that data leave. ``sectors``: the sector of each product class.
    """

    home: str
    countries: frozenset[str]
    groups: Mapping[str, frozenset[str]]
    sectors: Mapping[str, str]
    rows: tuple[Row, ...]

    def row(self, country: str, product_class: str | None, field: FieldClass) -> Row | None:
        """The row that fits most closely; None where none fits, or the country or class is not known."""
        sector = self.sectors.get(product_class or "")
        if sector is None or country not in self.countries:
            return None
        fitting = [row for row in self.rows if field in row.fields and self._fits(row, country, sector)]
        return max(fitting, key=self._closeness, default=None)

    def _fits(self, row: Row, country: str, sector: str) -> bool:
        there = row.to in (ANY, country) or country in self.groups.get(row.to, frozenset())
        return there and row.sector in (ANY, sector)

    def _closeness(self, row: Row) -> tuple[int, int]:
        to = 2 if row.to in self.countries else 1 if row.to in self.groups else 0
        return to, int(row.sector != ANY)

    def ambiguous(self) -> Iterator[tuple[Row, Row, FieldClass]]:
        """Two rows that fit one flow equally closely."""
        for one, other in combinations(self.rows, 2):
            alike = one.sector == other.sector and self._closeness(one) == self._closeness(other)
            if alike and (one.to == other.to or self._members(one) & self._members(other)):
                yield from ((one, other, field) for field in sorted(one.fields & other.fields))

    def _members(self, row: Row) -> frozenset[str]:
        return self.groups.get(row.to, frozenset())


@cache
def table() -> ExportTable:
    """The table that this exchange goes by. Raises: BadInput (see :func:`read`)."""
    return read((resources.files("huren.auth") / "data" / FILE).read_text(encoding="utf-8"))


def problems() -> tuple[BadInput, ...]:
    """What is wrong with the table, if anything."""
    try:
        table()
    except BadInput as bad:
        return (bad,)
    return ()


def read(text: str, file: str = FILE) -> ExportTable:
    """The table in TOML ``text``.

    Raises: BadInput naming file, row and key: no TOML, a key that is missing or unknown, an unknown
    country, group, sector, field class or effect, two rows that fit one flow equally closely.
    """
    try:
        stated = tomllib.loads(text)
    except tomllib.TOMLDecodeError as bad:
        raise refused(file, "", f"no TOML: {bad}", f"不是有效的 TOML:{bad}") from bad
    for key in stated.keys() - {"home", "countries", "group", "sector", "row"}:
        raise refused(file, key, "there is no such key", "没有这个键")
    countries = frozenset(str(stated.get("countries", "")).split())
    groups = dict(_groups(file, stated.get("group", {}), countries))
    sectors = dict(_sectors(file, stated.get("sector", {})))
    home = str(stated.get("home"))
    known = countries | groups.keys()
    rows = tuple(_row(file, row, known, set(sectors.values())) for row in stated.get("row", []))
    return _checked(file, ExportTable(home, countries, groups, sectors, rows))


def _checked(file: str, table: ExportTable) -> ExportTable:
    for country in sorted({*table.countries, table.home}):
        if not re.fullmatch("[A-Z]{2}", country):
            en, zh = f"`{country}` is no ISO 3166-1 alpha-2 code", f"“{country}”不是 ISO 3166-1 两位代码"
            raise refused(file, "countries", en, zh)
    if table.home not in table.countries:
        raise refused(file, "home", "it is not among `countries`", "不在 `countries` 之列")
    names = [row.id for row in table.rows]
    for id in sorted({id for id in names if names.count(id) > 1}):
        raise refused(file, f"row `{id}`: `id`", "another row has it", "与另一行重复")
    for one, other, field in table.ambiguous():
        raise refused(
            file,
            f"row `{one.id}`",
            f"row `{other.id}` fits `{field}` equally closely",
            f"与“{other.id}”对 `{field}` 同样具体",
        )
    return table


Group = tuple[str, frozenset[str]]


def _groups(file: str, stated: Mapping[str, Any], known: frozenset[str]) -> Iterator[Group]:
    for name, group in stated.items():
        members = frozenset(str(group.get("members", "")).split())
        if strange := members - known:
            raise refused(
                file,
                f"group `{name}`: `members`",
                f"no country {sorted(strange)}",
                f"没有国家 {sorted(strange)}",
            )
        yield name, members


def _sectors(file: str, stated: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    seen: dict[str, str] = {}
    for name, sector in stated.items():
        for product_class in sector.get("classes", []):
            if product_class in seen:
                raise refused(
                    file,
                    f"sector `{name}`: `classes`",
                    f"`{product_class}` is in `{seen[product_class]}` too",
                    f"“{product_class}”已属“{seen[product_class]}”",
                )
            seen[product_class] = name
            yield product_class, name


KEYS = ("id", "to", "sector", "fields", "effect", "why", "source", "certainty", "illustrative")


def _row(file: str, stated: Mapping[str, Any], places: frozenset[str], sectors: set[str]) -> Row:
    name = f"row `{stated.get('id', '?')}`"
    for key in KEYS:
        if key not in stated:
            raise refused(file, f"{name}: `{key}`", "it is missing", "缺失")
    for key in stated.keys() - set(KEYS):
        raise refused(file, f"{name}: `{key}`", "there is no such key", "没有这个键")
    allowed: dict[str, set[Any]] = {
        "to": {*places, ANY},
        "sector": sectors | {ANY},
        "effect": set(Outflow),
        "certainty": set(Certainty),
        "illustrative": {True, False},
    }
    for key, values in allowed.items():
        _one_of(file, f"{name}: `{key}`", stated[key], values)
    for field in stated["fields"]:
        _one_of(file, f"{name}: `fields`", field, set(FieldClass) - {FieldClass.IDENTITY})
    why = stated["why"]
    return Row(
        str(stated["id"]),
        str(stated["to"]),
        str(stated["sector"]),
        frozenset(map(FieldClass, stated["fields"])),
        Outflow(stated["effect"]),
        Text(str(why.get("zh", "")), str(why.get("en", ""))),
        str(stated["source"]),
        Certainty(stated["certainty"]),
        bool(stated["illustrative"]),
    )


def _one_of(file: str, key: str, value: object, values: set[Any]) -> None:
    if not isinstance(value, str | bool) or value not in values:
        raise refused(file, key, f"`{value}` is not known", f"“{value}”不在可用值之列")


def refused(file: str, key: str, en: str, zh: str) -> BadInput:
    """The error for a data file of this folder, with file, key and reason."""
    return BadInput(
        f"{key}: {en}" if key else en,
        f"{key}:{zh}" if key else zh,
        fix="Correct the file; the service does not start with it as it is.",
        fix_zh="请改正该文件;服务不会以此启动。",
        place=Place(file, column=key or None),
    )
