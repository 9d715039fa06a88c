"""How clients prove who they are: a secret, or an assertion that they sign (RFC 7523), on authlib's core."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from authlib.oauth2.rfc6749 import ClientMixin, InvalidClientError
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion

from huren.auth.client_secrets import holds
from huren.auth.jose import CLIENT_ALGORITHMS, PublicKey, fits, is_compact, key_set, peek, signed_claims
from huren.graph.model.client import AuthMethod, Client

METHODS = [m.value for m in (AuthMethod.PRIVATE_KEY_JWT, AuthMethod.SECRET_BASIC, AuthMethod.SECRET_POST)]
TYPES = ("JWT", "client-authentication+jwt")
GRANT = "client_credentials"
LONGEST_ASSERTION = 300
"""Seconds that an assertion may still live: as long as its ``jti`` has to be remembered."""
LEEWAY = 5
_LONGEST_JTI = 256


class Registered(ClientMixin):
    """A client of ours as authlib asks for it. Its checks may take 40 ms: they run in a thread."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def get_client_id(self) -> str:
        """Its id."""
        return self.client.id

    def get_allowed_scope(self, scope: str) -> str:
        """Those of ``scope`` that it may hold."""
        return " ".join(sorted(set(scope.split()) & self.client.scopes))

    def check_client_secret(self, client_secret: str) -> bool:
        """Whether this is its secret."""
        return holds(self.client.secret_hash, client_secret)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Whether it may authenticate by ``method``; the same at every endpoint."""
        return method in self.client.methods

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether it may use a grant; there is one."""
        return grant_type == GRANT


NOBODY = Registered(Client("", "", "", frozenset()))
"""Whom an unknown id names: no secret is its own, and it takes as long to say so as for a known one."""


class BadAssertion(InvalidClientError):
    """An assertion of a known client that does not hold; its description may be told."""


class PrivateKeyJwt(JWTBearerClientAssertion):
    """``private_key_jwt``. ``use_once`` says whether a ``jti`` of a client, which ends then, is new."""

    CLIENT_AUTH_METHOD = AuthMethod.PRIVATE_KEY_JWT.value

    def __init__(
        self, audiences: list[str], now: Callable[[], float], use_once: Callable[[str, str, float], bool]
    ) -> None:
        super().__init__()
        self._audiences, self._now, self._use_once = audiences, now, use_once

    def __call__(self, query_client: Callable[[str], Registered], request: Any) -> Registered | None:
        """The client that signed the assertion in ``request``; None where there is none."""
        assertion = request.form.get("client_assertion")
        if assertion is None or request.form.get("client_assertion_type") != self.CLIENT_ASSERTION_TYPE:
            return None
        header, said = _peek(assertion)
        client_id = said.get("sub")
        if not isinstance(client_id, str) or request.form.get("client_id", client_id) != client_id:
            raise InvalidClientError()
        client = query_client(client_id)
        if client.client.jwks is None:
            raise InvalidClientError()
        self._check(_signed(assertion, header, client.client.jwks), client_id)
        return client

    def _check(self, claims: Mapping[str, Any], client_id: str) -> None:
        """RFC 7523 section 3, bounded: one audience, a short life, a ``jti`` that comes once."""
        now, audience, jti = self._now(), claims.get("aud"), claims.get("jti")
        expires: Any = claims.get("exp")
        if claims.get("iss") != client_id or claims.get("sub") != client_id:
            raise BadAssertion("iss and sub must both be the client id")
        if (
            audience[0] if isinstance(audience, list) and len(audience) == 1 else audience
        ) not in self._audiences:
            raise BadAssertion("aud must be one audience: the issuer, or the token endpoint")
        if not _is_time(expires) or not now < expires <= now + LONGEST_ASSERTION:
            raise BadAssertion(f"exp must lie ahead, by {LONGEST_ASSERTION} seconds at most")
        if any(name in claims and not _begun(claims[name], now) for name in ("nbf", "iat")):
            raise BadAssertion("it is not valid yet")
        if not isinstance(jti, str) or not 0 < len(jti) <= _LONGEST_JTI:
            raise BadAssertion(f"jti must be a text of 1 to {_LONGEST_JTI} characters")
        if not self._use_once(client_id, jti, float(expires)):
            raise BadAssertion("jti was used before")


def _is_time(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _begun(value: Any, now: float) -> bool:
    return _is_time(value) and value <= now + LEEWAY


def _peek(assertion: str) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        if is_compact(assertion):
            return peek(assertion)
    except ValueError:
        pass
    raise InvalidClientError()


def _signed(assertion: str, header: Mapping[str, Any], jwks: Mapping[str, Any]) -> dict[str, Any]:
    """The claims that a key of the client signed. No header but these three has a say."""
    if not set(header) <= {"alg", "typ", "kid"} or header.get("typ", "JWT") not in TYPES:
        raise InvalidClientError()
    for key in _candidates(header, jwks):
        try:
            return signed_claims(assertion, key, header["alg"])
        except ValueError:
            continue
    raise InvalidClientError()


def _candidates(header: Mapping[str, Any], jwks: Mapping[str, Any]) -> Iterator[PublicKey]:
    alg, kid = header.get("alg"), header.get("kid")
    if alg not in CLIENT_ALGORITHMS:
        return
    for name, key in key_set(jwks, CLIENT_ALGORITHMS).items():
        if fits(alg, key) and kid in (None, name):
            yield key
