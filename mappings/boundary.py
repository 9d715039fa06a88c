"""Stages of a value and what each holds: modules of EN 15804 read as stages, D left out."""

from __future__ import annotations

from decimal import Decimal

from huren.errors import BadInput
from huren.graph.model.certificate import Certificate
from huren.graph.model.supply import GATE, Stage

Breakdown = dict[frozenset[Stage], Decimal]
"""kg CO2e by the stages that a figure covers together."""

_BY_MODULE = {
    "A1": frozenset({Stage.RAW_MATERIAL}),
    "A2": frozenset({Stage.RAW_MATERIAL}),
    "A3": frozenset({Stage.PRODUCTION}),
    "A1-A3": GATE,
    "A4": frozenset({Stage.DISTRIBUTION}),
    "A5": frozenset({Stage.DISTRIBUTION}),
    "A4-A5": frozenset({Stage.DISTRIBUTION}),
    "B": frozenset({Stage.USE}),
    "C": frozenset({Stage.END_OF_LIFE}),
}


def stages_of_module(module: str) -> frozenset[Stage]:
    """The stages of an EN 15804 module; none for D, which is never added.

    >>> sorted(stages_of_module("A1-A3")), stages_of_module("D")
    ([<Stage.PRODUCTION: 'production'>, <Stage.RAW_MATERIAL: 'raw_material'>], frozenset())

    Raises: BadInput for a name that is no module.
    """
    name = module.upper().replace("–", "-").replace(" ", "").replace("A1-3", "A1-A3")
    if name == "D":
        return frozenset()
    found = _BY_MODULE.get(name) or _BY_MODULE.get(name[:1])
    if found is None:
        raise BadInput(
            f"`{module}` is no module of EN 15804",
            f"“{module}”不是 EN 15804 的模块",
            fix="Use A1, A2, A3, A1-A3, A4, A5, B1 … B7, C1 … C4 or D.",
            fix_zh="请使用 A1、A2、A3、A1-A3、A4、A5、B1…B7、C1…C4 或 D。",
        )
    return found


def breakdown_of(certificate: Certificate) -> Breakdown:
    """What is stated by stage, else by module; empty where neither is."""
    if certificate.breakdown:
        return {frozenset({stage}): kg for stage, kg in certificate.breakdown}
    groups: Breakdown = {}
    for module, kg in certificate.modules:
        stages = stages_of_module(module)
        if stages:
            groups[stages] = groups.get(stages, Decimal(0)) + kg
    return groups


def boundary_of(certificate: Certificate) -> frozenset[Stage] | None:
    """The stated boundary, else what the breakdown covers; None: not stated."""
    if certificate.stages is not None:
        return certificate.stages
    covered = frozenset(stage for group in breakdown_of(certificate) for stage in group)
    return covered or None


def part(groups: Breakdown, wanted: frozenset[Stage]) -> Decimal | None:
    """The sum over ``wanted``, None where a figure covers it only in part or nothing covers a stage."""
    inside = [stages for stages in groups if not stages.isdisjoint(wanted)]
    if any(not stages <= wanted for stages in inside) or frozenset().union(*inside) != wanted:
        return None
    return sum((groups[stages] for stages in inside), Decimal(0))
