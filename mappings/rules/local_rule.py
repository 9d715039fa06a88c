"""R8: a local rule falls when a national one for the category takes effect (S3-29)."""

from __future__ import annotations

from datetime import date, datetime

from huren.graph.model.dated import end, start
from huren.graph.model.scheme import CertificationRule, RuleKind, Scheme, TextState
from huren.graph.model.terms import Level
from huren.graph.model.text import Text
from huren.mappings.dossier import Dossier, lists
from huren.mappings.judgement import Judgement, absent, blocked, conditional, equal, not_applicable, unknown
from huren.mappings.lifetime import predecessors, rule_state
from huren.mappings.outcome import Outcome
from huren.mappings.quantity import Quantity
from huren.mappings.rule import Clause, Kind, Rule


def _displacing(dossier: Dossier, scheme: Scheme) -> tuple[CertificationRule, datetime] | None:
    """The first national rule for the category that displaced local ones of ``scheme``, and when."""
    fallen = [
        _fell(rule, dossier, scheme)
        for rule in dossier.known.rules.values()
        if _displaces(rule, dossier, scheme)
        and rule_state(rule, dossier.as_of, dossier.known) is TextState.IN_FORCE
    ]
    now = [(when, rule) for when, rule in fallen if when <= dossier.as_of]
    when, rule = min(now, key=lambda f: (f[0], f[1].id), default=(None, None))
    return None if when is None or rule is None else (rule, when)


def _fell(rule: CertificationRule, dossier: Dossier, scheme: Scheme) -> tuple[datetime, CertificationRule]:
    """When local rules fell: with the first national edition, for they do not rise between two."""
    line = [one for one in (rule, *predecessors(rule, dossier.known)) if _displaces(one, dossier, scheme)]
    falls = [(start(one.locals_fall_on or one.effective), one) for one in line if one.effective is not None]
    return min(falls, key=lambda f: (f[0], f[1].id))


def _displaces(rule: CertificationRule, dossier: Dossier, scheme: Scheme) -> bool:
    if rule.level is not Level.NATIONAL or rule.kind is RuleKind.GENERAL or rule.effective is None:
        return False
    where = (*scheme.issued_in, *scheme.accepted_in)
    here = rule.country is None or any(
        dossier.known.within(region, rule.country, dossier.as_of) for region in where
    )
    return here and lists(rule.categories, dossier.category, dossier.as_of, dossier.known)


def _is_local(dossier: Dossier, scheme: Scheme, rule: CertificationRule | None) -> bool:
    return (rule.level if rule else dossier.known.root(scheme).level) is Level.LOCAL


def _transition(dossier: Dossier, displacing: CertificationRule) -> datetime | None:
    """The end of the later transition that either rule grants."""
    rules = (displacing, dossier.issuer_rule)
    ends = [end(r.transition_until) for r in rules if r and r.transition_until is not None]
    return max(ends, default=None)


def _issuing_side(dossier: Dossier, displacing: CertificationRule, fell: datetime) -> Judgement:
    name, day = displacing.id, fell.date().isoformat()
    until = _transition(dossier, displacing)
    refused = blocked(
        f"全国规则 {name} 自 {day} 生效,地方规则下的证书不再被新采信",
        f"national rule {name} took effect on {day}: certificates on the local rule gain no new acceptance",
    )
    if until is None or dossier.as_of >= until or _ended(dossier):
        return refused
    if dossier.issued is None:
        return unknown("issued")
    if dossier.issued >= fell:
        return refused
    last = until.date().isoformat()
    return conditional(
        "transfer",
        f"仅按过渡条款接受:须在 {last} 前转换到全国规则 {name}",
        f"only under the transition clause: to be transferred to {name} before {last}",
    )


def _ended(dossier: Dossier) -> bool:
    until: date | None = dossier.certificate.valid_until
    return until is not None and dossier.as_of >= end(until, dossier.zone)


def _compare(dossier: Dossier, quantity: Quantity) -> Judgement:
    issuer, accepting = dossier.issuer, dossier.target.scheme
    issued_local = issuer is not None and _is_local(dossier, issuer, dossier.issuer_rule)
    accepts_local = _is_local(dossier, accepting, None)
    if not issued_local and not accepts_local:
        return not_applicable("双方均非地方规则", "neither side is a local rule")
    if dossier.category is None:
        return unknown(*absent(category=dossier.category, issued=dossier.issued))
    if accepts_local and (found := _displacing(dossier, accepting)):
        return blocked(
            f"目的地的地方规则已被全国规则 {found[0].id} 取代",
            f"the destination's local rule fell to national rule {found[0].id}",
        )
    displaced = _displacing(dossier, issuer) if issuer and issued_local else None
    if displaced:
        return _issuing_side(dossier, *displaced)
    return equal("此类别尚无生效的全国规则", "no national rule for the category is in force")


LOCAL_RULE = Rule(
    id="R8",
    code="local_rule",
    kind=Kind.LEGAL,
    says=Text("地方规则未被全国规则取代", "no national rule has displaced a local one"),
    clause=Clause("发改环资〔2023〕1529号", "S3-28, S3-29"),
    compare=_compare,
    outcomes=frozenset({Outcome.EQUAL, Outcome.CONDITIONAL, Outcome.UNKNOWN, Outcome.BLOCKED}),
    reads=(
        "certificate.scheme",
        "certificate.rule",
        "certificate.valid_until",
        "issued",
        "category",
        "target.scheme.id",
    ),
    fix=Text("按全国规则重新认证", "certify under the national rule"),
    in_force=date(2023, 11, 13),
)
