"""R4: recognition passes from agreement to agreement only where a clause says so."""

from __future__ import annotations

from huren.graph.model.text import Text
from huren.mappings.dossier import Dossier
from huren.mappings.judgement import Judgement, blocked, equal, marked, not_applicable
from huren.mappings.outcome import Outcome
from huren.mappings.quantity import Quantity
from huren.mappings.route import Route, RouteKind, suffices
from huren.mappings.rule import Clause, Kind, Rule
from huren.mappings.rules.agreement import state_said


def _broken(route: Route) -> Judgement:
    """The first hop at which the walk ends."""
    for n, hop in enumerate(route.hops):
        name = hop.agreement.id
        if not hop.live:
            state = state_said(hop.state)
            return blocked(f"{route.path}:{name} {state.zh}", f"{route.path}: {name} is {state.en}")
        if n and not suffices(hop.agreement, n):
            return blocked(
                f"{route.path}:{name} 没有“对方承认即可”的条款",
                f"{route.path}: {name} has no clause that the other side's recognition suffices",
            )
        if n < len(route.hops) - 1 and not hop.passes_result:
            return blocked(
                f"{route.path}:{name} 不承认结果,无可传递",
                f"{route.path}: {name} recognises no result to pass on",
            )
    most = route.sides.max_hops
    return blocked(f"{route.path}:超过 {most} 个协议", f"{route.path}: more than {most} agreements")


def _compare(dossier: Dossier, quantity: Quantity) -> Judgement:
    route = dossier.route
    if route.kind is RouteKind.NOT_PASSED_ON:
        found = _broken(route)
    elif route.kind is RouteKind.AGREEMENTS and len(route.hops) > 1:
        found = equal(f"经条款传递承认:{route.path}", f"passed on by clause: {route.path}")
    elif route.kind in (RouteKind.SAME_SCHEME, RouteKind.NATIONAL_LABEL):
        return equal("同一制度,无需传递", "one scheme: nothing needs passing on")
    else:
        found = not_applicable("不涉及传递承认", "nothing is passed on")
    return marked(found, route.illustrative)


TRANSITIVITY = Rule(
    id="R4",
    code="transitivity",
    kind=Kind.LEGAL,
    says=Text("间接承认须有明文条款", "recognition is passed on only by an express clause"),
    clause=Clause("ISO/TS 14029:2022", "5"),
    compare=_compare,
    outcomes=frozenset({Outcome.EQUAL, Outcome.BLOCKED}),
    reads=("route.kind", "route.path", "route.sides.max_hops"),
    fix=Text(
        "须有直接协议,或含传递条款的协议", "a direct agreement, or one whose clause passes recognition on"
    ),
)
