"""Bolt over TLS, against a Neo4j that wants it: who is trusted, who is not, and what is said of the rest."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from huren.errors import BadInput
from huren.graph import admin
from huren.graph.children import Child, answers, free_port
from huren.graph.connect import connect
from huren.graph.database import Address
from huren.graph.home import Home
from huren.graph.java import command, write_conf
from huren.graph.local import LocalOptions, orders
from huren.graph.model.text import Text

TLS = """
server.bolt.tls_level=REQUIRED
dbms.ssl.policy.bolt.enabled=true
dbms.ssl.policy.bolt.base_directory={folder}
dbms.ssl.policy.bolt.private_key=private.key
dbms.ssl.policy.bolt.public_certificate=public.crt
dbms.ssl.policy.bolt.client_auth=NONE
"""


@dataclass(frozen=True)
class Secured:
    """A server that speaks Bolt over TLS alone, and the certificate that it signed itself."""

    port: int
    password: str
    certificate: Path

    def at(self, scheme: str, host: str = "127.0.0.1") -> Address:
        """Its address."""
        return Address(f"{scheme}://{host}:{self.port}", "neo4j", self.password)


def certify(folder: Path) -> None:
    """A key and a certificate for this machine alone, good for an hour."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    (folder / "private.key").write_bytes(private)
    (folder / "public.crt").write_bytes(made.public_bytes(pem))


@pytest.fixture(scope="module")
async def secured(
    local_options: LocalOptions, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Secured]:
    home, folder = Home(tmp_path_factory.mktemp("tls")), tmp_path_factory.mktemp("certificates")
    home.create()
    certify(folder)
    options, password = replace(local_options, home=home.root), secrets.token_urlsafe()
    words = ("dbms", "set-initial-password", password)
    await admin.run(options, home, words, lambda _: None, Text("设置密码", "setting the password"))
    given, port = orders(options, home), free_port(0)
    write_conf(home, port)
    with (home.conf / "neo4j.conf").open("a", encoding="utf-8") as conf:
        conf.write(TLS.format(folder=folder))
    server = Child(command(home, given.java, given.jars, "512m"), home.console, home.neo4j)
    try:
        while not answers(port):
            assert server.lives(), home.console.read_text(encoding="utf-8")[-2_000:]
            await asyncio.sleep(0.1)
        yield Secured(port, password, folder / "public.crt")
    finally:
        server.stop()


@pytest.fixture
def trusted(secured: Secured, monkeypatch: pytest.MonkeyPatch) -> None:
    """The certificate is one of those that this machine trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(secured.certificate))


async def asked(address: Address) -> bool:
    """Whether a migrated database answers there."""
    async with connect(address) as database:
        return await database.read("MATCH (m:Migration) RETURN count(m) > 0 AS migrated") == [
            {"migrated": True}
        ]


async def test_a_certificate_that_signed_itself_is_taken_where_one_says_so(secured: Secured) -> None:
    assert await asked(secured.at("bolt+ssc"))


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_certificate_that_is_trusted_is_taken(secured: Secured, host: str) -> None:
    assert await asked(secured.at("bolt+s", host))


@pytest.mark.parametrize(
    ("scheme", "said", "fix"),
    [
        ("bolt+s", "the certificate of `.*` is not trusted", "SSL_CERT_FILE"),
        ("bolt", "hangs up on plain Bolt", "bolt+s://"),
    ],
)
async def test_what_does_not_fit_is_said(secured: Secured, scheme: str, said: str, fix: str) -> None:
    with pytest.raises(BadInput, match=said) as refused:
        await asked(secured.at(scheme))
    assert fix in refused.value.fix


async def test_tls_to_a_server_without_is_said_too(address: Address) -> None:
    plain = replace(address, uri=address.uri.replace("bolt://", "bolt+ssc://"))
    with pytest.raises(BadInput, match="hangs up on TLS"):
        await asked(plain)
