"""One Neo4j for the whole run; each test that asks gets it empty.

- Ask for ``database`` to get an open :class:`Database`, emptied and migrated; the test is then marked
  ``server`` by itself, and ``-m "not server"`` leaves it out.
- Write async tests and fixtures as plain ``async def``: anyio runs them, on asyncio.
- ``address`` is where the server listens, for tests that open their own connections.
- NEO4J_URI names another server for the run.  It must be empty at the start: the tests wipe it.
"""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import hypothesis
import pytest
from anyio.from_thread import start_blocking_portal

from huren.graph.connect import connect
from huren.graph.database import Address, Database
from huren.graph.home import Home
from huren.graph.local import LocalOptions, local_server
from huren.settings import Settings

# A busy machine is no failure, so no example has a deadline. HYPOTHESIS_PROFILE=thorough looks longer.
hypothesis.settings.register_profile("quick", deadline=None, max_examples=25)
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=1_000)
# tools/mutation.py: always the same examples, and no shrinking of those that a mutant fails on.
hypothesis.settings.register_profile(
    "mutation",
    deadline=None,
    max_examples=15,
    derandomize=True,
    database=None,
    phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

_OTHERS = "MATCH (n) WHERE NOT n:Migration AND NOT n:Revision RETURN count(n) AS nodes"
_EMPTY = "MATCH (n) WHERE NOT n:Migration CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS"
_START = "MERGE (r:Revision {id: 'graph'}) ON CREATE SET r.value = 0"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if {"address", "local_options"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.server)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def settings() -> Settings:
    """The environment's settings; only the folder of downloads is used as it stands."""
    return Settings.from_env(os.environ)


@pytest.fixture(scope="session")
def local_options(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> LocalOptions:
    """A home of this run alone, sharing the user's downloads."""
    options = replace(settings, uri=None, home=tmp_path_factory.mktemp("home")).server
    assert isinstance(options, LocalOptions)
    return options


@pytest.fixture(scope="session")
def address(settings: Settings, local_options: LocalOptions) -> Iterator[Address]:
    """Where the run's server listens."""
    with start_blocking_portal() as portal:
        if isinstance(settings.server, Address):
            portal.call(_refuse_to_wipe, settings.server)
            yield settings.server
        else:
            with portal.wrap_async_context_manager(local_server(local_options)) as local:
                yield local


@pytest.fixture
def jvm(address: Address, local_options: LocalOptions) -> Iterator[int]:
    """The process id of the run's server; it runs again at the end whatever the test did to it."""
    state = Home(local_options.home).read_state()
    if state is None or not address.uri.endswith(f":{state.port}"):
        pytest.skip("the server of this run is not ours to freeze")
    yield state.jvm
    os.kill(state.jvm, signal.SIGCONT)


@pytest.fixture
async def database(address: Address) -> AsyncIterator[Database]:
    """The run's database, empty but for its migrations."""
    async with connect(address) as opened:
        await opened.alter(_EMPTY)
        await opened.alter(_START)
        yield opened
        await opened.alter(_EMPTY)


async def _refuse_to_wipe(address: Address) -> None:
    async with connect(address) as opened:
        if (await opened.read(_OTHERS))[0]["nodes"]:
            pytest.exit("NEO4J_URI names a database that holds data; the tests would delete it", 2)


class Calls:
    """How many transactions the database was asked for since the last ``reset``."""

    def __init__(self) -> None:
        self.count = 0

    def reset(self) -> int:
        """The count so far, which begins anew."""
        count, self.count = self.count, 0
        return count


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """Counts calls of the database, and lets them through."""
    found, plain = Calls(), Database._call

    def counted(database: Database, *args: Any) -> Any:
        found.count += 1
        return plain(database, *args)

    monkeypatch.setattr(Database, "_call", counted)
    return found
