"""One product of a compiled supply graph, asked for: its rows in detail and what they call for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import isfinite

import numpy as np

from huren.errors import BadInput
from huren.graph.factors import FloatArray
from huren.graph.loops import IntArray
from huren.graph.model.supply import GATE, GwpSet, Stage
from huren.graph.network.network import Network
from huren.graph.network.rows import ProductArray
from huren.graph.sides import flow_of
from huren.graph.system import System, Weights


@dataclass(frozen=True, eq=False)
class Root:
    """The product asked for, per declared unit.

    ``emitted``: kg by (stage, flow). ``needed``: amount by (supplier, stage). ``demand``: one unit of
    the root and what its distribution, use and end of life need, by product.
    """

    position: int
    emitted: dict[tuple[Stage, int], float]
    needed: dict[tuple[int, Stage], float]
    demand: dict[int, float]
    network: Network

    @classmethod
    def of(cls, system: System, position: int) -> Root:
        """Read the root's rows. Cost: its own rows."""
        emitted, needed = _emitted(system, position), _needed(system, position)
        demand = {position: 1.0}
        for (supplier, stage), amount in needed.items():
            demand[supplier] = demand.get(supplier, 0.0) + (0.0 if stage in GATE else amount)
        return cls(position, emitted, needed, demand, system.network)

    @cached_property
    def walk(self) -> ProductArray:
        """All that is upstream, root included, consumers first. Cost: a look at what they need."""
        return self.network.upstream(list(self.demand))

    @cached_property
    def chain(self) -> IntArray:
        """The same by position, ascending."""
        return np.sort(self.walk).astype(np.intp)

    @cached_property
    def units(self) -> FloatArray:
        """Declared units of each product of the chain that one unit of the root calls for, ``(chain,)``.

        Cost: one pass over what is upstream, more in its loops.
        """
        scales = self.network.scales(self.walk, list(self.demand), list(self.demand.values()))
        return scales[np.argsort(self.walk)]


def _emitted(system: System, position: int) -> dict[tuple[Stage, int], float]:
    emitted: dict[tuple[Stage, int], float] = {}
    for row in system.side(position).emissions:
        cell = row.stage or Stage.PRODUCTION, system.column[flow_of(row, system.keys[position])]
        emitted[cell] = emitted.get(cell, 0.0) + row.kg
    return emitted


def _needed(system: System, position: int) -> dict[tuple[int, Stage], float]:
    needed: dict[tuple[int, Stage], float] = {}
    for row in system.side(position).inputs:
        pair = system.at(row.supplier), row.stage or Stage.RAW_MATERIAL
        needed[pair] = needed.get(pair, 0.0) + row.amount
    return needed


@dataclass(frozen=True, eq=False)
class Solved:
    """``amount`` units of a root, solved under one GWP set; what lies behind it is looked at when asked for.

    ``kg``: of each flow, ``(flows,)``. ``total``: kg CO2e counted.
    """

    system: System
    root: Root
    amount: float
    gwp: GwpSet
    kg: FloatArray
    total: float

    @classmethod
    def of(cls, system: System, root: Root, amount: float, gwp: GwpSet) -> Solved:
        """Cost: the root's rows. Raises: BadInput for a result beyond float64."""
        with np.errstate(all="ignore"):
            kg = amount * _kilograms(system, root)
            total = float(kg @ system.weights[gwp].counted)
        if not (np.isfinite(kg).all() and isfinite(total)):
            raise _too_large(system, root)
        return cls(system, root, amount, gwp, kg, total)

    @property
    def units(self) -> FloatArray:
        """Declared units of each product of ``root.chain`` that are called for."""
        return self.amount * self.root.units

    @cached_property
    def emitted(self) -> FloatArray:
        """kg CO2e counted at each product of ``root.chain``. Raises: BadInput for one beyond float64."""
        system, root, weights = self.system, self.root, self.weights.counted
        with np.errstate(all="ignore"):
            emitted = self.units * (system.own[root.chain] @ weights)
        emitted[np.searchsorted(root.chain, root.position)] += self.amount * sum(
            mass * weights[flow] for (stage, flow), mass in root.emitted.items() if stage not in GATE
        )
        if not np.isfinite(emitted).all():
            raise _too_large(system, root)
        return np.asarray(emitted)

    @property
    def weights(self) -> Weights:
        """kg CO2e per kg of each flow."""
        return self.system.weights[self.gwp]

    @property
    def late(self) -> frozenset[Stage] | None:
        """The stages after the gate that count; None where a total to the grave does not say which."""
        if self.system.marks.undivided[self.root.position]:
            return None
        stages = {stage for stage, _ in self.root.emitted} | {stage for _, stage in self.root.needed}
        return frozenset(stages - GATE)

    def behind(self, supplier: int) -> float:
        """kg CO2e counted in one declared unit of ``supplier``, cradle to gate."""
        return float(self.system.x[supplier] @ self.weights.counted)


def _kilograms(system: System, root: Root) -> FloatArray:
    """kg of each flow in one unit of the root: its gate intensity, and once what comes after the gate."""
    kg = system.x[root.position].copy()
    for (stage, flow), mass in root.emitted.items():
        kg[flow] += 0.0 if stage in GATE else mass
    for (supplier, stage), amount in root.needed.items():
        if stage not in GATE:
            kg += amount * system.x[supplier]
    return np.asarray(kg)


def _too_large(system: System, root: Root) -> BadInput:
    product = system.keys[root.position]
    return BadInput(
        f"the footprint of `{product}` is beyond what a double can hold",
        f"`{product}` 的足迹超出双精度浮点数的范围",
        fix="Look for an amount of absurd size among its inputs and emissions.",
        fix_zh="请检查其投入与排放中是否有数量级异常的数值。",
    )
