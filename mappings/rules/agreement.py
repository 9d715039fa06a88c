"""R1: there is an agreement in force, or the same scheme on both sides."""

from __future__ import annotations

from huren.graph.model.scheme import TextState
from huren.graph.model.text import Text
from huren.mappings.dossier import Dossier
from huren.mappings.judgement import Judgement, blocked, equal, marked, not_applicable
from huren.mappings.outcome import Outcome
from huren.mappings.quantity import Quantity
from huren.mappings.route import Hop, RouteKind
from huren.mappings.rule import Clause, Kind, Rule

_STATES = {
    None: Text("尚未生效", "not in force yet"),
    TextState.DRAFT: Text("仍为草案", "only a draft"),
    TextState.MOU: Text("仅为谅解备忘录", "only a memorandum"),
    TextState.SIGNED: Text("已签署但未生效", "signed but not in force"),
    TextState.SUSPENDED: Text("已暂停", "suspended"),
    TextState.ENDED: Text(
        "已终止,且过渡条款不涵盖此证书", "ended, and no transition clause covers this certificate"
    ),
}


def state_said(state: TextState | None) -> Text:
    """A state that is not in force, in words."""
    return _STATES.get(state, Text("未生效", "not in force"))


def _not_in_force(hop: Hop) -> Judgement:
    state = state_said(hop.state)
    name = hop.agreement.id
    return blocked(
        f"协议 {name} {state.zh},不构成依据", f"agreement {name} is {state.en}: it grounds nothing"
    )


def _compare(dossier: Dossier, quantity: Quantity) -> Judgement:
    route, target = dossier.route, dossier.target.scheme.id
    scheme = dossier.certificate.scheme
    if route.kind is RouteKind.SAME_SCHEME:
        return equal(
            f"双方适用同一制度({scheme}、{target})", f"one scheme on both sides ({scheme}, {target})"
        )
    if route.kind is RouteKind.NATIONAL_LABEL:
        return equal(
            f"{scheme} 为全国统一标识,无需协议", f"{scheme} is the national label: no agreement needed"
        )
    if route.kind is RouteKind.NOTHING:
        return blocked(f"{scheme} 与 {target} 之间没有互认协议", f"no agreement joins {scheme} and {target}")
    if route.kind is RouteKind.NOT_IN_FORCE:
        found = _not_in_force(route.hops[0])
    elif route.kind is RouteKind.AGREEMENTS:
        names = ", ".join(hop.agreement.id for hop in route.hops)
        found = equal(f"有生效的协议:{names}", f"in force: {names}")
    else:
        found = not_applicable("由 R3 或 R4 判断", "judged by R3 or R4")
    return marked(found, route.illustrative)


AGREEMENT = Rule(
    id="R1",
    code="agreement",
    kind=Kind.LEGAL,
    says=Text("双方之间有生效的互认协议", "an agreement in force joins both sides"),
    clause=Clause("ISO/TS 14029:2022", "5"),
    compare=_compare,
    outcomes=frozenset({Outcome.EQUAL, Outcome.BLOCKED}),
    reads=("certificate.scheme", "target.scheme.id", "target.region", "route.kind", "route.path"),
    fix=Text("双方须缔结生效的互认协议", "conclude an agreement that is in force between both sides"),
)
