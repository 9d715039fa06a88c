"""Whole systems beside bw2calc, which solves them by other means and was written by others."""

from __future__ import annotations

import numpy as np
import pytest

from bench.brightway import rounded, scores
from bench.graphs import Graph, core, local, sectors
from huren.graph.network.network import Network

pytestmark = pytest.mark.slow  # bw2calc brings pandas with it


@pytest.mark.parametrize(
    "graph",
    [sectors(1_000, seed=3), core(300, seed=3), local(1_000, seed=3)],
    ids=["sectors", "core", "local"],
)
def test_footprints_are_those_of_bw2calc(graph: Graph) -> None:
    """Units spread over eleven decades and loops of nearly all products; amounts as its 32 bits hold them."""
    graph = rounded(graph)
    x = Network.of_matrix(graph.matrix).solve(graph.own)
    asked = np.random.default_rng(5).integers(0, graph.size, 5).tolist()
    assert x[asked] == pytest.approx(scores(graph, asked), rel=1e-9)
