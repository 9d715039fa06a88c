"""The installed package is what the repository holds, under one name, as wheel and editable."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path, PurePosixPath

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
FOLDERS = ("schema", "resolvers", "graph", "mappings", "auth")


def _run(*command: str, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _in_package(path: str) -> str | None:
    """Where a file of the repository is installed, or None."""
    parts = PurePosixPath(path).parts
    if parts[0] in FOLDERS:
        return str(PurePosixPath("huren", *parts))
    if parts[:2] == ("src", "huren") and len(parts) > 2:
        return str(PurePosixPath(*parts[1:]))
    return None


@pytest.fixture(scope="module")
def tracked() -> set[str]:
    """The files of the repository that are there, links aside."""
    names = _run("git", "ls-files", "-z", cwd=ROOT).split("\0")
    return {n for n in names if n and (ROOT / n).is_file() and not (ROOT / n).is_symlink()}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory, tracked: set[str]) -> zipfile.ZipFile:
    """A wheel built from the unpacked sdist of the tracked files, without network."""
    work = tmp_path_factory.mktemp("wheel")
    source = work / "source"
    for name in tracked:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes((ROOT / name).read_bytes())
    for folder in FOLDERS:
        (source / "src" / "huren" / folder).symlink_to(f"../../{folder}")
    _run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(work), cwd=source)
    with tarfile.open(next(work.glob("*.tar.gz"))) as sdist:
        sdist.extractall(work / "sdist", filter="data")
    unpacked = next((work / "sdist").iterdir())
    _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(work), cwd=unpacked)
    return zipfile.ZipFile(next(work.glob("*.whl")))


def test_wheel_holds_exactly_the_tracked_files(wheel: zipfile.ZipFile, tracked: set[str]) -> None:
    wanted = {where for name in tracked if (where := _in_package(name))}
    packed = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert packed == wanted


def test_wheel_holds_data_files(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()
    for suffix in (".cypher", ".lock", ".toml", ".csv", "datapackage.json"):
        assert any(name.endswith(suffix) for name in names), suffix


def test_wheel_names_its_command_and_license(wheel: zipfile.ZipFile) -> None:
    meta = {PurePosixPath(n).name: wheel.read(n).decode() for n in wheel.namelist() if ".dist-info/" in n}
    assert "huren = huren.cli:main" in meta["entry_points.txt"]
    assert "Apache License" in meta["LICENSE"]
    assert "License-Expression: Apache-2.0" in meta["METADATA"]


def test_wheel_imports_without_the_repository(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path)
    code = "import huren.graph.migrate as m; print(m.__file__, len(m.shipped()))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        check=True,
        capture_output=True,
        text=True,
    )
    file, count = done.stdout.split()
    assert file.startswith(str(tmp_path))
    assert int(count) == len(list((ROOT / "graph" / "migrations").glob("*.cypher")))


@pytest.mark.parametrize("folder", FOLDERS)
def test_editable_install_shows_one_name_only(folder: str, tmp_path: Path) -> None:
    code = (
        "import importlib.util as u, huren\n"
        f"print(u.find_spec('huren.{folder}') is not None, u.find_spec('{folder}') is None)"
    )
    assert _run(sys.executable, "-c", code, cwd=tmp_path).split() == ["True", "True"]
