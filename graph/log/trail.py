"""What a home remembers of the log outside the database: every checkpoint it signed, and every leaf hash.

``checkpoints.jsonl``: a note a line, in order; ``leaves``: 32 bytes each. A line is written only after the
leaves it speaks of are on disk. ``cosigned.jsonl``: the same with the cosignatures that came.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from huren.graph.log.note import Note


@dataclass(frozen=True, slots=True)
class Trail:
    """The files in ``folder``."""

    folder: Path

    @property
    def _checkpoints(self) -> Path:
        return self.folder / "checkpoints.jsonl"

    @property
    def _cosigned(self) -> Path:
        return self.folder / "cosigned.jsonl"

    @property
    def _leaves(self) -> Path:
        return self.folder / "leaves"

    def last(self) -> Note | None:
        """The last checkpoint signed here. Cost: the last few kilobytes of a file. Raises: BadInput."""
        return _last(self._checkpoints)

    def cosigned(self) -> Note | None:
        """The last checkpoint with the cosignatures that came for it. Raises: BadInput."""
        return _last(self._cosigned)

    def notes(self) -> tuple[Note, ...]:
        """Every checkpoint, in order, then those cosigned. Raises: BadInput."""
        return (*_notes(self._checkpoints), *_notes(self._cosigned))

    def leaves(self) -> tuple[bytes, ...]:
        """The leaf hashes below the last checkpoint."""
        last = self.last()
        if last is None or not self._leaves.exists():
            return ()
        whole = self._leaves.read_bytes()[: 32 * last.checkpoint.size]
        return tuple(whole[at : at + 32] for at in range(0, len(whole), 32))

    def add(self, note: Note, start: int, leaves: bytes) -> None:
        """Keep a checkpoint, and the leaves from ``start`` up to its size. Within :meth:`locked`."""
        with self._leaves.open("ab") as file:
            file.truncate(32 * start)
            file.write(leaves)
            file.flush()
            os.fsync(file.fileno())
        _append(self._checkpoints, note)

    def add_cosigned(self, note: Note) -> None:
        """Keep a checkpoint with cosignatures. Within :meth:`locked`."""
        _append(self._cosigned, note)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """No other process adds meanwhile."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def _append(path: Path, note: Note) -> None:
    with path.open("ab") as file:
        file.write(json.dumps(str(note)).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _last(path: Path) -> Note | None:
    if not path.exists():
        return None
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 65_536))
        lines = [line for line in file.read().splitlines() if line.endswith(b'"')]
    return Note.read(json.loads(lines[-1])) if lines else None


def _notes(path: Path) -> Iterator[Note]:
    """The notes of a file; a last line that a crash cut short is none."""
    lines = path.read_bytes().splitlines() if path.exists() else []
    for line in lines:
        if line.endswith(b'"'):
            yield Note.read(json.loads(line))
