"""R26: the data are young enough, and nothing material changed since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from huren.graph.model.certificate import Change
from huren.graph.model.dated import end, start
from huren.graph.model.text import Text
from huren.mappings.dossier import Dossier
from huren.mappings.judgement import Judgement, blocked, conditional, equal, tempered, unknown
from huren.mappings.outcome import Outcome
from huren.mappings.quantity import Quantity, said
from huren.mappings.rule import Clause, Kind, Rule

MAX_AGE_YEARS = Decimal(5)
MAX_CHANGE_PERCENT = Decimal(10)
"""Defaults of the destination's parameters (domain 3 and 3a)."""

_NEW_DECLARATION = frozenset({"bill_of_materials", "energy_mix"})
_NAMES = {
    "bill_of_materials": Text("物料清单", "bill of materials"),
    "energy_mix": Text("能源结构", "energy mix"),
    "supplier": Text("供应商", "supplier"),
    "process": Text("工艺", "process"),
}


def older(since: datetime, years: Decimal, at: datetime) -> bool:
    """Whether ``at`` lies ``years`` (whole months) or more after ``since``, by the calendar of ``since``.

    >>> older(datetime(2021, 1, 1).astimezone(), Decimal(5), datetime(2026, 1, 1).astimezone())
    True
    """
    day = at.astimezone(since.tzinfo)
    limit = since.year * 12 + since.month + int(years * 12)
    return (day.year * 12 + day.month, day.day, day.time()) >= (limit, since.day, since.time())


def _since(dossier: Dossier, period_end: datetime) -> list[Change]:
    """The changes after the period that have happened by the day asked for."""
    zone, changes = dossier.zone, dossier.certificate.changes
    return [c for c in changes if period_end <= start(c.changed_on, zone) <= dossier.as_of]


def _name(change: Change) -> Text:
    named = _NAMES.get(change.kind, Text(change.kind, change.kind))
    by = "" if change.percent is None else f" {said(change.percent)} %"
    return Text(f"{named.zh}{by}", f"{named.en}{by}")


def _declared_anew(dossier: Dossier, changes: Sequence[Change]) -> Judgement | None:
    """Whether the destination demands a new declaration for what changed, however little."""
    demanding = [c for c in changes if c.kind in _NEW_DECLARATION]
    anew = dossier.want("change_needs_declaration", dossier.profile.change_needs_declaration, False)
    if not demanding or anew.value is False:
        return None
    if anew.value is None:
        return unknown(anew.name)
    name = _name(demanding[0])
    found = blocked(
        f"{name.zh}已变化:目的地要求重新申报",
        f"the {name.en} changed: the destination demands a new declaration",
    )
    return tempered(found, anew)


def _changed(dossier: Dossier, changes: Sequence[Change]) -> Judgement | None:
    """What the destination makes of the size of ``changes``; None: none of them matters."""
    limit = dossier.want("max_change_percent", dossier.profile.max_change_percent, MAX_CHANGE_PERCENT)
    if limit.value is None and any(c.percent is not None for c in changes):
        return unknown(limit.name)
    limited = MAX_CHANGE_PERCENT if limit.value is None else limit.value
    material = [c for c in changes if c.percent is None or abs(c.percent) > limited]
    if not material:
        return None
    name = _name(material[0])
    found = conditional(
        "recalculation",
        f"{name.zh}已变化:须重新计算",
        f"recalculation: the {name.en} changed since the period",
    )
    return tempered(found, limit)


def _aged(dossier: Dossier, period_end: datetime) -> Judgement:
    limit = dossier.want("max_age_years", dossier.profile.max_age_years, MAX_AGE_YEARS)
    if limit.value is None:
        return unknown(limit.name)
    years = said(limit.value)
    if not older(period_end, limit.value, dossier.as_of):
        young = equal(
            f"数据未超过 {years} 年,其后无重大变化", f"data under {years} years old, nothing material changed"
        )
        return tempered(young, limit.agreed())
    found = conditional(
        "recalculation",
        f"数据已满 {years} 年:须重新计算",
        f"recalculation: the data are {years} years old or older",
    )
    return tempered(found, limit)


def _compare(dossier: Dossier, quantity: Quantity) -> Judgement:
    stated = dossier.certificate.period_end
    if stated is None:
        return unknown("period_end")
    period_end = end(stated, dossier.zone)
    aged = _aged(dossier, period_end)
    changes = _since(dossier, period_end)
    changed = _declared_anew(dossier, changes) or _changed(dossier, changes)
    if changed is None or changed.outcome.severity < aged.outcome.severity:
        return aged
    if changed.outcome is aged.outcome is Outcome.UNKNOWN:
        return unknown(*aged.missing, *changed.missing)
    return replace(changed, warnings=(*changed.warnings, *aged.warnings))


REFERENCE_PERIOD = Rule(
    id="R26",
    code="reference_period",
    kind=Kind.TECHNICAL,
    says=Text(
        "数据足够新,基准期后无重大变化", "the data are young enough, and nothing material changed since"
    ),
    clause=Clause("津方案(征求意见稿); PACT 3.0; Regulation (EU) 2023/1542", "S2-10; Annex II"),
    compare=_compare,
    outcomes=frozenset({Outcome.EQUAL, Outcome.CONDITIONAL, Outcome.UNKNOWN, Outcome.BLOCKED}),
    reads=(
        "certificate.period_end",
        "certificate.changes",
        "zone",
        "profile.max_age_years",
        "profile.max_change_percent",
        "profile.change_needs_declaration",
    ),
    fix=Text("以新的基准期重新计算", "have it calculated again for a recent period"),
    needs_footprint=True,
)
