"""The first words with a local Neo4j: set its password once, and see that its database is open."""

from __future__ import annotations

import asyncio

from neo4j import AsyncDriver, AsyncGraphDatabase
from neo4j.exceptions import AuthError, DatabaseError, DriverError, Neo4jError, TransientError

from huren.graph.database import Address
from huren.graph.failures import Failure, explain
from huren.graph.home import Home, LocalDatabaseError

_USER = "neo4j"
_INITIAL = "neo4j"  # what every new Neo4j store starts with

SET_PASSWORD = "ALTER CURRENT USER SET PASSWORD FROM $old TO $new"
ANSWER = "RETURN 1"
STATUS = "SHOW DATABASE neo4j YIELD currentStatus, statusMessage"


async def sign_in(home: Home, port: int, password: str) -> Address:
    """The address of the server on ``port`` once its database answers a query.

    Raises ConnectionError when it does not yet (ask again), LocalDatabaseError when it never will.
    """
    address = Address(f"bolt://127.0.0.1:{port}", _USER, password)
    try:
        async with _driver(address.uri, password) as driver:
            await _answer(driver, home)
    except AuthError:
        await _set_password(address, home)
    except (DriverError, TransientError, OSError) as e:
        raise ConnectionError from e
    return address


async def panicked(address: Address) -> bool:
    """Does the server answer with an error of its own? After a full disk it does so until it is restarted.

    Silence is none of that: a server that is frozen or on its way up may yet be well.
    """
    try:
        async with asyncio.timeout(5), _driver(address.uri, address.password) as driver:
            await driver.execute_query(ANSWER)
    except DatabaseError:
        return True
    except (Neo4jError, DriverError, OSError, TimeoutError):
        pass
    return False


async def _answer(driver: AsyncDriver, home: Home) -> None:
    try:
        await driver.execute_query(ANSWER)
    except (Neo4jError, DriverError) as e:
        if isinstance(e, AuthError):
            raise
        status = await driver.execute_query(STATUS, database_="system")
        if any(row["statusMessage"] for row in status.records):
            raise explain(Failure.STORE, home) from e
        raise ConnectionError from e


async def _set_password(address: Address, home: Home) -> None:
    try:
        async with _driver(address.uri, _INITIAL) as driver:
            await driver.execute_query(
                SET_PASSWORD, {"old": _INITIAL, "new": address.password}, database_="system"
            )
    except AuthError as e:
        raise _other_password(home) from e
    except (DriverError, Neo4jError, OSError) as e:
        raise ConnectionError from e
    raise ConnectionError("the password is set: sign in again")


def _driver(uri: str, password: str) -> AsyncDriver:
    return AsyncGraphDatabase.driver(
        uri,
        auth=(_USER, password),
        connection_timeout=5,
        connection_acquisition_timeout=5,
        max_transaction_retry_time=0,
        telemetry_disabled=True,
    )


def _other_password(home: Home) -> LocalDatabaseError:
    return LocalDatabaseError(
        f"the password in `{home.password}` is not that of the database beside it",
        f"“{home.password}”中的密码与旁边的数据库不符",
        fix="Restore that file together with its folder, or move the folder away and import again.",
        fix_zh="请将该文件与其文件夹一并恢复,或将文件夹移走后重新导入。",
    )
