"""TLS, and what `huren serve` does not start with where others can reach it."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import sys
import time
import warnings
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID
from httpx2 import Client
from starlette.applications import Starlette

from huren.cli import main
from huren.commands.exposure import Stand, Tls
from huren.commands.serve import serve
from huren.commands.worker import Size
from huren.errors import BadInput
from huren.graph.database import Address
from huren.http import server
from huren.settings import Settings
from tests.http.served import served
from tests.http.test_serve import serving, url_of

LONG = "kX3-vq9.Tz71-mmPw"


def make(folder: Path, name: str = "own", password: bytes | None = None) -> Tls:
    """A self-signed certificate of this machine, and its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "huren")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    cert = (
        x509.CertificateBuilder(who, who, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    tls = Tls(folder / f"{name}.crt", folder / f"{name}.key")
    tls.cert.write_bytes(cert.public_bytes(Encoding.PEM))
    secrecy = BestAvailableEncryption(password) if password else NoEncryption()
    tls.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, secrecy))
    return tls


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    """A certificate that fits."""
    return make(tmp_path_factory.mktemp("tls"))


def test_it_answers_over_tls_alone(address: Address, tmp_path: Path, tls: Tls) -> None:
    options = ("--tls-cert", str(tls.cert), "--tls-key", str(tls.key))
    with serving(address, tmp_path, *options) as process:
        url = url_of(process)
        assert url.startswith("https://127.0.0.1:")
        with Client(verify=ssl.create_default_context(cafile=tls.cert)) as client:
            assert client.get(f"{url}/readyz").json()["status"] == "ready"
            told = client.get(f"{url}/.well-known/oauth-authorization-server").json()
            assert (told["issuer"], told["token_endpoint"]) == (url, f"{url}/oauth/token")
        port = port_of(url)
        with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
            line.sendall(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n")
            assert not line.recv(100).startswith(b"HTTP")


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


def handshake(port: int, tls: Tls, version: ssl.TLSVersion) -> str | None:
    """The version that is spoken with a client of that one alone."""
    context = ssl.create_default_context(cafile=tls.cert)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = version
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as line,
        context.wrap_socket(line, server_hostname="localhost") as spoken,
    ):
        return spoken.version()


def test_tls_is_1_2_or_later(bare: Starlette, tls: Tls) -> None:
    with served(bare, tls) as url:
        assert handshake(port_of(url), tls, ssl.TLSVersion.TLSv1_3) == "TLSv1.3"
        assert handshake(port_of(url), tls, ssl.TLSVersion.TLSv1_2) == "TLSv1.2"
        with pytest.raises(ssl.SSLError):
            handshake(port_of(url), tls, ssl.TLSVersion.TLSv1_1)


def test_a_handshake_that_does_not_come_ends(
    bare: Starlette, tls: Tls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "HEADER_SECONDS", 0.3)
    with (
        served(bare, tls) as url,
        socket.create_connection(("127.0.0.1", port_of(url)), timeout=10) as line,
    ):
        began = time.monotonic()
        assert line.recv(1) == b""
        assert time.monotonic() - began < 5


FILES = {
    "no certificate": ("there is none", "own.key", "cannot be read", "--tls-cert"),
    "no key": ("own.crt", "there is none", "cannot be read", "--tls-key"),
    "a folder": (".", "own.key", "cannot be read", "--tls-cert"),
    "another's key": ("own.crt", "other.key", "does not belong to the certificate", "--tls-key"),
    "an encrypted key": ("locked.crt", "locked.key", "is encrypted", "--tls-key"),
    "no PEM": ("text", "own.key", "are no certificate and private key", "--tls-cert"),
    "the two swapped": ("own.key", "own.crt", "are no certificate and private key", "--tls-cert"),
}


@pytest.mark.parametrize("name", FILES)
def test_files_that_do_not_fit(tmp_path: Path, name: str) -> None:
    for made, password in (("own", None), ("other", None), ("locked", b"hunter2")):
        make(tmp_path, made, password)
    (tmp_path / "text").write_text("hello")
    cert, key, said, option = FILES[name]
    with pytest.raises(BadInput, match=said) as refused:
        Tls(tmp_path / cert, tmp_path / key).context()
    assert refused.value.place is not None
    assert (refused.value.place.column, bool(refused.value.zh), bool(refused.value.fix)) == (
        option,
        True,
        True,
    )


