"""Fetch Neo4j: the jars that neo4j.lock names, each held against its hash, resumed where it broke off.

Resolving the dependency tree at start-up took 56 s here, fetching the locked list 4 s; and a list with
hashes gives every machine the same server (docs/adr/0002).
"""

from __future__ import annotations

import hashlib
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path, PurePosixPath

import requests

from huren.graph.home import LocalDatabaseError, Lock
from huren.graph.model.text import Text

Progress = Callable[[Text], None]

_AT_ONCE = 8
_ATTEMPTS = 5
_TIMEOUT = (10, 30)  # seconds to connect, seconds without a byte


@dataclass(frozen=True, slots=True)
class Jar:
    """One file of the lock."""

    sha256: str
    size: int
    path: str

    @property
    def name(self) -> str:
        return PurePosixPath(self.path).name


def locked() -> tuple[Jar, ...]:
    """The jars of the one Neo4j version that huren runs."""
    text = (files("huren.graph") / "data" / "neo4j.lock").read_text(encoding="utf-8")
    rows = (line.split() for line in text.splitlines() if not line.startswith("#"))
    return tuple(Jar(sha256, int(size), path) for sha256, size, path in rows)


def fetch(folder: Path, repository: str | None, progress: Progress, wanted: Sequence[Jar] = ()) -> Path:
    """Bring every locked jar into ``folder`` and return it; what is there is not fetched again.

    Processes that want the same folder take turns.  Raises LocalDatabaseError, saying what to do, when
    the repository does not answer, the disk is full, or a file is not the one that was locked.
    """
    jars = wanted or locked()
    if not _missing(folder, jars):
        return folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = _turn(folder, progress)
        try:
            _fetch_all(folder, _missing(folder, jars), repository or _default_repository(), progress)
        finally:
            lock.close()
    except requests.RequestException as e:
        raise _unreachable(e) from e
    except OSError as e:
        raise _no_room(folder, e) from e
    return folder


def _missing(folder: Path, jars: Sequence[Jar]) -> list[Jar]:
    # A jar gets its name only once its hash was right, so name and size are enough.
    def there(jar: Jar) -> bool:
        try:
            return (folder / jar.name).stat().st_size == jar.size
        except OSError:
            return False

    return [jar for jar in jars if not there(jar)]


def _turn(folder: Path, progress: Progress) -> Lock:
    lock = Lock(folder / ".lock")
    if not lock.own():
        progress(Text(zh="另一进程正在下载 Neo4j,请稍候", en="waiting: another process is fetching Neo4j"))
        while not lock.own():
            time.sleep(0.2)
    return lock


def _fetch_all(folder: Path, jars: Sequence[Jar], repository: str, progress: Progress) -> None:
    if not jars:
        return
    needed = sum(jar.size for jar in jars)
    if shutil.disk_usage(folder).free < needed:
        raise OSError(28, f"{needed / 1e6:.0f} MB are needed")
    told = _Told(needed, progress)
    with ThreadPoolExecutor(_AT_ONCE) as pool, requests.Session() as session:
        jobs = [pool.submit(_fetch_one, session, folder, jar, repository, told) for jar in jars]
        try:
            for job in jobs:
                job.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


class _Told:
    """Knows how much of each file is there and says so, at most every two seconds."""

    def __init__(self, total: int, progress: Progress) -> None:
        self._total, self._progress = total, progress
        self._have: dict[str, int] = {}
        self._last, self._lock = 0.0, threading.Lock()

    def have(self, name: str, count: int) -> None:
        with self._lock:
            self._have[name] = count
            done = sum(self._have.values())
            if time.monotonic() - self._last < 2 and done < self._total:
                return
            self._last = time.monotonic()
        self._progress(
            Text(
                zh=f"正在下载 Neo4j(仅首次):{done / 1e6:.0f} / {self._total / 1e6:.0f} MB",
                en=f"fetching Neo4j, this once: {done / 1e6:.0f} of {self._total / 1e6:.0f} MB",
            )
        )


def _fetch_one(session: requests.Session, folder: Path, jar: Jar, repository: str, told: _Told) -> None:
    for attempt in range(_ATTEMPTS):
        try:
            return _attempt(session, folder, jar, repository, told)
        except (requests.RequestException, LocalDatabaseError):
            if attempt == _ATTEMPTS - 1:
                raise
            time.sleep(0.5 * 2**attempt)
    raise AssertionError("unreachable")


def _attempt(session: requests.Session, folder: Path, jar: Jar, repository: str, told: _Told) -> None:
    part = folder / f"{jar.name}.part"
    have = part.stat().st_size if part.exists() else 0
    if have < jar.size:
        _append(session, f"{repository.rstrip('/')}/{jar.path}", part, have, told)
    if hashlib.sha256(part.read_bytes()).hexdigest() != jar.sha256:
        part.unlink()
        raise LocalDatabaseError(
            f"`{jar.name}` from the Maven repository is not the file that was locked",
            f"Maven 仓库中的“{jar.name}”与锁定的文件不符",
            fix="Try again, or name another repository in HUREN_MAVEN_REPOSITORY.",
            fix_zh="请重试,或在 HUREN_MAVEN_REPOSITORY 中指定其他仓库。",
        )
    part.replace(folder / jar.name)


def _append(session: requests.Session, url: str, part: Path, have: int, told: _Told) -> None:
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with session.get(url, headers=headers, stream=True, timeout=_TIMEOUT) as response:
        response.raise_for_status()
        resumed = response.status_code == requests.codes.partial
        count = have if resumed else 0
        with part.open("ab" if resumed else "wb") as out:
            for chunk in response.iter_content(1 << 16):
                count += out.write(chunk)
                told.have(part.name, count)


def _default_repository() -> str:
    from jgo.constants import MAVEN_CENTRAL_URL

    return str(MAVEN_CENTRAL_URL)


def _unreachable(error: Exception) -> LocalDatabaseError:
    return LocalDatabaseError(
        f"Neo4j could not be fetched: {error}",
        f"无法下载 Neo4j:{error}",
        fix="Check the network and start again (it goes on where it stopped), name a nearer repository in "
        "HUREN_MAVEN_REPOSITORY, or set NEO4J_URI to a running server.",
        fix_zh="请检查网络后重新启动(将从中断处继续),或在 HUREN_MAVEN_REPOSITORY 中指定较近的仓库,"
        "或将 NEO4J_URI 设为已有服务器。",
    )


def _no_room(folder: Path, error: OSError) -> LocalDatabaseError:
    return LocalDatabaseError(
        f"Neo4j could not be stored in `{folder}`: {error.strerror}",
        f"无法将 Neo4j 存入“{folder}”:{error.strerror}",
        fix="Free some space there, or set HUREN_CACHE to another folder, and start again.",
        fix_zh="请在该处腾出空间,或将 HUREN_CACHE 设为其他文件夹,然后重新启动。",
    )
