"""`huren check`: whether schemes, rules and purposes hold together, with one's own files laid over them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import typer

from huren.auth import export_table
from huren.commands.console import language
from huren.errors import BadInput, HurenError
from huren.graph.model.text import Text
from huren.mappings.catalogue import catalogue
from huren.mappings.purposes import tables
from huren.mappings.rules import ALL
from huren.mappings.soundness import problems


def check(paths: Iterable[Path]) -> int:
    """Print every problem with its place, reason and fix, in both languages; else one line of counts.

    Returns the exit code. Needs no database. Raises: BadInput for a path that cannot be read.
    """
    texts = {str(file): _text(file) for path in paths for file in _files(path)}
    found = (*problems(texts), *export_table.problems())
    for problem in found:
        typer.echo(_said(problem))
    if not found:
        typer.echo(_counts(len(texts)).say(language()))
    return 1 if found else 0


def _files(path: Path) -> Iterable[Path]:
    if path.is_dir():
        return sorted(path.rglob("*.toml"))
    return [path]


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as bad:
        raise BadInput(
            f"`{file}` cannot be read: {bad}",
            f"无法读取“{file}”:{bad}",
            fix="Name a TOML file in UTF-8, or a folder of them.",
            fix_zh="请指定 UTF-8 编码的 TOML 文件或其所在文件夹。",
        ) from bad


def _said(problem: HurenError) -> str:
    place = f"{problem.place}: " if problem.place else ""
    return f"{place}{problem.en}\n  {problem.zh}\n  → {problem.fix} {problem.fix_zh}"


def _counts(files: int) -> Text:
    shipped = catalogue()
    of = (len(shipped.schemes), len(shipped.rules), len(shipped.agreements), len(ALL), len(tables()))
    schemes, rules, agreements, criteria, purposes = of
    own = (
        Text(f",另有 {files} 个文件", f", and {files} {'file' if files == 1 else 'files'} laid over them")
        if files
        else Text()
    )
    return Text(
        f"无误:{schemes} 项制度、{rules} 项认证规则、{agreements} 项协议、"
        f"{criteria} 条互认规则、{purposes} 项用途{own.zh}",
        f"all hold together: {schemes} schemes, {rules} certification rules, {agreements} agreements, "
        f"{criteria} rules of recognition, {purposes} purposes{own.en}",
    )
