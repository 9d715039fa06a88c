"""R11: both numbers are per the same unit; a stated ratio converts one into the other."""

from __future__ import annotations

from decimal import Decimal

from huren.errors import BadInput
from huren.graph.model.text import Text
from huren.mappings import units
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
from huren.mappings.quantity import Quantity, said
from huren.mappings.rule import Clause, Kind, Rule
from huren.mappings.wanted import Wanted

CAPACITY, DELIVERED = "kWh capacity", "kWh delivered"
_OWN_KIND = frozenset({CAPACITY, DELIVERED})
_AS_POWER = {"kWc": "kW", "kW(p)": "kW", "kWp": "kW"}


def _named(unit: str) -> str:
    return _AS_POWER.get(unit, unit)


def _kind(unit: str) -> str:
    """The dimension; battery capacity and energy delivered are dimensions of their own."""
    name = _named(unit)
    if name in _OWN_KIND:
        return name
    try:
        return units.dimension(name)
    except BadInput:
        return f"unit {name}"


def check_unit(unit: str) -> str:
    """``unit`` itself, of a certificate's value. Raises: BadInput for one that R11 cannot compare."""
    name = _named(unit)
    if name not in _OWN_KIND:
        units.dimension(name)
    return unit


def per(unit: str, wanted: str) -> Decimal:
    """How many ``wanted`` one ``unit`` of the same kind is. Raises: BadInput where they are of two kinds."""
    if _named(unit) == _named(wanted):
        return Decimal(1)
    ratio = units.ratio(_named(unit), _named(wanted))
    return Decimal(ratio.numerator) / Decimal(ratio.denominator)


def _divided(quantity: Quantity, by: Decimal, unit: str) -> Quantity:
    value = quantity.value / by
    formula = f"{said(quantity.value)} ÷ {said(by)} {unit}/{quantity.unit} = {said(value)}"
    return quantity.step(formula, value, (quantity.low / by, quantity.high / by), unit=unit)


def _by_ratio(dossier: Dossier, quantity: Quantity, wanted: str) -> Judgement:
    stated = [e for e in dossier.certificate.equivalents if _kind(e.unit) == _kind(wanted)]
    if not stated:
        return conditional(
            "ratio",
            f"说明每 {quantity.unit} 相当于多少 {wanted}",
            f"state how many {wanted} one {quantity.unit} is",
            "equivalents",
        )
    by = stated[0].amount * per(stated[0].unit, wanted)
    if by <= 0:
        return blocked("换算比例须为正数", "the stated ratio is not positive")
    converted = _divided(quantity, by, wanted)
    return convertible(
        converted,
        f"按 1 {quantity.unit} = {said(by)} {wanted} 换算",
        f"1 {quantity.unit} = {said(by)} {wanted}",
    )


def _to_delivered(dossier: Dossier, quantity: Quantity) -> Judgement:
    """E_total = capacity x full equivalent cycles a year x years of service."""
    cycles = dossier.want("service_cycles", dossier.profile.service_cycles)
    if not cycles.value:
        return unknown(cycles.name)
    certificate = dossier.certificate
    facts = {"vehicle_class": certificate.vehicle_class, "service_years": certificate.service_years}
    missing = tuple(name for name, fact in facts.items() if fact is None)
    if missing or certificate.service_years is None:
        return conditional(
            "service", "说明车辆类别和使用年限", "state vehicle class and years of service", *missing
        )
    rate = {c.vehicle_class: c.cycles_per_year for c in cycles.value}.get(certificate.vehicle_class or "")
    if rate is None or certificate.service_years <= 0:
        name = certificate.vehicle_class
        return blocked(
            f"规则未规定 {name} 类车辆的循环次数", f"the rule gives no cycles for vehicle class {name}"
        )
    by = certificate.service_years * rate
    converted = _divided(quantity, by, DELIVERED)
    found = convertible(
        converted, f"÷({said(rate)} 次/年 × 年限)", f"divided by {said(rate)} cycles a year over its service"
    )
    return tempered(found, cycles)


def _to_capacity(dossier: Dossier, quantity: Quantity) -> Quantity | None:
    """The quantity per kWh of capacity: as stated, or by a stated ratio such as kWh per kg."""
    if _kind(quantity.unit or "") in (CAPACITY, "energy"):
        return quantity
    found = _by_ratio(dossier, quantity, CAPACITY)
    return found.quantity


def _differs(dossier: Dossier, quantity: Quantity, wanted: str) -> Judgement:
    if wanted == DELIVERED:
        capacity = _to_capacity(dossier, quantity)
        if capacity is not None:
            return _to_delivered(dossier, capacity)
        direct = _by_ratio(dossier, quantity, DELIVERED)
        return direct if direct.quantity else _by_ratio(dossier, quantity, CAPACITY)
    return _by_ratio(dossier, quantity, wanted)


def _accepted(dossier: Dossier) -> Wanted[tuple[str, ...]]:
    """The destination's units; else the usual unit of the category."""
    wanted = dossier.want("units", dossier.profile.units)
    line = dossier.known.category_line(dossier.category) if dossier.category else ()
    units_of = [c.unit for name in line if (c := dossier.known.categories.get(name)) and c.unit]
    if wanted.asked or not units_of:
        return wanted
    usual = dossier.want("unit", units_of[0])
    value = None if usual.value is None else (usual.value,)
    return Wanted(wanted.name, value, usual.certainty, usual.if_not_met, asked=True)


def _compare(dossier: Dossier, quantity: Quantity) -> Judgement:
    wanted = _accepted(dossier)
    if quantity.unit is None or wanted.value is None:
        return unknown(*absent(unit=quantity.unit, destination__units=wanted.value))
    kinds = {_kind(unit) for unit in wanted.value}
    if not wanted.value or _kind(quantity.unit) in kinds:
        found = equal(
            f"声明单位 {quantity.unit} 量纲一致",
            f"the declared unit {quantity.unit} is of the same dimension",
        )
        return tempered(found, wanted)
    tried = [_differs(dossier, quantity, _named(unit)) for unit in wanted.value]
    # The first accepted unit that a conversion leads to; where none does, what the preferred one lacks.
    return tempered(next((found for found in tried if found.quantity), tried[0]), wanted)


UNIT = Rule(
    id="R11",
    code="unit",
    kind=Kind.TECHNICAL,
    says=Text("两个数值按同一单位表示", "both numbers are per the same unit"),
    clause=Clause("ISO 14067:2018", "6.3.3"),
    compare=_compare,
    outcomes=frozenset(Outcome),
    reads=(
        "certificate.unit",
        "certificate.equivalents",
        "certificate.vehicle_class",
        "certificate.service_years",
        "category",
        "profile.units",
        "profile.service_cycles",
    ),
    fix=Text("说明单位之间的换算比例", "state the ratio between the units"),
    turn=9,
    needs_footprint=True,
)
