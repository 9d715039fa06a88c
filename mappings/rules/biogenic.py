"""R20: biogenic carbon and land use are counted alike; a part stated on its own is added or taken out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from huren.graph.model.quantity import Biogenic
from huren.graph.model.supply import Origin
from huren.graph.model.text import Text
from huren.mappings.dossier import Dossier
from huren.mappings.judgement import Judgement, blocked, convertible, equal, tempered, together, unknown
from huren.mappings.outcome import Outcome
from huren.mappings.quantity import Quantity, said
from huren.mappings.restatement import lost_stages
from huren.mappings.rule import Clause, Kind, Rule
from huren.mappings.wanted import Wanted

_NOTHING_STATED = Biogenic()


@dataclass(frozen=True, slots=True)
class Item:
    """One part: ``amount`` is what a value that counts it holds of it, kg CO2e; None: not stated."""

    flag: str
    name: Text
    amount: Decimal | None
    counted: bool | None
    wanted: Wanted[bool]


def _items(dossier: Dossier) -> Iterator[Item]:
    stated, profile = dossier.certificate.biogenic or _NOTHING_STATED, dossier.profile
    rows = (
        ("biogenic_counted", Text("生物源吸收与释放", "biogenic uptake and release"), stated.net_kg),
        ("stored_counted", Text("储存的碳", "stored carbon"), stated.storage_kg),
        (
            "land_use_change_counted",
            Text("直接土地利用变化", "direct land-use change"),
            stated.land_use_change_kg,
        ),
        (
            "indirect_land_use_counted",
            Text("间接土地利用变化", "indirect land-use change"),
            stated.indirect_land_use_kg,
        ),
    )
    for flag, name, amount in rows:
        wanted: Wanted[bool] = dossier.want(flag, getattr(profile, flag))
        yield Item(flag, name, amount, getattr(stated, flag), wanted)


def _none_there(item: Item, stated: Biogenic, cut: bool) -> bool:
    """Nothing of it is in the number: whether it is counted does not matter.

    Uptake and release that balance come to nothing too, unless some of the stages were left out.
    """
    if item.flag == "biogenic_counted" and cut:
        return stated.uptake_kg == 0 and stated.release_kg == 0
    return item.amount == 0


def _put_in(quantity: Quantity, item: Item, kg: Decimal) -> Quantity:
    """What the destination counts and the value does not; no GWP restatement touches it."""
    return quantity.moved(kg, _formula(item, kg), fixed=quantity.fixed + kg)


def _taken_out(quantity: Quantity, item: Item, kg: Decimal) -> Quantity:
    """What the value counts and the destination does not.

    Emissions from a change of land use are in the inventory under their origin, or unmarked among the
    others; biogenic CO2 and storage are in none (see ``beside``), but in the value that shares divide.
    """
    if item.flag not in ("land_use_change_counted", "indirect_land_use_counted"):
        return quantity.moved(-kg, _formula(item, -kg), fixed=quantity.fixed - kg)
    left = tuple(row for row in quantity.gases if row.origin is not Origin.LAND_USE_CHANGE)
    if item.flag == "land_use_change_counted" and len(left) < len(quantity.gases):
        return quantity.moved(-kg, _formula(item, -kg), gases=left)
    return quantity.moved(-kg, _formula(item, -kg), taken=quantity.taken + kg)


def _formula(item: Item, kg: Decimal) -> str:
    return f"{'+' if kg >= 0 else '−'} {said(abs(kg))} ({item.name.en})"


def _differs(quantity: Quantity, item: Item, cut: bool) -> Judgement:
    name = item.name
    if item.amount is None:
        return blocked(f"{name.zh}未单独列出", f"{name.en}: not stated apart from the rest")
    if cut:
        return blocked(
            f"{name.zh}只有全部阶段的数值,无法归入所取阶段",
            f"{name.en}: stated for all stages together, and some were left out",
        )
    if item.wanted.value:
        changed = _put_in(quantity, item, item.amount)
        return convertible(changed, f"计入{name.zh}", f"{name.en}: {said(item.amount)} kg put in")
    changed = _taken_out(quantity, item, item.amount)
    return convertible(changed, f"扣除{name.zh}", f"{name.en}: {said(item.amount)} kg taken out")


def _one(dossier: Dossier, quantity: Quantity, item: Item) -> Judgement:
    cut = bool(lost_stages(quantity, dossier.certificate))
    if _none_there(item, dossier.certificate.biogenic or _NOTHING_STATED, cut):
        return equal(f"没有{item.name.zh}", f"{item.name.en}: none")
    if item.wanted.value is None:
        return unknown(item.wanted.name)
    if item.counted is None:
        return unknown(f"biogenic.{item.flag}")
    if item.counted == item.wanted.value:
        found = equal(f"{item.name.zh}的处理一致", f"{item.name.en}: treated alike")
        return tempered(found, item.wanted.agreed())
    return tempered(_differs(quantity, item, cut), item.wanted)


def _compare(dossier: Dossier, quantity: Quantity) -> Judgement:
    items = tuple(_items(dossier))
    asked = tuple(item for item in items if item.wanted.asked)
    found = []
    for item in asked or items:
        one = _one(dossier, quantity, item)
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
