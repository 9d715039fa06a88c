"""Access tokens' keys and states, as every worker and every home on one database sees them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class TokenKey:
    """A public key of access tokens. ``kid``: its thumbprint (RFC 7638); ``jwk``: its public members.

    It signs from ``since`` until ``until``, which is excluded (None: without end). What it signed holds for
    as long as a token lives, so it is published a while longer.
    """

    kid: str
    alg: str
    jwk: Mapping[str, str]
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class TokenStates:
    """What has been said of tokens. ``revoked``: ids of :func:`huren.graph.tokens.token_id`."""

    revoked: frozenset[str]
    disabled: frozenset[str]
    keys: Mapping[str, TokenKey]
