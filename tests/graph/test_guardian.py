"""What the guardian does about a Java that will not start, and about a JVM that was left behind."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from huren.graph.children import end_stray, free_port
from huren.graph.home import Home, LocalDatabaseError, Lock, Phase, State
from huren.graph.java import archive_of
from huren.graph.local import LocalOptions, local_server


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "a home")
    made.create()
    return made


@pytest.fixture
def fake_neo4j(tmp_path: Path) -> Path:
    """A Neo4j folder with nothing in it but the name of the right jar."""
    lib = tmp_path / "neo4j" / "lib"
    lib.mkdir(parents=True)
    (lib / "neo4j-server-5.26.20.jar").touch()
    return lib.parent


def _options(tmp_path: Path, fake_neo4j: Path, script: str) -> LocalOptions:
    java = tmp_path / "jdk" / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(f"#!/bin/sh\n{script}\n")
    java.chmod(0o755)
    return LocalOptions(
        tmp_path / "home",
        tmp_path / "cache",
        java_home=tmp_path / "jdk",
        neo4j_home=fake_neo4j,
        start_within=30,
    )


@pytest.mark.parametrize(
    ("prints", "says", "fix"),
    [
        ("java.lang.UnsupportedClassVersionError: org/neo4j/server", "cannot run Neo4j", "HUREN_JAVA_HOME"),
        ("java.io.IOException: No space left on device", "disk", "Free some space"),
        ("org.neo4j.kernel.internal.locker.FileLockException: locked", "open", "NEO4J_URI"),
        ("java.nio.file.AccessDeniedException: /x", "may not read or write", "HUREN_HOME"),
        ("something nobody has seen", "did not start", "console.log"),
    ],
)
async def test_java_that_fails_is_explained(
    tmp_path: Path, fake_neo4j: Path, prints: str, says: str, fix: str
) -> None:
    options = _options(tmp_path, fake_neo4j, f"echo '{prints}' >&2; exit 1")
    with pytest.raises(LocalDatabaseError, match=says) as caught:
        async with local_server(options):
            pass
    assert fix in caught.value.fix
    assert caught.value.zh
    assert not Home(options.home).guarded()


@pytest.mark.slow
async def test_java_that_never_listens_is_given_up(tmp_path: Path, fake_neo4j: Path) -> None:
    options = _options(tmp_path, fake_neo4j, "exec sleep 600")
    began = time.monotonic()
    with pytest.raises(LocalDatabaseError, match="did not start"):
        async with local_server(replace(options, start_within=2.0)):
            pass
    assert time.monotonic() - began < 15
    assert not Home(options.home).guarded()


async def test_missing_java_and_missing_neo4j_are_named(tmp_path: Path) -> None:
    with pytest.raises(LocalDatabaseError, match="no Java"):
        async with local_server(LocalOptions(tmp_path, tmp_path, java_home=tmp_path / "nowhere")):
            pass
    with pytest.raises(LocalDatabaseError, match=r"no Neo4j 5\.26"):
        async with local_server(LocalOptions(tmp_path, tmp_path, neo4j_home=tmp_path)):
            pass


async def test_home_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    with pytest.raises(LocalDatabaseError, match="cannot be used") as caught:
        async with local_server(LocalOptions(tmp_path / "home", tmp_path)):
            pass
    assert "HUREN_HOME" in caught.value.fix


@pytest.fixture
def stray(home: Home, request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[bytes]]:
    """A process that looks like a JVM of ``home`` (or of the folder that the test names)."""
    folder = getattr(request, "param", home.neo4j)
    process = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(600)", f"--home-dir={folder}", "--config-dir=x"]
    )
    home.write_state(State(Phase.READY, 1, process.pid, 7687, 0.0))
    while "--home-dir" not in Path(f"/proc/{process.pid}/cmdline").read_text():  # not yet exec'd
        time.sleep(0.01)
    yield process
    process.kill()
    process.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc to see the process start")
def test_stray_jvm_is_ended(home: Home, stray: subprocess.Popen[bytes]) -> None:
    assert home.runs_here(stray.pid)
    end_stray(home)
    assert stray.wait(5) == -signal.SIGTERM


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc to see the process start")
@pytest.mark.parametrize("stray", ["/somewhere/else/neo4j"], indirect=True)
def test_reused_process_id_is_left_alone(home: Home, stray: subprocess.Popen[bytes]) -> None:
    end_stray(home)
    assert stray.poll() is None


def test_port_is_kept_while_free() -> None:
    port = free_port(0)
    assert free_port(port) == port
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert free_port(taken.getsockname()[1]) != taken.getsockname()[1]


def test_lock_is_shared_or_owned(tmp_path: Path) -> None:
    first, second = Lock(tmp_path / "l"), Lock(tmp_path / "l")
    assert first.share()
    assert second.share()
    assert not second.own()
    first.close()
    assert second.own()
    second.close()


@pytest.mark.parametrize("text", ["", "[]", "{", '{"phase": "lost"}', '{"phase": "ready"}'])
def test_unreadable_state_is_none(home: Home, text: str) -> None:
    home.state.write_text(text)
    assert home.read_state() is None


@pytest.mark.parametrize(("version", "has"), [("17.0.9", False), ("21.0.4", False), ("25.0.2", True)])
def test_only_a_late_java_has_an_archive(tmp_path: Path, version: str, has: bool) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{version}"\n')
    assert (archive_of(tmp_path / "bin" / "java", tmp_path, tmp_path) is not None) == has
