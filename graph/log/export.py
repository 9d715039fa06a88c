"""A log as a file: a line of JSON for each leaf, then the checkpoints. Pure.

Without entries it discloses nothing: a leaf is the hash of a salted commitment.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from huren.errors import BadInput, Place
from huren.graph.log.check import Copy
from huren.graph.log.note import Note
from huren.graph.log.read import Stored

FORMAT = "huren-log/1"


@dataclass(frozen=True, slots=True)
class Exported:
    """What a file holds."""

    copy: Copy
    notes: tuple[Note, ...]


def written(leaves: bytes, entries: Mapping[int, Stored] | None, notes: Iterable[Note]) -> Iterator[str]:
    """The lines of the file. ``entries`` None: hashes alone."""
    size = len(leaves) // 32
    yield json.dumps({"format": FORMAT, "size": size, "entries": entries is not None})
    for i in range(size):
        row = {"leaf": b64encode(leaves[32 * i : 32 * i + 32]).decode()}
        if entries is not None and (one := entries.get(i)):
            row |= {"id": one.id, "owner": one.owner, "entry": one.text, "salt": one.salt}
        yield json.dumps(row, ensure_ascii=False)
    for note in notes:
        yield json.dumps({"checkpoint": str(note)}, ensure_ascii=False)


def read(lines: Iterable[str], file: str) -> Exported:
    """What such lines hold. Raises: BadInput, with the line."""
    head: Mapping[str, object] = {}
    leaves, entries, notes = dict[int, bytes](), list[Stored](), list[Note]()
    number = 0
    try:
        for line in lines:
            number += 1
            row = json.loads(line)
            if not head:
                head = _head(row)
            elif "checkpoint" in row:
                notes.append(Note.read(row["checkpoint"]))
            else:
                at = len(leaves)
                leaves[at] = b64decode(row["leaf"], validate=True)
                if "entry" in row:
                    entries.append(Stored(row["id"], at, row["owner"], row["entry"], row["salt"]))
    except (ValueError, KeyError, TypeError, AttributeError, BadInput) as error:
        raise _unreadable(file, number) from error
    if not head or len(leaves) != head["size"]:
        raise _unreadable(file, number)
    return Exported(Copy(leaves, entries if head["entries"] else None), tuple(notes))


def _head(row: Mapping[str, object]) -> Mapping[str, object]:
    if row["format"] != FORMAT:
        raise ValueError("another format")
    return row


def _unreadable(file: str, line: int) -> BadInput:
    return BadInput(
        f"`{file}` is no exported log, or was cut short",
        f"`{file}` 不是导出的日志,或不完整",
        fix="Export it again with `huren log export`.",
        fix_zh="请用 `huren log export` 重新导出。",
        place=Place(file, line or 1),
    )
