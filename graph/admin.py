"""What neo4j-admin does to a stopped home: run by the jars that its server runs on, its progress told."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from huren.graph.children import Child
from huren.graph.failures import Failure, explain, why_it_failed
from huren.graph.home import Home, LocalDatabaseError
from huren.graph.jars import Progress
from huren.graph.java import admin, write_conf
from huren.graph.local import LocalOptions, orders
from huren.graph.model.text import Text

_TICK = 0.1
_TELL = 2.0  # seconds between two words on long work


async def run(
    options: LocalOptions, home: Home, words: Sequence[str], progress: Progress, what: Text
) -> None:
    """Do to ``home`` what neo4j-admin does for ``words``. Raises: LocalDatabaseError."""
    given = await asyncio.to_thread(orders, options, home, progress)
    write_conf(home, 0)
    output = home.console.with_name("admin.log")
    child = Child(admin(home, given.java, given.jars, given.heap, words), output, home.neo4j)
    told = _Told(progress, what, output)
    try:
        while child.lives():
            await asyncio.sleep(_TICK)
            told.look()
    except BaseException:
        child.kill()
        raise
    if not child.succeeded():
        raise _failed(home, output)


@dataclass(slots=True)
class _Told:
    """Says how far it is, at most every two seconds."""

    progress: Progress
    what: Text
    output: Path
    at: float = -_TELL

    def look(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self.at < _TELL:
            return
        self.at = now
        shares = re.findall(r"data: +(\d+)\.\d%", self.output.read_text(encoding="utf-8", errors="replace"))
        share = f": {shares[-1]} %" if shares else ""
        self.progress(Text(self.what.zh + share, self.what.en + share))


def _failed(home: Home, output: Path) -> LocalDatabaseError:
    failure = why_it_failed(home, output)
    if failure is not Failure.OTHER:
        return explain(failure, home)
    lines = [line for line in output.read_text(encoding="utf-8", errors="replace").splitlines() if line]
    last = lines[-1] if lines else ""
    return LocalDatabaseError(
        f"Neo4j could not copy the database: {last}",
        f"Neo4j 无法复制数据库:{last}",
        fix="Start and stop the server once (`huren migrate`) and try again; or take an earlier backup.",
        fix_zh="请先启动并停止一次服务器(`huren migrate`)后重试,或使用更早的备份。",
    )
