"""A whole solved supply graph as plain columns: products with their footprints, inputs, emissions. Pure.

What is there suffices to solve it again elsewhere, as x = emissions + inputs x, and to compare.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from huren.graph.factors import FloatArray
from huren.graph.model.supply import GwpSet, Stage
from huren.graph.sides import Flow, flow_of
from huren.graph.system import System
from huren.graph.totals import Totals, gathered, primary_shares

CHUNK = 50_000
"""Products whose rows are made at once."""

Columns = Mapping[str, Sequence[Any] | FloatArray]


@dataclass(frozen=True, eq=False)
class Tables:
    """The tables of ``system``; kg CO2e under ``gwp``, all per declared unit."""

    system: System
    gwp: GwpSet

    def products(self) -> Iterator[Columns]:
        """A row a product, by key: what it is, its footprint, and how that divides."""
        for part in self.parts():
            yield {**self._facts(part), **{name: values[part] for name, values in self.figures.items()}}

    def inputs(self) -> Iterator[Columns]:
        """A row for each input that counts, by consumer."""
        system = self.system
        for part in self.parts():
            rows = [(system.keys[i], row) for i in _span(part) for row in system.side(i).inputs]
            yield {
                "consumer": [key for key, _ in rows],
                "supplier": [row.supplier for _, row in rows],
                "amount": [row.amount for _, row in rows],
                "stage": [row.stage or Stage.RAW_MATERIAL for _, row in rows],
                "data_kind": [row.provenance.data_kind for _, row in rows],
                "source": [row.provenance.source for _, row in rows],
                "gsd": [row.provenance.gsd for _, row in rows],
            }

    def emissions(self) -> Iterator[Columns]:
        """A row for each emission that counts, by product; a declared total as what it stands for."""
        system = self.system
        for part in self.parts():
            rows = [(system.keys[i], row) for i in _span(part) for row in system.side(i).emissions]
            flows = [flow_of(row, key) for key, row in rows]
            yield {
                "product": [key for key, _ in rows],
                "gas": [gas for gas, _, _ in flows],
                "origin": [origin for _, origin, _ in flows],
                "gwp_set": [gwp for _, _, gwp in flows],
                "stage": [row.stage or Stage.PRODUCTION for _, row in rows],
                "kg": [row.kg for _, row in rows],
                "data_kind": [row.provenance.data_kind for _, row in rows],
                "source": [row.provenance.source for _, row in rows],
                "gsd": [row.provenance.gsd for _, row in rows],
            }

    def parts(self) -> Iterator[slice]:
        """The products, CHUNK at a time; one empty part where there are none."""
        size = len(self.system.keys)
        for start, end in pairwise([*range(0, size, CHUNK), size] if size else [0, 0]):
            yield slice(start, end)

    @cached_property
    def figures(self) -> dict[str, Any]:
        """Every figure of every product, ``(products,)``; NaN where a total is refused."""
        system, totals = self.system, Totals.of(self.system)
        weights = system.weights[self.gwp]
        own = system.own @ weights.counted
        return {
            "total": totals.kg @ weights.counted,
            "total_including_biogenic": totals.kg @ weights.every,
            "cradle_to_gate": system.x @ weights.counted,
            "own": own,
            "primary_share": primary_shares(system, self.gwp),
            "partial": totals.partial,
            "refused": totals.refused,
            **{f"kg {_name(flow)}": totals.kg[:, j] for j, flow in enumerate(system.flows)},
            **self._splits(own),
        }

    def _splits(self, own: FloatArray) -> dict[str, FloatArray]:
        """kg CO2e cradle to gate that are emitted at products of a kind."""
        marks, regions = self.system.marks, self.system.regions
        names = np.array([name or "" for name in regions.names])[regions.of_product]
        masks = {
            "of_china": np.char.startswith(names, "CN") if len(names) else np.zeros(0, np.bool_),
            "of_unknown_region": names == "",
            "of_declared": marks.declared,
            "of_unverified": marks.unverified,
        }
        columns = gathered(self.system, own[:, None] * np.column_stack(list(masks.values())))
        return dict(zip(masks, columns.T, strict=True))

    def _facts(self, part: slice) -> Columns:
        keys = self.system.keys[part]
        products = [self.system.supply.products[key] for key in keys]
        return {
            "product": keys,
            "owner": [product.owner for product in products],
            "code": [product.code for product in products],
            "name_zh": [product.name.zh for product in products],
            "name_en": [product.name.en for product in products],
            "declared_unit": [product.declared_unit for product in products],
            "category": [product.category for product in products],
            "region": [product.region for product in products],
        }


def _span(part: slice) -> range:
    return range(part.start, part.stop)


def _name(flow: Flow) -> str:
    """Such as "CH4 fossil", or "CO2e unspecified AR6"."""
    return " ".join(part for part in flow if part)
