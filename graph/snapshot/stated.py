"""The rows of some products in columns, with how sure each is: for :mod:`huren.graph.uncertainty`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from huren.graph.gwp import CO2E, FACTORS, counted
from huren.graph.model.supply import GwpSet, Prefer
from huren.graph.sides import Flow
from huren.graph.snapshot.columns import Array
from huren.graph.snapshot.equations import Frame, Positions, flows_of, gate_of


@dataclass(frozen=True, slots=True, eq=False)
class Stated:
    """Inputs, or emissions, of some products, ``(rows,)``, product after product in their order.

    ``product``: which of those asked for; ``supplier``: its position in the whole graph, -1 of emissions;
    ``value``: the amount, or kg CO2e counted; ``gsd``: NaN where none is stated; ``kind``: of data, its
    place in the ``kinds`` given, past their end where it is another; ``ordinal``: place among the rows of
    the product.
    """

    product: Array
    supplier: Array
    value: Array
    gsd: Array
    late: Array
    kind: Array
    ordinal: Array


def stated_inputs(index: Positions, prefer: Prefer, positions: Array, kinds: Sequence[str]) -> Stated:
    """What the products at ``positions`` need. Cost: their rows; of the whole graph nothing."""
    frame = Frame.at(index, prefer, positions)
    product, at = frame.items("input")
    amount = frame.shot.table["input.amount"][at]
    needed = amount != 0
    product, at = product[needed], at[needed]
    supplier = index.ranks[frame.shot.table["input.supplier"][at]]
    return _stated(frame, "input", (product, at), (supplier, amount[needed]), kinds)


def stated_emissions(
    index: Positions, prefer: Prefer, positions: Array, kinds: Sequence[str], gwp: GwpSet
) -> Stated:
    """What they emit, of a declared total what it stands for. Cost: as of :func:`stated_inputs`."""
    frame = Frame.at(index, prefer, positions)
    product, at = frame.emissions()
    flows, column = flows_of(frame, product, at)
    weights = np.array([_weight(flow, gwp) for flow in flows] or [0.0])
    value = frame.shot.table["emission.kg"][at] * weights[column]
    return _stated(frame, "emission", (product, at), (np.full(len(at), -1), value), kinds)


def _weight(flow: Flow, gwp: GwpSet) -> float:
    gas, origin, _ = flow
    if not counted(gas, origin):
        return 0.0
    return 1.0 if gas == CO2E else FACTORS[gas, origin][gwp]


def _stated(
    frame: Frame, group: str, rows: tuple[Array, Array], values: tuple[Array, Array], kinds: Sequence[str]
) -> Stated:
    (product, at), words = rows, frame.shot.words

    def coded(name: str, meanings: Array) -> Any:
        return meanings[frame.shot.table[f"{group}.{name}"][at]]

    sizes = np.bincount(product, minlength=len(frame.rows))
    first = np.cumsum(sizes) - sizes
    known = [kinds.index(word) if word in kinds else len(kinds) for word in words["kind"].words]
    gsds = [np.nan if word is None else word for word in words["gsd"].words]
    return Stated(
        product=product,
        supplier=values[0],
        value=values[1],
        gsd=coded("gsd", np.array(gsds, np.float64)),
        late=~coded("stage", gate_of(words["stage"])),
        kind=coded("kind", np.array(known, np.intp)),
        ordinal=np.arange(len(product)) - first[product],
    )
