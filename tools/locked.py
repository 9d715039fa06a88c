"""What requirements.lock and neo4j.lock name: every package and jar, and which of them huren runs with."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "requirements.lock"
PEERS = ROOT / "bench" / "requirements.lock"
"""What `make bench` installs besides: the solver of a peer."""
OURSELVES = "huren"
_HEAD = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>\S+)(?: ; (?P<marker>[^\\]+?))? \\?$")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_VIA = re.compile(r"^    #(?: via)? +(?P<name>[A-Za-z0-9._-]+)(?: \(pyproject\.toml\))?$")


@dataclass(frozen=True, slots=True)
class Package:
    """One version of one package. ``via``: the packages that ask for it, ours among them."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]
    via: frozenset[str]

    @property
    def applies(self) -> bool:
        """Whether it is for this system and this Python."""
        return not self.marker or Marker(self.marker).evaluate()


def packages(lock: Path = LOCK) -> tuple[Package, ...]:
    """Every package of a lock, in its order; a name may stand twice, for two versions of Python."""
    return tuple(_package(block) for block in _blocks(lock.read_text("utf-8").splitlines()))


def _blocks(lines: Sequence[str]) -> Iterator[list[str]]:
    block: list[str] = []
    for line in lines:
        if line.startswith("#"):
            continue
        if not line.startswith(" ") and block:
            yield block
            block = []
        block.append(line)
    yield block


def _package(block: Sequence[str]) -> Package:
    head = _HEAD.match(block[0])
    if head is None:
        raise SystemExit(f"a lock has a line that is no pinned package: {block[0]}")
    hashes = tuple(found[1] for line in block if (found := _HASH.search(line)))
    via = frozenset(canonicalize_name(found["name"]) for line in block if (found := _VIA.match(line)))
    return Package(canonicalize_name(head["name"]), head["version"], head["marker"] or "", hashes, via)


def runtime() -> tuple[Package, ...]:
    """The packages that huren runs with: what its dependencies reach, without the extra ``dev``.

    By the lock's own account of who asks for what, on every system and Python that it is for.
    """
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    reached = {canonicalize_name(Requirement(line).name) for line in asked}
    everything = packages()
    while more := {p.name for p in everything if p.name not in reached and p.via & reached}:
        reached |= more
    return tuple(p for p in everything if p.name in reached)


def development() -> tuple[Package, ...]:
    """The other packages of the lock: tools that build, test and check."""
    ours = {p.name for p in runtime()}
    return tuple(p for p in packages() if p.name not in ours)


@dataclass(frozen=True, slots=True)
class Coordinates:
    """Where a jar of neo4j.lock stands in a Maven repository."""

    group: str
    artifact: str
    version: str
    classifier: str
    sha256: str

    @property
    def purl(self) -> str:
        """The package URL. Source: package-url specification, type maven."""
        classifier = f"?classifier={self.classifier}" if self.classifier else ""
        return f"pkg:maven/{self.group}/{self.artifact}@{self.version}{classifier}"


def jars() -> tuple[Coordinates, ...]:
    """Every jar of the local Neo4j."""
    from huren.graph.jars import locked

    return tuple(_coordinates(jar.path, jar.sha256) for jar in locked())


def _coordinates(path: str, sha256: str) -> Coordinates:
    *group, artifact, version, file = path.split("/")
    rest = file.removesuffix(".jar").removeprefix(f"{artifact}-{version}").removeprefix("-")
    return Coordinates(".".join(group), artifact, version, rest, sha256)
