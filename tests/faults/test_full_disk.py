"""A full disk: red and 503 while it lasts, well by itself afterwards, and nothing lost."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from httpx2 import AsyncClient, Timeout

from huren.graph.connect import connect
from huren.graph.local import LocalOptions
from tests.faults.load import check, check_refusals, readiness, resumed, writing
from tests.faults.served import serving

SIZE = 700 << 20
ROOM = 20_000
"""Bytes that are left: enough for a few writes."""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, in memory."""
    folder = tmp_path / "disk"
    folder.mkdir()
    with suppress(OSError):
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)],
            capture_output=True,
            check=False,
        )
        if made.returncode == 0:
            yield folder
            subprocess.run(["umount", "-l", str(folder)], check=True)
            return
    pytest.skip("only the superuser may mount a small disk here")


def fill(folder: Path) -> Path:
    """Leave hardly anything of it; others write meanwhile."""
    ballast = folder / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while (left := shutil.disk_usage(folder).free - ROOM) > 0:
            file.write(bytes(min(left, 1 << 20)))
    return ballast


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="mounts a tmpfs")
async def test_a_full_disk_loses_nothing(local_options: LocalOptions, small_disk: Path) -> None:
    options = replace(local_options, home=small_disk / "home")
    with serving(options) as served:
        async with (
            AsyncClient(base_url=served.url, timeout=Timeout(10)) as http,
            writing(http, served.token) as history,
        ):
            ballast = fill(small_disk)
            acknowledged = len(history.acknowledged)
            red = await readiness(http, 503, 30)
            more = len(history.acknowledged) - acknowledged
            ballast.unlink()
            green = await readiness(http, 200, 60)
            back = await resumed(history, 30)
        print(f"\n{more} writes until it was full, red {red:.1f} s after it was filled")
        print(f"ready {green:.1f} s after there was room again, writes {back:.1f} s later; {history.said()}")
        check_refusals(history)
        async with connect(options) as database:
            await check(database, history)
