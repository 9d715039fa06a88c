"""The roll-up of a million products in process, beside the floor of memory, limits, and other solvers.

The floor is reading every need once, 12 bytes each, at the rate of this machine in this run. All graphs are
:mod:`bench.graphs`; what is timed is the least of a few repeats, or the median and 99th hundredth of many
products drawn from a fixed seed. A peer that is a limit says so.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import eye_array
from scipy.sparse.linalg import spsolve

from bench.brightway import ADJOINT, adjoint, rounded
from bench.graphs import Graph, local, sectors
from bench.measure import Claim
from bench.peers import walked
from huren.graph.network.kept import Kept
from huren.graph.network.local import hotspots, largest_paths
from huren.graph.network.network import Certificate, Network

SIZE, SMALL, SEED = 1_000_000, 10_000, 11
ASKED, SCREENED = 300, 10_000
FLOOR_BYTES = 12


@dataclass(frozen=True, slots=True, eq=False)
class Solved:
    """A graph ordered, solved and certified, and the seconds that each took."""

    network: Network
    own: NDArray[np.float64]
    x: NDArray[np.float64]
    proven: Certificate
    cold: float
    warm: float
    proof: float

    @classmethod
    def of(cls, graph: Graph) -> Solved:
        """``cold``: from loose needs in memory to the certified x; ``warm``: x for other emissions."""
        began = time.perf_counter()
        network = Network.of(graph.size, graph.consumer, graph.supplier, graph.amount)
        own = graph.own[network.ids]
        x = network.solve(own)
        weights = network.weights(own, x)
        proven = network.certify(own, x, weights)
        cold = time.perf_counter() - began
        warm = least(lambda: network.solve(own), 7)
        return cls(network, own, x, proven, cold, warm, least(lambda: network.certify(own, x, weights), 5))


def least(action: Callable[[], object], repeats: int) -> float:
    """Seconds of the quickest run: what else the machine does only ever adds."""
    return min(_seconds(action) for _ in range(repeats))


def _seconds(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


async def run() -> list[Claim]:
    """All the figures, as rates: a ratio is how many times faster than the peer or the limit."""
    Solved.of(local(30_000))  # the kernels are loaded, or compiled the first time
    graph = local(SIZE)
    solved = Solved.of(graph)
    return [
        *_everything(graph, solved),
        *_one(solved),
        *_updates(Kept(solved.network, solved.own), solved.warm),
        *_peers(),
    ]


def _everything(graph: Graph, solved: Solved) -> list[Claim]:
    needs = len(solved.network.needs.others)
    held = np.ones(needs * FLOOR_BYTES // 8)
    floor = least(held.sum, 9)
    note = f"{graph.size:,} products, {needs:,} needs; error <= {solved.proven.error:.0e} proven"
    return [
        _faster("all products, warm", solved.warm, floor, f"{note}; peer: the floor of memory", 1 / 8),
        _faster("certificate", solved.proof, floor, "one pass; peer: the floor of memory", 1 / 8),
        _faster("all products, cold", solved.cold, 2.0, "order, solve and certificate; limit 2 s"),
    ]


def _one(solved: Solved) -> list[Claim]:
    network, own, x = solved.network, solved.own, solved.x
    needs, one = network.needs, np.ones(1)
    peaks, asked = network.peaks(own), _drawn(network.size, ASKED)

    def first_tier(i: int) -> object:
        part = slice(needs.starts[i], needs.ends[i])
        return x[i], needs.amounts[part] * x[needs.others[part]]

    tier = _each(first_tier, asked)
    spots = _each(lambda i: hotspots(network, [i], one, x, 1e-3), asked)
    paths = _each(lambda i: largest_paths(network, [i], one, own, peaks, 20), asked)
    whole = _seconds(
        lambda: _each(lambda i: hotspots(network, [i], one, x, 1e-3), _drawn(network.size, SCREENED))
    )
    return [
        _faster("total and first tier", float(np.median(tier)), 10e-6, "median; limit 10 µs"),
        _faster("hotspots at 1e-3", float(np.median(spots)), 200e-6, "median; limit 200 µs"),
        _faster("largest 20 paths", float(np.median(paths)), 200e-6, "median; limit 200 µs"),
        _faster("hotspots of 10,000", whole, 1.5, "one after the other; limit 1.5 s"),
    ]


def _updates(kept: Kept, full: float) -> list[Claim]:
    """+10 % of what a product emits. Suppliers are of the foreground; one of the core moves all there is."""
    network = kept.network
    widths = network.served.ends - network.served.starts
    largest = int(np.argmax(network.order.bounds[:, 1] - network.order.bounds[:, 0]))
    outside = np.flatnonzero(network.order.loop != largest)

    def update(i: int) -> object:
        return kept.emit([i], np.array([kept.own[i] * 1.1]))

    each = _each(update, outside[_drawn(len(outside), ASKED)].tolist())
    hub = min(_each(update, [int(np.argmax(widths))] * 5))
    proven = kept.certify()
    note = f"{ASKED} suppliers, error <= {proven.error:.0e} proven afterwards"
    return [
        _faster("update, median", float(np.median(each)), 30e-6, f"{note}; limit 30 µs"),
        _faster("update, 99 in 100", float(np.quantile(each, 0.99)), 1e-3, "limit 1 ms"),
        _faster("update of the hub", hub, full, "peer: a full solve", 1 / 1.2),
    ]


def _peers() -> list[Claim]:
    """A background that LU likes, as ecoinvent is, and a graph small enough for Python."""
    background, small = rounded(sectors()), local(SMALL)
    ours, ours_small = Solved.of(background), Solved.of(small)
    matrix = (eye_array(background.size) - background.matrix).tocsc()
    lu = _seconds(lambda: spsolve(matrix, background.own))
    python = _seconds(lambda: walked(small))
    looped = f"{background.size:,} products, one loop"
    return [
        _faster("against spsolve", ours.warm, lu, f"SuperLU; {looped}", 30.0),
        _faster("against Python", ours_small.warm, python, f"sweeps to 1e-9; {SMALL:,} products", 100.0),
        *(_adjoint(background, ours, looped) if ADJOINT else ()),
    ]


def _adjoint(graph: Graph, ours: Solved, looped: str) -> list[Claim]:
    """Every product's score by bw2calc, the numbers the same; what it does again, it factorises again."""
    first, again = adjoint(graph)
    cold, found = _seconds(first), again()
    warm = least(again, 3)
    off = float(np.max(np.abs(found / ours.x[ours.network.place] - 1)))
    note = f"adjoint of bw2calc with Pardiso; {looped}; apart by {off:.0e} at most"
    return [
        _faster("against bw2calc, first", ours.cold, cold, note, 30.0),
        _faster("against bw2calc, again", ours.warm, warm, note, 30.0),
    ]


def _drawn(size: int, count: int) -> list[int]:
    return np.random.default_rng(SEED).integers(0, size, count).tolist()


def _each(action: Callable[[int], Any], products: Sequence[int]) -> list[float]:
    return [_seconds(lambda i=i: action(i)) for i in products]


def _faster(name: str, ours: float, peer: float, note: str, aim: float = 1.0) -> Claim:
    return Claim(name, 1 / ours, 1 / peer, "a second", aim, note)
