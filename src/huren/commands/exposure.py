"""How the service stands towards others, and what it refuses to start with there.

Exposed is what others can reach: an address that is not loopback, or a proxy in front. Then every token
travels encrypted, and no secret is one that could be guessed.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from huren.auth.issuers import loopback
from huren.errors import BadInput, Place
from huren.settings import Settings

SHORTEST_PASSWORD = 12
"""Characters of the database's password."""
GUESSED = ("neo4j", "password", "huren", "changeme", "admin", "secret", "letmein", "12345678")
"""What a password is not, nor such a word and digits behind it."""


@dataclass(frozen=True, slots=True)
class Tls:
    """A certificate with its chain, and its private key, both PEM."""

    cert: Path
    key: Path

    def context(self) -> ssl.SSLContext:
        """TLS 1.2 or later with this certificate. Raises: BadInput, naming the file that cannot be used."""
        for option, file in (("--tls-cert", self.cert), ("--tls-key", self.key)):
            _readable(option, file)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            context.load_cert_chain(self.cert, self.key, self._asked_for_a_password)
        except ssl.SSLError as error:
            raise _unfit(self, error.reason == "KEY_VALUES_MISMATCH") from error
        return context

    def _asked_for_a_password(self) -> str:
        raise BadInput(
            f"the key `{self.key}` is encrypted, and nobody is there to type its password",
            f"私钥“{self.key}”已加密,启动时无人输入口令",
            fix="Decrypt it: openssl pkey -in KEY -out PLAIN, and keep that file at mode 600.",
            fix_zh="请先解密:openssl pkey -in KEY -out PLAIN,并将该文件权限设为 600。",
            place=Place(column="--tls-key"),
        )


@dataclass(frozen=True, slots=True)
class Stand:
    """Where the service listens and who encrypts: itself with ``tls``, a proxy (``proxied``), or nobody."""

    host: str
    tls: Tls | None = None
    proxied: bool = False

    @classmethod
    def of(cls, host: str, cert: Path | None, key: Path | None, proxied: bool) -> Stand:
        """From the options. Raises: BadInput where only one of the two files is named."""
        if (cert is None) != (key is None):
            raise _half()
        return cls(host, Tls(cert, key) if cert and key else None, proxied)

    @property
    def exposed(self) -> bool:
        """Can others reach it?"""
        return self.proxied or not loopback(self.host)

    def url(self, port: int) -> str:
        """Where it answers."""
        written = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{written}:{port}"

    def check(self, settings: Settings) -> None:
        """Raises: BadInput, the first reason not to start."""
        if self.exposed:
            self._check_encryption(settings)
            _check_database(settings)

    def _check_encryption(self, settings: Settings) -> None:
        if not self.tls and not self.proxied:
            raise _plain(self.host)
        nameless = self.proxied or _unspecified(self.host)
        if nameless and not (settings.issuer or "").startswith("https:"):
            raise _no_issuer()


def _check_database(settings: Settings) -> None:
    """Raises: BadInput for a server of one's own with a plain connection or a password that is none.

    The password of the managed local one is random, and only this machine reaches it.
    """
    if settings.uri is None:
        return
    parts = urlsplit(settings.uri)
    if "+" not in parts.scheme and not loopback(parts.hostname):
        raise _plain_bolt(settings.uri)
    word = settings.password.casefold()
    if len(word) < SHORTEST_PASSWORD or word.rstrip("0123456789!") in GUESSED:
        raise _guessable()


def _unspecified(host: str) -> bool:
    try:
        return ip_address(host).is_unspecified
    except ValueError:
        return False


def _readable(option: str, file: Path) -> None:
    try:
        with file.open("rb"):
            return
    except OSError as error:
        raise BadInput(
            f"`{file}` cannot be read: {error.strerror}",
            f"无法读取“{file}”:{error.strerror}",
            fix="Name a PEM file that the user who runs huren may read.",
            fix_zh="请指定运行 huren 的用户可读取的 PEM 文件。",
            place=Place(column=option),
        ) from error


def _unfit(tls: Tls, mismatch: bool) -> BadInput:
    if mismatch:
        return BadInput(
            f"the key `{tls.key}` does not belong to the certificate `{tls.cert}`",
            f"私钥“{tls.key}”与证书“{tls.cert}”不匹配",
            fix="Name the key that the certificate is for; a file with a chain begins with the server's own.",
            fix_zh="请指定与该证书对应的私钥;服务器证书应位于文件首位。",
            place=Place(column="--tls-key"),
        )
    return BadInput(
        f"`{tls.cert}` and `{tls.key}` are no certificate and private key in PEM",
        f"“{tls.cert}”和“{tls.key}”不是 PEM 格式的证书和私钥",
        fix="Name files in PEM, which begin with BEGIN CERTIFICATE and with BEGIN PRIVATE KEY.",
        fix_zh="请指定 PEM 文件,分别以 BEGIN CERTIFICATE 和 BEGIN PRIVATE KEY 开头。",
        place=Place(column="--tls-cert"),
    )


def _half() -> BadInput:
    return BadInput(
        "TLS takes a certificate and its key, and one of the two is missing",
        "TLS 需要证书及其私钥,目前缺少其一",
        fix="Give both `--tls-cert FILE` and `--tls-key FILE`.",
        fix_zh="请同时给出 `--tls-cert FILE` 和 `--tls-key FILE`。",
    )


def _plain(host: str) -> BadInput:
    return BadInput(
        f"`{host}` can be reached by others, and plain HTTP would show them every token",
        f"“{host}”可被他人访问,明文 HTTP 会泄露令牌",
        fix="Give `--tls-cert` and `--tls-key`, or `--tls-proxy` where a proxy in front does TLS.",
        fix_zh="请给出 `--tls-cert` 和 `--tls-key`;如由前置代理处理 TLS,请给出 `--tls-proxy`。",
    )


def _no_issuer() -> BadInput:
    return BadInput(
        "the https URL under which clients know this service is not set",
        "未设置客户端访问本服务的 https 网址",
        fix="Set HUREN_ISSUER to it, such as https://exchange.example.",
        fix_zh="请将 HUREN_ISSUER 设为该网址,例如 https://exchange.example。",
        place=Place(column="HUREN_ISSUER"),
    )


def _plain_bolt(uri: str) -> BadInput:
    return BadInput(
        f"`{uri}` is another machine, and would be spoken to without encryption",
        f"“{uri}”位于另一台机器,且连接未加密",
        fix="Turn TLS on in that server and write bolt+s:// or neo4j+s:// (+ssc where it signed itself).",
        fix_zh="请在该服务器启用 TLS,并使用 bolt+s:// 或 neo4j+s://(自签证书用 bolt+ssc://)。",
        place=Place(column="NEO4J_URI"),
    )


def _guessable() -> BadInput:
    return BadInput(
        f"the database's password is empty, a usual one, or shorter than {SHORTEST_PASSWORD} characters",
        f"数据库密码为空、过于常见或少于 {SHORTEST_PASSWORD} 个字符",
        fix="Give that account a long random password, and set NEO4J_PASSWORD to it.",
        fix_zh="请为该账户设置较长的随机密码,并写入 NEO4J_PASSWORD。",
        place=Place(column="NEO4J_PASSWORD"),
    )
