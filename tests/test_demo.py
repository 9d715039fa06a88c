"""The demonstration, on the real server: what it prints is what it promises."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from pathlib import Path

from rich.console import Console

from huren.commands.demo import demo
from huren.graph.database import Address, Database
from huren.settings import Settings


async def test_prints_footprints_and_standings_and_again_the_same(
    settings: Settings, address: Address, database: Database, tmp_path: Path
) -> None:
    here = replace(settings, home=tmp_path, uri=address.uri, user=address.user, password=address.password)
    first, second = await _printed(here), await _printed(here)
    assert first == second
    for promised in (
        "552.06 kg CO2e / kW",
        "未经核实 unverified",
        "552.06 → 232.60 kg CO2e / kW",
        "北京 Beijing CN-BJ  认可 recognised",
        "上海 Shanghai CN-SH  认可 recognised",
        "EPEAT-PV  不认可 blocked",
        "FR-PPE2  不认可 blocked",
        "R1 (ISO/TS 14029:2022",
        "no agreement joins CN-CFP and FR-PPE2",
        "illustrative",
        "huren token mint",
    ):
        assert promised in first, promised
    assert "换算后认可" in _row(first, "CN-BJ")
    assert "不认可" in _row(first, "CN-SH")


def _row(printed: str, destination: str) -> str:
    return next(line for line in printed.splitlines() if line.startswith(f"│ {destination}"))


async def _printed(settings: Settings) -> str:
    console = Console(record=True, width=160, file=StringIO())
    await demo(settings, console)
    return console.export_text()
