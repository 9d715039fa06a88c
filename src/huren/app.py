"""Where the parts are wired together, and nowhere else: settings to exchange, exchange to application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from huren.auth.administrator import ADMINISTRATOR
from huren.auth.keys import Keys, local_keys
from huren.auth.seal_keys import SealKeys
from huren.errors import NotFound
from huren.graph import organisations, reference, regions, seals
from huren.graph.connect import connect
from huren.graph.database import Database
from huren.graph.jars import Progress
from huren.graph.leftovers import clean_up
from huren.graph.model.text import Text
from huren.graph.revision import utc_now
from huren.graph.supply import Snapshots
from huren.graph.writing import Write, write_once
from huren.http.graphql import GraphQL
from huren.http.jwks import PATH as JWKS
from huren.http.jwks import Jwks
from huren.http.mark import MarkPage
from huren.http.replies import SecurityHeaders, http_error, reply
from huren.mappings.soundness import sound
from huren.resolvers.context import Exchange
from huren.resolvers.knowledge import Knowledge
from huren.schema.build import build_schema
from huren.schema.execution import Runner
from huren.settings import Settings


def _silent(_: Text) -> None: ...


@asynccontextmanager
async def open_exchange(settings: Settings, progress: Progress = _silent) -> AsyncIterator[Exchange]:
    """The exchange of a home: its database running and migrated, its reference data as shipped.

    Cost: seconds where the local server has to start, half a second where it runs already.
    Raises: LocalDatabaseError, Unavailable, BadInput, Conflict, each saying what to do.
    """
    keys = local_keys(settings.home)
    async with connect(settings.server, settings.deadlines, progress) as database:
        await prepare(database)
        await publish_keys(database, keys.seals)
        yield exchange_over(database, keys, settings.operation)


async def prepare(database: Database) -> None:
    """Sweep what dead imports left; state the reference data as shipped, and who administers the home.

    Cost: a few reads where all is as it should be. Raises: BadInput where shipped data or rules are unsound.
    """
    shipped = sound()
    await clean_up(database)
    await regions.load(database, shipped.regions)
    await reference.load(database, [reference.Record(*statement) for statement in shipped.statements()])
    await _ensure_administrator(database)


def exchange_over(database: Database, keys: Keys, deadline: float = 8.0) -> Exchange:
    """The parts that work on a prepared database, with the clock of this machine."""
    knowledge = Knowledge(reference.References(database))
    return Exchange(database, Snapshots(database), knowledge, utc_now, keys, ADMINISTRATOR.id, deadline)


def create_app(exchange: Exchange) -> Starlette:
    """The service: ``/graphql``, ``/mark/NUMBER``, the keys of seals, ``/livez`` and ``/readyz``.

    Whatever fails is answered in JSON, or on the public page as a page.
    """
    graphql = GraphQL(exchange, Runner(build_schema(), exchange.deadline))

    async def live(_: Request) -> Response:
        return reply({"status": "alive"})

    async def ready(_: Request) -> Response:
        up = await exchange.database.ready()
        return reply({"status": "ready" if up else "the database does not answer"}, 200 if up else 503)

    return Starlette(
        routes=[
            Route("/graphql", graphql),
            Route("/mark/{number:path}", MarkPage(exchange)),
            Route(JWKS, Jwks(exchange).respond),
            Route("/livez", live),
            Route("/readyz", ready),
        ],
        middleware=[Middleware(SecurityHeaders)],
        exception_handlers={404: http_error, 405: http_error, 500: http_error},
    )


async def publish_keys(database: Database, ours: SealKeys) -> None:
    """Put the public keys of this home, and their ends, on record where they are not. Raises: BadInput."""
    ours.ensure()
    known = {key.kid: key for key in await seals.keys(database)}
    new = [key for key in ours.public() if known.get(key.kid) != key]
    if new:
        body = {"keys": [key.kid for key in new]}
        write = Write("huren", "huren", uuid4().hex, "recordSealKeys", body)
        await write_once(database, write, seals.record(new))


async def _ensure_administrator(database: Database) -> None:
    try:
        await organisations.get(database, ADMINISTRATOR.id)
    except NotFound:
        body = {"organisation": ADMINISTRATOR.id}
        write = Write("huren", "huren", uuid4().hex, "registerAdministrator", body)
        await write_once(database, write, organisations.register(ADMINISTRATOR))
