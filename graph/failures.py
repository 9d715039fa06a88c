"""Why a local Neo4j did not start, read from what it printed, and what to do about it."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path

from huren.graph.home import Home, LocalDatabaseError


class Failure(StrEnum):
    """Causes a user can remove, and the rest."""

    DISK = "disk"
    JAVA = "java"
    LOCKED = "locked"
    PERMISSION = "permission"
    STORE = "store"
    OTHER = "other"


_SIGNS = (
    (Failure.DISK, r"No space left on device"),
    (Failure.JAVA, r"UnsupportedClassVersionError|Unrecognized option|Could not create the Java Virtual"),
    (Failure.LOCKED, r"FileLockException|Lock file has been locked"),
    (Failure.PERMISSION, r"AccessDeniedException|Permission denied"),
    (Failure.STORE, r"(?i)corrupt|UnderlyingStorageException|StoreFailure|Unable to read store"),
)


def why_it_failed(home: Home, output: Path | None = None) -> Failure:
    """The first known sign in the last lines of ``output``, default the console's."""
    try:
        text = (output or home.console).read_text(encoding="utf-8", errors="replace")[-20_000:]
    except OSError:
        return Failure.OTHER
    return next((failure for failure, sign in _SIGNS if re.search(sign, text)), Failure.OTHER)


_SAYS: dict[Failure, tuple[str, str, str, str]] = {
    Failure.DISK: (
        "the disk of `{home}` is full",
        "“{home}”所在磁盘已满",
        "Free some space and start again.",
        "请腾出磁盘空间后重新启动。",
    ),
    Failure.JAVA: (
        "this Java cannot run Neo4j 5.26",
        "此 Java 无法运行 Neo4j 5.26",
        "Set HUREN_JAVA_HOME to a JDK 17 or later, or unset it.",
        "请将 HUREN_JAVA_HOME 设为 JDK 17 或更高版本,或取消设置。",
    ),
    Failure.LOCKED: (
        "another Neo4j has the database in `{home}` open",
        "另一个 Neo4j 正在使用“{home}”中的数据库",
        "Stop that one, or set NEO4J_URI to its address.",
        "请停止该服务器,或将 NEO4J_URI 设为其地址。",
    ),
    Failure.PERMISSION: (
        "Neo4j may not read or write `{home}`",
        "Neo4j 无权读写“{home}”",
        "Give the folder to the user who runs huren, or set HUREN_HOME to another.",
        "请将该文件夹的所有权交给运行 huren 的用户,或更改 HUREN_HOME。",
    ),
    Failure.STORE: (
        "the database in `{home}` is damaged and cannot be opened",
        "“{home}”中的数据库已损坏,无法打开",
        "Restore a copy of that folder, or move it away and import again.",
        "请恢复该文件夹的备份,或将其移走后重新导入。",
    ),
    Failure.OTHER: (
        "the local Neo4j in `{home}` did not start",
        "“{home}”中的本地 Neo4j 未能启动",
        "Read `{console}` and `{debug}` for the reason.",
        "原因请见“{console}”和“{debug}”。",
    ),
}


def explain(failure: Failure, home: Home) -> LocalDatabaseError:
    """The error for a person: what is wrong with this home and what to do."""
    words = {"home": home.root, "console": home.console, "debug": home.debug_log}
    en, zh, fix, fix_zh = (part.format(**words) for part in _SAYS[failure])
    return LocalDatabaseError(en, zh, fix=fix, fix_zh=fix_zh)
