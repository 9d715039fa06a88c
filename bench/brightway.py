"""The same graph in bw2calc, the solver of Brightway (BSD-3-Clause): the scores of its own classes.

It keeps amounts as 32-bit floats, so that a graph that both are to agree on is rounded first
(:func:`rounded`). The adjoint scores of every product need a solver of MKL, which ``make bench`` fetches.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import bw_processing as bwp
import numpy as np
from numpy.typing import NDArray

from bench.graphs import Graph

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it says at every import which solver it would rather have
    import bw2calc
    from bw2calc import PYPARDISO

ADJOINT: bool = PYPARDISO
GWP = "gwp"
_LOGNORMAL, _EXACT = 2, 0


def rounded(graph: Graph) -> Graph:
    """``graph`` as 32-bit floats hold it."""
    return replace(graph, amount=_single(graph.amount), own=_single(graph.own))


def _single(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return values.astype(np.float32).astype(np.float64)


def scores(graph: Graph, products: Sequence[int]) -> list[float]:
    """kg behind a unit of each of ``products``, by one LU."""
    first, *others = ({product + 1: 1.0} for product in products)
    lca = bw2calc.LCA(first, data_objs=packages(graph))
    lca.lci(factorize=True)
    lca.lcia()
    found = [float(lca.score)]
    for demand in others:
        lca.lcia(demand)
        found.append(float(lca.score))
    return found


def adjoint(graph: Graph) -> tuple[Callable[[], NDArray[np.float64]], Callable[[], NDArray[np.float64]]]:
    """kg behind a unit of every product: the first time, and again."""
    lca = bw2calc.FastScoresOnlyMultiLCA(
        demands={"one": {1: 1.0}},
        method_config={"impact_categories": [GWP]},
        data_objs=packages(graph),
        direction="adjoint",
    )

    def first() -> NDArray[np.float64]:
        next(lca)
        return np.asarray(lca.product_scores).ravel()

    def again() -> NDArray[np.float64]:
        lca.calculate()
        return np.asarray(lca.product_scores).ravel()

    return first, again


def sampled(graph: Graph, product: int, sd: float, seed: int) -> Callable[[], float]:
    """A sample of the score each time, every amount and emission log-normal, by its iterative solver."""
    data = packages(graph, sd)
    lca = bw2calc.IterativeLCA({product + 1: 1.0}, data_objs=data, use_distributions=True, seed_override=seed)
    lca.lci()
    lca.lcia()

    def sample() -> float:
        next(lca)
        return float(lca.score)

    return sample


def packages(graph: Graph, sd: float = 0.0) -> list[Any]:
    """The graph and its one characterization, products numbered from 1. ``sd`` of the logarithms."""
    ids, flow = np.arange(1, graph.size + 1), graph.size + 1
    graph_package, method = bwp.create_datapackage(), bwp.create_datapackage()
    made = np.arange(graph.size + len(graph.amount)) < graph.size
    needs = _at(np.append(ids, graph.supplier + 1), np.append(ids, graph.consumer + 1))
    amounts = np.append(np.ones(graph.size), graph.amount)
    graph_package.add_persistent_vector(
        matrix="technosphere_matrix",
        indices_array=needs,
        data_array=amounts,
        flip_array=~made,
        **_distributions(amounts, ~made * sd),
    )
    graph_package.add_persistent_vector(
        matrix="biosphere_matrix",
        indices_array=_at(np.full(graph.size, flow), ids),
        data_array=graph.own,
        **_distributions(graph.own, np.full(graph.size, sd)),
    )
    one = np.full(1, flow)
    method.add_persistent_vector(
        matrix="characterization_matrix",
        indices_array=_at(one, one),
        data_array=np.ones(1),
        identifier=GWP,
    )
    return [graph_package, method]


def _at(rows: NDArray[Any], columns: NDArray[Any]) -> NDArray[Any]:
    found = np.empty(len(rows), dtype=bwp.INDICES_DTYPE)
    found["row"], found["col"] = rows, columns
    return found


def _distributions(values: NDArray[np.float64], spread: NDArray[np.float64]) -> dict[str, NDArray[Any]]:
    if not spread.any():
        return {}
    found = np.full(len(values), np.nan, dtype=bwp.UNCERTAINTY_DTYPE)
    found["uncertainty_type"] = np.where(spread > 0, _LOGNORMAL, _EXACT)
    found["loc"] = np.where(spread > 0, np.log(values), values)
    found["scale"] = np.where(spread > 0, spread, np.nan)
    found["negative"] = False
    return {"distributions_array": found}
