"""The picture of a chain: products as nodes, and between them what flows, kg CO2e, for a Sankey diagram.

What a product carries on is what its consumers in the chain take of it, each unit with all that is behind it.
So at each node inflow + own = outflow, and at the root inflow + own = outflow + total.
"""

from __future__ import annotations

import numpy as np

from huren.graph.factors import FloatArray
from huren.graph.loops import IntArray
from huren.graph.model.rollup import Diagram, DiagramLink, DiagramNode, share
from huren.graph.model.supply import GATE
from huren.graph.network.plain import matrix_of
from huren.graph.network.rows import positions
from huren.graph.root import Solved


def diagram(solved: Solved, count: int) -> Diagram:
    """The root and the products through which most passes, by |kg CO2e| then key, ``count`` together.

    All others are one node, the last. Links are net: what only goes round is taken out, so that they form no
    cycle; with credits, links of a negative amount are left as they are.
    Cost: a look at each need of the chain, and at each link of the picture for every way round.
    """
    chain, place = solved.root.chain, int(np.searchsorted(solved.root.chain, solved.root.position))
    through = np.abs(solved.units * (solved.system.x[chain] @ solved.weights.counted))
    through[place] = np.inf
    shown = np.lexsort((chain, -through))[:count]
    node = np.full(len(chain), len(shown))
    node[shown] = np.arange(len(shown))
    size = len(shown) + (len(shown) < len(chain))
    flows = netted(_flows(solved, node, size))
    own = np.bincount(node, weights=solved.emitted, minlength=size)
    gathered = np.bincount(node, minlength=size)
    keys = [solved.system.keys[i] for i in chain[shown].tolist()] + [None] * (size - len(shown))
    passing = flows.sum(axis=0) + own
    nodes = (
        DiagramNode(key, count, emitted, value, share(value, solved.total))
        for key, count, emitted, value in zip(
            keys, gathered.tolist(), own.tolist(), passing.tolist(), strict=True
        )
    )
    return Diagram(tuple(nodes), tuple(_links(flows)))


def _flows(solved: Solved, node: IntArray, size: int) -> FloatArray:
    """kg CO2e that pass between nodes, ``(suppliers, consumers)``; ``node`` of each product of the chain."""
    chain, root = solved.root.chain, solved.root
    behind, units = solved.system.x[chain] @ solved.weights.counted, solved.units
    needs = matrix_of(solved.system.network.needs, positions(chain))[:, chain].tocoo()
    consumer, supplier = needs.coords
    kg = units[consumer] * needs.data * behind[supplier]
    summed = np.bincount(node[supplier] * size + node[consumer], weights=kg, minlength=size * size)
    flows = summed.astype(np.float64).reshape(size, size)  # of no need at all, bincount makes integers
    for (position, stage), amount in root.needed.items():
        if stage not in GATE:
            at = int(np.searchsorted(chain, position))
            flows[node[at], 0] += solved.amount * amount * behind[at]
    return np.asarray(flows)


def netted(flows: FloatArray) -> FloatArray:
    """``flows`` without what only goes round, ``(nodes, nodes)``: of each cycle the least link is taken off.

    So no cycle of positive links is left, and inflow less outflow stays as it was at each node. Cycles of
    one and two links go first. Cost: a look at the links of each node on every cycle there is.
    """
    net = flows.copy()
    np.fill_diagonal(net, 0.0)
    net -= np.maximum(np.minimum(net, net.T), 0.0)
    done = np.zeros(len(net), dtype=np.bool_)
    for start in range(len(net)):
        path = [start]
        while path:
            onward = np.flatnonzero((net[path[-1]] > 0) & ~done)
            if not len(onward):
                done[path.pop()] = True
            elif (following := int(onward[0])) not in path:
                path.append(following)
            else:
                _take_off(net, path, path.index(following))
    return net


def _take_off(net: FloatArray, path: list[int], begin: int) -> None:
    """Take the least link off the cycle that ``path`` closes with its member at ``begin``, and step back."""
    cycle = [*path[begin:], path[begin]]
    links = cycle[:-1], cycle[1:]
    amounts = net[links]
    net[links] = amounts - amounts.min()
    del path[begin + int(np.argmin(amounts)) + 1 :]


def _links(flows: FloatArray) -> list[DiagramLink]:
    """By |kg CO2e|, then from where to where."""
    source, target = np.nonzero(flows)
    values = flows[source, target]
    order = np.lexsort((target, source, -np.abs(values)))
    rows = (array[order].tolist() for array in (source, target, values))
    return [DiagramLink(*row) for row in zip(*rows, strict=True)]
