"""``datapackage.json``: which file holds which table, how it is encoded and delimited.

Source: Data Package and CSV Dialect specifications, version 1 (keys unknown here are left alone).
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from huren.mappings.package.problems import Fault, Problems, quoted

DESCRIPTOR = "datapackage.json"
REQUIRED = ("products", "inputs", "emissions")
TABLES = (*REQUIRED, "unlinked", "footprints", "certificates", "status_events")
_ENCODINGS = {"utf-8": "utf-8", "utf8": "utf-8", "utf-8-sig": "utf-8"}
_ENCODINGS |= dict.fromkeys(("gb18030", "gbk", "gb2312", "cp936"), "gb18030")

_Character = Annotated[str, StringConstraints(min_length=1, max_length=1)]


class Dialect(BaseModel):
    """How a CSV file is written (CSV Dialect)."""

    model_config = ConfigDict(frozen=True)

    delimiter: _Character = ","
    quoteChar: _Character | None = '"'  # noqa: N815  (the specification's name)
    doubleQuote: bool = True  # noqa: N815
    escapeChar: _Character | None = None  # noqa: N815
    skipInitialSpace: bool = False  # noqa: N815
    header: bool = True


class _Resource(BaseModel):
    name: str | None = None
    path: str | None = None
    encoding: str | None = None
    dialect: Dialect = Field(default_factory=Dialect)


class _Descriptor(BaseModel):
    name: str | None = None
    title: str | None = None
    encoding: str = "utf-8"
    resources: list[_Resource] = Field(default_factory=list)
    unverified_sources: list[str] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Source:
    """Where one table stands. ``encoding`` is "utf-8" or "gb18030"."""

    table: str
    file: str
    encoding: str
    dialect: Dialect


@dataclass(frozen=True, slots=True)
class Descriptor:
    """What ``datapackage.json`` says: the tables, and the source codes whose numbers are unverified."""

    name: str = ""
    title: str = ""
    unverified_sources: frozenset[str] = frozenset()
    sources: tuple[Source, ...] = ()
    ignored: tuple[str, ...] = ()


def read_descriptor(files: Mapping[str, bytes], problems: Problems) -> Descriptor:
    """The descriptor of a package; a file with a table's own name counts as listed."""
    raw = files.get(DESCRIPTOR)
    if raw is None:
        problems.add(_missing(DESCRIPTOR), file=DESCRIPTOR)
        return Descriptor()
    try:
        said = _Descriptor.model_validate_json(raw.removeprefix(b"\xef\xbb\xbf"))
    except ValidationError as bad:
        for error in bad.errors(include_url=False):
            problems.add(_malformed(error), file=DESCRIPTOR, column=".".join(map(str, error["loc"])) or None)
        return Descriptor()
    sources, ignored = _sources(said, files, problems)
    return Descriptor(
        said.name or "", said.title or "", frozenset(said.unverified_sources), sources, tuple(ignored)
    )


def _sources(
    said: _Descriptor, files: Mapping[str, bytes], problems: Problems
) -> tuple[tuple[Source, ...], list[str]]:
    found: dict[str, Source] = {}
    ignored: list[str] = []
    for i, resource in enumerate(said.resources):
        table = _table_of(resource)
        if table not in TABLES:
            ignored += _set_aside(resource, i, problems)
            continue
        source = _source(table, resource, said.encoding, f"resources.{i}", problems)
        if table in found:
            problems.add(_twice(table), file=DESCRIPTOR, column=f"resources.{i}")
        elif source:
            found[table] = source
    listed = {source.file for source in found.values()}
    for table in TABLES:
        file = f"{table}.csv"
        if table not in found and file in files and file not in listed:
            source = _source(table, _Resource(path=file), said.encoding, "encoding", problems)
            found |= {table: source} if source else {}
        if (table in found and found[table].file not in files) or (table in REQUIRED and table not in found):
            problems.add(_missing(found[table].file if table in found else file), file=DESCRIPTOR)
            found.pop(table, None)
    return tuple(found.values()), ignored


def _table_of(resource: _Resource) -> str:
    if resource.name in TABLES or not resource.path:
        return resource.name or ""
    stem = posixpath.basename(resource.path).removesuffix(".csv")
    return stem if stem in TABLES else resource.name or ""


def _set_aside(resource: _Resource, i: int, problems: Problems) -> list[str]:
    """A resource of no use here is named as ignored; one that looks like a misspelt table is refused."""
    name = resource.name or resource.path or ""
    close = get_close_matches(name.removesuffix(".csv").casefold(), TABLES, n=1, cutoff=0.8)
    if close:
        problems.add(
            Fault(
                f"resource `{quoted(name)}` is no table of a supply package",
                f"资源“{quoted(name)}”不是供应数据包的表",
                f"Did you mean `{close[0]}`?",
                f"是否为“{close[0]}”?",
            ),
            file=DESCRIPTOR,
            column=f"resources.{i}.name",
        )
        return []
    return [quoted(name)]


def _source(table: str, resource: _Resource, default: str, at: str, problems: Problems) -> Source | None:
    path = resource.path or f"{table}.csv"
    encoding = _ENCODINGS.get((resource.encoding or default).casefold().replace("_", "-"))
    file = posixpath.normpath(path)
    if "://" in path or file.startswith(("/", "..")) or "\\" in path or not file.endswith(".csv"):
        problems.add(_no_path(path), file=DESCRIPTOR, column=f"{at}.path")
    elif encoding is None:
        problems.add(_no_encoding(resource.encoding or default), file=DESCRIPTOR, column=f"{at}.encoding")
    elif not resource.dialect.header:
        problems.add(_no_header(table), file=DESCRIPTOR, column=f"{at}.dialect.header")
    else:
        return Source(table, file, encoding, resource.dialect)
    return None


def _missing(file: str) -> Fault:
    return Fault(
        f"`{file}` is missing",
        f"缺少“{file}”",
        f"Add `{file}`; a table with nothing to say holds its header line alone.",
        f"请补充“{file}”;无内容的表只需保留表头一行。",
    )


def _malformed(error: Mapping[str, Any]) -> Fault:
    reason = quoted(str(error["msg"]), 200)
    return Fault(
        f"{DESCRIPTOR} is malformed: {reason}",
        f"{DESCRIPTOR} 格式有误:{reason}",
        "Write it as the Data Package specification says; see docs/packages.md.",
        "请按 Data Package 规范填写,见 docs/packages.md。",
    )


def _twice(table: str) -> Fault:
    return Fault(
        f"table `{table}` is listed twice",
        f"表“{table}”重复列出",
        "Keep one resource for each table.",
        "每张表只保留一个资源。",
    )


def _no_path(path: str) -> Fault:
    return Fault(
        f"`{quoted(path)}` is no CSV file inside the package",
        f"“{quoted(path)}”不是数据包内的 CSV 文件",
        "Give a relative path below datapackage.json that ends in .csv.",
        "请填写 datapackage.json 所在文件夹内、以 .csv 结尾的相对路径。",
    )


def _no_encoding(name: str) -> Fault:
    return Fault(
        f"encoding `{quoted(name)}` is not read",
        f"不支持编码“{quoted(name)}”",
        "Save the file as UTF-8 or GB18030 and declare that.",
        "请将文件另存为 UTF-8 或 GB18030 并据实声明。",
    )


def _no_header(table: str) -> Fault:
    return Fault(
        f"table `{table}` is declared to have no header line",
        f"表“{table}”声明为无表头",
        "Begin the file with the column names and leave `header` out.",
        "请在文件首行写列名,并删去 header 设置。",
    )
