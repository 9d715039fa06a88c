"""The keys of a home: the local development key that signs access tokens, and what is derived from it."""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from huren.auth.key_file import create
from huren.auth.log_keys import LogKeys
from huren.auth.seal_keys import SealKeys
from huren.auth.tokens import Issuer
from huren.errors import BadInput

KEY_FILE = "access-token-key.json"
ISSUER = "urn:huren:local"
AUDIENCE = "urn:huren:api"
LONGEST_LIFE = timedelta(days=1)
"""Of a token signed with the local development key; tokens of an authorization server live for minutes."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets of a home: of tokens, of cursors, and of sealed decisions."""

    issuer: Issuer
    cursor: bytes
    seals: SealKeys

    @property
    def home(self) -> Path:
        """The folder that they are in."""
        return self.seals.home

    @property
    def log(self) -> LogKeys:
        """Those of the audit log, of the same home."""
        return LogKeys(self.home)


def local_keys(home: Path) -> Keys:
    """The keys of ``home``, made on first use. Needs no database. Raises: as :func:`signing_key`."""
    key = signing_key(home)
    cursor = hmac.digest(str(key.as_dict(private=True)["d"]).encode(), b"cursors", "sha256")
    return Keys(Issuer(ISSUER, AUDIENCE, key, LONGEST_LIFE), cursor, SealKeys(home))


def signing_key(home: Path) -> OKPKey:
    """The Ed25519 key of ``home``, mode 600, made on first use; safe where several processes begin at once.

    Raises: BadInput where the file is not a private Ed25519 key, or others may read it.
    """
    path = home / KEY_FILE
    if not path.exists():
        create(path, OKPKey.generate_key("Ed25519", auto_kid=True).as_dict(private=True))
    if path.stat().st_mode & 0o077:
        raise _unusable(path, "others than its owner may read it", "其他用户可以读取它")
    try:
        key = OKPKey.import_key(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, KeyError, JoseError) as error:
        raise _unusable(path, "it is not a JSON Web Key", "它不是 JSON Web Key") from error
    if key.curve_name != "Ed25519" or not key.is_private:
        raise _unusable(path, "it is not a private Ed25519 key", "它不是 Ed25519 私钥")
    return key


def _unusable(path: Path, en: str, zh: str) -> BadInput:
    return BadInput(
        f"the key file `{path}` cannot be used: {en}",
        f"密钥文件 `{path}` 不可用:{zh}",
        fix="Make it readable by its owner alone (chmod 600), or remove it to get a new key.",
        fix_zh="请将其权限改为仅所有者可读(chmod 600),或删除它以生成新密钥。",
    )
