"""`huren log cosign`: a witness remembers what it saw last, and signs only what goes on from it."""

from __future__ import annotations

import json
import os
import time
from base64 import b64decode
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import requests

from huren.auth.log_keys import LogKeys
from huren.commands.log_verify import exported
from huren.errors import BadInput, DamagedLog, Unavailable
from huren.graph.log.note import Note, Signature, Verifier
from huren.graph.log.tree import consistent, grown
from huren.resolvers.auditing import forked, rolled_back
from huren.settings import Settings

CONSISTENCY = "query Prove($old: Int!, $new: Int!) { logConsistency(old: $old, new: $new) }"
COSIGN = "mutation Cosign($input: CosignLogInput!) { cosignLog(input: $input) { size } }"
PATIENCE = 20.0


class Source(Protocol):
    """Where a log is to be had."""

    def checkpoint(self) -> Note:
        """The newest."""

    def goes_on(self, was: Note, now: Note) -> bool:
        """Whether it proves that ``was`` is the beginning of ``now``."""

    def hand_in(self, line: str) -> None:
        """Bring a cosignature back."""


@dataclass(frozen=True, slots=True)
class File:
    """An exported log; every leaf is recomputed."""

    path: Path

    def checkpoint(self) -> Note:
        """The largest in it. Raises: BadInput where there is none."""
        notes = exported(self.path).notes
        if not notes:
            raise BadInput("there is no checkpoint in it", "其中没有检查点", fix="Export it again.")
        return max(notes, key=lambda note: note.checkpoint.size)

    def goes_on(self, was: Note, now: Note) -> bool:
        """From the leaves themselves."""
        leaves = exported(self.path).copy.leaves
        return now.checkpoint.size <= len(leaves) and all(
            grown(leaves[i] for i in range(one.size)).root == one.root
            for one in (was.checkpoint, now.checkpoint)
        )

    def hand_in(self, line: str) -> None:
        """Whoever sent the file gets the line by hand."""


@dataclass(frozen=True, slots=True)
class Service:
    """Another exchange, at its address."""

    url: str
    token: str

    def checkpoint(self) -> Note:
        """As it is public. Raises: Unavailable, BadInput."""
        try:
            answer = requests.get(f"{self.url}/log/checkpoint", timeout=PATIENCE)
            answer.raise_for_status()
        except requests.RequestException as error:
            raise _silent(self.url) from error
        return Note.read(answer.text)

    def goes_on(self, was: Note, now: Note) -> bool:
        """By the proof that it gives."""
        old, new = was.checkpoint, now.checkpoint
        path = self._ask(CONSISTENCY, {"old": old.size, "new": new.size})["logConsistency"]
        return consistent(old.size, new.size, [b64decode(part) for part in path], old.root, new.root)

    def hand_in(self, line: str) -> None:
        """Raises: BadInput where it is not taken."""
        if self.token:
            self._ask(COSIGN, {"input": {"idempotencyKey": uuid4().hex, "cosignature": line}})

    def _ask(self, query: str, variables: dict[str, Any]) -> Any:
        try:
            answer = requests.post(
                f"{self.url}/graphql",
                json={"query": query, "variables": variables},
                headers={"authorization": f"Bearer {self.token}", "accept": "application/json"},
                timeout=PATIENCE,
            ).json()
        except (requests.RequestException, ValueError) as error:
            raise _silent(self.url) from error
        if errors := answer.get("errors"):
            raise _refused(str(errors[0]["message"]))
        return answer["data"]


def cosign(settings: Settings, source: str, log_key: str | None, token: str) -> Signature:
    """Check, remember, sign, hand in.

    What was seen is on disk before the signature leaves, so that a witness never signs two of one size.
    Raises: DamagedLog for a fork or a roll-back, saying where; BadInput; Unavailable.
    """
    keys = LogKeys(settings.home)
    web = source.startswith(("http://", "https://"))
    found: Source = Service(source.rstrip("/"), token) if web else File(Path(source))
    note = found.checkpoint()
    seen = _Seen(keys.folder / "seen", note.checkpoint.origin)
    key, last = seen.key(log_key), seen.last()
    if not key.signed(note):
        raise _not_signed(key.name)
    _check(found, last, note)
    seen.keep(key, note)
    signature = keys.witness().sign(note.text, int(time.time()))
    found.hand_in(str(signature))
    return signature


def _check(source: Source, last: Note | None, note: Note) -> None:
    if last is None:
        return
    was, now = last.checkpoint, note.checkpoint
    if now.size < was.size:
        raise rolled_back(now.size, was.size)
    same = now.root == was.root if now.size == was.size else source.goes_on(last, note)
    if not same:
        raise forked(was.size)


@dataclass(frozen=True, slots=True)
class _Seen:
    """The file in which a witness remembers one log: its key, and the last checkpoint seen."""

    folder: Path
    origin: str

    @property
    def _path(self) -> Path:
        return self.folder / f"{sha256(self.origin.encode()).hexdigest()[:32]}.json"

    def _row(self) -> dict[str, str]:
        found: dict[str, str] = json.loads(self._path.read_text(encoding="utf-8"))
        return found

    def last(self) -> Note | None:
        return Note.read(self._row()["note"]) if self._path.exists() else None

    def key(self, given: str | None) -> Verifier:
        """The key kept, else the one given. Raises: BadInput for neither, or another than the one kept."""
        kept = self._row()["key"] if self._path.exists() else given
        if kept is None or (given is not None and given != kept):
            raise _which_key(self.origin)
        return Verifier.read(kept)

    def keep(self, key: Verifier, note: Note) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = self._path.with_suffix(f".{os.getpid()}")
        with draft.open("w", encoding="utf-8") as file:
            json.dump({"key": str(key), "note": str(note)}, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)


def _which_key(origin: str) -> BadInput:
    return BadInput(
        f"the key of the log `{origin}` is not known here, or another one",
        f"本机不知道日志“{origin}”的公钥,或公钥不同",
        fix="Give `--log-key` with what `huren log key` prints there, got by a way that you trust.",
        fix_zh="请以可信途径取得对方 `huren log key` 打印的公钥,并用 `--log-key` 提供。",
    )


def _not_signed(name: str) -> DamagedLog:
    return DamagedLog(
        f"the checkpoint is not signed by `{name}`",
        f"检查点没有“{name}”的有效签名",
        fix="Ask those who run that log.",
        fix_zh="请询问该日志的运营方。",
    )


def _silent(url: str) -> Unavailable:
    return Unavailable(
        f"`{url}` did not answer", f"“{url}”没有响应", fix="Try again later.", fix_zh="请稍后重试。"
    )


def _refused(message: str) -> BadInput:
    return BadInput(
        f"the other exchange refused: {message}",
        f"对方拒绝:{message}",
        fix="Set HUREN_TOKEN to a token of that exchange; have your witness key trusted there.",
        fix_zh="请将 HUREN_TOKEN 设为对方签发的令牌,并请对方信任您的见证公钥。",
    )
