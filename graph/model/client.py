"""Clients of the authorization server: software that asks for access tokens on behalf of an organisation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class AuthMethod(StrEnum):
    """How a client proves who it is (IANA registry of token endpoint authentication methods)."""

    SECRET_BASIC = "client_secret_basic"
    SECRET_POST = "client_secret_post"
    PRIVATE_KEY_JWT = "private_key_jwt"


SECRET_METHODS = frozenset({AuthMethod.SECRET_BASIC, AuthMethod.SECRET_POST})


@dataclass(frozen=True, slots=True)
class Client:
    """A client. ``scopes``: all that a token of it may hold.

    It has either ``jwks``, the public keys that it signs with (RFC 7517), or ``secret_hash`` (argon2id, PHC
    string). ``dpop``: it gets bound tokens only (RFC 9449). ``disabled``: it gets no token, and those it
    has are refused.
    """

    id: str
    name: str
    org: str
    scopes: frozenset[str]
    jwks: Mapping[str, Any] | None = None
    secret_hash: str | None = field(default=None, repr=False)
    dpop: bool = False
    disabled: bool = False

    @property
    def methods(self) -> frozenset[AuthMethod]:
        """The ways it may authenticate."""
        return SECRET_METHODS if self.jwks is None else frozenset({AuthMethod.PRIVATE_KEY_JWT})
