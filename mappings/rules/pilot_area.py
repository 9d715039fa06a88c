"""R6b: what is presented as a pilot product was made in the pilot area, of a class on the national list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from huren.graph.model.scheme import Scheme
from huren.graph.model.text import Text
from huren.mappings.dossier import Dossier
from huren.mappings.judgement import Judgement, absent, blocked, equal, not_applicable, tempered, unknown
from huren.mappings.outcome import Outcome
from huren.mappings.quantity import Quantity
from huren.mappings.rule import Clause, Kind, Rule
from huren.mappings.rules.category import in_list
from huren.mappings.wanted import wanted


def _pilots(dossier: Dossier) -> Iterator[Scheme]:
    """The pilots whose gate is read: the issuing one, and a sister that the destination names itself."""
    issuer, target = dossier.issuer, dossier.target
    if issuer is None:
        return
    if _is_pilot(issuer):
        yield issuer
    root = dossier.known.root(issuer).id
    sister = target.scheme.id != issuer.id and dossier.known.root(target.scheme).id == root
    if target.region is None and sister and _is_pilot(target.scheme):
        yield target.scheme


def _is_pilot(scheme: Scheme) -> bool:
    """A pilot has an area, or a list of its own under the scheme that it uses (S2-7)."""
    own_list = scheme.pilot_products or scheme.categories
    return bool(scheme.pilot_area or (scheme.uses and own_list))


def _outside(zh: str, en: str) -> Judgement:
    return blocked(
        f"{zh}:不能作为试点产品,仍可作为普通证书",
        f"{en}: not as a pilot product, it may still be an ordinary one",
    )


def _area(dossier: Dossier, pilot: Scheme, issued: datetime) -> Judgement | None:
    region = dossier.certificate.region
    if not pilot.pilot_area:
        return None
    if region is None:
        return unknown("region")
    if any(dossier.known.within(region, area, issued) for area in pilot.pilot_area):
        return None
    areas = ", ".join(pilot.pilot_area)
    return _outside(
        f"生产地 {region} 不在 {pilot.id} 试点区域({areas})内",
        f"{region} lies outside the pilot area of {pilot.id} ({areas})",
    )


def _products(dossier: Dossier, pilot: Scheme) -> Judgement | None:
    """Whether the class is one of the products that the pilot names, where it names them."""
    if not pilot.pilot_products:
        return None
    if dossier.category is None:
        return unknown("category")
    if set(pilot.pilot_products) & set(dossier.known.category_line(dossier.category)):
        return None
    return _outside(
        f"{dossier.category} 不是 {pilot.id} 的试点产品",
        f"{dossier.category} is no pilot product of {pilot.id}",
    )


def _national_list(dossier: Dossier, pilot: Scheme, issued: datetime) -> Judgement | None:
    """S2-7: a local list stays inside the national one, as this stood at issue."""
    root = dossier.known.root(pilot)
    if root.id == pilot.id or root.categories is None:
        return None
    national = wanted(f"{root.id}.categories", root.categories, issued)
    if not national.asked:
        return None
    listed = None if national.value is None else in_list(dossier, national.value, issued)
    if national.value is None or (listed is None and dossier.category):
        return unknown(*([national.name] if national.value is None else ["category"]))
    if dossier.category is None:
        return unknown("category")
    if listed:
        return tempered(equal("在全国目录内", "on the national list"), national)
    return _outside(
        f"{dossier.category} 在发证日不在 {root.id} 全国目录内",
        f"{dossier.category} was not on the national list of {root.id} that day",
    )


def _checks(dossier: Dossier, pilot: Scheme, issued: datetime) -> Iterator[Judgement]:
    """What the three parts of a pilot's gate say; one that says nothing is left out."""
    area, products = _area(dossier, pilot, issued), _products(dossier, pilot)
    yield from (found for found in (area, products, _national_list(dossier, pilot, issued)) if found)


def _compare(dossier: Dossier, quantity: Quantity) -> Judgement:
    pilots = tuple(_pilots(dossier))
    if not pilots:
        return not_applicable("不涉及试点区域", "no pilot area is concerned")
    issued = dossier.issued
    if issued is None:
        by_area = any(pilot.pilot_area for pilot in pilots)
        return unknown(*absent(issued=issued, region=dossier.certificate.region if by_area else ""))
    checks = [found for pilot in pilots for found in _checks(dossier, pilot, issued)]
    inside = equal("符合试点的区域和目录要求", "the pilot's area and lists are kept to")
    worst = max((inside, *checks), key=lambda f: f.outcome.severity)
    missing = tuple(dict.fromkeys(name for f in checks for name in f.missing))
    warnings = tuple(dict.fromkeys(w for f in checks for w in f.warnings))
    found = unknown(*missing) if worst.outcome is Outcome.UNKNOWN else worst
    return replace(found, warnings=warnings)


PILOT_AREA = Rule(
    id="R6b",
    code="pilot_area",
    kind=Kind.LEGAL,
    says=Text(
        "试点产品在试点区域内生产,类别在全国目录内",
        "a pilot product is made in the pilot area and of a class on the national list",
    ),
    clause=Clause("京市监发〔2025〕33号; 国市监认证发〔2024〕85号; 津方案(征求意见稿)", "S0-6, S1-18, S2-7"),
    compare=_compare,
    outcomes=frozenset({Outcome.EQUAL, Outcome.UNKNOWN, Outcome.BLOCKED}),
    reads=(
        "certificate.region",
        "certificate.codes",
        "category",
        "issued",
        "certificate.scheme",
        "target.scheme.id",
        "target.region",
    ),
    fix=Text("作为普通产品申请认可", "present it as an ordinary product"),
)
