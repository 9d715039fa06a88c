"""An integrator before the authorization server: gets tokens, signs assertions and proofs, calls the API."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import uuid4

from httpx2 import AsyncClient, Response
from joserfc import jwt
from joserfc.jwk import ECKey

from huren.auth.client_secrets import hash_secret, new_id, new_secret
from huren.auth.scopes import ALL_SCOPES
from huren.graph import clients
from huren.graph.database import Database
from huren.graph.model.client import Client
from huren.graph.revision import utc_now
from huren.graph.writing import Write, write_once

ISSUER = "http://huren.test"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
HELLO = {"query": "{ __typename }"}


def seconds(at: datetime | None = None) -> int:
    return int((at or utc_now()).timestamp())


def basic(id: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{id}:{secret}".encode()).decode()


def hash_of(text: str) -> str:
    """SHA-256 in base64url, by hand."""
    return base64.urlsafe_b64encode(sha256(text.encode()).digest()).rstrip(b"=").decode()


@dataclass
class Integrator:
    """A registered client, and what it holds in secret."""

    http: AsyncClient
    client: Client
    secret: str = ""
    key: ECKey | None = None

    async def token(self, **form: str) -> Response:
        """POST /oauth/token as itself."""
        return await self.post("/oauth/token", {"grant_type": "client_credentials", **form})

    async def post(
        self, path: str, form: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> Response:
        """POST a form as itself."""
        sent = dict(headers or {})
        if self.key is None:
            sent["authorization"] = basic(self.client.id, self.secret)
            return await self.http.post(path, data=dict(form), headers=sent)
        proved = {"client_assertion_type": ASSERTION, "client_assertion": self.assertion()}
        return await self.http.post(path, data={**form, **proved}, headers=sent)

    def assertion(self, header: Mapping[str, Any] | None = None, **changes: Any) -> str:
        """A client assertion (RFC 7523), with changes; None leaves a claim out."""
        assert self.key is not None
        now = seconds()
        claims = {
            "iss": self.client.id,
            "sub": self.client.id,
            "aud": ISSUER,
            "iat": now,
            "exp": now + 60,
            "jti": secrets.token_urlsafe(12),
            **changes,
        }
        kept = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode({"alg": "ES256", **(header or {})}, kept, self.key, algorithms=["ES256"])

    async def access_token(self, **form: str) -> str:
        """An access token."""
        answer = await self.token(**form)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    async def call(self, token: str, scheme: str = "Bearer", **headers: str) -> Response:
        """A GraphQL request with ``token``."""
        return await self.http.post(
            "/graphql", json=HELLO, headers={"authorization": f"{scheme} {token}", **headers}
        )


def proof(key: ECKey, path: str, token: str | None = None, **changes: Any) -> str:
    """A DPoP proof for a POST to ``path``, with changes of its claims; None leaves one out."""
    claims = {
        "jti": secrets.token_urlsafe(12),
        "htm": "POST",
        "htu": f"{ISSUER}{path}",
        "iat": seconds(),
        "ath": None if token is None else hash_of(token),
        **changes,
    }
    kept = {name: value for name, value in claims.items() if value is not None}
    header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": key.as_dict(private=False)}
    return jwt.encode(header, kept, key, algorithms=["ES256"])


async def register(  # noqa: PLR0913  (what a client is)
    http: AsyncClient,
    database: Database,
    *,
    org: str = "acme",
    scopes: frozenset[str] = ALL_SCOPES,
    signs: bool = False,
    dpop: bool = False,
) -> Integrator:
    """A new client, as `huren client create` makes one."""
    key, secret = (ECKey.generate_key("P-256"), "") if signs else (None, new_secret())
    jwks = {"keys": [key.as_dict(private=False)]} if key else None
    client = Client(new_id(), "test", org, scopes, jwks, hash_secret(secret) if secret else None, dpop)
    await do(database, clients.register(client))
    return Integrator(http, client, secret, key)


async def do(database: Database, effect: Any) -> None:
    """A write of the home's operator."""
    await write_once(database, Write("admin", "test", uuid4().hex, "test", {}), effect)


def claims_of(token: str) -> dict[str, Any]:
    """The claims of a token, unchecked."""
    part = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found
