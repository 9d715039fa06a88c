"""The folder of one local database: where its files are, who uses it, and what its guardian last said.

Locks are ``flock``: the kernel drops them however their holder dies, so nobody has to tidy up.
POSIX only.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from huren.errors import HurenError


class LocalDatabaseError(HurenError):
    """The managed local Neo4j cannot be fetched, started or used."""

    code = "LOCAL_DATABASE"


class Phase(StrEnum):
    """How far the server of a home has come."""

    PREPARING = "preparing"
    STARTING = "starting"
    READY = "ready"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class State:
    """What the guardian last wrote: process ids, Bolt port, and for FAILED why (``at``: epoch seconds)."""

    phase: Phase
    guardian: int
    jvm: int
    port: int
    at: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class Home:
    """Paths below one HUREN_HOME."""

    root: Path

    @property
    def neo4j(self) -> Path:
        return self.root / "neo4j"

    @property
    def clients(self) -> Path:
        """Each client holds this lock shared; the guardian takes it alone when nobody is left."""
        return self.root / "clients.lock"

    @property
    def guardian(self) -> Path:
        """Held by the guardian for as long as it lives."""
        return self.root / "guardian.lock"

    @property
    def training(self) -> Home:
        """A scratch home within this one, for the run that an archive is made from."""
        return Home(self.root / "training")

    @property
    def copy(self) -> Home:
        """A scratch home within this one, where a backup is loaded and tried."""
        return Home(self.root / "copy")

    @property
    def restored(self) -> Path:
        """What a restore has to put in place and has not yet: in the order of this folder's own."""
        return self.root / "restored"

    @property
    def data(self) -> Path:
        """Everything that the server has written, but for its logs."""
        return self.neo4j / "data"

    @property
    def supply(self) -> Path:
        """The supply graph as a process last kept it, for a quick start; it may be deleted at any time."""
        return self.root / "supply.snapshot"

    @property
    def state(self) -> Path:
        return self.root / "server.json"

    @property
    def password(self) -> Path:
        return self.root / "neo4j.password"

    @property
    def console(self) -> Path:
        return self.neo4j / "logs" / "console.log"

    @property
    def debug_log(self) -> Path:
        return self.neo4j / "logs" / "debug.log"

    @property
    def conf(self) -> Path:
        return self.neo4j / "conf"

    def create(self) -> None:
        """Make the folders, private to this user.  Raises LocalDatabaseError where that is not allowed."""
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            for folder in (self.console.parent, self.conf):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as e:
            raise LocalDatabaseError(
                f"the folder `{self.root}` cannot be used: {e.strerror}",
                f"无法使用文件夹“{self.root}”:{e.strerror}",
                fix="Set HUREN_HOME to a folder you may write to.",
                fix_zh="请将 HUREN_HOME 设为可写的文件夹。",
            ) from e

    def settle(self) -> bool:
        """Finish a restore that had decided to take place and was cut off; was there one?

        Only for who holds the clients' lock alone. What was put in place is not there any more, so that doing
        it again goes on.
        """
        if not self.restored.is_dir():
            return False
        for part in (self.restored / "neo4j" / "data", *self.restored.glob("*.json"), self.restored / "log"):
            if part.exists():
                place = self.root / part.relative_to(self.restored)
                if place.is_dir():
                    shutil.rmtree(place)
                part.replace(place)
        shutil.rmtree(self.copy.root, ignore_errors=True)
        shutil.rmtree(self.restored)
        return True

    def holders(self) -> list[int]:
        """Processes that hold the clients' lock, where the system tells."""
        try:
            rows = [line.split() for line in Path("/proc/locks").read_text(encoding="utf-8").splitlines()]
            inode = str(self.clients.stat().st_ino)
        except OSError:
            return []
        return [int(row[4]) for row in rows if row[1] == "FLOCK" and row[5].rpartition(":")[2] == inode]

    def read_state(self) -> State | None:
        """The last state, or None where there is none."""
        try:
            said = json.loads(self.state.read_text(encoding="utf-8"))
            return State(**{**said, "phase": Phase(said["phase"])})
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def write_state(self, state: State) -> None:
        draft = self.state.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps(asdict(state)), encoding="utf-8")
        draft.replace(self.state)

    def guarded(self) -> bool:
        """Does a guardian live?"""
        lock = Lock(self.guardian)
        try:
            return not lock.share()
        finally:
            lock.close()

    def runs_here(self, pid: int) -> bool:
        """Is ``pid`` a Neo4j of this home?  Told by its command line: a process id may be reused."""
        return f"--home-dir={self.root}/" in _command_line(pid)

    def guards_here(self, pid: int) -> bool:
        """Is ``pid`` a guardian of this home?"""
        return f"huren.graph.guardian {self.root} " in _command_line(pid)


class Lock:
    """An advisory lock on a file, freed by :meth:`close` or by the death of the process."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def share(self) -> bool:
        """Hold it beside other sharers; False while somebody holds it alone."""
        return self._take(fcntl.LOCK_SH)

    def own(self) -> bool:
        """Hold it alone; False while anybody else holds it."""
        return self._take(fcntl.LOCK_EX)

    def free(self) -> None:
        fcntl.flock(self._fd, fcntl.LOCK_UN)

    def close(self) -> None:
        os.close(self._fd)

    def _take(self, how: int) -> bool:
        try:
            fcntl.flock(self._fd, how | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def _command_line(pid: int) -> str:
    if pid <= 0:
        return ""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        if Path("/proc/self").exists():
            return ""
    # POSIX does not say where ps lies, and whoever sets our PATH runs us anyway.
    command = ["ps", "-ww", "-o", "command=", "-p", str(pid)]
    listed = subprocess.run(command, capture_output=True, check=False)
    return listed.stdout.decode(errors="replace")
