"""Whole systems beside bw2calc, which solves them by other means and was written by others."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest

from bench.graphs import core, local, sectors
from huren.graph.network.network import Network

pytestmark = pytest.mark.slow  # bw2calc brings pandas with it

GRAPHS = {"sectors": (sectors, 1_000), "core": (core, 300), "local": (local, 1_000)}


@pytest.mark.parametrize("name", GRAPHS)
def test_footprints_are_those_of_bw2calc(name: str) -> None:
    """Units spread over eleven decades and loops of nearly all products; amounts as its 32 bits hold them."""
    brightway = import_module("bench.brightway")
    make, size = GRAPHS[name]
    graph = brightway.rounded(make(size, seed=3))
    x = Network.of_matrix(graph.matrix).solve(graph.own)
    asked = np.random.default_rng(5).integers(0, graph.size, 5).tolist()
    assert x[asked] == pytest.approx(brightway.scores(graph, asked), rel=1e-9)
