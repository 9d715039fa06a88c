"""How time and memory grow from a thousand products to a million; drawn as docs/images/growth.svg."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import eye_array
from scipy.sparse.linalg import spsolve

from bench.chart import Line, drawn
from bench.graphs import Graph, local
from bench.measure import Claim
from bench.peers import walked
from bench.rollups import FLOOR_BYTES, Solved, least
from huren.graph.network.local import hotspots

SIZES = (1_000, 10_000, 100_000, 1_000_000)
WALKED = 10_000
"""Products up to which sweeps in Python are waited for; LU gives up a tenth of that earlier."""
ASKED = 100
PICTURE = Path(__file__).parent.parent / "docs" / "images" / "growth.svg"

_Points = dict[str, dict[int, float]]


async def run() -> list[Claim]:
    """Bytes and seconds for each need at a million products, beside those at a hundred thousand."""
    Solved.of(local(30_000))  # the kernels are loaded, or compiled the first time
    points: _Points = {}
    weights = dict[int, float]()
    for size in SIZES:
        graph = local(size)
        solved = Solved.of(graph)
        weights[size] = _bytes(solved) / len(solved.network.needs.others)
        for name, seconds in _timed(graph, solved).items():
            points.setdefault(name, {})[len(graph.amount)] = seconds
    PICTURE.write_text(
        drawn("inputs", "seconds", [Line(name, line) for name, line in points.items()]), "utf-8"
    )
    cold = [seconds / needs for needs, seconds in points["all products, from loose inputs"].items()]
    note = f"{SIZES[-1]:,} products beside {SIZES[-2]:,}; 1 is linear"
    return [
        Claim("growth of time", 1 / cold[-1], 1 / cold[-2], "inputs a second", 0.5, note),
        Claim(
            "growth of memory", 1e6 / weights[SIZES[-1]], 1e6 / weights[SIZES[-2]], "inputs a MB", 0.9, note
        ),
    ]


def _timed(graph: Graph, solved: Solved) -> dict[str, float]:
    network, one = solved.network, np.ones(1)
    held = np.ones(len(network.needs.others) * FLOOR_BYTES // 8)
    asked = np.random.default_rng(1).integers(0, graph.size, ASKED).tolist()
    found = {
        "all products, from loose inputs": solved.cold,
        "all products, again": solved.warm,
        "reading every input once": least(held.sum, 5),
        "hotspots of one product": least(
            lambda: [hotspots(network, [i], one, solved.x, 1e-3) for i in asked], 3
        )
        / ASKED,
    }
    if graph.size <= WALKED:
        found["sweeps in Python"] = least(lambda: walked(graph), 1)
    if graph.size <= WALKED // 10:
        matrix = (eye_array(graph.size) - graph.matrix).tocsc()
        found["SuperLU"] = least(lambda: spsolve(matrix, graph.own), 1)
    return found


def _bytes(solved: Solved) -> int:
    """What the network and its solution hold."""
    network = solved.network
    arrays: list[NDArray[np.generic]] = [*network.needs, *network.order, network.ids, network.place]
    return sum(array.nbytes for array in (*arrays, solved.own, solved.x))
