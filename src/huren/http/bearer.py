"""Who asks: the one bearer token of a request (RFC 6750)."""

from __future__ import annotations

from datetime import datetime

from starlette.requests import Request

from huren.auth.principal import Principal
from huren.auth.tokens import Issuer, verify
from huren.errors import Unauthenticated

REALM = 'Bearer realm="huren"'


def principal(request: Request, issuer: Issuer, now: datetime) -> Principal:
    """Who ``request`` comes from. Raises: Unauthenticated."""
    values = request.headers.getlist("authorization")
    if not values:
        raise _missing("no bearer token", "请求未携带令牌")
    scheme, _, token = values[0].partition(" ")
    if len(values) > 1 or scheme.lower() != "bearer":
        raise _missing(
            "not exactly one `Authorization: Bearer …` header", "须有且仅有一个 `Authorization: Bearer …` 头"
        )
    return verify(issuer, token.strip(" "), now=now)


def challenge(request: Request) -> dict[str, str]:
    """WWW-Authenticate of a 401: no error code where no credentials came (RFC 6750 section 3.1)."""
    sent = "authorization" in request.headers
    return {"www-authenticate": f'{REALM}, error="invalid_token"' if sent else REALM}


def _missing(en: str, zh: str) -> Unauthenticated:
    return Unauthenticated(
        en,
        zh,
        fix="Send `Authorization: Bearer …` with what `huren token mint` prints.",
        fix_zh="请在 `Authorization: Bearer …` 中携带 `huren token mint` 输出的令牌。",
    )
