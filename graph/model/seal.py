"""Seals: signed decisions, and the public keys that they are checked with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SealKey:
    """A public key. ``kid``: its thumbprint (RFC 7638); ``jwk``: its public members (RFC 7517).

    It signs from ``since`` until ``until``, which is excluded; None: it still signs. Both are whole seconds.
    What it signed in that period stays valid for ever.
    """

    kid: str
    alg: str
    jwk: Mapping[str, str]
    since: datetime
    until: datetime | None = None

    def signs_at(self, at: datetime) -> bool:
        """Whether ``at`` lies in the period."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class SealedDecision:
    """A decision as it was sealed. ``digest``: SHA-256 of the canonical payload, hexadecimal."""

    id: str
    jws: str
    kid: str
    sealed_at: datetime
    digest: str
