"""Where the parts are wired together, and nowhere else: settings to exchange, exchange to application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from uuid import uuid4

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from huren.auth import export_table
from huren.auth.administrator import ADMINISTRATOR
from huren.auth.authority import Authority
from huren.auth.keys import Keys, local_keys
from huren.auth.seal_keys import SealKeys
from huren.auth.token_keys import TokenKeys
from huren.errors import NotFound
from huren.graph import organisations, reference, regions, seals
from huren.graph.connect import connect
from huren.graph.database import Address, Database
from huren.graph.home import Home
from huren.graph.jars import Progress
from huren.graph.leftovers import clean_up
from huren.graph.model.text import Text
from huren.graph.revision import utc_now
from huren.graph.snapshot.blob import Blob
from huren.graph.supply import Snapshots
from huren.graph.writing import Write, write_once
from huren.http.bearer import Guard
from huren.http.endpoint import Endpoint
from huren.http.foreign_keys import ForeignKeys
from huren.http.graphql import GraphQL
from huren.http.health import Health
from huren.http.jwks import PATH as JWKS
from huren.http.jwks import Jwks
from huren.http.log import PATH as CHECKPOINT
from huren.http.log import Log
from huren.http.mark import MarkPage
from huren.http.metrics import PATH as METRICS
from huren.http.metrics import Metered, Metrics
from huren.http.oauth import OAuth
from huren.http.rates import Rates
from huren.http.replies import SecurityHeaders, http_error
from huren.http.token_states import States
from huren.mappings.soundness import sound
from huren.resolvers.checkpointing import checkpointing
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
        exchange = exchange_over(database, keys, settings.operation, progress)
        async with aclosing(exchange.snapshots), checkpointing(exchange):
            yield exchange


@asynccontextmanager
async def join_exchange(settings: Settings, progress: Progress = _silent) -> AsyncIterator[Exchange]:
    """The exchange of a home that somebody else keeps open: of a server that is named.

    Raises: Unavailable, BadInput.
    """
    assert isinstance(settings.server, Address)
    keys = local_keys(settings.home)
    sound()  # in memory before the first request, as what export_table holds
    export_table.table()
    database = await Database.open(settings.server, settings.deadlines)
    exchange = exchange_over(database, keys, settings.operation, progress)
    try:
        async with aclosing(exchange.snapshots):
            yield exchange
    finally:
        await database.close()


async def prepare(database: Database) -> None:
    """Sweep what dead imports left; state the reference data as shipped, and who administers the home.

    Cost: a few reads where all is as it should be. Raises: BadInput where shipped data or rules are unsound.
    """
    shipped = sound()
    export_table.table()
    await clean_up(database)
    await regions.load(database, shipped.regions)
    await reference.load(database, [reference.Record(*statement) for statement in shipped.statements()])
    await _ensure_administrator(database)


def exchange_over(
    database: Database, keys: Keys, deadline: float = 8.0, progress: Progress = _silent
) -> Exchange:
    """The parts that work on a prepared database, with the clock of this machine."""
    knowledge = Knowledge(reference.References(database))
    snapshots = Snapshots(database, Blob(Home(keys.home).supply), progress)
    return Exchange(database, snapshots, knowledge, utc_now, keys, ADMINISTRATOR.id, deadline)


def create_app(
    exchange: Exchange, authority: Authority | None = None, endpoint: Endpoint | None = None
) -> Starlette:
    """The service: ``/graphql``, ``/oauth/…``, ``/mark/NUMBER``, the keys of seals, the probes.

    Whatever fails is answered in JSON, or on the public page as a page.
    Raises: BadInput for a trusted document that is not valid, naming its file.
    """
    chosen = endpoint or Endpoint()
    runner = Runner(build_schema(), exchange.deadline, introspection=chosen.introspection)
    trusted = runner.trust(chosen.documents) if chosen.documents else {}
    states = States(exchange.database, exchange.clock)
    guard = Guard(exchange.keys.issuer, authority or Authority(), states, ForeignKeys())
    graphql = GraphQL(exchange, runner, guard, Rates(chosen), trusted)

    health = Health(exchange.database, exchange.keys.home)
    app = Starlette(
        routes=[
            Route("/graphql", graphql),
            *OAuth(guard, TokenKeys(exchange.keys.home)).routes(),
            Route("/mark/{number:path}", MarkPage(exchange)),
            Route(JWKS, Jwks(exchange).respond),
            Route(CHECKPOINT, Log(exchange).respond),
            Route("/livez", health.live),
            Route("/readyz", health.ready),
            Route(METRICS, Metrics(health)),
        ],
        middleware=[Middleware(Metered), Middleware(SecurityHeaders)],
        exception_handlers={404: http_error, 405: http_error, 500: http_error},
    )
    app.router.redirect_slashes = False  # a redirect is no JSON, and every address has one form
    return app


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
