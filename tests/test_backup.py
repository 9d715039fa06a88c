"""`huren backup` and `huren restore` as a user runs them: equal before and after, or nothing is changed."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from httpx2 import ASGITransport, AsyncClient

from huren.app import create_app, open_exchange
from huren.auth.principal import Principal
from huren.auth.scopes import ALL_SCOPES
from huren.commands.imports import package_files
from huren.graph.connect import connect
from huren.graph.home import Home, Lock
from huren.graph.local import LocalOptions
from huren.graph.log.note import Checkpoint
from huren.graph.log.trail import Trail
from huren.resolvers.imports import import_package
from huren.settings import Settings
from tests.http.conftest import token_for

ROLL_UP = '{ rollUp(product: "PVMOD", allowPartial: true) { total { value } byGas { gas kg } } }'
# What a kill at the worst instant does: a restore has decided to take place, and nothing was moved yet.
KILLED = """
import os, signal
from huren.graph.home import Home
Home.settle = lambda home: os.kill(os.getpid(), signal.SIGKILL)
from huren.cli import main
main()
"""


@dataclass
class Ran:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def root(self) -> str:
        """Revision, nodes and the log's root, as the command says them."""
        return next(line for line in self.out.splitlines() if line.startswith("revision "))


@dataclass
class Desk:
    """A home with data in it, and a place for files and other homes."""

    settings: Settings
    folder: Path

    def run(self, *words: str, home: str = "home", code: str = "", **environ: str) -> Ran:
        """A command on one of the homes; ``code`` is a program in its place."""
        given = {**os.environ, "LC_ALL": "C.UTF-8", "HUREN_HOME": str(self.folder / home), **environ}
        if "NEO4J_URI" not in environ:
            given.pop("NEO4J_URI", None)
        command = [sys.executable, *(("-c", code) if code else ("-m", "huren.cli")), *words]
        done = subprocess.run(command, env=given, capture_output=True, text=True, check=False)
        assert "Traceback" not in done.stderr
        return Ran(done.returncode, done.stdout, done.stderr)

    def at(self, home: str) -> Settings:
        """The settings of one of the homes."""
        return replace(self.settings, home=self.folder / home)

    def file(self, name: str) -> str:
        """Where a file of that name is."""
        return str(self.folder / name)


@pytest.fixture(scope="module")
def desk(settings: Settings, tmp_path_factory: pytest.TempPathFactory, local_options: LocalOptions) -> Desk:
    """A home with the demonstration chain, backed up with keys."""
    made = Desk(replace(settings, uri=None), tmp_path_factory.mktemp("desk"))
    asyncio.run(fill(made.at("home")))
    ran = made.run("backup", made.file("keys"), "--keys")
    assert ran.code == 0, ran.err
    assert "it goes on from the newest checkpoint here" in ran.out
    return made


@pytest.fixture(scope="module")
def plain(desk: Desk) -> str:
    """A backup of it without keys."""
    assert desk.run("backup", desk.file("plain")).code == 0
    return desk.file("plain")


async def fill(settings: Settings) -> None:
    async with open_exchange(settings) as exchange:
        folder = Path(str(resources.files("huren.packages") / "demo"))
        await import_package(exchange, package_files(folder), "admin", "test")


async def footprint(settings: Settings) -> Any:
    """The roll-up of a module, through the API of a home."""
    async with open_exchange(settings) as exchange:
        token = token_for(exchange.keys, Principal("admin", "test", ALL_SCOPES))
        transport = ASGITransport(create_app(exchange), raise_app_exceptions=False)
        async with AsyncClient(transport=transport, base_url="http://huren.test") as client:
            headers = {"authorization": f"Bearer {token}"}
            return (await client.post("/graphql", json={"query": ROLL_UP}, headers=headers)).json()["data"]


def left_over(home: Path) -> list[str]:
    """What only a run under way has in a home."""
    return [name for name in ("copy", "restored") if (home / name).exists()]


