"""`huren serve` for a bench: a process of its own with one worker, and a token of its home."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def huren(home: Path, *words: str) -> str:
    """What a command prints, run for ``home``."""
    done = subprocess.run(_command(*words), env=_environ(home), capture_output=True, text=True, check=True)
    return done.stdout


@contextmanager
def served(home: Path) -> Iterator[str]:
    """The address of a service of ``home``, which ends with the block."""
    command = _command("serve", "--port", "0", "--workers", "1")
    process = subprocess.Popen(command, env=_environ(home), stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        lines = (re.search(r"(http://\S+)/graphql", line) for line in process.stderr)
        yield next(found[1] for found in lines if found)
    finally:
        process.terminate()
        process.communicate()


def _command(*words: str) -> list[str]:
    return [sys.executable, "-m", "huren.cli", *words]


def _environ(home: Path) -> dict[str, str]:
    return {**os.environ, "HUREN_HOME": str(home), "HUREN_RATE_CLIENT": "0", "HUREN_RATE_ORGANISATION": "0"}
