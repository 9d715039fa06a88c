"""What would change if: the same questions over agreements, rules or a day that are only supposed. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from huren.errors import BadInput
from huren.graph.model.agreement import Agreement
from huren.graph.model.facts import Known
from huren.graph.model.scheme import CertificationRule
from huren.graph.model.terms import Purpose
from huren.mappings.decide import Recogniser
from huren.mappings.decision import Decision
from huren.mappings.outcome import SURE


@dataclass(frozen=True, slots=True)
class Supposition:
    """A draft: records laid over those on record (by id), ids of agreements and rules taken away, a day."""

    name: str
    agreements: tuple[Agreement, ...] = ()
    rules: tuple[CertificationRule, ...] = ()
    without: tuple[str, ...] = ()
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One certificate at one destination, whose standing is another under the supposition."""

    before: Decision
    after: Decision


@dataclass(frozen=True, slots=True)
class Effect:
    """What a supposition does to a set of certificates and destinations.

    ``recognised`` counts the pairs that stand under it. ``changes`` are those whose standing or verdicts
    differ, gained recognition first, then by certificate and destination.
    """

    supposition: Supposition
    recognised: int
    changes: tuple[Change, ...]

    @property
    def gained(self) -> int:
        """How many pairs stand under it that did not."""
        return sum(_stands(c.after) and not _stands(c.before) for c in self.changes)

    @property
    def lost(self) -> int:
        """How many pairs stood and do not under it."""
        return sum(_stands(c.before) and not _stands(c.after) for c in self.changes)


@dataclass(frozen=True, slots=True)
class Prospect:
    """``asked`` pairs of certificate and destination: how many stand as things are, and under each draft."""

    asked: int
    recognised: int
    effects: tuple[Effect, ...]

    @property
    def best(self) -> tuple[str, ...]:
        """The drafts under which most pairs stand."""
        most = max((e.recognised for e in self.effects), default=0)
        return tuple(e.supposition.name for e in self.effects if e.recognised == most)


def suppose(known: Known, supposition: Supposition) -> Known:
    """``known`` with the records of ``supposition``; nothing is written.

    Raises: BadInput for an id in ``without`` that neither an agreement nor a rule has.
    """
    for name in supposition.without:
        if name not in known.agreements and name not in known.rules:
            raise _nothing(supposition.name, name)
    left_out = frozenset(supposition.without)
    agreements = {id: a for id, a in known.agreements.items() if id not in left_out}
    rules = {id: r for id, r in known.rules.items() if id not in left_out}
    return replace(
        known,
        agreements=agreements | {a.id: a for a in supposition.agreements},
        rules=rules | {r.id: r for r in supposition.rules},
    )


def prospect(
    suppositions: Sequence[Supposition],
    destinations: Sequence[str],
    purpose: Purpose,
    as_of: datetime,
    known: Known,
) -> Prospect:
    """Every certificate of ``known`` at every destination, as things are and under each supposition.

    Cost: a matrix for each supposition and one more.
    Raises: NotFound for an unknown destination; BadInput (see :func:`suppose`); EmptyRuleSet.
    """
    columns = tuple(dict.fromkeys(destinations))
    now = list(_decisions(known, columns, purpose, as_of))
    effects = []
    for supposition in suppositions:
        day = supposition.as_of or as_of
        then = list(_decisions(suppose(known, supposition), columns, purpose, day))
        effects.append(_effect(supposition, now, then))
    return Prospect(len(now), sum(map(_stands, now)), tuple(effects))


def _decisions(
    known: Known, destinations: Sequence[str], purpose: Purpose, as_of: datetime
) -> Iterator[Decision]:
    recogniser = Recogniser(known, purpose, as_of, remember=True)
    for number in sorted(known.certificates):
        for destination in destinations:
            yield recogniser.answer(number, destination)


def _effect(supposition: Supposition, now: Sequence[Decision], then: Sequence[Decision]) -> Effect:
    changes = [Change(b, a) for b, a in zip(now, then, strict=True) if b.rank != a.rank]
    changes.sort(key=lambda c: _stands(c.after) <= _stands(c.before))
    return Effect(supposition, sum(map(_stands, then)), tuple(changes))


def _stands(decision: Decision) -> bool:
    return decision.standing in SURE


def _nothing(draft: str, name: str) -> BadInput:
    return BadInput(
        f"draft `{draft}`: no agreement or rule `{name}` is on record",
        f"方案“{draft}”:没有名为“{name}”的协议或规则",
        fix="Name one that is on record in `without`.",
        fix_zh="请在 without 中填写已有记录的协议或规则。",
    )
