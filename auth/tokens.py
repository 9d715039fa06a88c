"""Access tokens: JSON Web Tokens of the profile RFC 9068, minted with Ed25519 (RFC 9864), and checked.

Nothing in a token chooses how it is checked: its ``iss`` and ``kid`` pick from what a :class:`Verifier`
fixes. Pure but for randomness in ``jti``; the time is an argument.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.jwk import OKPKey

from huren.auth.jose import PublicKey, fits, is_compact, peek, signed_claims
from huren.auth.principal import Principal
from huren.auth.scopes import ALL_SCOPES
from huren.errors import BadInput, Unauthenticated

ALGORITHM = "Ed25519"
TYPE = "at+jwt"
LEEWAY = timedelta(seconds=5)
_ORGANISATION = re.compile(r"[^\s/\x00-\x1f\ud800-\udfff]{1,100}")


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who mints: its name, the audience it speaks to, its key and the longest life of a token.

    ``organisation_claim``: the claim that names the organisation. Where that is not ``sub``, the subject is
    the client itself (RFC 9068 section 2.2).
    """

    iss: str
    audience: str
    key: OKPKey
    longest_life: timedelta
    organisation_claim: str = "sub"


@dataclass(frozen=True, slots=True)
class Verifier:
    """How tokens of one issuer are checked. ``keys`` by kid; ``sole``: the one key, whatever the kid.

    The organisation is ``organisation``, or what ``organisation_claim`` says, but never one of
    ``never``. ``scopes``: all that a token of it can hold.
    """

    iss: str
    audiences: frozenset[str]
    algorithms: frozenset[str]
    longest_life: timedelta
    scopes: frozenset[str] = ALL_SCOPES
    keys: Mapping[str, PublicKey] | None = None
    sole: PublicKey | None = None
    organisation: str | None = None
    organisation_claim: str = "sub"
    never: frozenset[str] = frozenset()
    foreign: bool = False

    def key(self, kid: Any) -> PublicKey | None:
        """The key that ``kid`` names."""
        if self.sole is not None:
            return self.sole
        return self.keys.get(kid) if self.keys is not None and isinstance(kid, str) else None


@dataclass(frozen=True, slots=True)
class Token:
    """A token that holds. ``bound``: the thumbprint of the key that its sender must prove to have."""

    principal: Principal
    iss: str
    client: str
    jti: str
    expires: datetime
    bound: str | None
    claims: Mapping[str, Any]


