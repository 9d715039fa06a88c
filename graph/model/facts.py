"""Everything a recognition decision may read, and what of it was known at a moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from huren.graph.model.agreement import Agreement
from huren.graph.model.body import Body
from huren.graph.model.category import Category, CodeMap, Membership
from huren.graph.model.certificate import Certificate, Code
from huren.graph.model.dated import holds
from huren.graph.model.equivalence import Equivalence, ScaleMap
from huren.graph.model.sanction import Sanction
from huren.graph.model.scheme import CertificationRule, Instrument, Scheme

R = TypeVar("R")

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_RECORDED_INSIDE = (
    "events",
    "fulfilments",
    "approvals",
    "signatories",
    "changes",
    "competence",
    "consultations",
)


def _recorded(record: Any) -> datetime:
    return record.recorded_at or _LONG_AGO


def _as_known(record: Any, known_at: datetime) -> Any:
    """``record`` without the parts that were recorded after ``known_at``."""
    kept = {
        name: tuple(part for part in parts if _recorded(part) <= known_at)
        for name in _RECORDED_INSIDE
        if (parts := getattr(record, name, ())) and any(_recorded(part) > known_at for part in parts)
    }
    return replace(record, **kept) if kept else record


def _latest(records: Iterable[R], known_at: datetime, key: str = "id") -> dict[str, R]:
    """The last version of each record that was on record at ``known_at``."""
    seen = sorted((r for r in records if _recorded(r) <= known_at), key=_recorded)
    return {name: _as_known(r, known_at) for name, r in {getattr(r, key): r for r in seen}.items()}


@dataclass(frozen=True, slots=True)
class Known:
    """The facts as known at one moment, by id. Made by ``Facts.at``; a decision reads nothing else."""

    known_at: datetime
    certificates: Mapping[str, Certificate] = field(default_factory=dict)
    schemes: Mapping[str, Scheme] = field(default_factory=dict)
    rules: Mapping[str, CertificationRule] = field(default_factory=dict)
    instruments: Mapping[str, Instrument] = field(default_factory=dict)
    agreements: Mapping[str, Agreement] = field(default_factory=dict)
    bodies: Mapping[str, Body] = field(default_factory=dict)
    categories: Mapping[str, Category] = field(default_factory=dict)
    code_maps: Mapping[Code, tuple[CodeMap, ...]] = field(default_factory=dict)
    memberships: Mapping[str, tuple[Membership, ...]] = field(default_factory=dict)
    inside: Mapping[str, tuple[Membership, ...]] = field(default_factory=dict)
    equivalences: Mapping[str, Equivalence] = field(default_factory=dict)
    scale_maps: Mapping[str, ScaleMap] = field(default_factory=dict)
    sanctions: Mapping[str, tuple[Sanction, ...]] = field(default_factory=dict)
    """Sanctions by the USCC of the firm."""

    def areas(self, region: str, at: datetime) -> frozenset[str]:
        """``region`` and every area it lies in at ``at``. Cost: O(memberships above it); loops end."""
        found, todo = {region}, [region]
        while todo:
            for m in self.memberships.get(todo.pop(), ()):
                if m.within not in found and holds(m.since, m.until, at, m.zone):
                    found.add(m.within)
                    todo.append(m.within)
        return frozenset(found)

    def within(self, region: str, area: str, at: datetime) -> bool:
        """Whether ``region`` is ``area`` or lies in it at ``at``."""
        return region == area or area in self.areas(region, at)

    def members(self, area: str, at: datetime) -> tuple[str, ...]:
        """The regions directly in ``area`` at ``at``, sorted."""
        rows = self.inside.get(area, ())
        return tuple(sorted({m.region for m in rows if holds(m.since, m.until, at, m.zone)}))

    def root(self, scheme: Scheme) -> Scheme:
        """The scheme whose approvals, rules and validity ``scheme`` takes; itself where it uses none."""
        seen = {scheme.id}
        while scheme.uses and scheme.uses not in seen and scheme.uses in self.schemes:
            seen.add(scheme.uses)
            scheme = self.schemes[scheme.uses]
        return scheme

    def category_line(self, category: str) -> tuple[str, ...]:
        """``category`` and its parents, nearest first."""
        line: list[str] = []
        step: str | None = category
        while step and step not in line:
            line.append(step)
            step = self.categories[step].parent if step in self.categories else None
        return tuple(line)

    def categories_in(self, category: str) -> tuple[str, ...]:
        """``category`` and every one below it, sorted. Cost: O(categories x depth)."""
        below = {name for name in self.categories if category in self.category_line(name)}
        return tuple(sorted(below | {category}))


def _grouped(rows: Iterable[R], key: str) -> dict[Any, tuple[R, ...]]:
    groups: dict[Any, list[R]] = {}
    for row in rows:
        groups.setdefault(getattr(row, key), []).append(row)
    return {name: tuple(group) for name, group in groups.items()}


@dataclass(frozen=True, slots=True)
class Facts:
    """Every recorded version of every fact; ``recorded_at`` None means known from the start."""

    certificates: tuple[Certificate, ...] = ()
    schemes: tuple[Scheme, ...] = ()
    rules: tuple[CertificationRule, ...] = ()
    instruments: tuple[Instrument, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    bodies: tuple[Body, ...] = ()
    categories: tuple[Category, ...] = ()
    code_maps: tuple[CodeMap, ...] = ()
    memberships: tuple[Membership, ...] = ()
    equivalences: tuple[Equivalence, ...] = ()
    scale_maps: tuple[ScaleMap, ...] = ()
    sanctions: tuple[Sanction, ...] = ()

    def at(self, known_at: datetime) -> Known:
        """What was on record at ``known_at``: the last version of each record, without later parts.

        Cost: O(records); keep the result for many questions at one (revision, known_at).
        """
        maps = _latest(self.code_maps, known_at).values()
        rows = tuple(m for m in self.memberships if _recorded(m) <= known_at)
        return Known(
            known_at=known_at,
            certificates=_latest(self.certificates, known_at, "number"),
            schemes=_latest(self.schemes, known_at),
            rules=_latest(self.rules, known_at),
            instruments=_latest(self.instruments, known_at),
            agreements=_latest(self.agreements, known_at),
            bodies=_latest(self.bodies, known_at),
            categories=_latest(self.categories, known_at),
            code_maps=_grouped(maps, "source_code"),
            memberships=_grouped(rows, "region"),
            inside=_grouped(rows, "within"),
            equivalences=_latest(self.equivalences, known_at),
            scale_maps=_latest(self.scale_maps, known_at),
            sanctions=_grouped(_latest(self.sanctions, known_at).values(), "uscc"),
        )
