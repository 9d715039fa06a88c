"""The one door to Neo4j: every call under a deadline, here and in the server.

A frozen server does not answer and does not hang up, so each call runs under ``asyncio.timeout`` and
each transaction also carries a shorter timeout of its own, after which the server stops it.  Errors that
pass are retried here: the driver would wait a second after the first one, and go on for as long as a server
that is gone may take.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from random import random
from typing import Any, LiteralString, TypeVar
from urllib.parse import urlsplit

from neo4j import (
    READ_ACCESS,
    WRITE_ACCESS,
    AsyncDriver,
    AsyncGraphDatabase,
    AsyncManagedTransaction,
    AsyncResult,
    AsyncSession,
    NotificationMinimumSeverity,
    Query,
    unit_of_work,
)
from neo4j.exceptions import (
    AuthError,
    ClientError,
    ConfigurationError,
    ConnectionPoolError,
    DatabaseError,
    DriverError,
    IncompleteCommit,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
    TransientError,
)

from huren.errors import BadInput, Unavailable
from huren.graph.circuit import Circuit
from huren.graph.handshake import refusal

Row = dict[str, Any]
T = TypeVar("T")
Work = Callable[[AsyncManagedTransaction], Awaitable[T]]

# What the driver would print about a server that is gone reaches the caller as Unavailable.
logging.getLogger("neo4j").addHandler(logging.NullHandler())

READY = "RETURN 1 AS one"
_PROBE_SECONDS = 2.0
_PAUSE = 0.02  # seconds after the first error that passes; twice as long after each further one
_RECONNECTS = 2
_NOT_RUN = (
    "Neo.ClientError.Transaction.TransactionTimedOut",
    "Neo.ClientError.Transaction.TransactionNotFound",
    "Neo.ClientError.Database.",
)
_SCHEMES = {"bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc"}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a Neo4j listens and who we are there."""

    uri: str
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds a call may take, and the shorter time after which the server stops its transaction.

    A bulk statement is one batch of an UNWIND.
    """

    call: float = 5.0
    statement: float = 4.0
    bulk_call: float = 120.0
    bulk_statement: float = 110.0


class OutcomeUnknown(Unavailable):
    """The database may or may not have written; send the same write again with the same key."""


class Database:
    """A pool of connections to one Neo4j, behind a circuit breaker.

    Every method raises :class:`Unavailable` when the server does not answer within the deadline (the
    connection is then dropped), or at once while the circuit is open, and writes raise
    :class:`OutcomeUnknown` where the commit may have happened.  Errors in the Cypher itself and violated
    constraints stay the driver's exceptions.
    """

    def __init__(self, driver: AsyncDriver, deadlines: Deadlines) -> None:
        self._driver, self.deadlines = driver, deadlines
        # One manager for all sessions: on a cluster a read then sees this process's last write.
        self._bookmarks = AsyncGraphDatabase.bookmark_manager()
        self.circuit = Circuit(self._probe)

    @classmethod
    async def open(cls, address: Address, deadlines: Deadlines | None = None) -> Database:
        """Connect and run one query.  Raises BadInput for a wrong address or password."""
        limits = deadlines or Deadlines()
        if urlsplit(address.uri).scheme not in _SCHEMES:
            raise _bad_address(address.uri)
        try:
            driver = AsyncGraphDatabase.driver(
                address.uri,
                auth=(address.user, address.password),
                connection_timeout=limits.statement,
                connection_acquisition_timeout=limits.call,
                max_transaction_retry_time=0,
                notifications_min_severity=NotificationMinimumSeverity.OFF,
                telemetry_disabled=True,
            )
        except (ConfigurationError, ValueError) as e:
            raise _bad_address(address.uri) from e
        database = cls(driver, limits)
        try:
            await database.read(READY)
        except BaseException as e:
            await database.close()
            raise refusal(address.uri, e) or e from e.__cause__
        return database

    async def read(self, query: LiteralString, **params: Any) -> list[Row]:
        """The rows of one query in a read transaction: return values, not nodes."""
        return await self._one(query, params, self.deadlines.call, self.deadlines.statement)

    async def read_with(self, work: Work[T]) -> T:
        """Run several statements in one read transaction.  ``work`` may run more than once."""
        return await self._run(READ_ACCESS, work, self.deadlines.call, self.deadlines.statement)

    async def read_bulk(self, query: LiteralString, **params: Any) -> list[Row]:
        """As :meth:`read`, under the longer deadlines of bulk statements."""
        return await self._one(query, params, self.deadlines.bulk_call, self.deadlines.bulk_statement)

    async def write_with(self, work: Work[T]) -> T:
        """Run ``work`` in one write transaction.  It may run more than once and must do nothing else."""
        return await self._run(WRITE_ACCESS, work, self.deadlines.call, self.deadlines.statement)

    async def bulk_with(self, work: Work[T]) -> T:
        """As :meth:`write_with`, under the longer deadlines of bulk statements."""
        return await self._run(WRITE_ACCESS, work, self.deadlines.bulk_call, self.deadlines.bulk_statement)

    async def bulk(
        self,
        query: LiteralString,
        rows: Iterable[Any],
        *,
        batch: int = 5_000,
        done: Callable[[int], None] | None = None,
        **params: Any,
    ) -> int:
        """Run ``UNWIND $rows …`` batch by batch, each in a transaction of its own; return the row count.

        ``done`` is told the rows of each batch once they are committed.
        """
        source, total = iter(rows), 0
        while chunk := _Batch(islice(source, batch)):
            await self.bulk_with(partial(rows_of, query=query, rows=chunk, **params))
            total += len(chunk)
            if done:
                done(len(chunk))
        return total

    async def alter(self, statement: LiteralString) -> None:
        """Run one schema statement (constraint or index), in a transaction that Neo4j opens itself."""
        async with (
            self._call(self.deadlines.bulk_call, OutcomeUnknown),
            self._session(WRITE_ACCESS) as session,
        ):
            await (await session.run(statement)).consume()

    async def ready(self) -> bool:
        """Does the server answer a real query within two seconds?"""
        with suppress(Unavailable):
            await self._probe()
            return not self.circuit.is_open
        return False

    async def close(self) -> None:
        """Close every connection; a server that does not answer is not waited for."""
        await self.circuit.stop()
        with suppress(TimeoutError, DriverError, OSError):
            async with asyncio.timeout(self.deadlines.call):
                await self._driver.close()

    async def _one(self, query: LiteralString, params: Row, call: float, statement: float) -> list[Row]:
        """One statement in a transaction that Neo4j opens and ends itself: one exchange of messages."""
        timed = Query(query, timeout=statement)

        async def asked() -> list[Row]:
            async with self._session(READ_ACCESS) as session:
                return await _listed(await session.run(timed, params))

        async with self._call(call, Unavailable):
            return await _persistent(asked, statement)

    async def _run(self, access: str, work: Work[T], call: float, statement: float) -> T:
        timed, reads = unit_of_work(timeout=statement)(work), access == READ_ACCESS
        unanswered = Unavailable if reads else OutcomeUnknown
        async with self._call(call, unanswered), self._session(access) as session:
            execute = session.execute_read if reads else session.execute_write
            return await _persistent(lambda: execute(timed), statement)

    async def _probe(self) -> None:
        seconds = min(_PROBE_SECONDS, self.deadlines.call)
        async with _translated(Unavailable), asyncio.timeout(seconds), self._session(READ_ACCESS) as session:
            await (await session.run(READY)).consume()

    @asynccontextmanager
    async def _call(self, seconds: float, unanswered: type[Unavailable]) -> AsyncIterator[None]:
        """Under a deadline, behind the circuit, which hears where no answer came.

        When the time is up the session inside is cancelled, which drops its connection instead of waiting.
        """
        await self.circuit.admit()
        try:
            async with _translated(unanswered), asyncio.timeout(seconds):
                yield
        except Unavailable as error:
            if not isinstance(error.__cause__, ClientError | TransientError):  # these are answers too
                self.circuit.suspect()
            raise

    def _session(self, access: str) -> AsyncSession:
        return self._driver.session(default_access_mode=access, bookmark_manager=self._bookmarks)


class _Batch(list[Any]):
    """Rows as a parameter. The driver writes out every parameter for its debug log, whether or not it is on:
    a sixth of the time of a bulk write.
    """

    def __repr__(self) -> str:
        return f"[{len(self)} rows]"


async def rows_of(tx: AsyncManagedTransaction, query: LiteralString, **params: Any) -> list[Row]:
    """All rows of one statement inside a transaction."""
    return await _listed(await tx.run(query, params))


async def _listed(result: AsyncResult) -> list[Row]:
    return [dict(record) async for record in result]


async def _persistent(run: Callable[[], Awaitable[T]], seconds: float) -> T:
    """``run``, and again after an error that passes: for ``seconds``, or _RECONNECTS times where the
    connection was lost.
    """
    clock, lost, pause = asyncio.get_running_loop().time, 0, _PAUSE
    end = clock() + seconds
    while True:
        try:
            return await run()
        except (DriverError, Neo4jError) as error:
            lost += not isinstance(error, Neo4jError)
            if not error.is_retryable() or lost > _RECONNECTS or clock() + pause > end:
                raise
        await asyncio.sleep(pause * (0.5 + random()))  # nosec B311
        pause *= 2


@asynccontextmanager
async def _translated(unanswered: type[Unavailable]) -> AsyncIterator[None]:
    """Turn "no answer" into ``unanswered``, and a refusal that wrote nothing into Unavailable."""
    try:
        yield
    except (TimeoutError, IncompleteCommit, DatabaseError) as e:
        raise _silent(unanswered) from e
    except (TransientError, ServiceUnavailable, SessionExpired, ConnectionPoolError, OSError) as e:
        raise _silent(Unavailable) from e
    except AuthError as e:
        raise _refused() from e
    except ClientError as e:
        if _not_run(e):
            raise _silent(Unavailable) from e
        raise


def _not_run(error: ClientError) -> bool:
    """Stopped at its deadline, or met a server that was going down or not quite up: nothing was written."""
    return (error.code or "").startswith(_NOT_RUN)


def _silent(kind: type[Unavailable]) -> Unavailable:
    return kind(
        "the database did not answer in time",
        "数据库未能及时响应",
        fix="Send the same request again with the same idempotency key.",
        fix_zh="请使用同一幂等键重新发送该请求。",
    )


def _refused() -> BadInput:
    return BadInput(
        "the database refused the user name or password",
        "数据库拒绝了用户名或密码",
        fix="Set NEO4J_USERNAME and NEO4J_PASSWORD to an account of that server.",
        fix_zh="请将 NEO4J_USERNAME 和 NEO4J_PASSWORD 设为该服务器的账户。",
    )


def _bad_address(uri: str) -> BadInput:
    return BadInput(
        f"`{uri}` is not the address of a Neo4j server",
        f"“{uri}”不是 Neo4j 服务器地址",
        fix="Set NEO4J_URI to an address such as bolt://host:7687 or neo4j://host:7687.",
        fix_zh="请将 NEO4J_URI 设为 bolt://主机:7687 或 neo4j://主机:7687 形式的地址。",
    )
