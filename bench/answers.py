"""`rollUp` over HTTP, total and ten contributions of one of 10^5 products, at one connection.

The graph is :mod:`bench.graphs`, imported into a database of its own; each question is of another product.
It is the administrator's but for one industry, a firm's: so there are chains that are all the asker's own,
chains whose owners are noted in the log before the answer leaves, and the firm's view, cut where its
own products end.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from statistics import median

import httpx2
import numpy as np
import orjson

from bench.graphs import Graph, local
from bench.measure import Claim
from bench.served import huren, served
from huren.app import exchange_over
from huren.auth.keys import local_keys
from huren.graph.connect import connect
from huren.graph.local import LocalOptions, local_server
from huren.resolvers.imports import import_package
from huren.settings import Settings

SIZE = int(os.environ.get("BENCH_ANSWERS", "100000"))
ASKED, WARM, SEED, LIMIT = 100, 10, 11, 5e-3
FIRM = "91120116MADEM002X4"
PATIENCE = 300.0
QUERY = """query ($p: ID!) { rollUp(product: $p, allowPartial: true) {
  total { value unit }
  contributions(first: 10) { key value share product { name(lang: EN) } }
  other { count value share }
} }"""
TOTAL = "query ($p: ID!) { rollUp(product: $p, allowPartial: true) { total { value unit } } }"
WHAT_IF = """query ($p: ID!, $s: ID!) {
  whatIf(product: $p, allowPartial: true, change: [{consumer: $p, supplier: $s, amount: "0.001"}]) {
    before { total { value } } after { total { value } }
} }"""


def package(graph: Graph, administrator: str) -> dict[str, bytes]:
    """The graph as a supply package."""
    owners = [FIRM if industry == 0 else administrator for industry in graph.industry.tolist()]
    rows = zip(graph.consumer.tolist(), graph.supplier.tolist(), graph.amount.tolist(), strict=True)
    products = "".join(f"p{i},product {i},kg,{owner}\n" for i, owner in enumerate(owners))
    inputs = "".join(f"p{c},p{s},{amount!r},kg\n" for c, s, amount in rows)
    emissions = "".join(f"p{i},CO2,fossil,{kg!r}\n" for i, kg in enumerate(graph.own.tolist()))
    return {
        "datapackage.json": b'{"name": "bench", "resources": []}',
        "products.csv": ("id,name,declared_unit,owner\n" + products).encode(),
        "inputs.csv": ("consumer,supplier,amount,unit\n" + inputs).encode(),
        "emissions.csv": ("product,gas,origin,kg_per_declared_unit\n" + emissions).encode(),
    }


async def fill(home: Path, graph: Graph) -> None:
    """A home whose database holds the graph."""
    settings = replace(Settings.from_env(os.environ), uri=None, home=home)
    assert isinstance(settings.server, LocalOptions)
    async with local_server(settings.server) as address, connect(address) as database:
        exchange = exchange_over(database, local_keys(home))
        files = package(graph, exchange.administrator)
        await import_package(exchange, files, exchange.administrator, "bench")


def asked(
    client: httpx2.Client, url: str, query: str, products: Sequence[int], suppliers: Sequence[int] = ()
) -> float:
    """Seconds for an answer, median; the first ones warm it up. ``suppliers``: one of each product's."""
    took = []
    for product, supplier in zip_longest(products, suppliers):
        names = {"p": f"p{product}"} | ({} if supplier is None else {"s": f"p{supplier}"})
        body = orjson.dumps({"query": query, "variables": names})
        began = time.perf_counter()
        answer = client.post(f"{url}/graphql", content=body)
        took.append(time.perf_counter() - began)
        assert answer.status_code == 200, answer.text
        assert "errors" not in answer.json(), answer.text
    return median(took[WARM:])


def ready(client: httpx2.Client, url: str, product: int) -> None:
    """Once the graph is read and solved, which may take longer than one question may."""
    body = orjson.dumps({"query": QUERY, "variables": {"p": f"p{product}"}})
    until = time.monotonic() + PATIENCE
    while "errors" in client.post(f"{url}/graphql", content=body).json():
        assert time.monotonic() < until
        time.sleep(1)


def measured(home: Path, graph: Graph) -> list[Claim]:
    """The questions, each of products drawn from those that it is about."""
    draw, firms = np.random.default_rng(SEED), graph.industry == 0
    own, others = (draw.choice(np.flatnonzero(some), WARM + ASKED).tolist() for some in (~firms, firms))
    matrix = graph.matrix
    needing = draw.choice(np.flatnonzero(~firms & (np.diff(matrix.indptr) > 0)), WARM + ASKED)
    needed = matrix.indices[matrix.indptr[needing]].tolist()
    headers = [_headers(home), _headers(home, "--as", FIRM)]
    with (
        served(home) as url,
        httpx2.Client(headers=headers[0], timeout=PATIENCE) as all_seen,
        httpx2.Client(headers=headers[1], timeout=PATIENCE) as cut,
    ):
        ready(all_seen, url, own[0])
        return [
            _claim("rollUp, total alone", asked(all_seen, url, TOTAL, own)),
            _claim("rollUp, 10 contributions", asked(all_seen, url, QUERY, own)),
            _claim("the same, asked again", asked(all_seen, url, QUERY, own[:1] * (WARM + ASKED))),
            _claim("the same, others' data noted", asked(all_seen, url, QUERY, others)),
            _claim("the same, cut for a firm", asked(cut, url, QUERY, others)),
            _claim("whatIf, an amount changed", asked(all_seen, url, WHAT_IF, needing.tolist(), needed)),
        ]


def _headers(home: Path, *who: str) -> dict[str, str]:
    token = huren(home, "token", "mint", *who).strip()
    return {"authorization": f"Bearer {token}", "content-type": "application/json"}


def _claim(name: str, seconds: float) -> Claim:
    note = f"median {seconds * 1e3:.1f} ms; limit {LIMIT * 1e3:.0f} ms"
    return Claim(name, 1 / seconds, 1 / LIMIT, "answers/s", 1.0, note)


async def run() -> list[Claim]:
    """As answers a second, so that more is better."""
    graph = local(SIZE)
    with tempfile.TemporaryDirectory() as folder:
        await fill(Path(folder), graph)
        return await asyncio.to_thread(measured, Path(folder), graph)
