"""The circuit breaker: what opens it, that it then refuses at once, and what closes it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from huren.errors import BadInput, Unavailable
from huren.graph.circuit import Circuit


class Server:
    """What a probe meets: silence, an error, or an answer."""

    def __init__(self) -> None:
        self.says: Exception | None = None
        self.asked = 0

    async def answer(self) -> None:
        self.asked += 1
        if self.says:
            raise self.says

    def falls_silent(self) -> None:
        self.says = Unavailable("gone", "无响应")


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
async def circuit(server: Server) -> AsyncIterator[Circuit]:
    made = Circuit(server.answer, pause=0.01)
    yield made
    await made.stop()


async def turned(circuit: Circuit, *, is_open: bool) -> None:
    async with asyncio.timeout(5):
        while circuit.is_open is not is_open:  # noqa: ASYNC110  (it is the probe that turns it)
            await asyncio.sleep(0.005)


async def test_a_slow_call_alone_opens_nothing(server: Server, circuit: Circuit) -> None:
    for _ in range(100):
        circuit.suspect()
        await asyncio.sleep(0)
        await circuit.admit()
    assert 1 <= server.asked <= 100


async def test_while_open_nothing_is_sent_and_one_probe_asks(server: Server, circuit: Circuit) -> None:
    server.falls_silent()
    circuit.suspect()
    await turned(circuit, is_open=True)
    for _ in range(1_000):
        circuit.suspect()
        with pytest.raises(Unavailable, match="every half second"):
            await circuit.admit()
    await asyncio.sleep(0.1)
    assert server.asked <= 12


async def test_an_answer_closes_it_and_it_opens_again(server: Server, circuit: Circuit) -> None:
    for _ in range(2):
        server.falls_silent()
        circuit.suspect()
        await turned(circuit, is_open=True)
        server.says = None
        await turned(circuit, is_open=False)
        await circuit.admit()


async def test_a_suspicion_is_waited_for(server: Server, circuit: Circuit) -> None:
    server.falls_silent()
    circuit.suspect()
    with pytest.raises(Unavailable):
        await circuit.admit()


@pytest.mark.parametrize("error", [BadInput("no", "否"), RuntimeError("no")], ids=["ours", "other"])
async def test_an_error_is_an_answer(server: Server, circuit: Circuit, error: Exception) -> None:
    server.falls_silent()
    circuit.suspect()
    await turned(circuit, is_open=True)
    server.says = error
    await turned(circuit, is_open=False)


async def test_stopped_it_asks_no_more(server: Server, circuit: Circuit) -> None:
    server.falls_silent()
    circuit.suspect()
    await asyncio.sleep(0.05)
    await circuit.stop()
    asked = server.asked
    await asyncio.sleep(0.05)
    assert server.asked == asked
