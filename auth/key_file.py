"""Files of private keys: mode 600, replaced whole, changed by one process at a time."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkstemp
from typing import Any

from huren.errors import BadInput
from huren.graph.model.canonical import parse


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """No other process is in such a block on ``path``, a file beside the keys, made on first use."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def check_private(path: Path) -> None:
    """Raises: BadInput where others than its owner may read it."""
    if path.stat().st_mode & 0o077:
        raise unusable(path, "others than its owner may read it", "其他用户可以读取它")


def read(path: Path) -> Any:
    """The JSON in ``path``. Raises: BadInput where others may read it, or it is no JSON."""
    check_private(path)
    try:
        return parse(path.read_bytes())
    except ValueError as error:
        raise unusable(path, "it is not a list of keys", "它不是密钥列表") from error


def write(path: Path, value: Any) -> None:
    """Replace the file whole: a reader sees the old one or the new one."""
    draft = _draft(path, json.dumps(value, indent=1))
    try:
        os.replace(draft, path)
    except BaseException:
        os.unlink(draft)
        raise


def create(path: Path, value: Any) -> None:
    """Write a new file beside ``path``, then link it in place: whoever links first wins, whole."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = _draft(path, json.dumps(value))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(draft)


def _draft(path: Path, text: str) -> str:
    """A file beside ``path`` with ``text``, on disk for good; none where that fails."""
    handle, draft = mkstemp(dir=path.parent, prefix=f".{path.stem}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        os.unlink(draft)
        raise
    return draft


def unusable(path: Path, en: str, zh: str) -> BadInput:
    """The error for a file of keys that cannot be used."""
    return BadInput(
        f"the key file `{path}` cannot be used: {en}",
        f"密钥文件 `{path}` 不可用:{zh}",
        fix="Restore it from a backup, readable by its owner alone (chmod 600).",
        fix_zh="请从备份恢复,并将其权限改为仅所有者可读(chmod 600)。",
    )