def test_a_backup_is_restored_into_a_new_home(desk: Desk) -> None:
    ran = desk.run("restore", desk.file("keys"), home="new")
    assert ran.code == 0, ran.err
    assert ran.root.rpartition(" ")[2] == signed(desk.folder / "home").root.hex()
    assert left_over(desk.folder / "new") == []
    assert Path(desk.file("keys")).stat().st_mode & 0o777 == 0o600
    before = asyncio.run(footprint(desk.at("home")))
    assert before["rollUp"]["total"]["value"].startswith("552.0586")
    assert asyncio.run(footprint(desk.at("new"))) == before
    verified = desk.run("log", "verify", home="new")
    assert (verified.code, "the log is whole" in verified.out) == (0, True)


def signed(home: Path) -> Checkpoint:
    """The newest checkpoint of a home."""
    note = Trail(home / "log").last()
    assert note is not None
    return note.checkpoint


@pytest.mark.long
def test_keys_are_in_it_only_when_asked_for(desk: Desk, plain: str) -> None:
    secret = (desk.folder / "home" / "log" / "key.json").read_bytes()
    assert secret in Path(desk.file("keys")).read_bytes()
    assert secret not in Path(plain).read_bytes()
    ran = desk.run("restore", plain, home="keyless")
    assert "new ones will be made" in ran.out
    assert not (desk.folder / "keyless" / "log").exists()


@pytest.mark.parametrize("at", [0.0, 0.01, 0.5, 0.999])
def test_a_damaged_backup_is_refused_and_changes_nothing(desk: Desk, at: float) -> None:
    bytes = bytearray(Path(desk.file("keys")).read_bytes())
    used = len(bytes.rstrip(b"\0"))
    bytes[int(at * used)] ^= 1
    Path(desk.file("damaged")).write_bytes(bytes)
    before = (desk.folder / "home" / "neo4j" / "data").stat().st_ino
    ran = desk.run("restore", desk.file("damaged"), "--force")
    assert (ran.code, "or it is damaged" in ran.err) == (1, True)
    assert (desk.folder / "home" / "neo4j" / "data").stat().st_ino == before


@pytest.mark.parametrize("part", [0, 100, 5_000])
def test_what_is_no_backup_is_refused(desk: Desk, part: int) -> None:
    Path(desk.file("short")).write_bytes(Path(desk.file("keys")).read_bytes()[:part])
    assert "is no backup of huren" in desk.run("restore", desk.file("short"), home="none").err
    assert "No such file" in desk.run("restore", desk.file("nowhere"), home="none").err


def test_data_are_replaced_only_by_force(desk: Desk) -> None:
    ran = desk.run("restore", desk.file("keys"))
    assert (ran.code, "holds a database already" in ran.err) == (1, True)
    assert "is there already" in desk.run("backup", desk.file("keys")).err
    assert "there is no database" in desk.run("backup", desk.file("other"), home="nobody").err


def test_a_server_of_one_s_own_is_backed_up_by_its_own_tool(desk: Desk) -> None:
    for words, tool in ((("backup", "x"), "database dump"), (("restore", "x"), "database load")):
        ran = desk.run(*words, NEO4J_URI="bolt://127.0.0.1:1")
        assert (ran.code, f"neo4j-admin {tool}" in ran.err) == (1, True)


@pytest.fixture
def user(desk: Desk) -> Iterator[int]:
    """The process id of somebody who uses the home."""
    lock = Lock(Home(desk.folder / "home").clients)
    assert lock.share()
    yield os.getpid()
    lock.close()


def test_a_home_in_use_is_left_alone(desk: Desk, user: int) -> None:
    for words in (("backup", desk.file("busy")), ("restore", desk.file("keys"), "--force")):
        ran = desk.run(*words)
        assert (ran.code, "is in use" in ran.err, "Stop `huren serve`" in ran.err) == (1, True, True)
        assert not sys.platform.startswith("linux") or f"process {user}" in ran.err
    assert not Path(desk.file("busy")).exists()


