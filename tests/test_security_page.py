"""SECURITY.md names files and tests that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "SECURITY.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`((?:[\w.-]+/)*[\w.-]+\.(?:py|md|toml|lock))(?:::(\w+))?`", PAGE)))
ROWS = [line for line in PAGE.splitlines() if re.match(r"\| [STRIDE] \|", line)]


@pytest.mark.parametrize(("path", "test"), NAMED)
def test_what_the_page_names_exists(path: str, test: str) -> None:
    file = ROOT / path
    assert file.is_file()
    if test:
        tree = ast.parse(file.read_text("utf-8"))
        named = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}
        assert test in named


def test_every_threat_has_a_test_that_shows_the_defence() -> None:
    for row in ROWS:
        assert re.search(r"`tests/[\w/]+\.py::test_\w+`", row), row
        assert row.count("|") == 6, row


def test_every_kind_of_threat_and_every_actor_is_there() -> None:
    assert {row[2] for row in ROWS} == set("STRIDE")
    for actor in ("competitor", "supplier", "administrator", "network", "insider", "client", "maker"):
        assert any(actor in row.split("|")[3] for row in ROWS), actor


def test_the_targets_that_the_page_names_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in set(re.findall(r"`make ([a-z-]+)`", PAGE)):
        assert f"\n{target}:" in makefile
