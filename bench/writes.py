"""What a write costs the next roll-up: solving what depends on it, beside compiling and solving all anew.

In process, on :func:`bench.graphs.local`; neither what the database takes to say what changed is in it, nor
the roll-up itself, which is the same in both. Of three writes one changes what a product emits, one how much
it needs, one adds a supplier; who is written to is drawn from a fixed seed, so that one in ten is of the
core, a loop on which all rests.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from bench.graphs import Graph, local
from bench.measure import Claim
from huren.graph.following import following
from huren.graph.snapshot.snapshot import Draft, Snapshot
from huren.graph.system import System

PRODUCTS, WRITES, SEED, CHUNK = 100_000, 150, 5, 10_000
GASES = {"gas": ["CO2", "CH4"], "origin": ["fossil", "fossil"], "unlinkedStated": True}


def key(i: int) -> str:
    """A key as long as real ones."""
    return f"9132{i % 5_000:014d}/SKU-{i:08d}"


def rows(graph: Graph) -> Iterator[dict[str, Any]]:
    """Products as the database has them, a second gas beside the first."""
    matrix = graph.matrix
    for i in range(graph.size):
        part = slice(matrix.indptr[i], matrix.indptr[i + 1])
        needs = zip(matrix.indices[part].tolist(), matrix.data[part].tolist(), strict=True)
        kg = [float(graph.own[i]), float(graph.own[i]) / 1_000]
        inputs = sorted([key(supplier), "", amount, "", "", 0.0] for supplier, amount in needs)
        yield {"key": key(i), "revision": 1, "declaredUnit": "kg", "kg": kg, "inputs": inputs, **GASES}


def snapshot_of(every: list[dict[str, Any]]) -> Snapshot:
    """All of them, as read at a start."""
    draft = Draft(Snapshot(), [row["key"] for row in every])
    for start in range(0, len(every), CHUNK):
        draft.add(every[start : start + CHUNK])
    return draft.done(1, None)


def written(every: list[dict[str, Any]], n: int, draw: random.Random) -> dict[str, Any]:
    """What the ``n``-th write states: a little more of something."""
    row = every[draw.randrange(len(every))]
    inputs = [list(one) for one in row["inputs"]]
    if n % 3 == 1 and inputs:
        inputs[0][2] *= 1.01
    elif n % 3 == 2:
        inputs.append([every[draw.randrange(len(every))]["key"], "", 1e-12, "", "", 0.0])
    kg = [row["kg"][0] * (1.1 if n % 3 == 0 else 1.0), row["kg"][1]]
    return {**row, "revision": n + 2, "kg": kg, "inputs": inputs}


def follow(snapshot: Snapshot, every: list[dict[str, Any]]) -> tuple[list[float], Snapshot, System]:
    """Seconds from what each write states until all is solved, and what there is after the last."""
    draw, seconds, system = random.Random(SEED), [], System.of(snapshot.supply())
    for n in range(WRITES):
        row = written(every, n, draw)
        began = time.perf_counter()
        draft = Draft(snapshot, [row["key"]])
        draft.add([row])
        snapshot = draft.done(n + 2, None)
        system = following(system, snapshot.supply())
        seconds.append(time.perf_counter() - began)
    return seconds, snapshot, system


async def run() -> list[Claim]:
    """As rates, so that more is better; the first write, which makes ready for all others, is apart."""
    every = list(rows(local(PRODUCTS)))
    seconds, snapshot, system = follow(snapshot_of(every), every)
    again = []
    for _ in range(3):
        began = time.perf_counter()
        anew = System.of(snapshot.supply())
        again.append(time.perf_counter() - began)
    off = float(np.abs(system.x / anew.x - 1).max())
    note = f"{PRODUCTS:,} products, {WRITES} writes, apart by {off:.0e}; peer: all compiled and solved anew"
    each = np.array(seconds[1:])

    def claim(name: str, ours: float, aim: float) -> Claim:
        return Claim(f"write followed, {name}", 1 / ours, 1 / min(again), "a second", aim, note)

    return [
        claim("median", float(np.median(each)), 10.0),
        claim("9 in 10", float(np.quantile(each, 0.9)), 1.0),
        claim("the first", seconds[0], 1.0),
    ]
