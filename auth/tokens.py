"""Access tokens: JSON Web Tokens of the profile RFC 9068, signed with Ed25519 (RFC 9864), minted and checked.

Nothing in a token chooses how it is checked: the key, the algorithm, the issuer and the audience are
fixed by :class:`Issuer`. Pure but for randomness in ``jti``; the time is an argument.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from huren.auth.principal import Principal
from huren.auth.scopes import ALL_SCOPES
from huren.errors import BadInput, Unauthenticated

ALGORITHM = "Ed25519"
TYPE = "at+jwt"
LONGEST_TOKEN = 8192
LEEWAY = timedelta(seconds=5)
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Issuer:
    """One trusted issuer: its name, the audience it speaks to, its key and the longest life of a token."""

    iss: str
    audience: str
    key: OKPKey
    longest_life: timedelta


def mint(issuer: Issuer, principal: Principal, *, now: datetime, life: timedelta) -> str:
    """A compact token that stands for ``principal`` from ``now`` for ``life``.

    Raises: BadInput for a life that is not positive or too long, or a scope that does not exist.
    """
    if not timedelta(0) < life <= issuer.longest_life:
        longest = int(issuer.longest_life.total_seconds())
        raise BadInput(
            f"a token may live for 1 to {longest} seconds",
            f"令牌有效期须为 1 至 {longest} 秒",
            fix="Choose a shorter life, and mint a new token when it ends.",
            fix_zh="请缩短有效期,到期后重新签发。",
        )
    if unknown := principal.scopes - ALL_SCOPES:
        raise BadInput(
            f"no scope `{min(unknown)}`",
            f"没有权限 `{min(unknown)}`",
            fix="Name scopes among: " + ", ".join(sorted(ALL_SCOPES)) + ".",
            fix_zh="可用权限:" + "、".join(sorted(ALL_SCOPES)) + "。",
        )
    header = {"alg": ALGORITHM, "typ": TYPE, "kid": issuer.key.kid or ""}
    return jwt.encode(header, _claims(issuer, principal, now, life), issuer.key, algorithms=[ALGORITHM])


def _claims(issuer: Issuer, principal: Principal, now: datetime, life: timedelta) -> dict[str, Any]:
    issued = int(now.timestamp())
    return {
        "iss": issuer.iss,
        "aud": issuer.audience,
        "sub": principal.org,
        "client_id": principal.client,
        "scope": " ".join(sorted(principal.scopes)),
        "iat": issued,
        "exp": issued + int(life.total_seconds()),
        "jti": secrets.token_urlsafe(16),
    }


def verify(issuer: Issuer, token: str, *, now: datetime) -> Principal:
    """Who ``token`` stands for. Cost: one signature check, about 0.1 ms.

    Raises: Unauthenticated, saying what is wrong, for anything but a token that :func:`mint` could have
    made: RFC 9068 section 4, with the bounds of this module.
    """
    if len(token) > LONGEST_TOKEN or not _COMPACT.fullmatch(token) or not _canonical(token):
        raise _invalid("it is not a compact JSON Web Token", "不是紧凑格式的 JSON Web Token")
    header, claims = _signed(issuer, token)
    if header.get("typ") != TYPE or set(header) > {"alg", "typ", "kid"}:
        raise _invalid("it is not an access token (typ at+jwt)", "不是访问令牌(typ at+jwt)")
    texts = [claims.get(name) for name in ("iss", "aud", "sub", "client_id", "scope", "jti")]
    if not all(isinstance(text, str) and text for text in texts):
        raise _invalid("a claim is missing or not a text", "声明缺失或不是文本")
    if (claims["iss"], claims["aud"]) != (issuer.iss, issuer.audience):
        raise _invalid("it was issued by or for another service", "签发者或受众不是本服务")
    _check_times(issuer, claims, now)
    return Principal(claims["sub"], claims["client_id"], frozenset(claims["scope"].split()) & ALL_SCOPES)


def _signed(issuer: Issuer, token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        signed = jws.deserialize_compact(token, issuer.key, algorithms=[ALGORITHM])
        claims = orjson.loads(signed.payload)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise _invalid("its signature does not hold", "签名无效") from error
    if not isinstance(claims, dict):
        raise _invalid("its claims are not an object", "声明不是对象")
    return signed.headers(), claims


def _check_times(issuer: Issuer, claims: dict[str, Any], now: datetime) -> None:
    issued, expires, opens = claims.get("iat"), claims.get("exp"), claims.get("nbf", claims.get("iat"))
    if not (type(issued) is int and type(expires) is int and type(opens) is int):
        raise _invalid("it does not say when it was issued and when it expires", "未写明签发与失效时间")
    instant, leeway = now.timestamp(), LEEWAY.total_seconds()
    if not 0 < expires - issued <= issuer.longest_life.total_seconds():
        raise _invalid("it lives too long", "有效期过长")
    if max(issued, opens) > instant + leeway:
        raise _invalid("it is not valid yet", "尚未生效")
    if expires <= instant:
        raise _invalid("it has expired", "已过期")


def _canonical(token: str) -> bool:
    """Whether each part is the one way to write its bytes, so that no second text passes for a token."""
    try:
        return all(_reencoded(part) == part for part in token.split("."))
    except (ValueError, binascii.Error):
        return False


def _reencoded(part: str) -> str:
    return (
        base64.urlsafe_b64encode(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        .rstrip(b"=")
        .decode()
    )


def _invalid(en: str, zh: str) -> Unauthenticated:
    return Unauthenticated(
        f"the bearer token is not valid: {en}",
        f"令牌无效:{zh}",
        fix="Get a new token: `huren token mint`.",
        fix_zh="请重新获取令牌:`huren token mint`。",
    )
