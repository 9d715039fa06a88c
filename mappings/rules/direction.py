"""R3: the agreement works in this direction and for a certificate of these dates."""

from __future__ import annotations

from huren.graph.model.scheme import TextState
from huren.graph.model.text import Lang, Text
from huren.mappings.agreement_terms import dates_outcome
from huren.mappings.dossier import Dossier
from huren.mappings.judgement import Condition, Judgement, blocked, equal, marked, not_applicable, unknown
from huren.mappings.outcome import Outcome
from huren.mappings.quantity import Quantity
from huren.mappings.route import RouteKind
from huren.mappings.rule import Clause, Kind, Rule


def _terms(dossier: Dossier) -> Judgement:
    conditions: list[Condition] = []
    for hop in dossier.route.hops:
        found = dates_outcome(hop.agreement, dossier.route.sides)
        clause = hop.agreement.transition if hop.state is TextState.ENDED else None
        if found is Outcome.BLOCKED:
            name = hop.agreement.id
            return blocked(
                f"发证日期不在协议 {name} 的期限内", f"agreement {name} does not cover its day of issue"
            )
        if found is Outcome.UNKNOWN or (clause and dossier.issued is None):
            return unknown("issued")
        if clause:
            conditions += [Condition(term.id, term.says) for term in clause.terms]
    if not conditions:
        return equal("方向与期限均符合", "direction and dates agree")
    because = Text(
        "按过渡条款承认,条件为:" + ";".join(c.says.say(Lang.ZH) for c in conditions),
        "covered by the transition clause on terms: " + "; ".join(c.says.say(Lang.EN) for c in conditions),
    )
    return Judgement(Outcome.CONDITIONAL, because, conditions=tuple(conditions))


def _compare(dossier: Dossier, quantity: Quantity) -> Judgement:
    route = dossier.route
    if route.kind in (RouteKind.SAME_SCHEME, RouteKind.NATIONAL_LABEL):
        return equal("同一制度,不涉及方向", "one scheme: there is no direction")
    if route.kind is RouteKind.AGREEMENTS:
        found = _terms(dossier)
    elif route.kind is RouteKind.WRONG_DIRECTION:
        name = route.hops[0].agreement.id
        found = blocked(
            f"协议 {name} 只在相反方向有效", f"agreement {name} works only in the other direction"
        )
    else:
        found = not_applicable("没有可用的协议", "there is no agreement to read")
    return marked(found, route.illustrative)


DIRECTION = Rule(
    id="R3",
    code="direction",
    kind=Kind.LEGAL,
    says=Text(
        "协议在此方向、对此日期的证书有效", "the agreement works in this direction and for these dates"
    ),
    clause=Clause("协议条款", ""),
    compare=_compare,
    outcomes=frozenset({Outcome.EQUAL, Outcome.CONDITIONAL, Outcome.UNKNOWN, Outcome.BLOCKED}),
    reads=("route.kind", "route.path", "issued", "certificate.fulfilments"),
    fix=Text(
        "须有此方向的协议,或满足过渡条款", "an agreement in this direction, or the terms of its transition"
    ),
)
