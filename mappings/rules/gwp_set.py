"""R14: both numbers use one set of global warming potentials."""

from __future__ import annotations

from decimal import Decimal

from huren.graph.model.supply import GwpSet
from huren.graph.model.text import Text
from huren.mappings.dossier import Dossier
from huren.mappings.judgement import (
    Judgement,
    absent,
    blocked,
    conditional,
    convertible,
    equal,
    tempered,
    unknown,
)
from huren.mappings.outcome import Outcome
from huren.mappings.quantity import Quantity
from huren.mappings.restatement import (
    beside,
    by_gases,
    by_shares,
    from_inventory,
    inside,
    moved_by,
    unknown_gases,
)
from huren.mappings.rule import Clause, Kind, Rule

_SUPPLY = ("提供各温室气体的千克数", "supply the kilograms of each gas")


def _mixed(quantity: Quantity, held: Quantity, biogenic: Decimal | None, wanted: GwpSet) -> Judgement:
    if not held.gases:
        return blocked("混用多套 GWP 且无各气体清单", "several GWP sets are mixed and no inventory is given")
    if unknown_gases(g.gas for g in held.gases):
        return conditional("supply_gases", *_SUPPLY, "gases")
    if biogenic is None:
        return conditional(
            "supply_biogenic",
            "提供数值中生物源吸收、释放和储存的千克数",
            "supply the kilograms of biogenic uptake, release and storage inside the value",
            "biogenic",
        )
    # What earlier steps put in and took out is in the value, not in the inventory.
    outside = quantity.fixed - quantity.taken + biogenic - quantity.value
    central, low, high = (total + outside for total in from_inventory(held, wanted))
    whole = moved_by(quantity, (central, low, high), wanted)
    return convertible(
        whole, f"由各气体清单按 {wanted} 重算", f"computed from kilograms of gas under {wanted}"
    )


def _restated(quantity: Quantity, held: Quantity, stated: GwpSet, wanted: GwpSet) -> Judgement:
    if held.gases and not unknown_gases(g.gas for g in held.gases):
        exact = moved_by(quantity, by_gases(held, stated, wanted), wanted)
        return convertible(
            exact,
            f"由各气体千克数从 {stated} 换算为 {wanted}",
            f"from {stated} to {wanted} by kilograms of gas",
        )
    if held.gas_shares and not unknown_gases(g.gas for g in held.gas_shares):
        bounded = moved_by(quantity, by_shares(held, stated, wanted), wanted)
        rest = Text("其余份额按 CO2 计", "the rest of the value is read as CO2")
        return convertible(
            bounded,
            f"由气体份额从 {stated} 换算为 {wanted}",
            f"from {stated} to {wanted} by shares of gas",
            rest,
        )
    return conditional("supply_gases", *_SUPPLY, "gases")


def _compare(dossier: Dossier, quantity: Quantity) -> Judgement:
    stated = quantity.gwp_sets
    wanted = dossier.want("gwp_sets", dossier.profile.gwp_sets)
    if not stated or not wanted.value:
        return unknown(*absent(gwp_set=stated or None, destination__gwp_set=wanted.value or None))
    only = next(iter(stated)) if len(stated) == 1 else None
    if only in wanted.value:
        return tempered(equal(f"同为 {only}", f"both use {only}"), wanted)
    held, first = inside(quantity, dossier.certificate), wanted.value[0]
    if only is not None:
        return tempered(_restated(quantity, held, only, first), wanted)
    return tempered(_mixed(quantity, held, beside(quantity, dossier.certificate), first), wanted)


GWP_SET = Rule(
    id="R14",
    code="gwp_set",
    kind=Kind.TECHNICAL,
    says=Text("两个碳足迹采用同一套全球增温潜势", "both footprints use one GWP set"),
    clause=Clause("ISO 14067:2018", "6.5.2"),
    compare=_compare,
    outcomes=frozenset(Outcome),
    reads=(
        "certificate.gwp_sets",
        "certificate.gases",
        "certificate.gas_shares",
        "certificate.gases_covered",
        "certificate.biogenic",
        "certificate.stages",
        "certificate.breakdown",
        "certificate.modules",
        "profile.gwp_sets",
    ),
    fix=Text("请提供各温室气体的排放量", "state the kilograms of each gas"),
    turn=6,
    needs_footprint=True,
)
