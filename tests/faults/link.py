"""A TCP link to the database that can be made slow, cut in the middle of a message, or swallow everything."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace

from huren.graph.database import Address

CHUNK = 65_536


@dataclass
class Link:
    """``delay``: seconds that each chunk waits; ``hole``: nothing arrives, and nobody hangs up."""

    address: Address
    delay: float = 0.0
    hole: bool = False
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)
    _cut_after: int | None = None

    def cut(self, after: int = 0) -> None:
        """Cut every connection once ``after`` more bytes have passed: in the middle of a message."""
        self._cut_after = after

    async def plug(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, both ways."""
        host, _, port = self.address.uri.rpartition("//")[2].partition(":")
        there, here = await asyncio.open_connection(host, int(port))
        ends = {writer, here}
        self._writers |= ends
        try:
            await asyncio.gather(self._carry(reader, here), self._carry(there, writer))
        finally:
            for end in ends:
                end.close()
            self._writers -= ends

    def close(self) -> None:
        """Hang up on both sides."""
        for writer in self._writers:
            writer.transport.abort()

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while chunk := await source.read(CHUNK):
                await asyncio.sleep(self.delay)
                while self.hole:  # noqa: ASYNC110  (the test fills it again)
                    await asyncio.sleep(0.05)
                target.write(self._part(chunk))
                await target.drain()
        target.close()

    def _part(self, chunk: bytes) -> bytes:
        if self._cut_after is None:
            return chunk
        part, self._cut_after = chunk[: self._cut_after], self._cut_after - len(chunk)
        if self._cut_after <= 0:
            self._cut_after = None
            asyncio.get_running_loop().call_soon(self.close)
        return part


@asynccontextmanager
async def linked(address: Address) -> AsyncIterator[tuple[Link, Address]]:
    """The link, and the address at its near end."""
    link = Link(address)
    server = await asyncio.start_server(link.plug, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield link, replace(address, uri=f"bolt://127.0.0.1:{port}")
    finally:
        link.hole = False
        server.close()
        link.close()
