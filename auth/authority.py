"""What this exchange is as an authorization server: its name, its addresses, whom and what it serves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from huren.auth.issuers import TrustedIssuer
from huren.auth.jose import PublicKey
from huren.auth.keys import AUDIENCE
from huren.auth.tokens import ALGORITHM, Verifier

LONGEST_LIFE = timedelta(minutes=10)
TOKEN, REVOKE, INTROSPECT = "/oauth/token", "/oauth/revoke", "/oauth/introspect"
JWKS, METADATA = "/oauth/jwks", "/.well-known/oauth-authorization-server"
RESOURCE = "/graphql"


@dataclass(frozen=True, slots=True)
class Authority:
    """``issuer``: the public URL, without a path; ``life`` of an access token, at most ten minutes.

    ``others``: resources of other services that tokens are issued for (RFC 8707); they are no good here.
    ``trusted``: the external issuers whose tokens are taken.
    """

    issuer: str = "http://127.0.0.1:8000"
    life: timedelta = LONGEST_LIFE
    others: frozenset[str] = frozenset()
    trusted: Mapping[str, TrustedIssuer] = field(default_factory=dict)

    @property
    def resources(self) -> frozenset[str]:
        """The names of this service as a resource: one for all homes, and its own address."""
        return frozenset({AUDIENCE, f"{self.issuer}{RESOURCE}"})

    def url(self, path: str) -> str:
        """The public address of ``path``."""
        return f"{self.issuer}{path}"

    def verifier(self, keys: Mapping[str, PublicKey], audiences: frozenset[str]) -> Verifier:
        """How tokens of this authorization server to ``audiences`` are checked, with the keys on record."""
        algorithms = frozenset({ALGORITHM})
        return Verifier(self.issuer, audiences, algorithms, LONGEST_LIFE, keys=keys, organisation_claim="org")
