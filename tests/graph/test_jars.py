"""Fetching the jars: by hash, resumed, tried again, and with an error that says what to do."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from huren.graph import jars
from huren.graph.home import LocalDatabaseError
from huren.graph.jars import Jar, fetch, locked
from huren.graph.model.text import Text

BODY = bytes(range(256)) * 4_000


class Repository(ThreadingHTTPServer):
    """A Maven repository on loopback; ``break_after`` cuts the next answer short, once."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[str | None] = []
        self.break_after: int | None = None
        self.ranges = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/maven/"


class _Handler(BaseHTTPRequestHandler):
    server: Repository

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.server.asked.append(wanted)
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and self.server.ranges else 0
        self.send_response(404 if "missing" in self.path else 206 if start else 200)
        self.send_header("Content-Length", str(len(BODY) - start))
        self.end_headers()
        cut, self.server.break_after = self.server.break_after, None
        self.wfile.write(BODY[start:] if cut is None else BODY[start : start + cut])

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def repository() -> Iterator[Repository]:
    with Repository() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jars.time, "sleep", lambda _: None)


def _jar(name: str = "a.jar", body: bytes = BODY) -> Jar:
    return Jar(hashlib.sha256(body).hexdigest(), len(body), f"org/example/{name}")


def _ignore(_: Text) -> None: ...


def test_the_lock_names_one_whole_server() -> None:
    named = {jar.name for jar in locked()}
    assert {"neo4j-5.26.20.jar", "neo4j-server-5.26.20.jar"} <= named
    assert len(named) == len(locked())
    assert all(len(jar.sha256) == 64 and jar.size > 0 for jar in locked())


def test_fetched_once_and_kept(tmp_path: Path, repository: Repository) -> None:
    said: list[Text] = []
    for _ in range(2):
        fetch(tmp_path, repository.url, said.append, [_jar()])
    assert (tmp_path / "a.jar").read_bytes() == BODY
    assert repository.asked == [None]
    assert said[-1].en.endswith("1 of 1 MB")


def test_broken_download_goes_on_where_it_stopped(tmp_path: Path, repository: Repository) -> None:
    repository.break_after = 500_000
    fetch(tmp_path, repository.url, _ignore, [_jar()])
    assert (tmp_path / "a.jar").read_bytes() == BODY
    first, second = repository.asked
    assert first is None
    assert second is not None
    assert second != "bytes=0-"


def test_repository_without_ranges_starts_over(tmp_path: Path, repository: Repository) -> None:
    repository.break_after, repository.ranges = 500_000, False
    fetch(tmp_path, repository.url, _ignore, [_jar()])
    assert (tmp_path / "a.jar").read_bytes() == BODY


def test_rest_of_an_earlier_run_is_used(tmp_path: Path, repository: Repository) -> None:
    (tmp_path / "a.jar.part").write_bytes(BODY[:1000])
    fetch(tmp_path, repository.url, _ignore, [_jar()])
    assert repository.asked == ["bytes=1000-"]
    assert (tmp_path / "a.jar").read_bytes() == BODY


def test_spoiled_rest_is_thrown_away(tmp_path: Path, repository: Repository) -> None:
    (tmp_path / "a.jar.part").write_bytes(b"x" * 1000)
    fetch(tmp_path, repository.url, _ignore, [_jar()])
    assert (tmp_path / "a.jar").read_bytes() == BODY


def test_another_file_than_the_locked_one_is_refused(tmp_path: Path, repository: Repository) -> None:
    with pytest.raises(LocalDatabaseError, match="not the file that was locked"):
        fetch(tmp_path, repository.url, _ignore, [_jar(body=BODY[::-1])])
    assert not (tmp_path / "a.jar").exists()


def test_two_at_once_fetch_once(tmp_path: Path, repository: Repository) -> None:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: fetch(tmp_path, repository.url, _ignore, [_jar()]), range(2)))
    assert repository.asked == [None]


@pytest.mark.parametrize("path", ["missing.jar", None])
def test_no_answer_says_what_to_do(tmp_path: Path, repository: Repository, path: str | None) -> None:
    url = repository.url if path else "http://127.0.0.1:9/"
    with pytest.raises(LocalDatabaseError) as caught:
        fetch(tmp_path, url, _ignore, [_jar(path or "a.jar")])
    assert "HUREN_MAVEN_REPOSITORY" in caught.value.fix
    assert "NEO4J_URI" in caught.value.fix


def test_full_disk_says_what_to_do(tmp_path: Path, repository: Repository) -> None:
    huge = Jar("0" * 64, 1 << 60, "org/example/huge.jar")
    with pytest.raises(LocalDatabaseError, match="could not be stored") as caught:
        fetch(tmp_path, repository.url, _ignore, [huge])
    assert "HUREN_CACHE" in caught.value.fix
    assert repository.asked == []
