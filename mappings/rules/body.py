"""R9: the body was approved on the day of issue, and what became of it since."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from huren.graph.model.body import Body, BodyState
from huren.graph.model.dated import holds, start
from huren.graph.model.text import Text
from huren.mappings.dossier import Dossier
from huren.mappings.judgement import Judgement, absent, blocked, conditional, equal, not_applicable, unknown
from huren.mappings.lifetime import body_state
from huren.mappings.outcome import Outcome
from huren.mappings.quantity import Quantity
from huren.mappings.rule import Clause, Kind, Rule

AUDITORS = {"CN-CFP": 10}
"""Full-time auditors that a scheme's bodies must have (通用实施规则)."""

_AT_ISSUE = {
    BodyState.SUSPENDED: Text("发证时机构处于暂停", "the body was suspended on the day of issue"),
    BodyState.BLACKLISTED: Text("发证时机构已被列入黑名单", "the body was blacklisted on the day of issue"),
    BodyState.EXITED: Text("发证时机构已退出", "the body had exited by the day of issue"),
}


def _approved(body: Body, dossier: Dossier, issued: datetime) -> bool:
    """Whether an approval for the scheme (or the one it uses) and the category held at issue."""
    issuer = dossier.issuer
    schemes = {dossier.certificate.scheme} | ({dossier.known.root(issuer).id} if issuer else set())
    line = dossier.known.category_line(dossier.category) if dossier.category else ()
    return any(
        a.scheme in schemes
        and (not a.categories or not frozenset(a.categories).isdisjoint(line))
        and holds(a.since, a.until, issued)
        for a in body.approvals
    )


def _at_issue(body: Body, dossier: Dossier, issued: datetime) -> Judgement | None:
    state = body_state(body, issued)
    if state in _AT_ISSUE:
        return blocked(_AT_ISSUE[state].zh, _AT_ISSUE[state].en)
    issuer = dossier.issuer
    if (issuer is None or issuer.approves_bodies) and not _approved(body, dossier, issued):
        return blocked(
            f"发证日未见机构 {body.id} 对此制度和类别的批准",
            f"no approval of {body.id} on record for that day",
        )
    signatory = dossier.certificate.signatory
    if signatory and not any(s.id == signatory and holds(s.since, s.until, issued) for s in body.signatories):
        return blocked(
            f"签字人 {signatory} 在发证日无授权", f"signatory {signatory} was not authorised that day"
        )
    return None


def _now(body: Body, dossier: Dossier) -> Judgement:
    state = body_state(body, dossier.as_of)
    if state is BodyState.BLACKLISTED:
        return conditional("re_verify", "机构其后被列入黑名单:须重新核查", "blacklisted since: re-verify")
    if state is BodyState.SUSPENDED:
        return conditional("lifted", "机构目前暂停:待恢复", "suspended now: until it is lifted")
    name = body.id
    warning = None
    if state is BodyState.EXITED:
        warning = Text(f"机构 {name} 其后已退出", f"{name} has exited since")
    elif state is BodyState.REINSTATED:
        warning = Text(
            f"机构 {name} 曾被暂停或列入黑名单,现已恢复",
            f"{name} was suspended or blacklisted, now reinstated",
        )
    return equal(
        f"机构 {name} 在发证日有效",
        f"{name} was in good standing on the day of issue",
        *([warning] if warning else []),
    )


def _doubts(body: Body, dossier: Dossier, issued: datetime) -> Iterator[Text]:
    """What speaks against the body without deciding: a failed test not passed again, too few auditors."""
    before = [c for c in body.competence if c.kind == "proficiency_test" and start(c.on) <= issued]
    tests = sorted((c for c in before if c.passed is not None), key=lambda c: (start(c.on), bool(c.passed)))
    if tests and not tests[-1].passed:
        yield Text(
            f"机构 {body.id} 发证前最近一次能力验证未通过",
            f"{body.id} had failed its last proficiency test before the issue",
        )
    root = dossier.known.root(dossier.issuer).id if dossier.issuer else None
    wanted = AUDITORS.get(root or "")
    if wanted is not None and body.auditors is not None and body.auditors < wanted:
        yield Text(
            f"机构 {body.id} 登记的审核员({body.auditors})少于 {wanted} 人",
            f"{body.id} has {body.auditors} auditors on record, fewer than {wanted}",
        )


def _compare(dossier: Dossier, quantity: Quantity) -> Judgement:
    name, issuer = dossier.certificate.body, dossier.issuer
    free = issuer is not None and not issuer.approves_bodies
    if name is None and free:
        return not_applicable("该制度不要求机构", "the scheme asks for no body")
    category = "any" if free else dossier.category
    missing = absent(body=name, issued=dossier.issued, category=category)
    if name is None or dossier.issued is None or missing:
        return unknown(*missing)
    body = dossier.known.bodies.get(name)
    if body is None:
        if free:
            return not_applicable(f"该制度不批准机构({name})", f"the scheme approves no bodies ({name})")
        return blocked(f"未见机构 {name} 的批准记录", f"no approval of {name} is on record")
    found = _at_issue(body, dossier, dossier.issued) or _now(body, dossier)
    return replace(found, warnings=(*found.warnings, *_doubts(body, dossier, dossier.issued)))


BODY = Rule(
    id="R9",
    code="body",
    kind=Kind.LEGAL,
    says=Text(
        "发证机构在发证日获批准且状态良好", "the body was approved and in good standing on the day of issue"
    ),
    clause=Clause("国市监认证发〔2024〕85号; 发改环资〔2023〕1529号; 沪方案", "S1-20, S3-23, S4-15"),
    compare=_compare,
    outcomes=frozenset({Outcome.EQUAL, Outcome.CONDITIONAL, Outcome.UNKNOWN, Outcome.BLOCKED}),
    reads=("certificate.body", "certificate.scheme", "issued", "certificate.signatory", "category"),
    fix=Text("由获批准的机构重新核查", "have an approved body verify it again"),
)
