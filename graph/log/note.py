"""Checkpoints as signed notes, and cosignatures on them: C2SP signed-note, tlog-checkpoint, tlog-cosignature.

A note is text, an empty line and signature lines ``— NAME base64(key id, signature)``. Lines of keys that
one does not know are passed over. Pure: keys come from :mod:`huren.auth.log_keys`.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from huren.errors import BadInput

LOG, WITNESS = 1, 4
"""What a key signs: Ed25519 over the text, or cosignature/v1 with the time."""

_DASH = "\u2014"
_NAME = re.compile(r"[^\s+\x00-\x1f\ud800-\udfff]{1,255}")
_TEXT = re.compile(r"[^\x00-\x09\x0b-\x1f\ud800-\udfff]+\n")


@dataclass(frozen=True, slots=True)
class Signature:
    """One line: the name, and the bytes behind it (4 of key id, then the signature)."""

    name: str
    blob: bytes

    def __str__(self) -> str:
        return f"{_DASH} {self.name} {b64encode(self.blob).decode()}"

    @classmethod
    def read(cls, line: str) -> Signature:
        """Raises: BadInput for anything but such a line."""
        parts = line.split(" ")
        blob = _bytes(parts[2]) if len(parts) == 3 else b""
        if parts[0] != _DASH or not _NAME.fullmatch(parts[1]) or len(blob) < 5:
            raise _bad(f"`{line[:80]}` is no signature line", f"“{line[:80]}”不是签名行")
        return cls(parts[1], blob)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The first ``size`` leaves of the log ``origin`` have the root ``root``."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A checkpoint with its signatures; ``text`` is what was signed, extension lines included."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(f"{signature}\n" for signature in self.signatures)

    @property
    def checkpoint(self) -> Checkpoint:
        """What it says. Raises: BadInput."""
        origin, size, root, *_ = [*self.text.split("\n"), "", "", ""]
        whole = _bytes(root)
        if not origin or not re.fullmatch(r"0|[1-9][0-9]{0,18}", size) or len(whole) != 32:
            raise _bad("the note is no checkpoint", "该签名文本不是检查点")
        return Checkpoint(origin, int(size), whole)

    @classmethod
    def read(cls, whole: str) -> Note:
        """Raises: BadInput for anything but a signed checkpoint of at most a hundred signatures."""
        text, empty, lines = whole.rpartition("\n\n")
        signed = lines.removesuffix("\n").split("\n")
        if not empty or not lines.endswith("\n") or not _TEXT.fullmatch(text + "\n") or len(signed) > 100:
            raise _bad("it is no signed note", "它不是签名文本")
        note = cls(text + "\n", tuple(Signature.read(line) for line in signed))
        _ = note.checkpoint
        return note

    def plus(self, signatures: Iterable[Signature]) -> Note:
        """The same with more signatures, each once."""
        return Note(self.text, tuple(dict.fromkeys((*self.signatures, *signatures))))


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key: whose it is, what it signs (LOG or WITNESS), and its 32 bytes."""

    name: str
    kind: int
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The first 4 bytes of the hash of name, kind and key."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def __str__(self) -> str:
        encoded = b64encode(bytes([self.kind]) + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{encoded}"

    @classmethod
    def read(cls, text: str) -> Verifier:
        """The key in the form ``NAME+ID+BASE64``. Raises: BadInput."""
        name, _, rest = text.strip().partition("+")
        id, _, encoded = rest.partition("+")
        whole = _bytes(encoded)
        if not _NAME.fullmatch(name) or len(whole) != 33 or whole[0] not in (LOG, WITNESS):
            raise _bad(f"`{text[:80]}` is no key of a log or witness", f"“{text[:80]}”不是日志或见证方的公钥")
        found = cls(name, whole[0], whole[1:])
        if found.key_id.hex() != id:
            raise _bad(f"the key of `{name}` does not have the id {id[:16]}", f"“{name}”的公钥与编号不符")
        return found

    def signed(self, note: Note) -> Signature | None:
        """The signature of this key that holds on ``note``; None where there is none."""
        return next((one for one in note.signatures if self.holds(note.text, one)), None)

    def holds(self, text: str, signature: Signature) -> bool:
        """Whether ``signature`` is of this key, and of ``text``."""
        if (signature.name, signature.blob[:4]) != (self.name, self.key_id):
            return False
        rest, message = signature.blob[4:], text
        if self.kind == WITNESS:
            if len(rest) != 72:
                return False
            message, rest = _cosigned(text, int.from_bytes(rest[:8])), rest[8:]
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(rest, message.encode())
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key, and the name and kind it signs under."""

    name: str
    kind: int
    key: Ed25519PrivateKey = field(repr=False)

    @property
    def verifier(self) -> Verifier:
        """Its public part."""
        return Verifier(self.name, self.kind, self.key.public_key().public_bytes_raw())

    def sign(self, text: str, seconds: int = 0) -> Signature:
        """Sign the text of a checkpoint; a witness signs with it the time, in seconds since 1970."""
        id = self.verifier.key_id
        if self.kind == LOG:
            return Signature(self.name, id + self.key.sign(text.encode()))
        signed = self.key.sign(_cosigned(text, seconds).encode())
        return Signature(self.name, id + seconds.to_bytes(8) + signed)


def cosigned_at(signature: Signature) -> int:
    """The time in a cosignature, in seconds since 1970."""
    return int.from_bytes(signature.blob[4:12])


def _cosigned(text: str, seconds: int) -> str:
    return f"cosignature/v1\ntime {seconds}\n{text}"


def _bytes(text: str) -> bytes:
    """What base64 ``text`` stands for; nothing where it is none."""
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _bad(en: str, zh: str) -> BadInput:
    return BadInput(
        en,
        zh,
        fix="Give it as it was published, unchanged.",
        fix_zh="请原样提供已发布的内容。",
    )
