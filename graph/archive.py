"""The file of a backup: a tar whose first member, ``manifest.json``, holds the SHA-256 of every other."""

from __future__ import annotations

import json
import os
import re
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from hashlib import file_digest, sha256
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from huren.errors import BadInput

FORMAT = "huren-backup/1"
MANIFEST = "manifest.json"
_NAME = re.compile(r"neo4j\.dump|keys/(log/(seen/)?)?[A-Za-z0-9][\w.-]*", re.ASCII)
_LARGEST = 1 << 20  # bytes of a manifest
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Facts:
    """What a database holds: its revision, and size and root (hex) of its audit log."""

    neo4j: str
    revision: int
    nodes: int
    entries: int
    root: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. ``checkpoint``: the newest signed note of the log then, if any.

    ``files``: bytes and SHA-256 (hex) by name; ``made``: RFC 3339.
    """

    made: str
    huren: str
    facts: Facts
    checkpoint: str | None
    keys: bool
    files: Mapping[str, tuple[int, str]] = field(default_factory=dict)


def write(path: Path, manifest: Manifest, files: Mapping[str, Path]) -> Manifest:
    """Put ``files`` by name into a new file at ``path``, mode 600: whole, or not at all. The manifest in it.

    Cost: every file is read twice. Raises: OSError.
    """
    said = {name: (one.stat().st_size, _hash(one)) for name, one in files.items()}
    whole = Manifest(manifest.made, manifest.huren, manifest.facts, manifest.checkpoint, manifest.keys, said)
    draft = path.with_name(f".{path.name}.part")
    draft.unlink(missing_ok=True)
    try:
        with _private(draft) as out, tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
            text = json.dumps({"format": FORMAT, **asdict(whole)}, ensure_ascii=False, indent=1).encode()
            tar.addfile(_member(MANIFEST, len(text)), BytesIO(text))
            for name, one in files.items():
                with one.open("rb") as file:
                    tar.addfile(_member(name, said[name][0]), file)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return whole


def unpack(path: Path, folder: Path) -> Manifest:
    """Check every file of the backup at ``path`` against its hash, and write them below ``folder``.

    Raises: BadInput where it is no backup, or not as it was written; OSError.
    """
    try:
        with tarfile.open(path, "r:") as tar:
            members = iter(tar)
            manifest = _manifest(tar, next(members, None))
            left = dict(manifest.files)
            for member in members:
                size, hash = left.pop(member.name)
                file = tar.extractfile(member)
                if file is None or member.size != size or _copied(file, folder / member.name) != hash:
                    raise damaged(path, member.name)
    except (tarfile.TarError, ValueError, KeyError, TypeError, AttributeError, EOFError) as error:
        raise damaged(path, MANIFEST) from error
    for name in left:
        raise damaged(path, name)
    return manifest


def damaged(path: Path, name: str) -> BadInput:
    """The backup is not what was written."""
    return BadInput(
        f"`{path}` is no backup of huren, or it is damaged (at `{name}`); nothing was changed",
        f"“{path}”不是 huren 的备份,或已损坏(在“{name}”处);未做任何更改",
        fix="Take another copy of the file, or an earlier backup.",
        fix_zh="请换用该文件的另一副本或更早的备份。",
    )


def _manifest(tar: tarfile.TarFile, member: tarfile.TarInfo | None) -> Manifest:
    if member is None or member.name != MANIFEST or member.size > _LARGEST:
        raise ValueError("no manifest")
    file = tar.extractfile(member)
    said: dict[str, Any] = json.loads(file.read() if file else b"")
    if said.pop("format") != FORMAT:
        raise ValueError("another format")
    files = {str(name): (int(size), str(hash)) for name, (size, hash) in said.pop("files").items()}
    if not all(_NAME.fullmatch(name) for name in files):
        raise ValueError("a name that leads elsewhere")
    return Manifest(**{**said, "facts": Facts(**said["facts"]), "files": files})


def _copied(file: IO[bytes], place: Path) -> str:
    """Write all of ``file`` to ``place``, for its owner alone; the SHA-256 of it."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    found = sha256()
    with _private(place) as out:
        while chunk := file.read(_CHUNK):
            found.update(chunk)
            out.write(chunk)
    return found.hexdigest()


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


@contextmanager
def _private(path: Path) -> Iterator[IO[bytes]]:
    """A new file for its owner alone; on disk when the block ends."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        yield out
        out.flush()
        os.fsync(out.fileno())


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member
