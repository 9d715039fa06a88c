"""An application without a database, for all that is decided before one is asked, and a client for it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib import resources
from pathlib import Path
from typing import Any, cast

import pytest
from httpx2 import ASGITransport, AsyncClient, Response
from starlette.applications import Starlette

from huren.app import create_app, exchange_over, prepare
from huren.auth.keys import Keys, local_keys
from huren.auth.principal import Principal
from huren.auth.scopes import ALL_SCOPES
from huren.auth.tokens import mint
from huren.commands.imports import package_files
from huren.graph.connect import connect
from huren.graph.database import Address, Database
from huren.graph.revision import utc_now
from huren.graph.supply import Snapshots
from huren.resolvers.context import Exchange
from huren.resolvers.imports import import_package
from huren.resolvers.knowledge import Knowledge

NEW = "application/graphql-response+json"
OLD = "application/json"


@dataclass
class Caller:
    """Sends requests as somebody."""

    client: AsyncClient
    keys: Keys
    token: str

    async def send(self, content: bytes, **headers: str) -> Response:
        """A body as it stands; a header named ``x_y`` is sent as ``x-y``, an empty one not at all."""
        sent = {"authorization": f"Bearer {self.token}", "content-type": OLD, "accept": NEW}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        kept = {name: value for name, value in sent.items() if value}
        return await self.client.post("/graphql", content=content, headers=kept)

    async def ask(self, query: str, variables: Mapping[str, Any] | None = None, **rest: Any) -> Any:
        """The body of the answer to a well-formed request."""
        body = {"query": query, "variables": variables, **rest}
        return (await self.send(json.dumps(body).encode())).json()

    def minted(self, org: str, *scopes: str) -> Caller:
        """The same as another organisation, or with other scopes."""
        principal = Principal(org, "test", frozenset(scopes) or ALL_SCOPES)
        return Caller(self.client, self.keys, token_for(self.keys, principal))


def token_for(keys: Keys, principal: Principal) -> str:
    """A token for ``principal`` that lives for an hour from now."""
    return mint(keys.issuer, principal, now=utc_now(), life=timedelta(hours=1))


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    """The keys of a fresh home."""
    return local_keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="session")
def token(keys: Keys) -> str:
    """The administrator's token, with all scopes."""
    return token_for(keys, Principal("admin", "test", ALL_SCOPES))


@pytest.fixture(scope="session")
def bare(keys: Keys) -> Starlette:
    """An application that has no database to ask."""
    absent = cast(Database, None), cast(Snapshots, None), cast(Knowledge, None)
    return create_app(Exchange(*absent, utc_now, keys, "admin"))


@pytest.fixture(scope="session")
async def caller(keys: Keys, bare: Starlette) -> AsyncIterator[Caller]:
    """The administrator, before an application that has no database to ask."""
    transport = ASGITransport(bare, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://huren.test") as client:
        yield Caller(client, keys, token_for(keys, Principal("admin", "test", ALL_SCOPES)))


EMPTY = "MATCH (n) WHERE NOT n:Migration CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS"
START = "MERGE (r:Revision {id: 'graph'}) ON CREATE SET r.value = 0"


@pytest.fixture(scope="module")
async def exchange(address: Address, keys: Keys) -> AsyncIterator[Exchange]:
    """An exchange with the reference data and nothing else, for the tests of one file."""
    async with connect(address) as database:
        await database.alter(EMPTY)
        await database.alter(START)
        await prepare(database)
        yield exchange_over(database, keys)
        await database.alter(EMPTY)


@pytest.fixture(scope="module")
async def admin(exchange: Exchange) -> AsyncIterator[Caller]:
    """The administrator before that exchange."""
    transport = ASGITransport(create_app(exchange), raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://huren.test") as client:
        yield Caller(client, exchange.keys, token_for(exchange.keys, Principal("admin", "test", ALL_SCOPES)))


@pytest.fixture(scope="module")
async def demo(exchange: Exchange, admin: Caller) -> Caller:
    """The administrator, with both shipped packages imported."""
    for name in ("demo", "uslci"):
        folder = Path(str(resources.files("huren.packages") / name))
        await import_package(exchange, package_files(folder), "admin", "test")
    return admin
