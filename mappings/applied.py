"""The rules in force for a purpose on a day, and one of them applied to one case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from operator import itemgetter

from huren.graph.model.dated import start
from huren.graph.model.terms import Purpose
from huren.mappings.dossier import Dossier
from huren.mappings.fulfilment import met
from huren.mappings.judgement import Judgement, not_applicable, settled
from huren.mappings.outcome import EmptyRuleSet, Outcome
from huren.mappings.purposes import Hardness, hardness
from huren.mappings.quantity import Quantity
from huren.mappings.rule import Finding, Kind, Rule, facts_at, finding
from huren.mappings.rules import SPECIFIED

OF_CASE = frozenset(
    ("certificate", "issuer", "issuer_rule", "issuer_profile", "category", "record_type", "zone", "issued")
)
"""Roots of the facts that the certificate alone decides."""
OF_PLACE = frozenset(("target", "profile"))
"""Roots of the facts that the destination and the category decide."""
OF_BOTH = frozenset(("route", "comparing", "rival"))
"""Roots of the facts that need both sides."""

Reader = Callable[[Dossier], tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Applied:
    """A rule in force, what the purpose makes of it, and readers of the facts that it rests on.

    ``converts``: it reads the number on its way, and may change it.
    """

    rule: Rule
    hardness: Hardness
    number: int
    of_case: Reader
    of_place: Reader
    of_both: bool
    converts: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """A finding and the number after it.

    ``weights``: its severity in the legal verdict, the technical one and the standing, and 1 where it rests
    on illustrative records.
    """

    finding: Finding
    quantity: Quantity
    weights: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules in force in the order of their turns, those that compare last.

    ``shown`` puts their findings in the order of the specification.
    """

    rules: tuple[Applied, ...]
    comparisons: tuple[Applied, ...]
    shown: Callable[[Sequence[Entry]], Sequence[Entry]]
    not_checked: tuple[str, ...]


@lru_cache(maxsize=64)
def rule_set(rules: tuple[Rule, ...], purpose: Purpose, at: datetime) -> RuleSet:
    """Those of ``rules`` that are in force at ``at``; their order does not matter.

    Raises: EmptyRuleSet rather than calling nothing a pass.
    """
    now = sorted((r for r in rules if _in_force(r, at)), key=lambda r: (r.turn, SPECIFIED.index(r.id)))
    for kind in (Kind.LEGAL, Kind.TECHNICAL):
        if not any(rule.kind is kind for rule in now):
            raise EmptyRuleSet(kind.value.lower())
    now.sort(key=lambda r: r.kind is Kind.COMPARISON)
    applied = [_applied(number, rule, purpose, at) for number, rule in enumerate(now)]
    order = sorted(range(len(now)), key=lambda n: SPECIFIED.index(now[n].id))
    checked = {rule.id for rule in now}
    return RuleSet(
        rules=tuple(a for a in applied if a.rule.kind is not Kind.COMPARISON),
        comparisons=tuple(a for a in applied if a.rule.kind is Kind.COMPARISON),
        shown=itemgetter(*order),
        not_checked=tuple(r for r in SPECIFIED if r not in checked),
    )


def _in_force(rule: Rule, at: datetime) -> bool:
    return start(rule.in_force) <= at and (rule.ends is None or at < start(rule.ends))


def _applied(number: int, rule: Rule, purpose: Purpose, at: datetime) -> Applied:
    # Every rule rests on what was recorded of its conditions; some on whether there is a footprint at all.
    paths = (*rule.reads, "certificate.fulfilments", *(("record_type",) if rule.needs_footprint else ()))
    roots = {path: path.partition(".")[0] for path in paths}
    of_case, of_place = (
        facts_at(tuple(path for path in paths if roots[path] in side)) for side in (OF_CASE, OF_PLACE)
    )
    of_both = any(root in OF_BOTH for root in roots.values())
    return Applied(rule, hardness(rule.id, purpose, at), number, of_case, of_place, of_both, rule.turn > 0)


def apply(applied: Applied, dossier: Dossier, quantity: Quantity) -> Entry:
    """What a rule finds in a case; ``quantity`` is the number as the rules before it left it."""
    rule, found = applied.rule, _judgement(applied, dossier, quantity)
    if found.quantity is not None and not quantity.stated:
        found = replace(found, quantity=None)
    if found.quantity is not None:
        quantity = _signed(found.quantity, quantity, rule)
        found = replace(found, quantity=quantity)
    made = finding(rule, found, applied.hardness, dossier)
    severity, kind = found.outcome.severity, rule.kind
    legal = severity if kind is Kind.LEGAL else 0
    technical = severity if kind is Kind.TECHNICAL else 0
    return Entry(made, quantity, (legal, technical, made.counts.severity, int(found.illustrative)))


def _signed(after: Quantity, before: Quantity, rule: Rule) -> Quantity:
    """``after`` with its new steps in the name of ``rule``."""
    if after.steps is before.steps:
        return after
    new = tuple(replace(step, rule=rule.id) for step in after.steps[len(before.steps) :])
    return replace(after, steps=(*before.steps, *new))


def _judgement(applied: Applied, dossier: Dossier, quantity: Quantity) -> Judgement:
    rule = applied.rule
    if applied.hardness is Hardness.NONE:
        return not_applicable("此用途不适用", "does not matter for this purpose")
    if rule.needs_footprint and not dossier.carries_footprint:
        return not_applicable("此类记录不含碳足迹", "this kind of record carries no footprint")
    found = rule.compare(dossier, quantity)
    recorded = dossier.certificate.fulfilments
    if found.outcome is not Outcome.CONDITIONAL or not recorded:
        return found
    target = dossier.target.scheme.id
    return settled(found, [met(recorded, rule.id, c.id, target, dossier.as_of) for c in found.conditions])
