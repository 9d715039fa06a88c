"""A folder for what the workers of one keeper share while they run: their counts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree
from tempfile import gettempdir, mkdtemp

from huren.graph.home import Lock

# mkdtemp makes a folder of our own in it.
MEMORY = Path("/dev/shm")  # nosec B108
"""Linux: a full disk, on which a mapped file would end its process, is not there."""
PREFIX = f"huren-{os.getuid()}-"


@contextmanager
def scratch(base: Path | None = None) -> Iterator[Path]:
    """A folder for as long as the block lasts, in memory where the system has that.

    What keepers left that were killed is swept first: a folder whose lock nobody holds.
    """
    base = base or (MEMORY if os.access(MEMORY, os.W_OK) else Path(gettempdir()))
    for left in base.glob(f"{PREFIX}*"):
        _sweep(left)
    draft = Path(mkdtemp(prefix=f".{PREFIX}", dir=base))
    lock = Lock(draft / "lock")
    lock.own()
    folder = draft.rename(base / draft.name.removeprefix("."))  # locked before anybody sees it
    try:
        yield folder
    finally:
        rmtree(folder, ignore_errors=True)
        lock.close()


def _sweep(folder: Path) -> None:
    """Remove ``folder`` unless it is in use, or not ours; another keeper may be doing the same."""
    with suppress(OSError):
        if folder.is_symlink() or folder.stat().st_uid != os.getuid() or not (folder / "lock").exists():
            return
        lock = Lock(folder / "lock")
        if lock.own():
            rmtree(folder, ignore_errors=True)
        lock.close()
