"""DPoP (RFC 9449): proof that the sender of a token holds the key that it is bound to. Pure.

Whether a proof was seen before is asked of the database by who calls this: :attr:`Proof.id`.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from huren.auth.jose import CLIENT_ALGORITHMS, fits, is_compact, peek, public_key, signed_claims
from huren.errors import Unauthenticated

TYPE = "dpop+jwt"
ALGORITHMS = CLIENT_ALGORITHMS
OLDEST = timedelta(seconds=60)
AHEAD = timedelta(seconds=5)
_LONGEST_JTI = 256


class BadProof(Unauthenticated):
    """A DPoP proof that does not hold, or none where one is needed."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof that holds: the thumbprint of its key (RFC 7638), its ``jti``, and when it ends."""

    thumbprint: str
    jti: str
    expires: datetime


def check_proof(
    proof: str, *, method: str, url: str, now: datetime, access_token: str | None = None
) -> Proof:
    """What ``proof`` proves for one request (RFC 9449 section 4.3). Cost: one signature check.

    ``access_token``: the token that comes with it, on a resource. Raises: BadProof, saying what is wrong.
    """
    if not is_compact(proof):
        raise bad_proof("it is not a compact JSON Web Token", "不是紧凑格式的 JSON Web Token")
    thumbprint, claims = _signed(proof)
    if claims.get("htm") != method:
        raise bad_proof("`htm` is not the method of the request", "`htm` 与请求方法不符")
    if not isinstance(claims.get("htu"), str) or not _same(claims["htu"], url):
        raise bad_proof("`htu` is not the address of the request", "`htu` 与请求地址不符")
    if access_token is not None and claims.get("ath") != hash_of(access_token):
        raise bad_proof("`ath` is not the hash of the access token", "`ath` 与访问令牌不符")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= _LONGEST_JTI:
        raise bad_proof("`jti` is missing or too long", "`jti` 缺失或过长")
    return Proof(thumbprint, jti, _issued(claims, now) + OLDEST + AHEAD)


def hash_of(access_token: str) -> str:
    """``ath`` of a token: SHA-256, base64url (RFC 9449 section 4.2)."""
    return base64.urlsafe_b64encode(sha256(access_token.encode()).digest()).rstrip(b"=").decode()


def bad_proof(en: str, zh: str) -> BadProof:
    """The error for a proof that is wrong or missing."""
    return BadProof(
        f"the DPoP proof is not valid: {en}",
        f"DPoP 证明无效:{zh}",
        fix="Send one `DPoP` header with a fresh proof for this request (RFC 9449).",
        fix_zh="请在 `DPoP` 请求头中为本次请求提供新的证明(RFC 9449)。",
    )


def _signed(proof: str) -> tuple[str, dict[str, Any]]:
    """The thumbprint of the key in the header, and the claims that it signed."""
    try:
        header, _ = peek(proof)
        alg, jwk = header.get("alg"), header.get("jwk")
        if header.get("typ") != TYPE or set(header) != {"typ", "alg", "jwk"}:
            raise ValueError("the header has other members than typ, alg and jwk")
        if alg not in ALGORITHMS or not isinstance(jwk, dict):
            raise ValueError("not signed with an algorithm of the list")
        key = public_key(jwk, ALGORITHMS)
        if not fits(alg, key):
            raise ValueError("the key is of another kind")
        return key.thumbprint(), signed_claims(proof, key, alg)
    except (ValueError, TypeError) as error:
        raise bad_proof("its header or its signature does not hold", "头部或签名无效") from error


def _issued(claims: dict[str, Any], now: datetime) -> datetime:
    issued = claims.get("iat")
    if isinstance(issued, bool) or not isinstance(issued, int | float):
        raise bad_proof("`iat` is missing", "`iat` 缺失")
    instant = now.timestamp()
    if not instant - OLDEST.total_seconds() <= issued <= instant + AHEAD.total_seconds():
        raise bad_proof("`iat` is not of the last minute", "`iat` 不在最近一分钟内")
    return datetime.fromtimestamp(issued, UTC)


def _same(stated: str, url: str) -> bool:
    """Whether two addresses are one, but for query and fragment (RFC 3986 sections 6.2.2 and 6.2.3)."""
    return _parts(stated) == _parts(url)


def _parts(url: str) -> tuple[str, str | None, int | None, str] | None:
    try:
        found = urlsplit(url)
        port = found.port or {"https": 443, "http": 80}.get(found.scheme)
    except ValueError:
        return None
    if found.username is not None or found.password is not None:
        return None
    return (found.scheme, found.hostname, port, found.path or "/")
