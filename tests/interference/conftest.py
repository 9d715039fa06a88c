"""The two worlds of a run: the run's own server, and a second one with little memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal

from huren.auth.keys import local_keys
from huren.graph.database import Address
from huren.graph.local import LocalOptions
from tests.interference.twins import Twins, twins

T = TypeVar("T")


@dataclass
class Both:
    """The two worlds, and the event loop that they live on."""

    portal: BlockingPortal
    twins: Twins

    def run(self, call: Any, *args: Any, **rest: Any) -> Any:
        """The answer of an async function, waited for."""
        return self.portal.call(lambda: call(*args, **rest))


@pytest.fixture(scope="package")
def both(
    address: Address, local_options: LocalOptions, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Both]:
    """Two worlds with the reference data."""
    second = replace(local_options, home=tmp_path_factory.mktemp("second"), heap="512m")
    keys = local_keys(tmp_path_factory.mktemp("keys"))
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(twins([address, second], keys)) as two,
    ):
        yield Both(portal, two)
