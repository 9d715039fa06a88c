"""How sure one footprint is: first order over all its rows, and Monte Carlo beside that of bw2calc.

The graphs are those of :mod:`bench.graphs`, every amount and emission log-normal with one spread. bw2calc is
timed over a few samples; it solves each sample's matrix by BiCGSTAB from the solution at the medians.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from math import exp
from statistics import median

import numpy as np

from bench import brightway
from bench.graphs import Graph, local, sectors
from bench.measure import Claim
from huren.graph.model.supply import GwpSet
from huren.graph.root import Root, Solved
from huren.graph.snapshot.snapshot import Draft, Snapshot
from huren.graph.system import System
from huren.graph.uncertainty.analytic import Study
from huren.graph.uncertainty.simulation import KEPT, every, largest, totals

PRODUCTS = int(os.environ.get("BENCH_PRODUCTS", "1000000"))
SD, SEED, ASKED = 0.1, 5, 20
FULL, PRUNED, THEIRS, REFERENCE = 100, 1_000, 5, 32_000
CHUNK = 10_000


def system(graph: Graph, gsd: float) -> System:
    """``graph`` as the service holds it, product i under the key of its number."""
    keys = [f"o/{i:08d}" for i in range(graph.size)]
    matrix = graph.matrix
    draft = Draft(Snapshot(), keys)
    for start in range(0, graph.size, CHUNK):
        stop = min(start + CHUNK, graph.size)
        ends = matrix.indptr[start : stop + 1].tolist()
        suppliers = [keys[s] for s in matrix.indices[ends[0] : ends[-1]].tolist()]
        amounts = matrix.data[ends[0] : ends[-1]].tolist()
        needs = [[s, "", a, "primary", "", gsd] for s, a in zip(suppliers, amounts, strict=True)]
        draft.add([
            {
                "key": keys[i],
                "revision": 1,
                "declaredUnit": "kg",
                "gas": ["CO2"],
                "kg": [float(graph.own[i])],
                "origin": ["fossil"],
                "emissionGsd": [gsd],
                "unlinkedStated": True,
                "inputs": needs[begin - ends[0] : end - ends[0]],
            }
            for i, begin, end in zip(range(start, stop), ends, ends[1:], strict=False)
        ])  # fmt: skip
    return System.of(draft.done(1, None).supply())


def study(of: System, product: int) -> Study:
    """The first-order uncertainty of one unit."""
    return Study.of([Solved.of(of, Root.of(of, product), 1.0, GwpSet.AR6)])


def seconds(action: Callable[[], object]) -> float:
    """How long it takes."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


async def run() -> list[Claim]:
    """All the figures, as rates: a ratio is how many times faster than the peer or the limit."""
    background = sectors()
    chain = system(background, exp(SD))
    found = study(chain, int(np.argmin(background.own)))
    return [_first_order(), *_samples(background, found), *_ends(found)]


def _first_order() -> Claim:
    graph = local(PRODUCTS)
    whole = system(graph, exp(SD))
    asked = np.random.default_rng(SEED).integers(0, graph.size, ASKED).tolist()
    study(whole, asked[0])
    took = median(seconds(lambda i=i: study(whole, i)) for i in asked)
    note = f"median of {ASKED} products of {graph.size:,}; limit 20 ms"
    return Claim("uncertainty, first order", 1 / took, 1 / 20e-3, "a second", 1.0, note)


def _samples(graph: Graph, found: Study) -> list[Claim]:
    root = found.solved[0].root.position
    sample = brightway.sampled(graph, root, SD, SEED)
    theirs = min(seconds(sample) for _ in range(THEIRS))
    whole, few = every(found), largest(found, KEPT)
    totals(found, whole, 20, SEED)
    full = min(seconds(lambda: totals(found, whole, FULL, SEED)) for _ in range(3)) / FULL
    pruned = min(seconds(lambda: totals(found, few, PRUNED, SEED)) for _ in range(3)) / PRUNED
    note = f"{int(whole.sum()):,} rows; peer: IterativeLCA of bw2calc"
    return [
        Claim("samples, every row", 1 / full, 1 / theirs, "a second", 25.0, note),
        Claim("samples, pruned", 1 / pruned, 1 / theirs, "a second", 1_000.0, f"{int(few.sum())} rows vary"),
    ]


def _ends(found: Study) -> list[Claim]:
    """Where 5 and 95 % lie, beside many samples of the rows that make 99.9 % of the variance."""
    sampled = totals(found, largest(found, KEPT), REFERENCE, SEED)[0]
    interval = found.uncertainty().spread.interval(0.9)
    ours = np.array([interval.low, interval.high])
    off = float(np.max(np.abs(ours / np.quantile(sampled, (0.05, 0.95)) - 1)))
    note = f"share by which 5 and 95 % are off at most, {REFERENCE:,} samples; limit 2 %"
    return [Claim("ends of the interval", 1 / off, 1 / 0.02, "", 1.0, note)]
