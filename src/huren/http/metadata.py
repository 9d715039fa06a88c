"""The metadata of the authorization server (RFC 8414), made from what it serves."""

from __future__ import annotations

from typing import Any

from huren.auth.authority import INTROSPECT, JWKS, REVOKE, TOKEN
from huren.auth.dpop import ALGORITHMS
from huren.auth.jose import CLIENT_ALGORITHMS
from huren.auth.scopes import ALL_SCOPES
from huren.http.oauth_server import Server


def metadata(server: Server) -> dict[str, Any]:
    """What a client has to know. There is no authorization endpoint, so no response type."""
    url = server.authority.url
    endpoints = {"token": TOKEN, "revocation": REVOKE, "introspection": INTROSPECT}
    found: dict[str, Any] = {"issuer": server.authority.issuer, "jwks_uri": url(JWKS)}
    for name, path in endpoints.items():
        found[f"{name}_endpoint"] = url(path)
        found[f"{name}_endpoint_auth_methods_supported"] = server.methods(name)
        found[f"{name}_endpoint_auth_signing_alg_values_supported"] = list(CLIENT_ALGORITHMS)
    return found | {
        "grant_types_supported": server.grants,
        "response_types_supported": [],
        "scopes_supported": sorted(ALL_SCOPES),
        "dpop_signing_alg_values_supported": list(ALGORITHMS),
    }
