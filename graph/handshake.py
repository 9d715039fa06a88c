"""Why a first connection failed before a word of Bolt was spoken: TLS on one side alone, or no trust."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

from huren.errors import BadInput

_HUNG_UP = "incomplete handshake"  # the driver's words for a server that closes on what is no TLS


def refusal(uri: str, error: BaseException) -> BadInput | None:
    """What is wrong with ``uri``, where ``error`` says so; None where the server may just be away."""
    causes = list(_causes(error))
    secure = "+s" in uri.partition("://")[0]
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _untrusted(uri, cause.verify_message)
    if secure and any(isinstance(cause, ssl.SSLError | ConnectionResetError) for cause in causes):
        return _no_tls(uri)
    if not secure and any(_HUNG_UP in str(cause) for cause in causes):
        return _only_tls(uri)
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """``error`` and all that it came of."""
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for one in error.exceptions:
                yield from _causes(one)
        error = error.__cause__ or error.__context__


def _untrusted(uri: str, why: str) -> BadInput:
    return BadInput(
        f"the certificate of `{uri}` is not trusted: {why}",
        f"“{uri}”的证书不受信任:{why}",
        fix="Name its issuer in SSL_CERT_FILE, or write `+ssc` for `+s`, which trusts whoever is there.",
        fix_zh="请在 SSL_CERT_FILE 中指定签发者的证书文件,或将 `+s` 改为 `+ssc`(信任任何应答者)。",
    )


def _no_tls(uri: str) -> BadInput:
    return BadInput(
        f"`{uri}` hangs up on TLS: Bolt there seems to be plain",
        f"“{uri}”拒绝 TLS 连接:该处的 Bolt 似为明文",
        fix="Turn TLS on in that Neo4j (`server.bolt.tls_level`), or leave `+s` out on one machine.",
        fix_zh="请在该 Neo4j 启用 TLS(`server.bolt.tls_level`);若在同一台机器上,可去掉 `+s`。",
    )


def _only_tls(uri: str) -> BadInput:
    scheme, _, rest = uri.partition("://")
    return BadInput(
        f"`{uri}` hangs up on plain Bolt: it seems to want TLS",
        f"“{uri}”拒绝明文 Bolt 连接:似要求 TLS",
        fix=f"Write {scheme}+s://{rest}; or {scheme}+ssc://{rest} for a certificate that signed itself.",
        fix_zh=f"请改为 {scheme}+s://{rest};自签名证书用 {scheme}+ssc://{rest}。",
    )
