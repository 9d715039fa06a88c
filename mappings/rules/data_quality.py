"""R22: data quality, primary share, traceability and uncertainty meet the destination's floors."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from huren.graph.model.certificate import DataQuality
from huren.graph.model.dated import holds
from huren.graph.model.equivalence import ScaleMap
from huren.graph.model.profile import QualityFloor
from huren.graph.model.text import Text
from huren.mappings.dossier import Dossier
from huren.mappings.judgement import Judgement, blocked, conditional, equal, tempered, together, unknown
from huren.mappings.outcome import Outcome
from huren.mappings.quantity import Quantity, said
from huren.mappings.rule import Clause, Kind, Rule

_NOTHING_STATED = DataQuality()


def _meets(rating: Decimal, floor: QualityFloor) -> bool:
    return rating <= floor.worst if floor.best_is_low else rating >= floor.worst


def _maps(dossier: Dossier, scale: str, floor: QualityFloor) -> list[ScaleMap]:
    """The maps between both scales in force at ``as_of``, the last begun first."""
    found = [
        one
        for one in dossier.known.scale_maps.values()
        if (one.from_scale, one.to_scale) == (scale, floor.scale)
        and holds(one.since, one.until, dossier.as_of)
    ]
    return sorted(found, key=lambda one: (one.since is not None, str(one.since), one.id), reverse=True)


def _mapped(rating: Decimal, points: ScaleMap, best_is_low: bool) -> Decimal | None:
    """``rating`` on the other scale, between two points the worse of both; None outside the map."""
    below = [p for p in points.points if p.rating <= rating]
    above = [p for p in points.points if p.rating >= rating]
    if not below or not above:
        return None
    ends = (max(below, key=lambda p: p.rating).becomes, min(above, key=lambda p: p.rating).becomes)
    return max(ends) if best_is_low else min(ends)


def _against(rating: Decimal, floor: QualityFloor) -> Judgement:
    limit = f"{said(rating)} / {said(floor.worst)} ({floor.scale})"
    if _meets(rating, floor):
        return equal(f"数据质量达到要求:{limit}", f"the quality rating meets the floor: {limit}")
    return blocked(f"数据质量未达要求:{limit}", f"the quality rating misses the floor: {limit}")


def _by_map(dossier: Dossier, rating: Decimal, scale: str, floor: QualityFloor) -> Judgement:
    for one in _maps(dossier, scale, floor):
        theirs = _mapped(rating, one, floor.best_is_low)
        if theirs is None:
            continue
        found = _against(theirs, floor)
        if found.outcome is Outcome.BLOCKED:
            return found
        says = Text(
            f"{scale} {said(rating)} 按 {one.id} 对应 {floor.scale} {said(theirs)},达到要求",
            f"{scale} {said(rating)} is {floor.scale} {said(theirs)} by {one.id}, which meets the floor",
        )
        return Judgement(Outcome.CONVERTIBLE, says, illustrative=one.illustrative)
    return conditional(
        "rate_on_scale", f"按 {floor.scale} 评定数据质量", f"rate the data on {floor.scale}", "quality.rating"
    )


def _extremes(stated: DataQuality) -> tuple[Decimal, ...]:
    """The overall rating; where only its three parts are stated (PACT 3), the lowest and highest of them."""
    if stated.rating is not None:
        return (stated.rating,)
    parts = [stated.technological, stated.geographical, stated.temporal]
    known = [part for part in parts if part is not None]
    return (min(known), max(known)) if len(known) == len(parts) else ()


def _rated(dossier: Dossier, rating: Decimal, scale: str, floor: QualityFloor) -> Judgement:
    if scale == floor.scale:
        return _against(rating, floor)
    return _by_map(dossier, rating, scale, floor)


def _floor(dossier: Dossier, stated: DataQuality) -> Judgement | None:
    wanted = dossier.want("quality_floor", dossier.profile.quality_floor)
    if not wanted.asked:
        return None
    if wanted.value is None:
        return unknown(wanted.name)
    ratings = _extremes(stated)
    if stated.scale is None or not ratings:
        names = {"quality.scale": stated.scale, "quality.rating": ratings or None}
        return unknown(*(name for name, fact in names.items() if fact is None))
    found = [_rated(dossier, rating, stated.scale, wanted.value) for rating in ratings]
    # Whatever the overall rating is, it lies between its parts.
    if found[0].outcome is not found[-1].outcome:
        return unknown("quality.rating")
    return tempered(found[0], wanted.agreed() if stated.scale == wanted.value.scale else wanted)


def _primary(dossier: Dossier, stated: DataQuality) -> Judgement | None:
    wanted = dossier.want("primary_share_floor", dossier.profile.primary_share_floor)
    if not wanted.asked:
        return None
    if wanted.value is None:
        return unknown(wanted.name)
    if wanted.value <= 0:
        return None
    if stated.primary_share is None:
        return unknown("quality.primary_share")
    shares = f"{said(stated.primary_share * 100)} % / {said(wanted.value * 100)} %"
    if stated.primary_share >= wanted.value:
        found = equal(f"初级数据占比达到要求:{shares}", f"the primary share meets the floor: {shares}")
    else:
        found = blocked(f"初级数据占比未达要求:{shares}", f"the primary share misses the floor: {shares}")
    return tempered(found, wanted)


def _traceability(dossier: Dossier, stated: DataQuality) -> Judgement | None:
    wanted = dossier.want("traceability", dossier.profile.traceability)
    if not wanted.asked:
        return None
    if wanted.value is None:
        return unknown(wanted.name)
    if not wanted.value:
        return None
    if stated.traceability is None:
        return unknown("quality.traceability")
    if stated.traceability in wanted.value:
        found = equal("溯源性达到要求", "traceability meets what is asked")
    else:
        found = blocked(
            f"溯源性“{stated.traceability}”未达要求", f"traceability `{stated.traceability}` is not accepted"
        )
    return tempered(found, wanted)


def _uncertainty(dossier: Dossier) -> Judgement | None:
    wanted = dossier.want("uncertainty_stated", dossier.profile.uncertainty_stated, False)
    if wanted.value is None:
        return unknown(wanted.name)
    if not wanted.value:
        return None
    if dossier.certificate.uncertainty_gsd is None:
        return unknown("uncertainty_gsd")
    return tempered(equal("不确定度已说明", "the uncertainty is stated"), wanted)


def _found(dossier: Dossier) -> Iterator[Judgement]:
    stated = dossier.certificate.quality or _NOTHING_STATED
    for one in (
        _floor(dossier, stated),
        _primary(dossier, stated),
        _traceability(dossier, stated),
        _uncertainty(dossier),
    ):
        if one is not None:
            yield one


def _compare(dossier: Dossier, quantity: Quantity) -> Judgement:
    found = tuple(_found(dossier))
    return (
        together(found)
        if found
        else equal("目的地未规定数据质量下限", "the destination sets no floor of data quality")
    )


DATA_QUALITY = Rule(
    id="R22",
    code="data_quality",
    kind=Kind.TECHNICAL,
    says=Text(
        "数据质量、初级数据占比、溯源性和不确定度达到目的地的要求",
        "data quality, primary share, traceability and uncertainty meet the destination's floors",
    ),
    clause=Clause("ISO 14067:2018", "6.3.5"),
    compare=_compare,
    outcomes=frozenset(Outcome),
    reads=(
        "certificate.quality",
        "certificate.uncertainty_gsd",
        "profile.quality_floor",
        "profile.primary_share_floor",
        "profile.traceability",
        "profile.uncertainty_stated",
    ),
    fix=Text(
        "按目的地的尺度评定数据质量并提高初级数据占比",
        "rate the data on the destination's scale; use more primary data",
    ),
    needs_footprint=True,
)
