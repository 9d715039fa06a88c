"""`huren log` as a user runs it: export, verify offline, cosign by hand, find damage in the database."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from unittest import mock

import pytest

from huren.cli import main
from huren.graph.connect import connect
from huren.graph.database import Address, Database
from tests.conftest import _EMPTY, _START
from tests.graph.log.tampering import change, rebuild, stored


@dataclass
class Ran:
    """What a command said."""

    code: int
    out: str
    err: str


@dataclass
class Homes:
    """Two homes on one server: that of the exchange, and that of a witness, which needs no database."""

    address: Address
    root: Path

    def run(self, *command: str, home: str = "exchange", lang: str = "C.UTF-8") -> Ran:
        """A command in this process, which spares its start."""
        environ = {
            "HUREN_HOME": str(self.root / home),
            "NEO4J_URI": self.address.uri,
            "NEO4J_USERNAME": self.address.user,
            "NEO4J_PASSWORD": self.address.password,
            "LC_ALL": lang,
        }
        out, err, code = StringIO(), StringIO(), 0
        with (
            mock.patch.dict(os.environ, environ),
            mock.patch.object(sys, "argv", ["huren", *command]),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            try:
                main()
            except SystemExit as exit:
                code = int(exit.code or 0)
        return Ran(code, out.getvalue(), err.getvalue())

    def attack(self, work: object) -> None:
        """Something done to the database behind the home's back."""

        async def run() -> None:
            async with connect(self.address) as db:
                await work(db)  # type: ignore[operator]

        asyncio.run(run())


@pytest.fixture(scope="module")
def homes(address: Address, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homes]:
    """A home whose database was just made."""
    found = Homes(address, tmp_path_factory.mktemp("homes"))

    async def empty(db: Database) -> None:
        await db.alter(_EMPTY)
        await db.alter(_START)

    found.attack(empty)
    assert found.run("migrate").code == 0
    yield found
    found.attack(empty)


def test_a_log_from_making_to_finding_what_was_done_to_it(homes: Homes, tmp_path: Path) -> None:
    run, file, full = homes.run, str(tmp_path / "log.jsonl"), str(tmp_path / "full.jsonl")
    assert "the log is whole: " in run("log", "verify").out
    note = run("log", "checkpoint").out
    size = int(note.splitlines()[1])
    assert size >= 3
    assert run("log", "export", file).code == 0
    assert run("log", "export", full, "--entries").code == 0
    assert os.stat(full).st_mode & 0o077 == 0
    key = run("log", "key").out.strip()
    for path in (file, full):
        whole = run("log", "verify", path, "--log-key", key, home="nobody")
        assert (whole.code, f"the log is whole: {size} entries" in whole.out) == (0, True)
    assert "registerAdministrator" not in Path(file).read_text(encoding="utf-8")
    assert "registerAdministrator" in Path(full).read_text(encoding="utf-8")

    line = cosigned(homes, file, key)
    kept = tmp_path / "kept.note"
    kept.write_text(note + line, encoding="utf-8")
    witness = run("log", "key", "--witness", home="witness").out.strip()
    args = ("log", "verify", file, "--log-key", key, "--witness-key", witness)
    assert run(*args).code == 1  # the file alone bears no cosignature
    assert run(*args, "--checkpoint", str(kept)).code == 0

    edited = Path(full).read_text(encoding="utf-8").replace("registerAdministrator", "registerSomebody")
    other = tmp_path / "edited.jsonl"
    other.write_text(edited, encoding="utf-8")
    found = run("log", "verify", str(other), "--log-key", key)
    at = next(i for i, row in enumerate(edited.splitlines()[1:]) if "registerSomebody" in row)
    assert found.code == 1
    assert f"entry {at}: the entry is not what was committed to" in found.out
    assert "日志受损" in run("log", "verify", str(other), "--log-key", key, lang="zh_CN.UTF-8").out
    after_attacks(homes, tmp_path, size, key)


