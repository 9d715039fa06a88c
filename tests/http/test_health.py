"""Readiness tells the truth: about a database that froze, and about the disk."""

from __future__ import annotations

import asyncio
import os
import signal
import time

import pytest
from httpx2 import AsyncClient

from huren.http import health
from tests.http.conftest import Caller


async def ready(client: AsyncClient, status: int, within: float) -> None:
    """Wait until readiness has that status."""
    for _ in range(round(10 * within)):
        if (await client.get("/readyz")).status_code == status:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"it does not become {status}")


async def test_a_frozen_database_shows_in_two_seconds(admin: Caller, jvm: int) -> None:
    await ready(admin.client, 200, 5)
    os.kill(jvm, signal.SIGSTOP)
    began = time.monotonic()
    answers = await asyncio.gather(*(admin.client.get("/readyz") for _ in range(200)))
    assert time.monotonic() - began < health.WITHIN + 1
    assert {answer.status_code for answer in answers} == {503}
    assert answers[0].json()["reason"] == "the database does not answer"
    assert answers[0].headers["retry-after"] == "1"
    assert (await admin.client.get("/livez")).status_code == 200
    os.kill(jvm, signal.SIGCONT)
    await ready(admin.client, 200, 15)


async def test_the_disk_shows(admin: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "LOW", 1.1)
    low = await admin.client.get("/readyz")
    assert (low.status_code, low.json()) == (200, {"status": "ready", "disk": "low"})
    monkeypatch.setattr(health, "FULL", 1 << 60)
    full = await admin.client.get("/readyz")
    assert full.status_code == 503
    assert full.json() == {"status": "not ready", "reason": "the disk is full", "disk": "full"}
