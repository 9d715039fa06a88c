"""The authorization server on authlib's core. It runs in a thread, and asks the database through the loop.

authlib knows the order of the protocol: who must prove what, before which answer. What it lacks is here:
bounds on assertions, DPoP, resources, scopes of a client, answers that do not tell clients apart.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from anyio import from_thread
from authlib.consts import default_json_headers
from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.rfc6749 import (
    AuthorizationServer,
    InvalidClientError,
    InvalidRequestError,
    InvalidScopeError,
    OAuth2Request,
)
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint

from huren.auth.authority import TOKEN
from huren.auth.dpop import BadProof, Proof
from huren.auth.keys import AUDIENCE
from huren.auth.principal import Principal
from huren.auth.scopes import EXCHANGE_ADMINISTER
from huren.auth.token_keys import TokenKeys
from huren.auth.tokens import Issuer, Token, mint
from huren.errors import NotFound, Unauthenticated
from huren.graph import clients, tokens
from huren.graph.model.client import Client
from huren.graph.tokens import token_id
from huren.http.bearer import Guard
from huren.http.client_auth import METHODS, NOBODY, BadAssertion, PrivateKeyJwt, Registered

CHALLENGE = ("WWW-Authenticate", 'Basic realm="huren"')

T = TypeVar("T")
Reply = tuple[int, dict[str, Any], list[tuple[str, str]]]


class InvalidTarget(OAuth2Error):
    """The resource asked for is none that tokens are issued for (RFC 8707 section 2)."""

    error = "invalid_target"


class InvalidProof(OAuth2Error):
    """The DPoP proof does not hold, or is missing (RFC 9449 section 5)."""

    error = "invalid_dpop_proof"


class Asked(OAuth2Request):
    """A request to one of the endpoints: its form, each parameter once, and its headers.

    ``proof`` reads the DPoP proof that came with it, if any.
    """

    def __init__(
        self,
        form: dict[str, str],
        headers: Mapping[str, str],
        proof: Callable[[], Coroutine[Any, Any, Proof]],
    ):
        # authlib wants https here; what is served without TLS is decided where the service starts.
        super().__init__("POST", f"https://huren.invalid{TOKEN}", headers=headers)
        self.payload, self._form, self.proof = BasicOAuth2Payload(form), form, proof

    @property
    def form(self) -> dict[str, str]:
        """The parameters."""
        return self._form


@dataclass(slots=True)
class Own:
    """A token of ours as authlib asks for it."""

    token: Token

    def check_client(self, client: Registered) -> bool:
        """Whether it was issued to ``client``."""
        return self.token.client == client.client.id

    def is_expired(self) -> bool:
        """Never: an ended token is not found."""
        return False

    def is_revoked(self) -> bool:
        """Never: a revoked token is not found."""
        return False


class ClientCredentials(ClientCredentialsGrant):
    """RFC 6749 section 4.4, with resources (RFC 8707) and bound tokens (RFC 9449)."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS
    server: Server

    def validate_requested_scope(self) -> None:
        """The scopes asked for are the client's, and at least one; none asked means all of them."""
        asked = set((self.request.payload.scope or "").split())
        if not asked <= self.request.client.client.scopes:
            raise InvalidScopeError("the client may not hold one of these scopes, or there is no such scope")

    def create_token_response(self) -> Reply:
        """The token. It is signed and not kept; only what is said of it later is."""
        client: Client = self.request.client.client
        asked = frozenset((self.request.payload.scope or "").split()) or client.scopes
        resource = self.request.form.get("resource", AUDIENCE)
        if resource not in self.server.authority.resources | self.server.authority.others:
            raise InvalidTarget("tokens are not issued for this resource")
        bound = self._bound(client)
        token = self.server.mint(Principal(client.org, client.id, asked), resource, bound)
        body = {
            "access_token": token,
            "token_type": "DPoP" if bound else "Bearer",
            "expires_in": int(self.server.authority.life.total_seconds()),
            "scope": " ".join(sorted(asked)),
        }
        return 200, body, default_json_headers

    def _bound(self, client: Client) -> str | None:
        """The thumbprint of the key to bind to; None where no proof came and none is needed."""
        if "dpop" not in self.request.headers:
            if client.dpop:
                raise InvalidProof("this client gets bound tokens only: send a DPoP proof")
            return None
        try:
            return self.server.prove(self.request)
        except BadProof as error:
            raise InvalidProof(_plain(error.en)) from error


class Revocation(RevocationEndpoint):
    """RFC 7009. Of what is no token of ours, or not any more, nothing is left to revoke: 200."""

    CLIENT_AUTH_METHODS = METHODS
    server: Server

    def check_params(self, request: Asked, client: Registered) -> None:
        """A token is needed; hints are for servers with several kinds of tokens."""
        _need_token(request)

    def query_token(self, token_string: str, token_type_hint: str | None) -> Own | None:
        """The token, if it is ours and good."""
        return self.server.own(token_string)

    def revoke_token(self, token: Own, request: Asked) -> None:
        """Refuse it from now on, on every worker before the answer."""
        self.server.revoke(token.token)


