"""The pages on OAuth say what is so: one is run, of the other every test named exists."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from huren.auth.issuers import read_table
from huren.graph.database import Address
from tests.http.test_serve import serving, url_of

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "oauth.md").read_text(encoding="utf-8")
PRACTICE = (ROOT / "docs" / "rfc9700.md").read_text(encoding="utf-8")


@pytest.mark.skipif(shutil.which("curl") is None, reason="the page uses curl")
def test_the_page_runs_from_top_to_bottom(address: Address, tmp_path: Path) -> None:
    home, bin = tmp_path / "home", tmp_path / "bin"
    bin.mkdir()
    (bin / "huren").write_text(f'#!/bin/sh\nexec {sys.executable} -m huren.cli "$@"\n')
    (bin / "huren").chmod(0o755)
    (bin / "python3").symlink_to(sys.executable)
    with serving(address, home) as process:
        url = url_of(process)
        blocks = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
        text = "set -euo pipefail\n" + "".join(blocks).replace("http://127.0.0.1:8000", url)
        environ = {
            **os.environ,
            "PATH": f"{bin}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HUREN_HOME": str(home),
            "NEO4J_URI": address.uri,
            "NEO4J_USERNAME": address.user,
            "NEO4J_PASSWORD": address.password,
            "LC_ALL": "C.UTF-8",
        }
        done = subprocess.run(
            ["bash", "-c", text], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
        )
    assert done.returncode == 0, done.stderr + done.stdout
    assert re.findall("True|False|Bearer", done.stdout) == ["True", "False", "Bearer"]
    assert done.stdout.count('"__typename":"Query"') == 1
    assert "products" in done.stdout
    assert len([line for line in done.stdout.splitlines() if " Ed25519 " in line]) == 3


def test_the_table_of_issuers_on_the_page_can_be_used(tmp_path: Path) -> None:
    [table] = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "issuers.toml").write_text(table)
    assert set(read_table(tmp_path / "issuers.toml")) == {"https://login.bank.example"}


def rows() -> Iterator[tuple[str, str]]:
    """Each row of the tables: what is recommended, and what is said of it."""
    for line in PRACTICE.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and cells[0] not in {"section", "clause"}:
            yield cells[1], cells[2]


def test_every_recommendation_names_a_test_or_says_why_not() -> None:
    found = list(rows())
    assert len(found) > 45
    for asked, said in found:
        assert "tests/" in said or "does not apply" in said or "huren serve" in said, asked
    sections = set(re.findall(r"^\| (4\.\d+) \|", PRACTICE, re.MULTILINE))
    assert sections == {f"4.{n}" for n in range(1, 18)}, "each attack of RFC 9700 section 4"


def test_every_test_named_exists() -> None:
    named = re.findall(r"`(tests/[a-z0-9_/]+\.py)::([a-z0-9_]+)`", PRACTICE)
    assert len(named) > 30
    for file, name in named:
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        functions = {n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}
        assert name in functions, f"{file}::{name}"
