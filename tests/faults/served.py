"""`huren serve` on a home of its own, as its operator runs it, for as long as a block lasts."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from huren.auth.keys import local_keys
from huren.auth.principal import Principal
from huren.auth.scopes import ALL_SCOPES
from huren.graph.home import Home
from huren.graph.local import LocalOptions
from tests.http.conftest import token_for


@dataclass(frozen=True)
class Served:
    """Where it answers, as whom one may ask, and what it runs on."""

    url: str
    token: str
    home: Home
    process: subprocess.Popen[str]

    @property
    def jvm(self) -> int:
        """The process id of its database."""
        state = self.home.read_state()
        assert state is not None
        return state.jvm


@contextmanager
def serving(options: LocalOptions, *arguments: str) -> Iterator[Served]:
    """Start it, and end it as Ctrl-C does."""
    command = [sys.executable, "-m", "huren.cli", "serve", "--port", "0", *arguments]
    environ = {**os.environ, "HUREN_HOME": str(options.home), "LC_ALL": "C.UTF-8"}
    environ.pop("NEO4J_URI", None)
    process = subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True)
    try:
        url = _url(process)
        threading.Thread(target=process.communicate, daemon=True).start()  # nobody reads on
        principal = Principal("admin", "test", ALL_SCOPES)
        token = token_for(local_keys(options.home), principal)
        yield Served(url, token, Home(options.home), process)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(60)
        finally:
            process.kill()


def _url(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if found := re.search(r"(http://\S+)/graphql", line):
            return found[1]
    raise AssertionError(f"it ended without saying where it answers: {''.join(said)}")
