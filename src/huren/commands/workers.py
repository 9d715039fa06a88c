"""The workers of `huren serve` as their keeper sees them: started, watched, replaced, stopped."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from math import inf
from pathlib import Path

from prometheus_client.multiprocess import mark_process_dead

from huren.commands.console import tell
from huren.commands.memory import MIB, resident
from huren.commands.worker import LONGEST_END, READY, Orders
from huren.graph.model.text import Text
from huren.http.metrics import FOLDER

LOOK = 1.0
"""Seconds between two looks at a worker's memory."""
SILENT = 30.0
"""Seconds without a beat after which a worker hangs."""
SETTLED = 2.0
"""Seconds after which a worker has not failed to start."""
PAUSES = (0.2, 10.0)
"""Shortest and longest pause, in seconds, before a worker whose predecessor had not settled."""


class Worker:
    """One process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process, self.pid = process, process.pid
        self.old = False
        self._heard = inf

    @classmethod
    async def start(cls, orders: Orders, folder: Path) -> Worker:
        """Start one, which counts in ``folder``.

        It has a session of its own, so that Ctrl-C reaches the keeper alone.
        """
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "huren.commands.worker"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=(orders.listener,),
            start_new_session=True,
            env={**os.environ, FOLDER: str(folder)},
        )
        assert process.stdin is not None
        process.stdin.write(orders.line())  # stays open: its end tells the worker that we are gone
        return cls(process)

    async def ready(self) -> bool:
        """Wait until it answers, True, or has ended, False."""
        if await self._hear() == READY:
            return True
        await self._process.wait()
        return False

    async def due(self, most: int) -> Text | None:
        """Wait until it is to be replaced, and say why, or until it has ended, None.

        ``most``: bytes that it may hold.
        """
        hearing = asyncio.create_task(self._listen())
        try:
            while self._process.returncode is None:
                if why := self._why(most):
                    return why
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._process.wait(), LOOK)
            return None
        finally:
            hearing.cancel()

    def _why(self, most: int) -> Text | None:
        """Why it is to be replaced."""
        if self.old:
            return Text(zh="按要求更换", en="is renewed as told")
        if resident(self.pid) > most:
            return Text(zh=f"占用内存超过 {most // MIB} MiB", en=f"holds more than {most // MIB} MiB")
        if time.monotonic() - self._heard > SILENT:
            return Text(zh=f"已 {SILENT:g} 秒无响应", en=f"has hung for {SILENT:g} s")
        return None

    async def _listen(self) -> None:
        while await self._hear():
            pass

    async def _hear(self) -> bytes:
        """What it says next; nothing once it has ended."""
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        self._heard = time.monotonic()
        return line

    async def stop(self) -> None:
        """Let it finish what is in flight; end it when that takes too long."""
        with suppress(ProcessLookupError):
            self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), LONGEST_END)
        except TimeoutError:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()

    def end(self) -> Text:
        """How it ended."""
        code = self._process.returncode or 0
        if code < 0:
            return Text(zh=f"被信号 {-code} 终止", en=f"was ended by signal {-code}")
        return Text(zh=f"已退出(状态 {code})", en=f"ended with status {code}")


class Workers:
    """So many at a time on one socket. Whoever ends or grows too large has a successor."""

    def __init__(self, orders: Orders, folder: Path) -> None:
        """``folder``: where they count, for /metrics."""
        self._folder = folder
        self._orders, self._most = orders, orders.memory * MIB
        self._living: set[Worker] = set()
        self._stopping: set[asyncio.Task[None]] = set()

    async def run(self, all_ready: Callable[[], None]) -> None:
        """Keep them until cancelled; then let each finish what is in flight."""
        filled = [asyncio.Event() for _ in range(self._orders.workers)]
        try:
            async with asyncio.TaskGroup() as places:
                for place in filled:
                    places.create_task(self._keep(place))
                for place in filled:
                    await place.wait()
                all_ready()
        finally:
            for worker in list(self._living):
                self._let_go(worker)
            await asyncio.gather(*self._stopping)

    def renew(self) -> None:
        """Replace every worker, as with a renewed certificate."""
        for worker in self._living:
            worker.old = True

    async def _keep(self, filled: asyncio.Event) -> None:
        """One place: a worker in it, and the next one ready before one that is due is let go."""
        pause, leaving, orders = 0.0, None, self._orders
        while True:
            worker = await self._start(orders)
            orders, since, why = replace(orders, again=True), inf, None
            if await worker.ready():
                filled.set()
                since = time.monotonic()
                if leaving:
                    self._let_go(leaving)
                why = await worker.due(self._most)
                leaving = worker if why else None
            if why is None:
                why = self._bury(worker)
            _tell(worker, why)
            pause = 0.0 if time.monotonic() - since > SETTLED else min(max(2 * pause, PAUSES[0]), PAUSES[1])
            await asyncio.sleep(pause)

    async def _start(self, orders: Orders) -> Worker:
        """A new worker, once the system has room for one."""
        while True:
            try:
                worker = await Worker.start(orders, self._folder)
            except OSError as error:
                why = error.strerror or type(error).__name__
                tell(Text(zh=f"无法启动工作进程:{why}", en=f"no worker can be started: {why}"))
                await asyncio.sleep(LOOK)
            else:
                self._living.add(worker)
                return worker

    def _let_go(self, worker: Worker) -> None:
        """Begin to stop ``worker``; :meth:`run` waits for the end of that."""
        self._living.discard(worker)
        task = asyncio.create_task(self._stop(worker))
        self._stopping.add(task)
        task.add_done_callback(self._stopping.discard)

    async def _stop(self, worker: Worker) -> None:
        await worker.stop()
        self._bury(worker)

    def _bury(self, worker: Worker) -> Text:
        """Forget a worker that has ended; how it did."""
        self._living.discard(worker)
        mark_process_dead(worker.pid, self._folder)
        return worker.end()


def _tell(worker: Worker, why: Text) -> None:
    tell(
        Text(
            zh=f"工作进程 {worker.pid} {why.zh},由新进程接替",
            en=f"worker {worker.pid} {why.en}; another takes its place",
        )
    )
