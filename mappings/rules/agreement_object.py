"""R2: the agreement recognises results, not only methods or marks."""

from __future__ import annotations

from huren.graph.model.agreement import Step
from huren.graph.model.text import Lang, Text
from huren.mappings.agreement_terms import object_outcome, takes_record
from huren.mappings.dossier import Dossier
from huren.mappings.judgement import Condition, Judgement, blocked, conditional, equal, marked, not_applicable
from huren.mappings.outcome import Outcome
from huren.mappings.quantity import Quantity
from huren.mappings.route import RouteKind
from huren.mappings.rule import Clause, Kind, Rule


def _steps(steps: tuple[Step, ...]) -> Judgement:
    zh = "互认流程步骤须完成:" + ";".join(s.says.say(Lang.ZH) for s in steps)
    en = "process steps to be done: " + "; ".join(s.says.say(Lang.EN) for s in steps)
    conditions = tuple(Condition(s.id, s.says) for s in steps)
    return Judgement(Outcome.CONDITIONAL, Text(zh, en), conditions=conditions)


def _by_object(dossier: Dossier) -> Judgement:
    for hop in dossier.route.hops:
        name = hop.agreement.id
        if not takes_record(hop.agreement, dossier.route.sides):
            return blocked(
                f"协议 {name} 不涵盖此类记录", f"agreement {name} does not take this kind of record"
            )
        outcome = object_outcome(hop.agreement, dossier.purpose)
        if outcome is Outcome.BLOCKED:
            return blocked(f"协议 {name} 只涉及标识", f"agreement {name} is on the mark alone")
        if outcome is Outcome.CONDITIONAL:
            return conditional(
                "reissue",
                f"协议 {name} 只承认方法:结果须按目的地规则重新出具",
                f"agreement {name} recognises the method: the result must be re-issued",
            )
    steps = tuple(step for hop in dossier.route.hops for step in hop.agreement.steps)
    return _steps(steps) if steps else equal("协议承认认证结果", "the agreement recognises results")


def _compare(dossier: Dossier, quantity: Quantity) -> Judgement:
    route = dossier.route
    if route.kind in (RouteKind.SAME_SCHEME, RouteKind.NATIONAL_LABEL):
        return equal("同一制度,结果本身即被承认", "one scheme: the result itself is recognised")
    if route.kind is not RouteKind.AGREEMENTS:
        return not_applicable("没有可用的协议", "there is no agreement to read")
    return marked(_by_object(dossier), route.illustrative)


AGREEMENT_OBJECT = Rule(
    id="R2",
    code="agreement_object",
    kind=Kind.LEGAL,
    says=Text("协议承认的对象包括认证结果", "the agreement recognises certification results"),
    clause=Clause(
        "京市监发〔2025〕33号; 津方案(征求意见稿); 发改环资〔2023〕1529号", "S0-13, S2-19, S3-16, S4-19"
    ),
    compare=_compare,
    outcomes=frozenset({Outcome.EQUAL, Outcome.CONDITIONAL, Outcome.BLOCKED}),
    reads=("route.kind", "route.path", "record_type", "certificate.fulfilments"),
    fix=Text(
        "完成协议规定的步骤,或按目的地规则重新认证",
        "do the steps of the agreement, or certify under the other rule",
    ),
)
