"""How a solved roll-up divides, each time into its total: by gas, stage, region, owner, product and input."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from huren.graph.gwp import CO2E, counted
from huren.graph.model.rollup import (
    GasPart,
    InputPart,
    NotRestated,
    OwnerPart,
    RegionPart,
    StagePart,
    Unverified,
    share,
)
from huren.graph.model.supply import GwpSet, Stage
from huren.graph.root import Solved


def by_gas(solved: Solved) -> tuple[GasPart, ...]:
    """Every gas and origin that the chain states, by |kg CO2e| then name."""
    system, every = solved.system, solved.weights.every
    stated = np.logical_or.reduce(system.stated[solved.root.chain], axis=0)
    parts = [
        GasPart(gas, origin, float(solved.kg[j]), counted(gas, origin), float(solved.kg[j] * every[j]), gwp)
        for j, (gas, origin, gwp) in enumerate(system.flows)
        if stated[j]
    ]
    return tuple(sorted(parts, key=lambda part: -abs(part.kg_co2e)))


def by_stage(solved: Solved) -> tuple[StagePart, ...]:
    """All five stages in order: own emissions by label, each input's whole chain by its label here.

    A root that needs itself is its own first-tier supplier, with its whole gate intensity behind it, so
    that the split sums to the total in loops too.
    """
    values: dict[Stage, float] = defaultdict(float)
    for (stage, flow), mass in solved.root.emitted.items():
        values[stage] += solved.amount * mass * float(solved.weights.counted[flow])
    for (supplier, stage), amount in solved.root.needed.items():
        values[stage] += solved.amount * amount * solved.behind(supplier)
    return tuple(StagePart(stage, values[stage], share(values[stage], solved.total)) for stage in Stage)


def by_region(solved: Solved) -> tuple[RegionPart, ...]:
    """Emissions by the region of the product they occur at, by |value| then region, unknown last."""
    system = solved.system
    codes = system.regions.of_product[solved.root.chain]
    values = np.bincount(codes, weights=solved.emitted, minlength=len(system.regions.names))
    present = sorted(set(codes.tolist()), key=lambda code: (-abs(values[code]), code))
    parts = [(system.regions.names[code], float(values[code])) for code in present]
    return tuple(RegionPart(region, value, share(value, solved.total)) for region, value in parts)


def by_owner(solved: Solved, count: int) -> tuple[OwnerPart, ...]:
    """Emissions by the owner of the product they occur at: the first ``count`` by |value|, then the rest."""
    owners, chain = solved.system.owners, solved.root.chain
    codes = np.searchsorted(owners.starts, chain, side="right") - 1
    values = np.bincount(codes, weights=solved.emitted, minlength=len(owners.names))
    present = sorted(set(codes.tolist()), key=lambda code: (-abs(values[code]), code))
    parts: list[tuple[str | None, float]] = [(owners.names[c], float(values[c])) for c in present[:count]]
    if len(present) > count:
        parts.append((None, float(values[present[count:]].sum())))
    return tuple(OwnerPart(owner, value, share(value, solved.total)) for owner, value in parts)


def inputs(solved: Solved) -> tuple[InputPart, ...]:
    """The first tier, each with all that is behind it, by |value| then key."""
    parts = []
    for (supplier, stage), per_unit in solved.root.needed.items():
        amount = solved.amount * per_unit
        value = amount * solved.behind(supplier)
        key = solved.system.keys[supplier]
        parts.append(InputPart(key, stage, amount, value, share(value, solved.total)))
    return tuple(sorted(parts, key=lambda part: (-abs(part.value), part.supplier, part.stage)))


def not_restated(solved: Solved) -> tuple[NotRestated, ...]:
    """CO2e of other GWP sets than the one asked, or of none stated, by set."""
    values: dict[GwpSet | None, float] = defaultdict(float)
    for (gas, _, gwp), kg in zip(solved.system.flows, solved.kg.tolist(), strict=True):
        if gas == CO2E and gwp is not solved.gwp and kg:
            values[gwp] += kg
    parts = sorted(values.items(), key=lambda item: item[0] or "")
    return tuple(NotRestated(gwp, value, share(value, solved.total)) for gwp, value in parts)


def unverified(solved: Solved) -> Unverified:
    """Products that call themselves unverified, and how much of Σ|contribution| stands on them.

    Cost: a look at the chain where there are none, and the total is not 0.
    """
    system, chain = solved.system, solved.root.chain
    flags = system.marks.unverified[chain]
    if solved.total and not flags.any():
        return Unverified((), 0.0)
    sizes = np.abs(solved.emitted)
    names = tuple(system.keys[i] for i in chain[flags].tolist())
    return Unverified(names, share(float(sizes[flags].sum()), float(sizes.sum())))