@pytest.mark.long
def test_an_old_backup_is_said_to_be_old_and_a_killed_restore_ends_whole(desk: Desk) -> None:
    """Restored over later writes, and killed once it was decided: the next start finishes, the log tells."""
    assert desk.run("restore", desk.file("keys"), home="later").code == 0
    created = desk.run("client", "create", "bank", home="later")
    assert created.code == 0
    size = signed(desk.folder / "later").size
    killed = desk.run("restore", desk.file("keys"), "--force", home="later", code=KILLED)
    assert killed.code == -signal.SIGKILL
    assert (desk.folder / "later" / "restored").exists()
    first = desk.run("client", "list", home="later")
    assert (first.code, "it is finished now" in first.err) == (1, True)
    assert "bank" not in desk.run("client", "list", home="later").out
    assert left_over(desk.folder / "later") == []
    verified = desk.run("log", "verify", home="later")
    assert verified.code == 1
    assert f"entry {size - 1}: entries that a checkpoint speaks of are gone" in verified.out
    again = desk.run("restore", desk.file("keys"), "--force", home="later")
    assert "WARNING: it is OLDER than the newest checkpoint here" in again.out
    assert f"log entries {size - 1} to {size - 1} are lost" in again.out


@pytest.mark.long
def test_a_kill_at_any_time_leaves_the_old_home_or_the_new_one(desk: Desk) -> None:
    """Twelve kills spread over the time of a whole restore, then one that is left in peace."""
    before = asyncio.run(footprint(desk.at("home")))
    began = time.monotonic()
    assert desk.run("restore", desk.file("keys"), "--force").code == 0
    whole = time.monotonic() - began
    command = [sys.executable, "-m", "huren.cli", "restore", desk.file("keys"), "--force"]
    environ = {**os.environ, "HUREN_HOME": str(desk.folder / "home")}
    for kill in range(12):
        with subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL) as process:
            time.sleep(whole * (kill + 1) / 13)
            process.kill()
    desk.run("client", "list")  # says that it finished a restore, if one was cut off late
    assert asyncio.run(footprint(desk.at("home"))) == before
    assert desk.run("restore", desk.file("keys"), "--force").code == 0
    assert left_over(desk.folder / "home") == []
    assert asyncio.run(footprint(desk.at("home"))) == before


@pytest.mark.long
def test_restore_drill_of_a_hundred_thousand_nodes(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(grow(desk.at("large").server))
    began = time.monotonic()
    made = desk.run("backup", desk.file("large.backup"), home="large")
    between = time.monotonic()
    restored = desk.run("restore", desk.file("large.backup"), home="again")
    took = time.monotonic() - between
    assert (made.code, restored.code, restored.root) == (0, 0, made.root)
    assert int(made.root.split(", ")[1].split()[0]) >= 100_000
    size = Path(desk.file("large.backup")).stat().st_size / 1e6
    with capsys.disabled():
        print(f"\n100,000 nodes: backup {between - began:.1f} s, {size:.1f} MB; restore {took:.1f} s")
    assert took < 300


async def grow(server: Any) -> None:
    """100,000 nodes with an index of their own and a relationship each."""
    async with connect(server) as db:
        rows = ({"code": f"P{i}", "after": f"P{i - 1}", "text": "x" * 200} for i in range(100_000))
        await db.alter("CREATE INDEX drill IF NOT EXISTS FOR (n:Drill) ON (n.code)")
        put = """
        UNWIND $rows AS row CREATE (n:Drill {code: row.code, text: row.text})
        WITH n, row MATCH (b:Drill {code: row.after}) CREATE (b)-[:NEXT]->(n)
        """
        await db.bulk(put, rows)


def test_the_page_names_commands_and_options_that_there_are(desk: Desk) -> None:
    page = (Path(__file__).parents[1] / "docs" / "backup.md").read_text(encoding="utf-8")
    told = re.findall(r"^huren (backup|restore)((?: --\w+)*) ", page, re.MULTILINE)
    assert {(verb, option.strip()) for verb, option in told} == {
        ("backup", ""),
        ("backup", "--keys"),
        ("restore", ""),
        ("restore", "--force"),
    }
    for verb, option in told:
        assert option.strip() in desk.run(verb, "--help", NO_COLOR="1", TERM="dumb").out
