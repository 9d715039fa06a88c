"""A client of a home's server, run by the tests as a process of its own: says the address, then waits."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

from huren.graph.connect import connect
from huren.graph.local import LocalOptions


async def main(home: str, cache: str) -> None:
    async with connect(LocalOptions(Path(home), Path(cache))) as database:
        await database.read("RETURN 1")
        print("ready", flush=True)
        await asyncio.sleep(600)


if __name__ == "__main__":
    # It is ignored in what a shell started in the background, and so in all that runs the tests there.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    asyncio.run(main(*sys.argv[1:]))
