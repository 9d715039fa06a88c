"""R12b: the rule that the certificate was issued under was filed, listed, complete and in force that day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

from huren.graph.model.dated import start
from huren.graph.model.facts import Known
from huren.graph.model.scheme import CertificationRule, RuleKind, RulePart, Scheme, TextState
from huren.graph.model.terms import RecordType
from huren.graph.model.text import Text
from huren.mappings.dossier import Dossier
from huren.mappings.judgement import Condition, Judgement, absent, blocked, equal, not_applicable, unknown
from huren.mappings.lifetime import rule_state, scheme_state
from huren.mappings.outcome import Outcome
from huren.mappings.quantity import Quantity
from huren.mappings.rule import Clause, Kind, Rule

FIVE_PARTS_SINCE = date(2024, 8, 30)
"""The day on which S1-24 asked for five parts; S3 had named four, without the basis."""

_OWN_LAW = ("CN-HK", "CN-MO", "CN-TW")
_STOPPED = {
    TextState.DRAFT: Text("尚为草案", "a draft"),
    TextState.MOU: Text("仅为备忘录", "a memorandum"),
    TextState.WITHDRAWN: Text("已废止", "withdrawn"),
    TextState.SUPERSEDED: Text("已被取代", "superseded"),
    TextState.ENDED: Text("已终止", "ended"),
    TextState.SUSPENDED: Text("暂停执行", "suspended"),
}
_PARTS = {
    RulePart.SCOPE: Text("适用范围", "scope"),
    RulePart.BASIS: Text("认证依据", "basis"),
    RulePart.PROCEDURE: Text("认证流程", "procedure"),
    RulePart.MARK: Text("标识样式", "mark"),
    RulePart.MANAGEMENT: Text("管理要求", "management"),
}


_UNCERTIFIED = frozenset({RecordType.ACCOUNTING_REPORT, RecordType.PACT_RECORD, RecordType.CBAM_DECLARATION})
"""Records that nobody certifies, so that no certification rule stands behind them (S2-3)."""


def _chinese(scheme: Scheme, at: datetime, known: Known) -> bool:
    """Whether certificates of ``scheme`` are issued under the law of the mainland."""
    regions = [r for area in scheme.issued_in for r in (known.members(area, at) or (area,))]
    return any(
        known.within(r, "CN", at) and not any(known.within(r, own, at) for own in _OWN_LAW) for r in regions
    )


def _general(dossier: Dossier, issuer: Scheme, issued: datetime) -> CertificationRule | None:
    """The general rule in force at issue: the scheme's own, else that of the scheme it uses."""
    schemes = (issuer.id, dossier.known.root(issuer).id)
    found = [
        rule
        for rule in dossier.known.rules.values()
        if rule.scheme in schemes
        and rule.kind is RuleKind.GENERAL
        and rule_state(rule, issued, dossier.known) is TextState.IN_FORCE
    ]
    return min(found, key=lambda r: (schemes.index(r.scheme or ""), r.id), default=None)


def _not_standing(rule: CertificationRule, issued: datetime, known: Known) -> Judgement | None:
    state = rule_state(rule, issued, known)
    if state is TextState.IN_FORCE:
        return None
    said = _STOPPED[state] if state in _STOPPED else Text("尚未生效", "not in force yet")
    return blocked(f"规则 {rule.id} 在发证日{said.zh}", f"rule {rule.id} was {said.en} on the day of issue")


def _by(when: date | datetime | None, at: datetime) -> bool:
    return when is not None and start(when) <= at


def _filing(rule: CertificationRule, issued: datetime, as_of: datetime) -> Judgement | Condition | None:
    """Only a filed rule on the list counts (S4-10, S3-5); one that came there later is issued under anew."""
    if not _by(rule.filed, as_of):
        return blocked(f"未见规则 {rule.id} 的备案记录", f"no filing of rule {rule.id} is on record")
    if not _by(rule.filed, issued):
        says = Text(
            f"规则 {rule.id} 在发证后备案:须按备案规则重新发证",
            f"rule {rule.id} was filed after the issue: to be re-issued under the filed rule",
        )
        return Condition("reissue", says)
    if not _by(rule.listed, as_of):
        return blocked(
            f"规则 {rule.id} 不在采信清单上", f"rule {rule.id} is not on the list of accepted rules (S3-5)"
        )
    if not _by(rule.listed, issued):
        says = Text(
            f"规则 {rule.id} 在发证后列入采信清单:须按清单内规则重新发证",
            f"rule {rule.id} was listed after the issue: to be re-issued under the listed rule",
        )
        return Condition("reissue", says)
    return None


def _old(rule: CertificationRule) -> bool | None:
    """Whether four parts suffice; None: the day it was made is not known. None is made after its filing."""
    if rule.made is not None:
        return start(rule.made) < start(FIVE_PARTS_SINCE)
    later = [start(day) for day in (rule.filed, rule.published, rule.effective) if day is not None]
    return True if later and min(later) < start(FIVE_PARTS_SINCE) else None


