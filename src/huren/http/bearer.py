"""Who asks: the one access token of a request (RFC 6750), and the proof that it is its sender's (RFC 9449).

Every token passes here, whoever issued it: this home for development, our authorization server, or an
external issuer of the table.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from huren.auth.authority import Authority
from huren.auth.dpop import ALGORITHMS, BadProof, Proof, bad_proof, check_proof
from huren.auth.principal import Principal
from huren.auth.tokens import Issuer, Token, check, issuer_of, verifier
from huren.errors import HurenError, Unauthenticated
from huren.graph import tokens
from huren.graph.tokens import token_id
from huren.http.foreign_keys import ForeignKeys
from huren.http.token_states import States

REALM = 'realm="huren"'
ALGS = f'algs="{" ".join(ALGORITHMS)}"'


@dataclass(frozen=True, slots=True)
class Guard:
    """The check of every request. ``home`` issues development tokens, which need no database."""

    home: Issuer
    authority: Authority
    states: States
    foreign: ForeignKeys

    async def principal(self, request: Request) -> Principal:
        """Who ``request`` comes from.

        Cost: one or two signature checks of 0.1 ms, at most every 0.4 s a query, and with DPoP a write.
        Raises: Unauthenticated; Unavailable where the database, or the keys of the issuer, cannot be had.
        """
        scheme, text = _credentials(request)
        token = await self.check(text)
        if (scheme == "dpop") is (token.bound is None):
            raise _wrong_scheme(token)
        if token.bound is not None:
            await self._prove(request, text, token)
        return token.principal

    async def check(self, text: str) -> Token:
        """What the token ``text`` says, if it is good here and now. Raises: as :meth:`principal`."""
        iss, kid = issuer_of(text)
        if iss == self.home.iss:
            return check(verifier(self.home), text, now=self.states.clock())
        if iss == self.authority.issuer:
            return await self.check_own(text, self.authority.resources)
        if row := self.authority.trusted.get(iss):
            keys = await self.foreign.keys(row, kid)
            return check(row.verifier(keys), text, now=self.states.clock())
        raise _unknown_issuer()

    async def check_own(self, text: str, audiences: frozenset[str]) -> Token:
        """The same, for a token of our authorization server to one of ``audiences``."""
        known = await self.states.current()
        token = check(self.authority.verifier(self.states.keys, audiences), text, now=self.states.clock())
        if token_id(token.iss, token.jti) in known.revoked or token.client in known.disabled:
            raise _revoked()
        return token

    async def proof(self, request: Request, access_token: str | None = None) -> Proof:
        """The one proof in the headers, for this request and ``access_token``. Raises: BadProof."""
        sent = request.headers.getlist("dpop")
        if len(sent) != 1:
            raise bad_proof("there is not exactly one `DPoP` header", "须有且仅有一个 `DPoP` 请求头")
        url = self.authority.url(request.url.path)
        now = self.states.clock()
        return check_proof(sent[0], method=request.method, url=url, now=now, access_token=access_token)

    async def use(self, proof: Proof) -> None:
        """Count ``proof`` as used, for every worker and after every restart. Raises: BadProof."""
        id = token_id("dpop", proof.thumbprint, proof.jti)
        if not await tokens.use_once(self.states.database, id, proof.expires):
            raise bad_proof("it was used before", "该证明已被使用过")

    async def _prove(self, request: Request, text: str, token: Token) -> None:
        proof = await self.proof(request, text)
        if proof.thumbprint != token.bound:
            raise bad_proof("it is of another key than the token", "证明所用密钥与令牌绑定的不同")
        await self.use(proof)


def challenge(request: Request, error: HurenError | None = None) -> dict[str, str]:
    """WWW-Authenticate of a 401: no error code where no credentials came (RFC 6750 3.1, RFC 9449 7.1)."""
    sent = request.headers.get("authorization")
    code = "" if sent is None else f', error="{_code(error)}"'
    by_dpop = sent is not None and sent[:5].lower() == "dpop "
    bearer = f"Bearer {REALM}{'' if by_dpop else code}"
    return {"www-authenticate": f"{bearer}, DPoP {REALM}{code if by_dpop else ''}, {ALGS}"}


def _code(error: HurenError | None) -> str:
    return "invalid_dpop_proof" if isinstance(error, BadProof) else "invalid_token"


def _credentials(request: Request) -> tuple[str, str]:
    values = request.headers.getlist("authorization")
    if not values:
        raise _missing("no access token", "请求未携带令牌")
    scheme, _, token = values[0].partition(" ")
    if len(values) > 1 or scheme.lower() not in {"bearer", "dpop"}:
        raise _missing(
            "not exactly one `Authorization: Bearer …` or `DPoP …` header",
            "须有且仅有一个 `Authorization: Bearer …` 或 `DPoP …` 头",
        )
    return scheme.lower(), token.strip(" ")


def _wrong_scheme(token: Token) -> Unauthenticated:
    if token.bound is None:
        return _refused("it is not bound to a key, so it goes as `Bearer`", "未绑定密钥,应以 `Bearer` 发送")
    en, zh = "it is bound to a key, so it goes as `DPoP` with a proof", "已绑定密钥,须以 `DPoP` 并附证明发送"
    return _refused(en, zh)


def _revoked() -> Unauthenticated:
    return _refused("it was revoked, or its client was disabled", "已被撤销,或其客户端已停用")


def _unknown_issuer() -> Unauthenticated:
    return _refused("its issuer is not trusted here", "本服务不信任其签发者")


def _refused(en: str, zh: str) -> Unauthenticated:
    return Unauthenticated(
        f"the access token is not valid: {en}",
        f"令牌无效:{zh}",
        fix="Get a new token at `/oauth/token`, or for trying out: `huren token mint`.",
        fix_zh="请在 `/oauth/token` 重新获取令牌;试用可运行 `huren token mint`。",
    )


def _missing(en: str, zh: str) -> Unauthenticated:
    return Unauthenticated(
        en,
        zh,
        fix="Send `Authorization: Bearer …` with a token of `/oauth/token` or of `huren token mint`.",
        fix_zh="请在 `Authorization: Bearer …` 中携带 `/oauth/token` 或 `huren token mint` 给出的令牌。",
    )
