"""Others' software, locked by hash: openid-client as our client, oidc-provider as an issuer that we trust."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from httpx2 import ASGITransport, AsyncClient
from starlette.applications import Starlette

from huren.app import create_app
from huren.auth.authority import Authority
from huren.auth.issuers import TrustedIssuer
from huren.http.server import Server, config, listening
from huren.resolvers.context import Exchange
from tests.http.integrator import HELLO, ISSUER, claims_of, register
from tests.http.test_audits import run, tool

HERE = Path(__file__).parent / "interop"


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the programs, as locked by hash."""
    folder = tmp_path_factory.mktemp("interop")
    for file in ("package.json", "package-lock.json", "client.mjs", "issuer.mjs"):
        shutil.copy(HERE / file, folder)
    run([tool("npm"), "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"], folder)
    return folder


@asynccontextmanager
async def serving(make: Callable[[str], Starlette]) -> AsyncIterator[str]:
    """Where the application that ``make`` builds for its address answers, on this event loop."""
    with listening("127.0.0.1", 0) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = Server(config(make(url)))
        task = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:
            assert not task.done()
            await asyncio.sleep(0.01)
        try:
            yield url
        finally:
            server.should_exit = True
            await task


async def test_openid_client_is_a_client_of_ours(node: Path, exchange: Exchange) -> None:
    async with (
        serving(lambda url: create_app(exchange, Authority(url))) as url,
        AsyncClient(base_url=url) as http,
    ):
        signer = await register(http, exchange.database, signs=True)
        keeper = await register(http, exchange.database)
        assert signer.key is not None
        jwk = signer.key.as_dict(private=True) | {"kid": signer.key.thumbprint()}
        environ = {
            "ISSUER": url,
            "SIGNER": signer.client.id,
            "SIGNER_JWK": json.dumps(jwk),
            "KEEPER": keeper.client.id,
            "KEEPER_SECRET": keeper.secret,
        }
        told = await asyncio.to_thread(run, [tool("node"), "client.mjs"], node, **environ)
    assert json.loads(told) == {
        "issuer": url,
        "plain": ["bearer", 600, 200],
        "bound": ["dpop", 200],
        "stolen": "401 bearer dpop",
        "otherKey": "401 bearer dpop",
        "told": [True, f"{url}/graphql", True],
        "revoked": [False, "401 bearer dpop"],
        "posted": "bearer",
        "refused": [400, "invalid_scope"],
    }


@contextmanager
def foreign(node: Path) -> Iterator[str]:
    """Where oidc-provider answers."""
    environ = {**os.environ, "NODE_ENV": "production"}
    process = subprocess.Popen(
        [tool("node"), "issuer.mjs"],
        cwd=node,
        env=environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate(timeout=20)


async def test_tokens_of_oidc_provider_are_taken_as_the_table_says(node: Path, exchange: Exchange) -> None:
    with foreign(node) as issuer:
        scopes = frozenset({"query:adhoc", "product:read"})
        row = TrustedIssuer(
            issuer,
            "urn:huren:api",
            frozenset({"ES256"}),
            scopes,
            timedelta(minutes=15),
            organisation_claim="org",
            jwks_uri=f"{issuer}/jwks",
        )
        trusting = create_app(exchange, Authority(ISSUER, trusted={issuer: row}))
        async with AsyncClient() as out:
            asked = {"grant_type": "client_credentials", "scope": "query:adhoc exchange:administer"}
            good = await out.post(f"{issuer}/token", data=asked, auth=("partner", "partner-secret"))
            other = await out.post(
                f"{issuer}/token",
                data=asked | {"resource": "https://other.example"},
                auth=("partner", "partner-secret"),
            )
        token = good.json()["access_token"]
        assert claims_of(token)["org"] == "partner-bank"
        for app, sent, status in (
            (trusting, token, 200),
            (trusting, other.json()["access_token"], 401),
            (create_app(exchange, Authority(ISSUER)), token, 401),
        ):
            async with AsyncClient(transport=ASGITransport(app), base_url=ISSUER) as http:
                answer = await http.post("/graphql", json=HELLO, headers={"authorization": f"Bearer {sent}"})
                assert answer.status_code == status, answer.text


def test_the_lock_names_no_registry() -> None:
    lock = json.loads((HERE / "package-lock.json").read_text())
    assert all("resolved" not in package for package in lock["packages"].values())
    assert all("integrity" in package for name, package in lock["packages"].items() if name)
