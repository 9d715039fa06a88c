"""What is attacked: `huren serve` as a process of its own; and a neighbour who asks all the while."""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from huren.graph.database import Address

HELLO = json.dumps({"query": "{ __typename }"}).encode()
SECRETS = re.compile(
    rb'Traceback|File "|\.py\b|neo4j|bolt:|/site-packages/|strawberry|graphql\.error', re.IGNORECASE
)
"""What no answer may hold, unless it was sent."""


@dataclass(frozen=True)
class Answer:
    """What came back, and after how long."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float

    def wrong(self, sent: bytes = b"") -> str | None:
        """Why this answer may not be: 5xx but for 503 with Retry-After, no JSON, more told than asked."""
        if self.status >= 500 and not (self.status == 503 and "retry-after" in self.headers):
            return f"{self.status}: {self.body[:300]!r}"
        if "json" not in self.headers.get("content-type", ""):
            return f"{self.headers.get('content-type')}: {self.body[:300]!r}"
        try:
            said = json.loads(self.body)
        except ValueError:
            return f"no JSON: {self.body[:300]!r}"
        codes = [e["extensions"]["code"] for e in said.get("errors", ()) if "extensions" in e]
        if "INTERNAL_SERVER_ERROR" in codes:
            return f"internal error: {self.body[:300]!r}"
        told = SECRETS.search(self.body)
        return f"tells {told[0]!r}" if told and told[0] not in sent else None


@dataclass
class Victim:
    """Where the service answers, as which process, and a token of its administrator."""

    port: int
    token: str
    pid: int

    def send(
        self, body: bytes | None = HELLO, path: str = "/graphql", method: str = "POST", **headers: str | None
    ) -> Answer:
        """One request on its own connection; a header of None is left out, ``x_y`` is sent as ``x-y``."""
        plain: dict[str, str | None] = {
            "authorization": f"Bearer {self.token}",
            "content-type": "application/json",
        }
        plain |= {name.replace("_", "-"): value for name, value in headers.items()}
        line, began = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30), time.perf_counter()
        with suppress(ConnectionError):  # an early refusal ends the connection; its answer may be there
            line.request(method, path, body, {k: v for k, v in plain.items() if v is not None})
        try:
            answer = line.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, found, answer.read(), time.perf_counter() - began)
        finally:
            line.close()

    def ask(self, query: str, variables: object = None) -> Answer:
        """A document of one's own."""
        return self.send(json.dumps({"query": query, "variables": variables}).encode())

    def memory(self) -> int:
        """Bytes that the largest process of the service holds."""
        return max(_resident(pid) for pid in [self.pid, *_children(self.pid)])


def _resident(pid: int) -> int:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text("ascii"))
    named = Path(f"/proc/{pid}/cmdline").read_bytes()
    return int(found[1]) * 1024 if found and b"java" not in named.split(b"\0")[0] else 0


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    return [int(child) for child in listed]


@contextmanager
def attacked(address: Address, home: Path, **environ: str) -> Iterator[Victim]:
    """The service before the database at ``address``."""
    told = {
        "HUREN_HOME": str(home),
        "NEO4J_URI": address.uri,
        "NEO4J_USERNAME": address.user,
        "NEO4J_PASSWORD": address.password,
        "LC_ALL": "C.UTF-8",
    }
    whole = {**os.environ, **told, **environ}
    huren = [sys.executable, "-m", "huren.cli"]
    process = subprocess.Popen(
        [*huren, "serve", "--port", "0"],
        env=whole,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    reader: threading.Thread | None = None
    try:
        assert process.stderr is not None
        port = next(
            int(m[1]) for line in process.stderr if (m := re.search(r"http://\S+:(\d+)/graphql", line))
        )
        reader = threading.Thread(target=process.stderr.read)
        reader.start()
        minted = subprocess.run(
            [*huren, "token", "mint"], env=whole, capture_output=True, text=True, check=True
        )
        victim = Victim(port, minted.stdout.strip(), process.pid)
        _wait(victim)
        yield victim
    finally:
        process.terminate()
        process.wait(timeout=30)
        if reader:
            reader.join(timeout=30)
        if process.stderr:
            process.stderr.close()


def _wait(victim: Victim) -> None:
    for _ in range(200):
        with suppress(ConnectionError):
            if victim.send(None, "/readyz", "GET").status == 200:
                return
        time.sleep(0.1)
    raise AssertionError("it does not get ready")


@dataclass
class Neighbour:
    """Somebody with a tiny question, over and over; ``worst`` is how long one took, in seconds."""

    worst: float = 0.0
    asked: int = 0
    failed: list[str] = field(default_factory=list)

    @contextmanager
    def asking(self, victim: Victim) -> Iterator[Neighbour]:
        """Ask while the block lasts."""
        over = threading.Event()

        def ask() -> None:
            while not over.wait(0.01):
                answer = victim.send()
                self.worst, self.asked = max(self.worst, answer.seconds), self.asked + 1
                if answer.status != 200:
                    self.failed.append(f"{answer.status}: {answer.body[:200]!r}")

        thread = threading.Thread(target=ask)
        thread.start()
        try:
            yield self
        finally:
            over.set()
            thread.join(timeout=60)
