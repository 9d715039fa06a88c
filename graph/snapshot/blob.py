"""A snapshot on disk, so that a start reads a file and not the database.

The file: a line that names the format, the header as one line of JSON, the cells of the columns, a BLAKE2b
of all before it. Whoever finds it damaged takes it for missing. It is replaced in one step, so that nobody
reads half of one, and one process at a time writes.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date, datetime
from hashlib import blake2b
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from huren.graph.home import Lock
from huren.graph.snapshot.columns import Array, Column
from huren.graph.snapshot.keys import KINDS as KEYS
from huren.graph.snapshot.keys import Keys
from huren.graph.snapshot.rows import KINDS, vocabularies
from huren.graph.snapshot.snapshot import Snapshot
from huren.graph.snapshot.table import Table

log = logging.getLogger("huren")

FORMAT = b"huren supply graph 1\n"
_OTHER = "it is of another version of huren, or damaged"
_ROOM = 8
"""A column that was read has an eighth of room to grow into."""
_WORDS: Mapping[str, Callable[[Any], Any]] = {"day": date.fromisoformat}


@dataclass(frozen=True, slots=True)
class Header:
    """``identity`` of the history that the snapshot is of. ``columns``: name, kind, cells, are all alike."""

    identity: str
    revision: int
    as_of: str | None
    words: dict[str, list[Any]]
    columns: list[tuple[str, str, int, bool]]


@dataclass(frozen=True, slots=True)
class Blob:
    """The file at ``path``, for this user alone."""

    path: Path

    def header(self) -> Header | None:
        """What the file says of itself; None, with a word in the log, where there is none to use."""
        try:
            with self.path.open("rb") as file:
                return _header(file, blake2b())
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError) as error:
            self._unused(error)
            return None

    def read(self, identity: str) -> Snapshot:
        """The snapshot of that history; an empty one, with a word in the log, where the file has none.

        Cost: a pass over the file, and 1 µs a product.
        """
        try:
            with self.path.open("rb") as file:
                return _read(file, identity)
        except (OSError, ValueError, TypeError, KeyError, IndexError) as error:
            self._unused(error)
            return Snapshot()

    def write(self, snapshot: Snapshot, identity: str) -> bool:
        """Replace the file by ``snapshot``; False where that cannot be done, or another process is at it."""
        lock, draft = Lock(self.path.with_suffix(".lock")), self.path.with_suffix(".draft")
        try:
            if not lock.own():
                return False
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                _write(file, snapshot, identity)
            draft.replace(self.path)
        except OSError as error:
            log.warning("the supply graph could not be stored in %s: %s", self.path, error.strerror)
            return False
        else:
            return True
        finally:
            lock.close()

    def remove(self) -> None:
        """Let nobody read it again."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)

    def _unused(self, error: Exception) -> None:
        log.warning("the stored supply graph %s is not used: %s", self.path, error)


def _write(file: BinaryIO, snapshot: Snapshot, identity: str) -> None:
    columns = dict(_columns(snapshot))
    header = Header(
        identity,
        snapshot.revision,
        snapshot.as_of.isoformat() if snapshot.as_of else None,
        {name: [_said(word) for word in words.words[1:]] for name, words in snapshot.words.items()},
        [(name, cells.dtype.str, len(cells), _alike(cells)) for name, cells in columns.items()],
    )
    total, line = blake2b(), json.dumps(asdict(header), ensure_ascii=False).encode() + b"\n"
    stored = (cells[:1].copy() if _alike(cells) else cells for cells in columns.values())
    parts: list[bytes | memoryview] = [FORMAT, line, *(cells.view(np.uint8).data for cells in stored)]
    for part in parts:
        total.update(part)
        file.write(part)
    file.write(total.digest())
    file.flush()
    os.fsync(file.fileno())


def _header(file: BufferedReader, total: Any) -> Header:
    first = file.readline(len(FORMAT))
    if first != FORMAT:
        raise ValueError(_OTHER)
    line = file.readline()
    total.update(first + line)
    return Header(**json.loads(line))


def _read(file: BufferedReader, identity: str) -> Snapshot:
    total = blake2b()
    header = _header(file, total)
    if header.identity != identity:
        raise ValueError("it is of another history than the database, or newer")
    sizes = [np.dtype(kind).itemsize * (1 if alike else count) for _, kind, count, alike in header.columns]
    if file.tell() + sum(sizes) + total.digest_size != os.fstat(file.fileno()).st_size:
        raise ValueError("it is cut off, or damaged")
    columns = {name: _column(file, total, kind, count, alike) for name, kind, count, alike in header.columns}
    if file.read() != total.digest():
        raise ValueError("it is damaged")
    return _snapshot(header, columns)


def _column(file: BufferedReader, total: Any, kind: str, count: int, alike: bool) -> Column:
    cells = np.empty(1 if alike else count + count // _ROOM, kind)
    part = cells[: 1 if alike else count].view(np.uint8).data
    file.readinto(part)
    total.update(part)
    return Column.alike(cells[0], count) if alike else Column.of(cells, count)


def _snapshot(header: Header, columns: dict[str, Column]) -> Snapshot:
    if header.words.keys() != vocabularies().keys():
        raise ValueError(_OTHER)
    keys, table = _table(columns, KEYS), _table(columns, KINDS)
    words = vocabularies()
    for name, said in header.words.items():
        words[name].coded(map(_WORDS.get(name, _same), said), len(said))
    as_of = datetime.fromisoformat(header.as_of) if header.as_of else None
    return Snapshot(Keys.of(keys), columns["heads"].values, table, words, header.revision, as_of)


def _table(columns: Mapping[str, Column], kinds: Mapping[str, type[np.generic]]) -> Table:
    if any(columns[name].values.dtype.kind != np.dtype(kind).kind for name, kind in kinds.items()):
        raise ValueError(_OTHER)
    return Table({name: columns[name] for name in kinds})


def _columns(snapshot: Snapshot) -> Iterator[tuple[str, Array]]:
    yield "heads", snapshot.heads
    for table in (snapshot.keys.table, snapshot.table):
        yield from ((name, column.values) for name, column in table.columns.items())


def _alike(cells: Array) -> bool:
    return len(cells) > 0 and cells.strides == (0,)


def _said(word: Any) -> Any:
    return word.isoformat() if isinstance(word, date) else word


def _same(word: Any) -> Any:
    return word