class Introspection(IntrospectionEndpoint):
    """RFC 7662, for the client of the token, those of its organisation, and the administrator's."""

    CLIENT_AUTH_METHODS = METHODS
    server: Server

    def check_params(self, request: Asked, client: Registered) -> None:
        """As for revocation."""
        _need_token(request)

    def query_token(self, token_string: str, token_type_hint: str | None) -> Own | None:
        """The token, if it is ours and good."""
        return self.server.own(token_string)

    def check_permission(self, token: Own, client: Registered, request: Asked) -> bool:
        """Whether ``client`` may be told of it."""
        asker = client.client
        return asker.org == token.token.principal.org or EXCHANGE_ADMINISTER in asker.scopes

    def introspect_token(self, token: Own) -> dict[str, Any]:
        """Its claims."""
        bound = token.token.bound is not None
        return {"active": True, "token_type": "DPoP" if bound else "Bearer", **token.token.claims}


class Server(AuthorizationServer):
    """What is served, and the database and keys behind it."""

    def __init__(
        self, guard: Guard, keys: TokenKeys, publish: Callable[[], Coroutine[Any, Any, None]]
    ) -> None:
        super().__init__()
        self.guard, self.authority, self.keys, self._publish = guard, guard.authority, keys, publish
        audiences = [self.authority.issuer, self.authority.url(TOKEN)]
        assertion = PrivateKeyJwt(audiences, lambda: self._now().timestamp(), self._use_assertion)
        self.register_client_auth_method(PrivateKeyJwt.CLIENT_AUTH_METHOD, assertion)
        self.register_grant(ClientCredentials)
        self.register_endpoint(Revocation)
        self.register_endpoint(Introspection)

    @property
    def grants(self) -> list[str]:
        """The grants that the token endpoint takes."""
        return [grant.GRANT_TYPE for grant, _ in self._token_grants]

    def methods(self, endpoint: str) -> list[str]:
        """How clients may authenticate at ``endpoint``: "token", "revocation" or "introspection"."""
        if endpoint == "token":
            return sorted({m for grant, _ in self._token_grants for m in grant.TOKEN_ENDPOINT_AUTH_METHODS})
        return sorted({m for served in self._endpoints[endpoint] for m in served.CLIENT_AUTH_METHODS})

    def query_client(self, client_id: str) -> Registered:
        """The client of this id; NOBODY where there is none, or it was disabled."""
        try:
            found = await_(clients.get, self.guard.states.database, client_id)
        except NotFound:
            return NOBODY
        return NOBODY if found.disabled else Registered(found)

    def mint(self, principal: Principal, resource: str, bound: str | None) -> str:
        """A token of the current key, which is on record and known to all before the token leaves."""
        now = self._now()
        key = self.keys.signing(now)
        if key.kid not in await_(self.guard.states.current).keys:
            await_(self._publish)
        await_(self.guard.states.settle, key.kid)
        issuer = Issuer(self.authority.issuer, resource, key, self.authority.life, "org")
        return mint(issuer, principal, now=now, life=self.authority.life, bound=bound)

    def prove(self, request: Asked) -> str:
        """The thumbprint of the key of the DPoP proof, which is used up. Raises: BadProof."""
        proof = await_(request.proof)
        await_(self.guard.use, proof)
        return proof.thumbprint

    def own(self, text: str) -> Own | None:
        """The token ``text``, if our authorization server issued it and it is good now."""
        try:
            audiences = self.authority.resources | self.authority.others
            return Own(await_(self.guard.check_own, text, audiences))
        except Unauthenticated:
            return None

    def revoke(self, token: Token) -> None:
        """Refuse ``token`` until it would have ended."""
        await_(self.guard.states.revoke, token_id(token.iss, token.jti), token.expires)

    def create_oauth2_request(self, request: Asked) -> Asked:
        """``request``, which the adapter has read already."""
        return request

    def handle_response(self, status: int, body: dict[str, Any], headers: list[tuple[str, str]]) -> Reply:
        """The parts of the answer."""
        return status, body, headers

    def handle_error_response(self, request: Asked, error: OAuth2Error) -> Reply:
        """An answer that does not tell an unknown client from a wrong secret (RFC 6749 section 5.2)."""
        if isinstance(error, InvalidClientError):
            told = error.description if isinstance(error, BadAssertion) else "the client did not authenticate"
            return 401, {"error": error.error, "error_description": told}, [*default_json_headers, CHALLENGE]
        return self.handle_response(*error(self.get_error_uri(request, error)))

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""

    def save_token(self, token: Any, request: Any) -> None:
        """Nothing is kept of a signed token."""

    def _use_assertion(self, client: str, jti: str, expires: float) -> bool:
        id, ends = token_id("assertion", client, jti), datetime.fromtimestamp(expires, UTC)
        return await_(tokens.use_once, self.guard.states.database, id, ends)

    def _now(self) -> datetime:
        return self.guard.states.clock()


def await_(call: Callable[..., Coroutine[Any, Any, T]], *args: Any) -> T:
    """What ``call(*args)`` gives on the event loop, from the thread that authlib runs in."""
    return from_thread.run(call, *args)


def _need_token(request: Asked) -> None:
    if "token" not in request.form:
        raise InvalidRequestError("the parameter token is missing")


def _plain(text: str) -> str:
    """``text`` in the characters that an error description may have (RFC 6749 section 5.2)."""
    return text.replace("`", "").replace('"', "")
