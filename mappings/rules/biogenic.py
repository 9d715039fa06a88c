"""R20: biogenic carbon and land use are counted alike; a part stated on its own is added or taken out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from huren.graph.model.certificate import Certificate
from huren.graph.model.quantity import Biogenic
from huren.graph.model.supply import Origin
from huren.graph.model.text import Text
from huren.mappings.dossier import Dossier
from huren.mappings.judgement import Judgement, blocked, convertible, equal, tempered, together, unknown
from huren.mappings.outcome import Outcome
from huren.mappings.quantity import Quantity, said
from huren.mappings.restatement import lost_stages, net_biogenic
from huren.mappings.rule import Clause, Kind, Rule
from huren.mappings.wanted import Wanted

_NOTHING_STATED = Biogenic()


@dataclass(frozen=True, slots=True)
class Part:
    """One of the four parts, and the flag that says on both sides whether it is counted."""

    flag: str
    name: Text


_UPTAKE = Part("biogenic_counted", Text("生物源吸收与释放", "biogenic uptake and release"))
_STORED = Part("stored_counted", Text("储存的碳", "stored carbon"))
_DIRECT = Part("land_use_change_counted", Text("直接土地利用变化", "direct land-use change"))
_INDIRECT = Part("indirect_land_use_counted", Text("间接土地利用变化", "indirect land-use change"))
PARTS = (_UPTAKE, _STORED, _DIRECT, _INDIRECT)

_AT_THE_GATE = Text(
    "未说明生物源释放:边界止于出厂,按无释放计",
    "no release is stated: none is read, the boundary ends at the gate",
)


def _amounts(certificate: Certificate) -> dict[Part, Decimal | None]:
    """What a value that counts a part holds of it, kg CO2e; None: not stated."""
    stated = certificate.biogenic or _NOTHING_STATED
    return {
        _UPTAKE: net_biogenic(certificate),
        _STORED: stated.storage_kg,
        _DIRECT: stated.land_use_change_kg,
        _INDIRECT: stated.indirect_land_use_kg,
    }


def _none_there(part: Part, stated: Biogenic, kg: Decimal | None, cut: bool) -> bool:
    """Nothing of it is in the number: whether it is counted does not matter.

    Uptake and release that balance come to nothing too, unless some of the stages were left out.
    """
    if part is _UPTAKE and cut:
        return stated.uptake_kg == 0 and stated.release_kg == 0
    return kg == 0


def _put_in(quantity: Quantity, part: Part, kg: Decimal) -> Quantity:
    """What the destination counts and the value does not; no GWP restatement touches it."""
    return quantity.moved(kg, _formula(part, kg), fixed=quantity.fixed + kg)


def _taken_out(quantity: Quantity, part: Part, kg: Decimal) -> Quantity:
    """What the value counts and the destination does not.

    Emissions from a change of land use are in the inventory under their origin, or unmarked among the
    others; biogenic CO2 and storage are in none (see ``beside``), but in the value that shares divide.
    """
    if part in (_UPTAKE, _STORED):
        return quantity.moved(-kg, _formula(part, -kg), fixed=quantity.fixed - kg)
    left = tuple(row for row in quantity.gases if row.origin is not Origin.LAND_USE_CHANGE)
    if part is _DIRECT and len(left) < len(quantity.gases):
        return quantity.moved(-kg, _formula(part, -kg), gases=left)
    return quantity.moved(-kg, _formula(part, -kg), taken=quantity.taken + kg)


def _formula(part: Part, kg: Decimal) -> str:
    return f"{'+' if kg >= 0 else '−'} {said(abs(kg))} ({part.name.en})"


def _differs(quantity: Quantity, part: Part, kg: Decimal | None, wanted: bool, cut: bool) -> Judgement:
    name = part.name
    if kg is None:
        return blocked(f"{name.zh}未单独列出", f"{name.en}: not stated apart from the rest")
    if cut:
        return blocked(
            f"{name.zh}只有全部阶段的数值,无法归入所取阶段",
            f"{name.en}: stated for all stages together, and some were left out",
        )
    if wanted:
        return convertible(_put_in(quantity, part, kg), f"计入{name.zh}", f"{name.en}: {said(kg)} kg put in")
    return convertible(
        _taken_out(quantity, part, kg), f"扣除{name.zh}", f"{name.en}: {said(kg)} kg taken out"
    )


def _one(dossier: Dossier, quantity: Quantity, part: Part, kg: Decimal | None, cut: bool) -> Judgement:
    stated, name = dossier.certificate.biogenic or _NOTHING_STATED, part.name
    wanted: Wanted[bool] = dossier.want(part.flag, getattr(dossier.profile, part.flag))
    counted: bool | None = getattr(stated, part.flag)
    if _none_there(part, stated, kg, cut):
        return equal(f"没有{name.zh}", f"{name.en}: none")
    if wanted.value is None:
        return unknown(wanted.name)
    if counted is None:
        return unknown(f"biogenic.{part.flag}")
    if counted == wanted.value:
        return tempered(equal(f"{name.zh}的处理一致", f"{name.en}: treated alike"), wanted.agreed())
    found = _differs(quantity, part, kg, wanted.value, cut)
    if part is _UPTAKE and stated.release_kg is None and found.quantity:
        found = replace(found, warnings=(_AT_THE_GATE,))
    return tempered(found, wanted)


def _compare(dossier: Dossier, quantity: Quantity) -> Judgement:
    profile, amounts = dossier.profile, _amounts(dossier.certificate)
    asked = [part for part in PARTS if dossier.want(part.flag, getattr(profile, part.flag)).asked]
    cut = bool(lost_stages(quantity, dossier.certificate))
    found = []
    for part in asked or PARTS:
        one = _one(dossier, quantity, part, amounts[part], cut)
        quantity = one.quantity or quantity
        found.append(one)
    whole = together(found)
    return whole if asked or whole.outcome is Outcome.EQUAL else unknown("destination.biogenic_counted")


BIOGENIC = Rule(
    id="R20",
    code="biogenic",
    kind=Kind.TECHNICAL,
    says=Text(
        "生物源碳和土地利用变化的计入方式相同", "biogenic carbon and land use are counted in the same way"
    ),
    clause=Clause("ISO 14067:2018; EN 15804:2012+A2:2019", "6.4.9; 6.3.8"),
    compare=_compare,
    outcomes=frozenset(Outcome),
    reads=(
        "certificate.biogenic",
        "certificate.stages",
        "certificate.breakdown",
        "certificate.modules",
        "profile.biogenic_counted",
        "profile.stored_counted",
        "profile.land_use_change_counted",
        "profile.indirect_land_use_counted",
    ),
    fix=Text(
        "分别说明生物源吸收、释放、储存和土地利用变化及其是否计入",
        "state uptake, release, storage and land use apart, and whether the value counts them",
    ),
    turn=3,
    needs_footprint=True,
)
