"""What huren runs with is what the locks say, with hashes, licences that fit, and a bill of it all."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable
from importlib.metadata import distributions, requires
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements.lock"
NOT_LOCKED = {
    "huren",  # ourselves
    "pip",  # came with the environment: it installs the lock
    "setuptools",  # comes with the environment of Python 3.11
    "uv",  # make lock
}


@pytest.fixture(scope="module")
def tool() -> Any:
    """A tool of the folder tools/ by its name."""
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        yield importlib.import_module
    finally:
        sys.path.remove(str(ROOT / "tools"))


@pytest.fixture(scope="module")
def locked(tool: Any) -> ModuleType:
    module: ModuleType = tool("locked")
    return module


@pytest.fixture(scope="module")
def licences(tool: Any) -> ModuleType:
    module: ModuleType = tool("make_licences")
    return module


def test_pip_takes_the_lock_with_hashes_alone() -> None:
    """pip itself refuses a line without a hash; all is installed, so nothing is fetched."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--dry-run",
        "--no-deps",
        "--no-index",
        "--require-hashes",
    ]
    done = subprocess.run([*command, "-r", str(LOCK)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Would install" not in done.stdout


def test_every_package_of_the_lock_has_hashes(locked: ModuleType) -> None:
    """Counted apart: the lines that pin a version, and those of them with a hash under them."""
    text = LOCK.read_text("utf-8")
    pins = [line for line in text.splitlines() if "==" in line and not line.startswith((" ", "#"))]
    found = locked.packages()
    assert len(found) == len(pins)
    assert all(package.hashes for package in found)
    assert (
        sum(len(package.hashes) for package in found) == text.count("--hash=sha256:") == text.count("--hash=")
    )


def test_nothing_is_installed_outside_the_lock(locked: ModuleType) -> None:
    wanted = {package.name: package.version for package in locked.packages() if package.applies}
    there = {canonicalize_name(d.metadata["Name"]): d.version for d in distributions()}
    allowed = {package.name: package.version for package in locked.packages(locked.PEERS)} | wanted
    assert {name: v for name, v in there.items() if name not in NOT_LOCKED and allowed.get(name) != v} == {}
    assert set(wanted) - set(there) == set()


def reached(names: Iterable[str]) -> set[str]:
    """What installed packages need by their own metadata, extras asked for included."""
    todo = [(canonicalize_name(r.name), frozenset(r.extras)) for r in map(Requirement, names)]
    seen: set[tuple[str, frozenset[str]]] = set()
    while todo:
        name, extras = todo.pop()
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        todo += [
            (canonicalize_name(line.name), frozenset(line.extras))
            for line in map(Requirement, requires(name) or ())
            if any(not line.marker or line.marker.evaluate({"extra": extra}) for extra in (*extras, ""))
        ]
    return {name for name, _ in seen}


def test_what_huren_runs_with_is_what_its_packages_ask_for(locked: ModuleType) -> None:
    """The lock's account of who asks for what, against the metadata of what is installed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    ours = {package.name for package in locked.runtime() if package.applies}
    needed = reached(project["dependencies"])
    assert needed <= ours
    # The lock does not tell a need from an extra that a tool asked for; such a package is in the bill too.
    assert ours - needed <= reached(project["optional-dependencies"]["dev"])
    assert not {"pytest", "mypy", "bandit", "mutmut", "hypothesis", "ruff"} & ours


def test_nothing_huren_runs_with_is_under_the_gpl(locked: ModuleType, licences: ModuleType) -> None:
    known = licences.of_packages()
    bound = {p.name for p in locked.runtime() if p.applies and licences.copyleft(known[p.name])}
    assert bound == set(licences.EXCUSED), "take it out, or say in tools/make_licences.py why it may stay"
    for package in locked.runtime():
        assert known.get(package.name, "").upper() not in ("UNKNOWN", "") or not package.applies, package.name


@pytest.mark.parametrize(
    ("licence", "bound"),
    [
        ("GNU General Public License v3 or later (GPLv3+)", True),
        ("GPL-3.0-only", True),
        ("AGPL-3.0", True),
        ("GNU Affero General Public License v3", True),
        ("GNU Lesser General Public License v2 or later (LGPLv2+)", False),
        ("LGPL-2.1-only", False),
        ("MIT OR GPL-2.0-only", False),
        ("MIT AND GPL-2.0-only", True),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", False),
        ("Apache-2.0", False),
    ],
)
def test_the_gpl_is_told_from_what_looks_like_it(licence: str, bound: bool, licences: ModuleType) -> None:
    assert licences.copyleft(licence) is bound


def test_the_page_of_licences_is_what_the_locks_and_packages_say(licences: ModuleType) -> None:
    page = (ROOT / "docs" / "licences.md").read_text("utf-8")
    assert "GPL-3.0" in page
    if sys.version_info[:2] == (3, 11):
        assert page == licences.licences_page(), "run `make docs` and look at the difference"


def test_the_bill_is_a_cyclonedx_document_with_all_of_both_locks(tool: Any, locked: ModuleType) -> None:
    maker = tool("make_sbom")
    text = maker.bill()
    assert maker.problem(text) is None
    assert maker.problem(text.replace('"type": "library"', '"type": "book"', 1)) is not None
    assert text == maker.bill(), "two runs must give the same bytes"
    whole = json.loads(text)
    parts = {part["purl"]: part for part in whole["components"]}
    assert len(parts) == len(whole["components"])
    wanted = {f"pkg:pypi/{p.name}@{p.version}": set(p.hashes) for p in locked.runtime() if p.applies}
    for line in (ROOT / "graph" / "data" / "neo4j.lock").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            sha256, _, path = line.split()
            *group, artifact, version, file = path.split("/")
            rest = file.removeprefix(f"{artifact}-{version}").removesuffix(".jar")
            purl = f"pkg:maven/{'.'.join(group)}/{artifact}@{version}"
            wanted[purl + (f"?classifier={rest[1:]}" if rest else "")] = {sha256}
    assert {purl: {h["content"] for h in part["hashes"]} for purl, part in parts.items()} == wanted
    asked = Counter(d["ref"] for d in whole["dependencies"] if d.get("dependsOn"))
    assert asked["huren"] == 1


# An answer of pip-audit 2.10 in its own words: one package with a finding, one without, one not asked about.
ANSWER = """{"dependencies": [
  {"name": "jinja2", "version": "2.4.1", "vulns": [{"id": "PYSEC-2021-66", "fix_versions": ["2.11.3"],
   "aliases": ["CVE-2020-28493"], "description": "..."}]},
  {"name": "anyio", "version": "4.16.0", "vulns": []},
  {"name": "secret", "skip_reason": "Dependency not found on PyPI and could not be audited: secret (1)"}
], "fixes": []}"""


def test_what_was_not_asked_about_does_not_count_as_clean(
    tool: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    audit = tool("audit")
    found = audit.read(ANSWER)
    assert found.known == ("jinja2 2.4.1: PYSEC-2021-66 CVE-2020-28493, mended in 2.11.3",)
    assert found.unasked == ("secret",)
    audit.say(found)
    said = capsys.readouterr().out
    assert "KNOWN VULNERABILITY  jinja2" in said
    assert "NOT AUDITED: secret" in said
    nothing = audit.read('{"dependencies": [{"name": "secret", "skip_reason": "not found"}]}')
    assert nothing.out_of_reach


def test_no_known_vulnerability_is_locked(tool: Any, tmp_path: Path) -> None:
    """Asks about one package first: where nobody answers, nothing is known and the test says so."""
    audit = tool("audit")
    text = LOCK.read_text("utf-8")
    start = text.index("starlette==")
    one = tmp_path / "one.lock"
    one.write_text(text[start : text.index("    # via", start)].rstrip().removesuffix("\\") + "\n", "utf-8")
    if audit.pip_audit(one).out_of_reach:
        pytest.skip("the vulnerability service is out of reach: run `make audit` where it is not")
    assert audit.pip_audit(LOCK).known == ()


def test_bandit_finds_nothing(tool: Any) -> None:
    clean, said = tool("audit").bandit()
    assert clean, said
