"""`huren demo`: both shipped packages loaded, and the two questions answered for a PV module."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

from rich.console import Console

from huren import show
from huren.app import open_exchange
from huren.auth.principal import Principal
from huren.auth.scopes import SCOPES
from huren.commands.console import language, tell
from huren.commands.imports import CLIENT, package_files
from huren.graph.answer import RollUp
from huren.graph.model.supply import Product
from huren.graph.model.terms import Purpose
from huren.graph.model.text import Text
from huren.graph.whatif import Replace
from huren.resolvers import recognition, whatif
from huren.resolvers.context import Context, Exchange
from huren.resolvers.footprints import Question
from huren.resolvers.imports import import_package
from huren.resolvers.recognition import Case
from huren.settings import Settings

PACKAGES = ("demo", "uslci")
MODULE, GRID, WIND = "PVMOD", "EL_CN24", "EL_WIND"
CERTIFICATE = "DEMO-CFP-PV-1"
DAY = datetime(2026, 6, 1, tzinfo=UTC)
PLACES = {
    "CN-BJ": "北京 Beijing",
    "CN-SH": "上海 Shanghai",
    "EPEAT-PV": "EPEAT 光伏 PV",
    "FR-PPE2": "法国招标 French tender",
}
ILLUSTRATIVE = "示例证书与协议,不构成依据 illustrative certificates and agreements: they ground nothing"
QUERY = """{ rollUp(product: "PVMOD", gwp: AR5, allowPartial: true) { total { value unit }
    contributions(first: 3) { product { name(lang: EN) } value share } } }"""


async def demo(settings: Settings, console: Console) -> None:
    """Print the answers, and what to try next. Raises: as :func:`answers`."""
    await answers(settings, console)
    console.print("[bold]下一步 next[/]  make serve,然后 then:\n")
    console.print(_curl(), highlight=False, soft_wrap=True, markup=False)


async def answers(settings: Settings, console: Console) -> None:
    """Load the shipped packages, print both answers. Raises: what opening and importing raise."""
    async with _asking(settings) as ctx:
        for name in PACKAGES:
            await _load(ctx.exchange, name)
        await _footprints(ctx, console)
        await _standings(ctx, console)


@asynccontextmanager
async def _asking(settings: Settings) -> AsyncIterator[Context]:
    async with open_exchange(settings, tell) as exchange:
        caller = Principal(exchange.administrator, "huren-demo", frozenset(SCOPES))
        yield Context(exchange, caller, language(), "demo")


async def _load(exchange: Exchange, name: str) -> None:
    began = time.monotonic()
    with resources.as_file(resources.files("huren") / "packages" / name) as folder:
        files = package_files(Path(folder))
        done = (await import_package(exchange, files, exchange.administrator, CLIENT)).done
    took = f"{time.monotonic() - began:.1f} s"
    zh = f"数据包 {name}:写入 {done.products} 个产品,未变 {done.unchanged} 个,{took}"
    en = f"package {name}: {done.products} products written, {done.unchanged} unchanged, {took}"
    tell(Text(zh, en))


async def _footprints(ctx: Context, console: Console) -> None:
    """The module as it is, and with every input of the grid taken from wind, upstream included."""
    answer = await whatif.what_if(ctx, Question(MODULE, allow_partial=True), [Replace(GRID, WIND)])
    named = (await ctx.exchange.snapshots.current()).products
    before, after = answer.before.answer, answer.after.answer
    console.print(show.footprint(before, named))
    console.print(_instead(before, after, named), highlight=False)


def _instead(before: RollUp, after: RollUp, named: Mapping[str, Product]) -> str:
    grid, wind = (show.both(named[f"{before.product.split('/')[0]}/{code}"].name) for code in (GRID, WIND))
    change = f"[bold]{show.number(before.total)} → {show.number(after.total)} kg CO2e / kW[/]"
    label = show.unverified(after)
    return f"\n{grid}\n  ⟶ {wind},含上游 upstream included: {change}   [yellow]{label}[/]\n"


async def _standings(ctx: Context, console: Console) -> None:
    """Where the module's certificate stands, and why; then every PV certificate before every scheme."""
    console.rule(f"{CERTIFICATE}   {Purpose.LABEL}   {DAY:%Y-%m-%d}", align="left")
    for destination, name in PLACES.items():
        answer = await recognition.recognise(ctx, CERTIFICATE, Case(destination, Purpose.LABEL, DAY))
        console.print(show.decision(answer.decision, f"{name} {destination}"))
    table = await recognition.recognition_matrix(ctx, "pv_module", Case("", Purpose.LABEL, DAY), 100, "")
    console.print(show.standings(table.matrix))
    console.print(f"[bold yellow]{ILLUSTRATIVE}[/]\n")


def _curl() -> str:
    return f"""curl http://127.0.0.1:8000/graphql \\
  -H "authorization: Bearer $(.venv/bin/huren token mint)" \\
  -H "content-type: application/json" \\
  -d '{json.dumps({"query": " ".join(QUERY.split())})}'
"""
