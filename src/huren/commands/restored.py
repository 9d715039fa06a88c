"""What `huren backup` and `huren restore` say of a copy: its size, its log, and whether signatures hold."""

from __future__ import annotations

from collections.abc import Iterator

from huren.graph.archive import Facts
from huren.graph.backup import Trial
from huren.graph.log.note import Note
from huren.graph.model.text import Text


def facts(of: Facts) -> Text:
    """One line."""
    return Text(
        f"版本 {of.revision},{of.nodes} 个节点,日志 {of.entries} 条,根 {of.root}",
        f"revision {of.revision}, {of.nodes} nodes, log of {of.entries} entries with the root {of.root}",
    )


def compared(trial: Trial, last: Note | None) -> Iterator[Text]:
    """Whether the log goes on from the newest checkpoint of the home; loudly where it does not."""
    if last is None:
        return
    signed, held = last.checkpoint, trial.facts.entries
    root = signed.root.hex()
    if trial.goes_on:
        yield Text(
            f"与本处最新检查点相符({signed.size} 条,根 {root})",
            f"it goes on from the newest checkpoint here ({signed.size} entries, root {root})",
        )
    elif held < signed.size:
        yield Text(
            f"警告:数据比本处最新检查点旧({signed.size} 条,根 {root})",
            f"WARNING: it is OLDER than the newest checkpoint here ({signed.size} entries, root {root})",
        )
        yield Text(
            f"  第 {held} 至 {signed.size - 1} 条日志已失去,其记载的写入也已失去",
            f"  log entries {held} to {signed.size - 1} are lost, and every write that they tell of",
        )
        yield _AFTER
    else:
        yield Text(
            f"警告:日志前 {signed.size} 条与本处最新检查点不同",
            f"WARNING: its first {signed.size} log entries are NOT those of the newest checkpoint here",
        )
        yield _AFTER


_AFTER = Text(
    "  `huren log verify` 指出位置;如确属灾难恢复,请移走 `log` 文件夹以启用新日志",
    "  `huren log verify` says where; after a true disaster move the folder `log` away for a new log",
)
