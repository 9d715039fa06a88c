"""Secrets of clients: 256 random bits each, kept only as argon2id hashes (RFC 9106)."""

from __future__ import annotations

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

LONGEST = 256
# 19 MiB and two passes: the OWASP minimum for passwords. Ours cannot be guessed, so more would buy nothing.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def new_id() -> str:
    """A fresh client id: letters and digits only, the same in a URL, a form and a Basic header."""
    return secrets.token_hex(12)


def new_secret() -> str:
    """A fresh secret of 256 bits, letters and digits only."""
    return secrets.token_hex(32)


def hash_secret(secret: str) -> str:
    """The argon2id hash of ``secret`` as a PHC string. Cost: some 40 ms, 19 MiB."""
    return _HASHER.hash(secret)


def holds(secret_hash: str | None, secret: str) -> bool:
    """Whether ``secret`` is the one that was hashed; where None was, it takes as long to say no.

    Cost: as :func:`hash_secret`; keep it off the loop.
    """
    if len(secret) > LONGEST:
        return False
    try:
        return _HASHER.verify(secret_hash or _lost(), secret) and secret_hash is not None
    except (Argon2Error, InvalidHashError):
        return False


@cache
def _lost() -> str:
    """The hash of a secret that nobody has."""
    return hash_secret(new_secret())
