"""Resolve Neo4j once and write graph/data/neo4j.lock: every jar with its size and sha256.

Run by ``make lock``; the version is here and in ``Settings.server``.  About a minute.
"""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jgo
import requests
from jgo.constants import MAVEN_CENTRAL_URL

VERSION = "5.26.20"
WANTED = f"org.neo4j:neo4j:{VERSION}+org.neo4j.app:neo4j-server:{VERSION}"
LOCK = Path(__file__).parent.parent / "graph" / "data" / "neo4j.lock"
HEAD = f"""\
# Neo4j Community {VERSION} with everything it needs: sha256, bytes, path in a Maven repository.
# Written by tools/lock_neo4j.py; all are fetched when the local server starts the first time.
"""


def row(path: str) -> str:
    """The line of one jar, which must have the sha1 that the repository states."""
    body = requests.get(f"{MAVEN_CENTRAL_URL}/{path}", timeout=60)
    stated = requests.get(f"{MAVEN_CENTRAL_URL}/{path}.sha1", timeout=60)
    body.raise_for_status()
    stated.raise_for_status()
    # Only against a broken transfer: what counts from then on is the sha256 of the lock.
    if hashlib.sha1(body.content, usedforsecurity=False).hexdigest() != stated.text.split()[0]:
        raise SystemExit(f"{path} has not the sha1 that its repository states")
    return f"{hashlib.sha256(body.content).hexdigest()}  {len(body.content)}  {path}\n"


def main() -> None:
    """Resolve, fetch, write."""
    paths = sorted(f"{a.component.path_prefix}/{a.filename}" for a in jgo.resolve(WANTED))
    with ThreadPoolExecutor(8) as pool:
        LOCK.write_text(HEAD + "".join(pool.map(row, paths)), encoding="utf-8")
    print(f"{LOCK.name}: {len(paths)} jars")


if __name__ == "__main__":
    main()