def mint(
    issuer: Issuer, principal: Principal, *, now: datetime, life: timedelta, bound: str | None = None
) -> str:
    """A compact token that stands for ``principal`` from ``now`` for ``life``.

    ``bound``: the thumbprint (RFC 7638) of the key that its sender must prove to have (RFC 9449).

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
    claims = _claims(issuer, principal, now, life) | ({"cnf": {"jkt": bound}} if bound else {})
    return jwt.encode(header, claims, issuer.key, algorithms=[ALGORITHM])


def _claims(issuer: Issuer, principal: Principal, now: datetime, life: timedelta) -> dict[str, Any]:
    issued, named = int(now.timestamp()), issuer.organisation_claim
    return {
        "iss": issuer.iss,
        "aud": issuer.audience,
        "sub": principal.client,
        named: principal.org,
        "client_id": principal.client,
        "scope": " ".join(sorted(principal.scopes)),
        "iat": issued,
        "exp": issued + int(life.total_seconds()),
        "jti": secrets.token_urlsafe(16),
    }


def verifier(issuer: Issuer) -> Verifier:
    """How tokens of ``issuer`` itself are checked."""
    return Verifier(
        issuer.iss,
        frozenset({issuer.audience}),
        frozenset({ALGORITHM}),
        issuer.longest_life,
        sole=issuer.key,
        organisation_claim=issuer.organisation_claim,
    )


def verify(issuer: Issuer, token: str, *, now: datetime) -> Principal:
    """Who ``token`` stands for. Cost: one signature check, about 0.1 ms.

    Raises: Unauthenticated, saying what is wrong, for anything but a token that :func:`mint` could have
    made: RFC 9068 section 4, with the bounds of this module.
    """
    return check(verifier(issuer), token, now=now).principal


def issuer_of(token: str) -> tuple[str, Any]:
    """The issuer and the kid that ``token`` claims, unchecked. Raises: Unauthenticated."""
    if not is_compact(token):
        raise _invalid("it is not a compact JSON Web Token", "不是紧凑格式的 JSON Web Token")
    try:
        header, claims = peek(token)
    except ValueError as error:
        raise _invalid("its parts are not JSON objects", "各部分不是 JSON 对象") from error
    iss = claims.get("iss")
    if not isinstance(iss, str):
        raise _invalid("it does not name its issuer", "未写明签发者")
    return iss, header.get("kid")


def check(trusted: Verifier, token: str, *, now: datetime) -> Token:
    """What ``token`` says. Cost: one signature check. Raises: Unauthenticated, saying what is wrong."""
    issuer_of(token)
    claims = _signed(trusted, token)
    for name in ("iss", "aud", "sub", "client_id", "scope", "jti"):
        if not isinstance(claims.get(name), str) or not claims[name]:
            raise _invalid(f"`{name}` is missing or not a text", f"声明 `{name}` 缺失或不是文本")
    if claims["iss"] != trusted.iss or claims["aud"] not in trusted.audiences:
        raise _invalid("it was issued by or for another service", "签发者或受众不是本服务")
    _check_times(trusted, claims, now)
    client = f"{claims['client_id']}@{trusted.iss}" if trusted.foreign else claims["client_id"]
    held = frozenset(claims["scope"].split()) & trusted.scopes
    return Token(
        Principal(_organisation(trusted, claims), client, held),
        trusted.iss,
        claims["client_id"],
        claims["jti"],
        datetime.fromtimestamp(claims["exp"], UTC),
        _bound(claims),
        claims,
    )


def _signed(trusted: Verifier, token: str) -> dict[str, Any]:
    """The claims, once the key and the algorithm that ``trusted`` fixes confirm them."""
    header, _ = peek(token)
    if header.get("typ") != TYPE:
        raise _invalid("it is not an access token (typ at+jwt)", "不是访问令牌(typ at+jwt)")
    if not set(header) <= {"alg", "typ", "kid"}:
        raise _invalid("its header has more than alg, typ and kid", "头部含有 alg、typ、kid 以外的成员")
    key, alg = trusted.key(header.get("kid")), header.get("alg")
    if key is None or not isinstance(alg, str) or alg not in trusted.algorithms or not fits(alg, key):
        raise _invalid("it is not signed with a key of its issuer", "未使用签发者的密钥签名")
    try:
        return signed_claims(token, key, alg)
    except ValueError as error:
        raise _invalid("its signature does not hold", "签名无效") from error


def _organisation(trusted: Verifier, claims: Mapping[str, Any]) -> str:
    named = trusted.organisation or claims.get(trusted.organisation_claim)
    if not isinstance(named, str) or not _ORGANISATION.fullmatch(named) or named in trusted.never:
        raise _invalid("it does not name an organisation that it may speak for", "未写明其可代表的机构")
    return named


def _bound(claims: Mapping[str, Any]) -> str | None:
    """The thumbprint in ``cnf``. A token bound in another way could not be held to it, and is refused."""
    if "cnf" not in claims:
        return None
    cnf = claims["cnf"]
    jkt = cnf.get("jkt") if isinstance(cnf, dict) and set(cnf) == {"jkt"} else None
    if not isinstance(jkt, str) or not jkt:
        raise _invalid("it is bound in a way that is not supported", "不支持其绑定方式")
    return jkt


def _check_times(trusted: Verifier, claims: dict[str, Any], now: datetime) -> None:
    issued, expires, opens = claims.get("iat"), claims.get("exp"), claims.get("nbf", claims.get("iat"))
    if not (type(issued) is int and type(expires) is int and type(opens) is int):
        raise _invalid("it does not say when it was issued and when it expires", "未写明签发与失效时间")
    instant, leeway = now.timestamp(), LEEWAY.total_seconds()
    if not 0 < expires - issued <= trusted.longest_life.total_seconds():
        raise _invalid("it lives too long", "有效期过长")
    if max(issued, opens) > instant + leeway:
        raise _invalid("it is not valid yet", "尚未生效")
    if expires <= instant:
        raise _invalid("it has expired", "已过期")


def _invalid(en: str, zh: str) -> Unauthenticated:
    return Unauthenticated(
        f"the access token is not valid: {en}",
        f"令牌无效:{zh}",
        fix="Get a new token at `/oauth/token`, or for trying out: `huren token mint`.",
        fix_zh="请在 `/oauth/token` 重新获取令牌;试用可运行 `huren token mint`。",
    )
