"""What others do with the same graph."""

from __future__ import annotations

from collections import defaultdict

from bench.graphs import Graph


def walked(graph: Graph) -> dict[int, float]:
    """Sweeps over dictionaries until nothing moves by more than 1e-9."""
    needs: dict[int, list[tuple[int, float]]] = defaultdict(list)
    rows = zip(graph.consumer.tolist(), graph.supplier.tolist(), graph.amount.tolist(), strict=True)
    for consumer, supplier, amount in rows:
        needs[consumer].append((supplier, amount))
    own = dict(enumerate(graph.own.tolist()))
    x, moved = dict(own), 1.0
    while moved > 1e-9:
        moved = 0.0
        for product, emitted in own.items():
            value = emitted + sum(amount * x[supplier] for supplier, amount in needs[product])
            moved = max(moved, abs(value - x[product]) / value)
            x[product] = value
    return x
