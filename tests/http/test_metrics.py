"""What /metrics tells, of all workers together, and whom."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from httpx2 import ASGITransport, AsyncClient, Client, get
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse
from starlette.applications import Starlette

from huren.commands import scratch
from huren.graph.database import Address
from tests.http.conftest import Caller
from tests.http.test_serve import minted, serving, url_of
from tests.http.test_workers import children, lives, until

HELLO = b'{"query": "{ __typename }"}'


class Told:
    """What was told at one time, as a parser of OpenMetrics reads it."""

    def __init__(self, text: str) -> None:
        self.families: list[Metric] = list(parse(text))
        self.samples = [sample for family in self.families for sample in family.samples]

    def __call__(self, name: str, **labels: str) -> float:
        """The sum of the samples of that name and those labels."""
        return sum(s.value for s in self.samples if s.name == name and labels.items() <= s.labels.items())


async def told(caller: Caller) -> Told:
    answer = await caller.client.get("/metrics")
    assert answer.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    return Told(answer.text)


async def test_requests_are_counted_by_class_and_nothing_else(admin: Caller) -> None:
    before = await told(admin)
    assert (await admin.send(HELLO)).status_code == 200
    assert (await admin.send(b"{")).status_code == 400
    assert (await admin.send(HELLO, authorization="Bearer x")).status_code == 401
    await admin.client.get("/livez")
    after = await told(admin)
    assert after("huren_requests_total", status="2xx") - before("huren_requests_total", status="2xx") == 1
    assert after("huren_requests_total", status="4xx") - before("huren_requests_total", status="4xx") == 2
    assert after("huren_request_seconds_count") - before("huren_request_seconds_count") == 3
    assert after("huren_cost_units_total") - before("huren_cost_units_total") == 2  # one each, at least
    assert after("huren_requests_in_flight") == 0
    assert after("huren_database_up") == 1
    assert 0 < after("huren_disk_free_ratio") < 1
    assert {name for s in after.samples for name in s.labels} == {"status", "le"}


async def test_others_find_nothing_there(bare: Starlette) -> None:
    async def body(client: AsyncClient, method: str, path: str, **headers: str) -> tuple[int, bytes]:
        answer = await client.request(method, path, headers=headers)
        return answer.status_code, answer.content

    for peer, headers in (
        ("192.0.2.7", {}),
        ("::ffff:192.0.2.7", {}),
        ("127.0.0.1", {"x-forwarded-for": "127.0.0.1"}),
        ("127.0.0.1", {"forwarded": "for=192.0.2.7"}),
    ):
        transport = ASGITransport(bare, client=(peer, 1))
        async with AsyncClient(transport=transport, base_url="http://huren.test") as client:
            for method in ("GET", "POST"):
                asked = await body(client, method, "/metrics", **headers)
                assert asked == await body(client, method, "/nothing", **headers)
                assert asked[0] == 404


def test_all_workers_are_added_up(address: Address, tmp_path: Path) -> None:
    with serving(address, tmp_path, HUREN_RATE_CLIENT="1") as process:
        url, headers = url_of(process), {"authorization": f"Bearer {minted(tmp_path)}"}
        workers, asked = children(process.pid), []
        for resting in workers:
            os.kill(resting, signal.SIGSTOP)
            with Client(headers={**headers, "content-type": "application/json"}) as client:
                asked += [client.post(f"{url}/graphql", content=HELLO).status_code for _ in range(6)]
            os.kill(resting, signal.SIGCONT)
        assert asked.count(200) == 10  # ten a window, five by each
        now = Told(get(f"{url}/metrics").text)
        assert (now("huren_requests_total"), now("huren_requests_total", status="2xx")) == (12, 10)
        assert now("huren_rate_refused_total") == 2
        resident = {s.labels["pid"]: s.value for s in now.samples if s.name == "huren_worker_resident_bytes"}
        assert set(resident) == {str(worker) for worker in workers}
        assert all(value > 50e6 for value in resident.values())
        assert now("huren_worker_restarts_total") == 0

        victim = workers.pop()
        os.kill(victim, signal.SIGKILL)
        until(lambda: Told(get(f"{url}/metrics").text)("huren_worker_restarts_total") == 1, 10)
        now = Told(get(f"{url}/metrics").text)
        assert now("huren_requests_total") == 12  # what the dead one counted stays
        assert str(victim) not in {s.labels.get("pid") for s in now.samples}


def counts(base: Path) -> set[Path]:
    return set(base.glob(f"{scratch.PREFIX}*"))


@pytest.mark.skipif(not os.access(scratch.MEMORY, os.W_OK), reason="this system has no such folder")
def test_counts_leave_nothing_behind(address: Address, tmp_path: Path) -> None:
    before = counts(scratch.MEMORY)
    with serving(address, tmp_path) as process:
        url_of(process)
        [left] = counts(scratch.MEMORY) - before
        assert left.stat().st_mode & 0o777 == 0o700
        workers = children(process.pid)
        process.kill()
        until(lambda: not any(lives(worker) for worker in workers), 15)
    assert left.exists()
    with serving(address, tmp_path) as process:
        url_of(process)
        assert not left.exists()
        assert len(counts(scratch.MEMORY) - before) == 1
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    assert counts(scratch.MEMORY) <= before


def test_what_is_in_use_or_somebody_else_s_is_not_swept(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "lock").touch()
    link = tmp_path / f"{scratch.PREFIX}link"
    link.symlink_to(elsewhere)
    with scratch.scratch(tmp_path) as first, scratch.scratch(tmp_path) as second:
        assert first != second
        assert first.is_dir()
        assert link.is_symlink()
    assert not first.exists()
    assert (elsewhere / "lock").exists()