def _incomplete(rule: CertificationRule) -> Judgement | Condition | None:
    missing = [part for part in RulePart if part not in rule.parts]
    old = _old(rule)
    if missing == [RulePart.BASIS] and old is None:
        return unknown("rule.made")
    if old:
        missing = [part for part in missing if part is not RulePart.BASIS]
    if not missing:
        return None
    zh, en = "、".join(_PARTS[p].zh for p in missing), ", ".join(_PARTS[p].en for p in missing)
    return Condition("parts", Text(f"规则 {rule.id} 补齐{zh}", f"rule {rule.id} is completed by its {en}"))


def _mainland(rule: CertificationRule, issued: datetime, dossier: Dossier) -> Iterator[Judgement | Condition]:
    stopped, as_of = _not_standing(rule, issued, dossier.known), dossier.as_of
    filing = _filing(rule, issued, as_of)
    drafted = rule_state(rule, issued, dossier.known) in _STOPPED
    # A rule filed after the issue was seldom in force before: what would cure it is said, not that.
    if stopped and (drafted or not isinstance(filing, Condition)):
        yield stopped
    for found in (filing, _incomplete(rule)):
        if found:
            yield found


def _abroad(rule: CertificationRule, issued: datetime, dossier: Dossier) -> Iterator[Judgement]:
    if rule.published is not None and not _by(rule.published, issued):
        yield blocked(
            f"规则 {rule.id} 在发证日尚未公布", f"rule {rule.id} was not published on the day of issue"
        )
    stopped = _not_standing(rule, issued, dossier.known)
    if stopped:
        yield stopped


def _composed(found: list[Judgement | Condition], rule: CertificationRule) -> Judgement:
    """The worst that was found, with every open condition."""
    said = [f for f in found if isinstance(f, Judgement)]
    conditions = tuple(f for f in found if isinstance(f, Condition))
    if said:
        return max(said, key=lambda f: f.outcome.severity)
    if not conditions:
        return equal(f"规则 {rule.id} 在发证日有效", f"rule {rule.id} stood on the day of issue")
    because = Text(";".join(c.says.zh for c in conditions), "; ".join(c.says.en for c in conditions))
    return Judgement(Outcome.CONDITIONAL, because, conditions=conditions)


def _without_rule(dossier: Dossier, issuer: Scheme, issued: datetime, chinese: bool) -> Judgement:
    """A scheme abroad that has no rule on record, such as a standard, stands for itself."""
    schemes = {issuer.id, dossier.known.root(issuer).id}
    if chinese or any(rule.scheme in schemes for rule in dossier.known.rules.values()):
        return unknown("rule")
    if scheme_state(issuer, issued, dossier.known) is TextState.IN_FORCE:
        return equal(f"{issuer.id} 在发证日有效", f"{issuer.id} itself stood on the day of issue")
    return blocked(f"{issuer.id} 在发证日未生效", f"{issuer.id} was not in force on the day of issue")


def _compare(dossier: Dossier, quantity: Quantity) -> Judgement:
    issuer, issued, named = dossier.issuer, dossier.issued, dossier.certificate.rule
    if issuer is None or issued is None:
        return unknown(*absent(scheme=issuer, issued=issued))
    if named is None and dossier.record_type in _UNCERTIFIED:
        return not_applicable("此类记录不依据认证规则", "such a record is issued under no certification rule")
    rule = dossier.issuer_rule if named else _general(dossier, issuer, issued)
    chinese = _chinese(issuer, issued, dossier.known)
    if named and rule is None:
        return blocked(f"未见规则 {named} 的记录", f"no rule {named} is on record")
    if rule is None:
        return _without_rule(dossier, issuer, issued, chinese)
    # A product standard is published, not filed.
    filed = chinese and rule.kind is not RuleKind.ACCOUNTING
    found = (_mainland if filed else _abroad)(rule, issued, dossier)
    return replace(_composed(list(found), rule), illustrative=rule.illustrative)


RULE_STATUS = Rule(
    id="R12b",
    code="rule_status",
    kind=Kind.LEGAL,
    says=Text(
        "发证所依据的规则在发证日已备案、在清单上、内容齐全并有效",
        "the rule it was issued under was filed, listed, complete and in force on the day of issue",
    ),
    clause=Clause("发改环资〔2023〕1529号; 沪方案; 国市监认证发〔2024〕85号", "S3-5, S4-10, S1-24"),
    compare=_compare,
    outcomes=frozenset({Outcome.EQUAL, Outcome.CONDITIONAL, Outcome.UNKNOWN, Outcome.BLOCKED}),
    reads=("certificate.rule", "certificate.scheme", "issued", "record_type"),
    fix=Text("按已备案并列入清单的规则重新发证", "have it re-issued under a filed and listed rule"),
)