def cosigned(homes: Homes, file: str, key: str) -> str:
    """The line of a witness; the first time it has to be told the key."""
    assert "is not known here" in homes.run("log", "cosign", file, home="witness").err
    done = homes.run("log", "cosign", file, "--log-key", key, home="witness")
    assert (done.code, done.out[:16]) == (0, "\u2014 huren.witness/")
    return done.out


def after_attacks(homes: Homes, tmp_path: Path, size: int, key: str) -> None:
    """The last entry is taken away and all recomputed; then the first is another."""

    async def back(db: Database) -> None:
        await rebuild(db, (await stored(db))[:-1])

    homes.attack(back)
    found = homes.run("log", "verify")
    assert found.code == 1
    assert f"entry {size - 1}: entries that a checkpoint speaks of are gone" in found.out
    refused = homes.run("log", "checkpoint")
    assert refused.code == 1
    assert f"{size} entries were signed for" in refused.err

    async def swapped(db: Database) -> None:
        whole = await stored(db)
        await rebuild(db, [whole[1], whole[0], *whole[2:]])
        await change(db, "MATCH (h:LogHead) SET h.seen = true")

    homes.attack(swapped)
    assert "entry 0-1: it is not what was kept outside the database" in homes.run("log", "verify").out
    witness_refuses(homes, tmp_path, size, key)


def witness_refuses(homes: Homes, tmp_path: Path, size: int, key: str) -> None:
    """A home that forgot all it kept, but its key, signs another log: the witness does not."""
    for name in ("checkpoints.jsonl", "leaves"):
        (homes.root / "exchange" / "log" / name).unlink()
    file = str(tmp_path / "forked.jsonl")
    assert homes.run("log", "export", file).code == 0
    refused = homes.run("log", "cosign", file, home="witness")
    assert refused.code == 1
    assert "but " in refused.err or "are not those that were signed for" in refused.err
    kept = homes.run(
        "log", "verify", file, "--log-key", key, "--against", str(tmp_path / "log.jsonl"), home="nobody"
    )
    assert kept.code == 1
    assert "entry 0-1: it is not what was kept outside the database" in kept.out


def test_an_entry_is_erased(homes: Homes, tmp_path: Path) -> None:
    file = tmp_path / "full.jsonl"
    homes.run("log", "export", str(file), "--entries")
    rows = [json.loads(row) for row in file.read_text(encoding="utf-8").splitlines()]
    id = next(row["id"] for row in rows if "registerAdministrator" in row.get("entry", ""))
    done = homes.run("log", "erase", id, "--ground", "ruling 7")
    assert (done.code, "erased what the entry" in done.err) == (0, True)
    again = homes.run("log", "erase", id, "--ground", "ruling 7")
    assert (again.code, "no log entry" in again.err) == (1, True)
    assert homes.run("log", "export", str(file), "--entries").code == 0
    text = file.read_text(encoding="utf-8")
    assert "registerAdministrator" not in text
    assert "ruling 7" in text
    assert homes.run("log", "verify", str(file)).code == 0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no exported log"),
        ("{}", "no exported log"),
        ('{"format": "huren-log/1", "size": 3}', "cut short"),
    ],
)
def test_a_file_that_is_none_is_refused(homes: Homes, tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "x.jsonl"
    file.write_text(text, encoding="utf-8")
    found = homes.run("log", "verify", str(file), home="nobody")
    assert (found.code, says in found.err, "Traceback" in found.err) == (1, True, False)
    assert homes.run("log", "verify", str(tmp_path / "none"), home="nobody").code == 1


@pytest.mark.parametrize("key", ["", "x", "a+b+c"])
def test_a_key_that_is_none_is_refused(homes: Homes, key: str) -> None:
    assert "is no key of a log or witness" in homes.run("log", "trust", key, home="nobody").err
    own = homes.run("log", "key", home="nobody").out.strip()
    assert "is the key of a log, not of a witness" in homes.run("log", "trust", own, home="nobody").err
