"""Decide whether one certificate may stand for another: pure, with all reasons.

The same question over the same facts gives the same decision for ever: no clock, no store, no setting.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Context, Decimal, localcontext

from huren.errors import NotFound
from huren.graph.model.certificate import Certificate
from huren.graph.model.dated import start
from huren.graph.model.facts import Facts, Known
from huren.graph.model.terms import Purpose
from huren.graph.model.text import Text
from huren.mappings.destination import members, targets
from huren.mappings.dossier import Dossier, category_of, dossier_of
from huren.mappings.fulfilment import met
from huren.mappings.judgement import Judgement, not_applicable
from huren.mappings.outcome import Outcome, worst
from huren.mappings.purposes import Hardness, hardness
from huren.mappings.quantity import Bound, ConversionStep, Quantity, stated
from huren.mappings.rule import Finding, Kind, Rule, finding
from huren.mappings.rules import ALL, SPECIFIED

PRECISION = 12
"""Significant digits of a derived value."""


@dataclass(frozen=True, slots=True)
class Question:
    """May ``certificate`` (number) stand at ``destination`` for ``purpose``, on a day, as then known?"""

    certificate: str
    destination: str
    purpose: Purpose
    as_of: datetime
    known_at: datetime


@dataclass(frozen=True, slots=True)
class Derived:
    """A value on the destination's terms, its bounds and the steps to it; ``unit`` such as kg CO2e/kW."""

    value: Decimal
    unit: str
    low: Decimal
    high: Decimal
    bound: Bound
    steps: tuple[ConversionStep, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """Both verdicts, the standing for the purpose, and every finding, passed ones too.

    ``value`` is None unless the technical verdict is EQUAL or CONVERTIBLE; ``preview`` is what it would be
    under open conditions. ``scheme`` is None where no scheme accepts. ``alternatives`` are the decisions
    under the other schemes of a region, or of the other members of an alliance.
    """

    question: Question
    certificate: Certificate
    scheme: str | None
    region: str | None
    standing: Outcome
    legal: Outcome
    technical: Outcome
    value: Derived | None
    preview: Derived | None
    findings: tuple[Finding, ...]
    not_checked: tuple[str, ...]
    illustrative: bool
    alternatives: tuple[Decision, ...] = ()

    @property
    def deciding(self) -> tuple[Finding, ...]:
        """The hard findings (or soft ones, shown to the decider) that make the standing what it is."""
        return tuple(f for f in self.findings if f.applies and _counts(f) is self.standing)

    @property
    def missing(self) -> tuple[str, ...]:
        """Every missing fact named by a finding, once."""
        return tuple(dict.fromkeys(name for f in self.findings for name in f.missing))


def recognise(question: Question, facts: Facts | Known, rules: Sequence[Rule] = ALL) -> Decision:
    """Answer ``question`` from ``facts``; ``Known`` must be those facts at ``question.known_at``.

    Raises: NotFound for a certificate not on record at ``known_at`` or an unknown destination;
    EmptyRuleSet where no rule is in force.
    """
    known = facts.at(question.known_at) if isinstance(facts, Facts) else facts
    certificate = known.certificates.get(question.certificate)
    if certificate is None:
        when = question.known_at.isoformat()
        raise NotFound(
            f"no such certificate as of {when}: `{question.certificate}`",
            f"截至 {when} 没有此证书:“{question.certificate}”",
            fix="Check the number, or ask with a later knownAt.",
            fix_zh="请核对证书编号,或改用更晚的 knownAt。",
        )
    with localcontext(Context(prec=28)):
        places = [
            _at_place(question, certificate, place, known, rules)
            for place in members(question.destination, question.as_of, known)
        ]
    places.sort(key=lambda d: (-_rank(d)[0], -_rank(d)[1], -_rank(d)[2], d.region or "", d.scheme or ""))
    if len(places) == 1:
        return places[0]
    return replace(places[0], alternatives=tuple(places[1:]))


def _at_place(
    question: Question, certificate: Certificate, place: str, known: Known, rules: Sequence[Rule]
) -> Decision:
    """The best decision among the schemes of one place; the others are its alternatives."""
    category = category_of(certificate, known)
    decisions = [
        decide(dossier_of(certificate, target, question.purpose, question.as_of, known), question, rules)
        for target in targets(place, category, question.as_of, known)
    ]
    decisions.sort(key=lambda d: (*_rank(d), _uses(d, known), d.scheme or ""))
    return replace(decisions[0], alternatives=tuple(decisions[1:]))


def _rank(decision: Decision) -> tuple[int, int, int]:
    return decision.standing.severity, decision.legal.severity, decision.technical.severity


def _uses(decision: Decision, known: Known) -> bool:
    scheme = known.schemes.get(decision.scheme or "")
    return scheme is not None and scheme.uses is not None


def decide(dossier: Dossier, question: Question, rules: Sequence[Rule] = ALL) -> Decision:
    """Apply every rule in force at ``dossier.as_of`` and compose both verdicts and the standing.

    The order of ``rules`` does not matter. Raises: EmptyRuleSet rather than calling nothing a pass.
    """
    applied = sorted((r for r in rules if _in_force(r, dossier.as_of)), key=lambda r: (r.turn, _place(r)))
    checked = {rule.id for rule in applied}
    findings, quantity = _find_all(dossier, applied)
    legal = worst((f.outcome for f in findings if f.verdict is Kind.LEGAL), "legal")
    technical = worst((f.outcome for f in findings if f.verdict is Kind.TECHNICAL), "technical")
    sure = technical in (Outcome.EQUAL, Outcome.CONVERTIBLE)
    derived = _derived(quantity)
    target = dossier.target
    return Decision(
        question=question,
        certificate=dossier.certificate,
        scheme=target.scheme.id if target.exists else None,
        region=target.region,
        standing=worst((_counts(f) for f in findings), "standing"),
        legal=legal,
        technical=technical,
        value=derived if sure else None,
        preview=derived if technical is Outcome.CONDITIONAL else None,
        findings=tuple(sorted(findings, key=lambda f: SPECIFIED.index(f.rule))),
        not_checked=tuple(r for r in SPECIFIED if r not in checked),
        illustrative=_illustrative(dossier, findings),
    )


def _in_force(rule: Rule, at: datetime) -> bool:
    return start(rule.in_force) <= at and (rule.ends is None or at < start(rule.ends))


def _place(rule: Rule) -> int:
    return SPECIFIED.index(rule.id)


def _find_all(dossier: Dossier, rules: Iterable[Rule]) -> tuple[list[Finding], Quantity]:
    """Every finding; each conversion takes what the previous one left."""
    quantity = stated(dossier.certificate)
    findings = []
    for rule in rules:
        hard = hardness(rule.id, dossier.purpose, dossier.as_of)
        judgement = _judge(rule, dossier, quantity, hard)
        if not quantity.stated:
            judgement = replace(judgement, quantity=None)
        if judgement.quantity is not None:
            quantity = _signed(judgement.quantity, quantity, rule)
            judgement = replace(judgement, quantity=quantity)
        findings.append(finding(rule, judgement, hard, dossier))
    return findings, quantity


def _signed(after: Quantity, before: Quantity, rule: Rule) -> Quantity:
    """``after`` with its new steps in the name of ``rule``."""
    new = tuple(replace(step, rule=rule.id) for step in after.steps[len(before.steps) :])
    return replace(after, steps=(*before.steps, *new))


def _judge(rule: Rule, dossier: Dossier, quantity: Quantity, hard: Hardness) -> Judgement:
    if hard is Hardness.NONE:
        return not_applicable("此用途不适用", "does not matter for this purpose")
    if rule.needs_footprint and not dossier.carries_footprint:
        return not_applicable("此类记录不含碳足迹", "this kind of record carries no footprint")
    return _settled(rule.compare(dossier, quantity), rule, dossier)


def _settled(found: Judgement, rule: Rule, dossier: Dossier) -> Judgement:
    """Conditions that recorded facts met fall away; one refused or impossible blocks (domain 3a)."""
    if found.outcome is not Outcome.CONDITIONAL or not dossier.certificate.fulfilments:
        return found
    target = dossier.target.scheme.id
    states = [met(dossier.certificate, rule.id, c.id, target, dossier.as_of) for c in found.conditions]
    if False in states:
        says = found.conditions[states.index(False)].says
        because = Text(f"条件被拒绝或不可能满足:{says.zh}", f"refused or impossible: {says.en}")
        return replace(found, outcome=Outcome.BLOCKED, because=because, quantity=None)
    left = tuple(c for c, state in zip(found.conditions, states, strict=True) if state is None)
    if left:
        return replace(found, conditions=left)
    done = "; ".join(c.id for c in found.conditions)
    because = Text(f"条件已满足({done}):{found.because.zh}", f"met ({done}): {found.because.en}")
    outcome = Outcome.EQUAL if found.quantity is None else Outcome.CONVERTIBLE
    return replace(found, outcome=outcome, because=because, conditions=(), missing=())


def _counts(found: Finding) -> Outcome:
    """What a finding adds to the standing: a soft BLOCKED or UNKNOWN is shown to the decider."""
    if found.hard or not found.applies:
        return found.outcome
    shown = found.outcome.severity >= Outcome.UNKNOWN.severity
    return Outcome.CONDITIONAL if shown else Outcome.EQUAL


def _derived(quantity: Quantity) -> Derived | None:
    if not quantity.stated:
        return None
    with localcontext(Context(prec=PRECISION)):
        value, low, high = +quantity.value, +quantity.low, +quantity.high
    unit = f"kg CO2e/{quantity.unit}" if quantity.unit else "kg CO2e"
    return Derived(value, unit, low, high, quantity.bound, quantity.steps)


def _illustrative(dossier: Dossier, findings: Iterable[Finding]) -> bool:
    records = (dossier.certificate, dossier.issuer, dossier.issuer_rule, dossier.target.scheme)
    return any(r.illustrative for r in records if r) or any(f.illustrative for f in findings)
