"""The words that a supply package may use for stages, origins, GWP sets and kinds of data."""

from __future__ import annotations

from huren.graph.model.supply import GwpSet, Origin, Stage

_EN_15804 = {
    Stage.RAW_MATERIAL: "a1 a2 a1_a2",
    Stage.PRODUCTION: "a3",
    Stage.DISTRIBUTION: "a4 a5 a4_a5",
    Stage.USE: "b b1 b2 b3 b4 b5 b6 b7 b1_b7",
    Stage.END_OF_LIFE: "c c1 c2 c3 c4 c1_c4",
}
STAGES: dict[str, Stage] = {
    **{stage.value: stage for stage in Stage},
    **{module: stage for stage, modules in _EN_15804.items() for module in modules.split()},
    "raw": Stage.RAW_MATERIAL,
    "eol": Stage.END_OF_LIFE,
    "原材料获取": Stage.RAW_MATERIAL,
    "生产": Stage.PRODUCTION,
    "分销": Stage.DISTRIBUTION,
    "使用": Stage.USE,
    "生命末期": Stage.END_OF_LIFE,
}
"""Stages by name or EN 15804 module. Module D lies outside the system and A1-A3 spans two stages."""

ORIGINS: dict[str, Origin] = {
    **{origin.value: origin for origin in Origin},
    "luc": Origin.LAND_USE_CHANGE,
    "dluc": Origin.LAND_USE_CHANGE,
    "unspec": Origin.UNSPECIFIED,
}
GWP_SETS: dict[str, GwpSet] = {gwp.value.casefold(): gwp for gwp in GwpSet}
DATA_KINDS = {"primary": "primary", "secondary": "secondary", "初级": "primary", "次级": "secondary"}
BOUNDARIES = {"cradle_to_gate": False, "cradle_to_grave": True}
