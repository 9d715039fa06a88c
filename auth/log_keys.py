"""The keys of the audit log, as files of the home that no account of the database can read or change.

``log/key.json`` signs checkpoints (``log/witness-key.json``: other logs' checkpoints), mode 600, made on
first use. ``log/witnesses`` holds the public keys whose cosignatures count, one a line.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from huren.auth.key_file import check_private, create, unusable
from huren.errors import BadInput
from huren.graph.log.note import LOG, WITNESS, Signer, Verifier

FOLDER = "log"


@dataclass(frozen=True, slots=True)
class LogKeys:
    """The log's and the witness's key of ``home``, and whom it trusts. Files are read each time."""

    home: Path

    @property
    def folder(self) -> Path:
        """Where they are."""
        return self.home / FOLDER

    def signer(self) -> Signer:
        """What signs this home's checkpoints; its name is the log's origin. Raises: BadInput."""
        return _signer(self.folder / "key.json", LOG, "huren.log")

    def witness(self) -> Signer:
        """What cosigns other logs' checkpoints. Raises: BadInput."""
        return _signer(self.folder / "witness-key.json", WITNESS, "huren.witness")

    def witnesses(self) -> tuple[Verifier, ...]:
        """The trusted witnesses. Raises: BadInput for a line that is no key."""
        path = self.folder / "witnesses"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return tuple(Verifier.read(line) for line in lines if line.strip())

    def trust(self, witness: Verifier) -> None:
        """Count the cosignatures of ``witness`` from now on. Raises: BadInput for the key of a log."""
        if witness.kind != WITNESS:
            raise BadInput(
                f"`{witness.name}` is the key of a log, not of a witness",
                f"“{witness.name}”是日志的公钥,而非见证方的公钥",
                fix="Give the key that `huren log key --witness` prints there.",
                fix_zh="请提供对方 `huren log key --witness` 打印的公钥。",
            )
        if witness not in self.witnesses():
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with (self.folder / "witnesses").open("a", encoding="utf-8") as file:
                file.write(f"{witness}\n")


def _signer(path: Path, kind: int, name: str) -> Signer:
    if not path.exists():
        key = Ed25519PrivateKey.generate().private_bytes_raw()
        create(path, {"name": f"{name}/{token_hex(4)}", "key": b64encode(key).decode()})
    check_private(path)
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
        return Signer(row["name"], kind, Ed25519PrivateKey.from_private_bytes(b64decode(row["key"])))
    except (ValueError, KeyError, TypeError) as error:
        raise unusable(path, "it is no key of a log", "它不是日志密钥") from error
