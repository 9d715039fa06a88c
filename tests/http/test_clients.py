"""`huren client` and `huren token-key`: what the operator of a home does, and what comes of it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx2 import ASGITransport, AsyncClient
from joserfc.jwk import ECKey, OctKey

from huren.app import create_app
from huren.auth.authority import Authority
from huren.auth.keys import Keys, local_keys
from huren.auth.scopes import ALL_SCOPES, EXCHANGE_ADMINISTER, REFERENCE_WRITE
from huren.commands import clients as commands
from huren.commands import token_keys
from huren.errors import BadInput, Conflict, NotFound
from huren.graph import clients
from huren.graph.database import Address
from huren.resolvers.context import Exchange
from huren.settings import Settings
from tests.http.integrator import ISSUER, Integrator


@pytest.fixture
def home(address: Address, exchange: Exchange) -> Settings:
    """The settings of a home on the run's database."""
    keys = exchange.keys.home
    return Settings(keys, keys, address.uri, address.user, address.password)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    """The keys of a home that no other file turns."""
    return local_keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture
async def http(exchange: Exchange) -> AsyncIterator[AsyncClient]:
    """The service, as it is served at ISSUER."""
    transport = ASGITransport(create_app(exchange, Authority(ISSUER)), raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url=ISSUER) as client:
        yield client


def printed(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    lines = capsys.readouterr().out.splitlines()
    return dict(line.split("=", 1) for line in lines)


async def test_a_client_is_made_rotated_and_disabled(
    home: Settings, exchange: Exchange, http: AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    await commands.create(home, "first", None, ["query:adhoc product:read"], None, False)
    made = printed(capsys)
    client = await clients.get(exchange.database, made["client_id"])
    assert (client.org, client.scopes) == ("admin", {"query:adhoc", "product:read"})
    assert made["client_secret"] not in repr(client)
    assert (client.secret_hash or "").startswith("$argon2id$")
    caller = Integrator(http, client, made["client_secret"])
    assert (await caller.call(await caller.access_token())).status_code == 200

    await commands.rotate_secret(home, client.id)
    fresh = Integrator(http, client, printed(capsys)["client_secret"])
    assert (await caller.token()).status_code == 401
    assert (await fresh.token()).status_code == 200

    await commands.list_all(home)
    listed = capsys.readouterr().out
    assert f"{client.id}  admin  client_secret  active  first  product:read query:adhoc" in listed
    assert "argon2" not in listed
    await commands.disable(home, client.id)
    assert (await fresh.token()).status_code == 401


async def test_what_a_client_of_another_organisation_holds(
    home: Settings, exchange: Exchange, capsys: pytest.CaptureFixture[str]
) -> None:
    await commands.create(home, "usual", "acme", [], None, False)
    usual = await clients.get(exchange.database, printed(capsys)["client_id"])
    assert not usual.scopes & {EXCHANGE_ADMINISTER, REFERENCE_WRITE}
    await commands.create(home, "more", "acme", [REFERENCE_WRITE], None, True)
    more = await clients.get(exchange.database, printed(capsys)["client_id"])
    assert (more.scopes, more.dpop) == ({REFERENCE_WRITE}, True)
    await commands.create(home, "all", None, [], None, False)
    assert (await clients.get(exchange.database, printed(capsys)["client_id"])).scopes == ALL_SCOPES


async def test_a_client_that_signs_has_no_secret(
    home: Settings, exchange: Exchange, http: AsyncClient, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = ECKey.generate_key("P-256")
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps({"keys": [key.as_dict(private=False)]}))
    await commands.create(home, "signs", "acme", [], file, False)
    made = printed(capsys)
    assert list(made) == ["client_id"]
    client = await clients.get(exchange.database, made["client_id"])
    assert (await Integrator(http, client, "", key).token()).status_code == 200
    with pytest.raises(Conflict, match="has no secret"):
        await commands.rotate_secret(home, client.id)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"keys": []}',
        '{"keys": [1]}',
        json.dumps({"keys": [ECKey.generate_key("P-256").as_dict(private=True)]}),
        json.dumps({"keys": [OctKey.generate_key(256).as_dict()]}),
        '{"keys": [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}]}',
    ],
    ids=["nothing", "a list", "no keys", "a number", "private", "symmetric", "no point"],
)
def test_keys_that_are_none_are_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "jwks.json").write_text(content)
    with pytest.raises(BadInput, match=r"jwks\.json"):
        commands.read_jwks(tmp_path / "jwks.json")


async def test_what_is_wrong_is_said(home: Settings) -> None:
    with pytest.raises(BadInput, match="no scope `root`"):
        await commands.create(home, "x", None, ["root"], None, False)
    with pytest.raises(BadInput, match="name of a client"):
        await commands.create(home, "a\nb", None, [], None, False)
    with pytest.raises(NotFound, match="no client `nobody`"):
        await commands.disable(home, "nobody")
    with pytest.raises(NotFound, match="no client `nobody`"):
        await commands.rotate_secret(home, "nobody")
    with pytest.raises(BadInput, match="1 to 86,400"):
        await token_keys.rotate(home, 0)


async def test_a_key_is_published_before_it_signs(
    home: Settings, http: AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    await token_keys.rotate(home, 600)
    kid = capsys.readouterr().out.split()[0]
    keys = (await http.get("/oauth/jwks")).json()["keys"]
    assert kid in {key["kid"] for key in keys}
    with pytest.raises(Conflict, match="waits already"):
        await token_keys.rotate(home, 600)
    token_keys.list_all(home)
    assert len(capsys.readouterr().out.splitlines()) == 2
