"""What all our readers of JSON Web Tokens share: strict compact form, public keys of pinned algorithms."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

PublicKey = OKPKey | ECKey | RSAKey

LONGEST_TOKEN = 8192
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)
_RSA_BITS = range(2048, 4097)

_CURVES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Ed25519": ("OKP", "Ed25519"),
        "ES256": ("EC", "P-256"),
        "ES384": ("EC", "P-384"),
        "PS256": ("RSA",),
        "PS384": ("RSA",),
        "RS256": ("RSA",),
    }
)
ALGORITHMS = frozenset(_CURVES)
"""Asymmetric signatures that anybody may be trusted with; each is used only where it is pinned."""
CLIENT_ALGORITHMS = ("Ed25519", "ES256", "PS256")
"""What clients sign assertions and DPoP proofs with (FAPI 2.0 section 5.4.1, RFC 9864)."""

_KINDS: Mapping[str, type[OKPKey] | type[ECKey] | type[RSAKey]] = MappingProxyType(
    {"OKP": OKPKey, "EC": ECKey, "RSA": RSAKey}
)
_PUBLIC = ("kty", "crv", "x", "y", "n", "e")
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


class _Registry(jws.JWSRegistry):
    """joserfc's, for headers that hold a public RSA key."""

    max_header_length = LONGEST_TOKEN
    max_payload_length = LONGEST_TOKEN


def is_compact(token: str) -> bool:
    """Whether ``token`` is a JWS in compact form, written in the one way that there is for its bytes.

    >>> is_compact("e30.e30.AA"), is_compact("e30.e30.AB"), is_compact("e30.e30")
    (True, False, False)
    """
    return len(token) <= LONGEST_TOKEN and bool(_COMPACT.fullmatch(token)) and _canonical(token)


def peek(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a compact token, unchecked: good for choosing a key, and for nothing else.

    Raises: ValueError where either is no JSON object.
    """
    header, claims = (orjson.loads(_bytes(part)) for part in token.split(".")[:2])
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise ValueError("not JSON objects")
    return header, claims


def signed_claims(token: str, key: PublicKey, alg: str) -> dict[str, Any]:
    """The claims of a token that ``key`` signed with exactly ``alg``. Raises: ValueError."""
    try:
        signed = jws.deserialize_compact(token, key, algorithms=[alg], registry=_Registry(algorithms=[alg]))
        claims = orjson.loads(signed.payload)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise ValueError("the signature does not hold") from error
    if not isinstance(claims, dict):
        raise ValueError("the claims are not an object")
    return claims


def public_key(jwk: Mapping[str, Any], algorithms: Iterable[str] = ALGORITHMS) -> PublicKey:
    """The public key in ``jwk`` (RFC 7517). Raises: ValueError for one that no algorithm of these can use.

    Refused too: private and symmetric keys, RSA below 2,048 bits or above 4,096, points that are on no curve.
    """
    kinds = [_CURVES[alg] for alg in algorithms]
    kind = (jwk.get("kty"), jwk.get("crv")) if jwk.get("kty") != "RSA" else ("RSA",)
    if kind not in kinds or _PRIVATE & set(jwk):
        raise ValueError("not a public key of these algorithms")
    if kind == ("RSA",) and _bits(jwk.get("n")) not in _RSA_BITS:
        raise ValueError("an RSA key that is too short or too long")
    try:
        key = _KINDS[str(kind[0])].import_key({name: jwk[name] for name in _PUBLIC if name in jwk})
        _ = key.public_key
    except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError("not a public key") from error
    return key


def fits(alg: str, key: PublicKey) -> bool:
    """Whether ``key`` is of the kind that ``alg`` signs with."""
    curve = () if isinstance(key, RSAKey) else (key.curve_name,)
    return _CURVES.get(alg) == (key.key_type, *curve)


def key_set(value: Any, algorithms: Iterable[str] = ALGORITHMS) -> dict[str, PublicKey]:
    """The signing keys of a JSON Web Key Set by kid; those that are not for us are passed over.

    A key without ``kid`` goes by its thumbprint (RFC 7638). Raises: ValueError for what is no key set, for
    one that holds a private key, and for more than 100 keys.
    """
    rows = value.get("keys") if isinstance(value, Mapping) else None
    if not isinstance(rows, list) or len(rows) > 100 or not all(isinstance(row, Mapping) for row in rows):
        raise ValueError("not a JSON Web Key Set")
    if any(_PRIVATE & set(row) for row in rows):
        raise ValueError("it holds a private or symmetric key")
    found: dict[str, PublicKey] = {}
    for row in rows:
        try:
            if row.get("use", "sig") == "sig":
                key = public_key(row, algorithms)
                found[str(row.get("kid") or key.thumbprint())] = key
        except ValueError:
            continue
    return found


def _bits(number: Any) -> int:
    return int.from_bytes(_bytes(number)).bit_length() if isinstance(number, str) else 0


def _bytes(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _canonical(token: str) -> bool:
    try:
        return all(base64.urlsafe_b64encode(_bytes(p)).rstrip(b"=").decode() == p for p in token.split("."))
    except (ValueError, binascii.Error):
        return False
