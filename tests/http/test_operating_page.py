"""The page for operators says what is so: its commands run, its tables are complete."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from huren.commands.exposure import SHORTEST_PASSWORD
from huren.commands.worker import Size
from huren.errors import BadInput
from huren.graph.database import Address
from tests.http.conftest import Caller
from tests.http.test_exposure import REFUSED
from tests.http.test_metrics import told

PAGE = (Path(__file__).parents[2] / "docs" / "operating.md").read_text(encoding="utf-8")


def rows(section: str) -> dict[str, list[str]]:
    """The table of a section: its first cells, and what is beside each."""
    text = PAGE.partition(f"## {section}\n")[2].partition("\n## ")[0]
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"
    ]
    return {first: rest for first, *rest in cells[2:]}


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("openssl")), reason="the page uses them")
def test_the_page_runs_from_top_to_bottom(address: Address, tmp_path: Path) -> None:
    bin = tmp_path / "bin"
    bin.mkdir()
    (bin / "huren").write_text(f'#!/bin/sh\nexec {sys.executable} -m huren.cli "$@"\n')
    (bin / "huren").chmod(0o755)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    blocks = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    environ = {
        **os.environ,
        "PATH": f"{bin}{os.pathsep}{os.environ['PATH']}",
        "HUREN_HOME": str(tmp_path / "home"),
        "NEO4J_URI": address.uri,
        "NEO4J_USERNAME": address.user,
        "NEO4J_PASSWORD": address.password,
        "LC_ALL": "C.UTF-8",
    }
    begin = "set -euo pipefail; trap 'kill %% 2>/dev/null || true' EXIT\n"
    text = begin + "".join(blocks).replace("8000", port)
    done = subprocess.run(
        ["bash", "-c", text], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr + done.stdout
    assert done.stdout.count('"status":"ready"') == 2
    assert "huren_database_up 1.0" in done.stdout
    assert done.stderr.count("is renewed as told; another takes its place") == 2
    assert done.stderr.count("stopped\n") == 2


def test_every_refusal_is_on_the_page() -> None:
    said = {re.sub("`[A-Z]+`", "`.*`", re.escape(row)): row for row in rows("What is refused")}
    met = set()
    for stand, settings, _ in REFUSED.values():
        with pytest.raises(BadInput) as refused:
            stand.check(settings)
        en = refused.value.en
        met |= {row for pattern, row in said.items() if re.fullmatch(pattern, en)} or {en}
    assert met == set(said.values())
    assert f"{SHORTEST_PASSWORD} characters" in PAGE


def test_the_defaults_are_those_of_the_page() -> None:
    told = {option.strip("`"): int(default) for option, (_, default) in rows("Workers and memory").items()}
    assert told == {"--workers": Size().workers, "--memory": Size().memory}


async def test_every_metric_is_on_the_page(admin: Caller) -> None:
    now = await told(admin)
    names = {f"{family.name}_total" if family.type == "counter" else family.name for family in now.families}
    assert {name.strip("`") for name in rows("Is it well?")} == names
