"""The footprints of all products of a system at once: what a roll-up of each would give, as columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from huren.graph.factors import BoolArray, FloatArray
from huren.graph.model.supply import GwpSet
from huren.graph.network.rows import places, positions
from huren.graph.system import System


@dataclass(frozen=True, slots=True, eq=False)
class Totals:
    """Per declared unit of each product, all its stages counted.

    ``kg``, ``(products, flows)``: kg of each flow. ``refused``: behind it is a loop that consumes all it
    makes, or a supplier known only by an undivided cradle-to-grave total; its ``kg`` are NaN. ``partial``:
    not all of its chain is known.
    """

    kg: FloatArray
    refused: BoolArray
    partial: BoolArray

    @classmethod
    def of(cls, system: System) -> Totals:
        """Cost: two products of matrix and vector for each flow, and a look at each input.

        Those of the roots alone are whole where only what is upstream of them was compiled.
        """
        kg = system.x + system.late @ system.x
        kg += system.emitted.summed(system.emitted.late, kg.shape)
        undivided = consumers(system, system.marks.undivided)
        gaps = np.zeros(len(system.keys), np.bool_)
        gaps[system.gaps.consumer] = True
        gaps |= system.marks.unknown
        kg[undivided] = np.nan
        partial = gaps | consumers(system, gaps)
        return cls(kg, ~np.isfinite(kg).all(axis=1), partial)


def gathered(system: System, own: FloatArray) -> FloatArray:
    """What of ``own``, ``(products, columns)``, comes together behind each product, late stages included.

    ``own`` is anything emitted per declared unit of each product up to the gate, as part of its kg CO2e.
    Cost: a solve with as many right-hand sides.
    """
    solved = system.network.solve(own)
    return np.asarray(solved + system.late @ solved)


def primary_shares(system: System, gwp: GwpSet) -> FloatArray:
    """The part of each product's emissions, by size, that comes from primary data, ``(products,)``.

    NaN where nothing is emitted, or the total is refused. Net of credits, where there are any.
    Source: PACT Methodology 3, primary data share, by contribution.
    """
    rows, shape = system.emitted, system.own.shape
    sizes = np.abs(rows.kg * system.weights[gwp].counted[rows.flow])
    early, late = (
        np.column_stack([rows.summed(some & kind, shape, sizes).sum(axis=1) for kind in (rows.primary, True)])
        for some in (~rows.late, rows.late)
    )
    primary, every = (gathered(system, early) + late).T
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(primary / every)


def consumers(system: System, some: BoolArray) -> BoolArray:
    """Which products need one of ``some``, directly or through others, ``(products,)``.

    Cost: a look at who needs them; the first time, at each input.
    """
    served, found = system.network.served, np.zeros(len(some), np.bool_)
    direct = served.others[places(served, positions(np.flatnonzero(some)))]
    found[system.network.downstream(np.unique(direct))] = True
    return found | np.asarray(abs(system.late) @ (some | found).astype(np.float64) > 0)