SOUND = Settings(
    Path("/h"), Path("/c"), uri="bolt+s://db:7687", password=LONG, issuer="https://exchange.example"
)
PLAIN, SELF, BEHIND = (
    Stand("0.0.0.0"),
    Stand("0.0.0.0", Tls(Path("c"), Path("k"))),
    Stand("127.0.0.1", None, True),
)
REFUSED = {
    "plain to all": (PLAIN, SOUND, "plain HTTP"),
    "plain to a name": (Stand("exchange.example"), SOUND, "plain HTTP"),
    "plain to an address": (Stand("192.0.2.7"), SOUND, "plain HTTP"),
    "plain by IPv6": (Stand("::"), SOUND, "plain HTTP"),
    "a proxy without a name": (BEHIND, replace(SOUND, issuer=None), "https URL"),
    "a proxy before plain HTTP": (BEHIND, replace(SOUND, issuer="http://127.0.0.1"), "https URL"),
    "every address without a name": (SELF, replace(SOUND, issuer=None), "https URL"),
    "plain Bolt": (SELF, replace(SOUND, uri="bolt://db:7687"), "without encryption"),
    "plain routing": (BEHIND, replace(SOUND, uri="neo4j://10.0.0.7"), "without encryption"),
    **{
        f"password {word!r}": (SELF, replace(SOUND, password=word), "password")
        for word in (
            "",
            "neo4j",
            "password",
            "Password12345678",
            "huren",
            "changeme!!!!",
            "neo4j2026202620",
            "kX3-vq9",
        )
    },
}
ALLOWED = {
    "loopback": (Stand("127.0.0.1"), replace(SOUND, uri="bolt://db", password="neo4j", issuer=None)),
    "localhost": (Stand("localhost"), replace(SOUND, uri=None, password="", issuer=None)),
    "IPv6 loopback": (Stand("::1"), replace(SOUND, uri=None, password="", issuer=None)),
    "TLS": (SELF, SOUND),
    "TLS under its own name": (replace(SELF, host="exchange.example"), replace(SOUND, issuer=None)),
    "a proxy": (BEHIND, SOUND),
    "the local database": (SELF, replace(SOUND, uri=None, password="")),
    "plain Bolt here": (SELF, replace(SOUND, uri="bolt://127.0.0.1:7687")),
    "a database that signed itself": (SELF, replace(SOUND, uri="neo4j+ssc://db")),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_started(name: str) -> None:
    stand, settings, said = REFUSED[name]
    with pytest.raises(BadInput, match=said) as refused:
        asyncio.run(serve(settings, stand, 0, Size()))
    assert re.search(r"[\u4e00-\u9fff]", refused.value.zh)
    assert re.search(r"[\u4e00-\u9fff]", refused.value.fix_zh)
    assert refused.value.fix


@pytest.mark.parametrize("name", ALLOWED)
def test_what_may_start(name: str) -> None:
    stand, settings = ALLOWED[name]
    stand.check(settings)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--host", "0.0.0.0"], "`--tls-proxy`"),
        (["--tls-cert", "x.pem"], "one of the two is missing"),
        (["--tls-key", "x.pem"], "one of the two is missing"),
        (["--tls-cert", "x.pem", "--tls-key", "x.pem"], "cannot be read"),
        (["--tls-proxy"], "HUREN_ISSUER"),
    ],
)
def test_the_command_says_why_and_leaves_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    said: str,
) -> None:
    monkeypatch.setattr(sys, "argv", ["huren", "serve", "--port", "0", *options])
    monkeypatch.delenv("HUREN_ISSUER", raising=False)
    monkeypatch.delenv("NEO4J_URI", raising=False)
    monkeypatch.setenv("HUREN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main()
    out, err = capsys.readouterr()
    assert (ended.value.code, out) == (1, "")
    assert said in err
    assert not (tmp_path / "home").exists()
