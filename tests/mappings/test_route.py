"""The route that is found, against its definition walked agreement by agreement: slow and obviously right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from huren.graph.model.agreement import Agreement, Side, Transition
from huren.graph.model.facts import Facts, Known
from huren.graph.model.scheme import TextState
from huren.graph.model.terms import AgreementObject
from huren.graph.model.text import Text
from huren.mappings.agreement_terms import Sides, covers, hop_outcome, transition_covers
from huren.mappings.decide import recognise
from huren.mappings.lifetime import agreement_state, end_of_agreement
from huren.mappings.route import Hop, Route, RouteKind, suffices
from tests.mappings.conftest import CALENDAR, COMPLETE, MOMENTS, SHIPPED, STEP, agreements, world_of

QUESTION = world_of({}).question
LAST = max(CALENDAR)
MISSED = {TextState.IN_FORCE, TextState.ENDED, TextState.SUSPENDED}
Step = tuple[Agreement, str]
"""An agreement and the party that it reaches."""


class Definition:
    """What a route is, over every party on record."""

    def __init__(self, sides: Sides, known: Known) -> None:
        self.sides, self.known = sides, known
        self.parties = {*known.schemes, *known.memberships, *known.inside}
        for a in known.agreements.values():
            self.parties |= {
                *a.issuing.regions,
                *a.issuing.schemes,
                *a.accepting.regions,
                *a.accepting.schemes,
            }
        issuer, accepting = sides.issuer, sides.accepting
        self.home = {issuer.id, *issuer.issued_in} if issuer else {sides.scheme}
        self.goal = {accepting.id} | ({sides.region} if sides.region else set(accepting.accepted_in))
        self.parties |= self.home | self.goal
        self.areas = {party: known.areas(party, sides.at) for party in self.parties}
        self.lives = {a.id for a in known.agreements.values() if self._live(a)}

    def state(self, a: Agreement) -> TextState | None:
        return agreement_state(a, self.sides.at, self.known)

    def live(self, a: Agreement) -> bool:
        return a.id in self.lives

    def _live(self, a: Agreement) -> bool:
        ended = end_of_agreement(a, self.known)
        over = self.state(a) is TextState.ENDED and transition_covers(a, ended, self.sides)
        return self.state(a) is TextState.IN_FORCE or over

    def was_live(self, a: Agreement) -> bool:
        return self.state(a) in MISSED

    def on(self, party: str, side: Side) -> bool:
        return party in side.schemes or bool(self.areas[party] & set(side.regions))

    def steps(self, party: str, use: Callable[[Agreement], bool]) -> Iterator[Step]:
        for a in filter(use, self.known.agreements.values()):
            ways = [(a.issuing, a.accepting)] + ([(a.accepting, a.issuing)] if a.both_ways else [])
            for giving, taking in ways:
                if self.on(party, giving):
                    yield from ((a, other) for other in self.parties - {party} if self.on(other, taking))

    def cost(self, a: Agreement) -> int:
        return hop_outcome(a, self.state(a) is TextState.ENDED, self.sides, self.known).severity

    def walks(self, party: str, before: tuple[Agreement, ...] = ()) -> Iterator[tuple[Agreement, ...]]:
        """Every walk of live agreements to the goal in which each passes on to the next."""
        if before and party in self.goal:
            yield before
        if len(before) == self.sides.max_hops:
            return
        for a, reached in self.steps(party, self.live):
            passed = not before or (
                AgreementObject.RESULT in covers(before[-1])
                and a.passes_on
                and (len(before) == 1 or not a.direct_only)
            )
            if passed:
                yield from self.walks(reached, (*before, a))

    def best(self) -> tuple[int, int] | None:
        """The mildest worst finding, and the least agreements with which there is it."""
        found = [(max(map(self.cost, w)), len(w)) for party in self.home for w in self.walks(party)]
        return min(found, default=None)

    def joined(self) -> int:
        """The least agreements, in force or not any more, that join home and goal at all; 0: none do."""
        seen, layer, length = set(self.home), set(self.home), 0
        while layer:
            length += 1
            layer = {to for party in layer for _, to in self.steps(party, self.was_live)} - seen
            if layer & self.goal:
                return length
            seen |= layer
        return 0

    def miss(self) -> tuple[RouteKind, int]:
        """Why there is no live route, and how many agreements show it."""
        direct = [a for p in self.home for a, to in self.steps(p, lambda _: True) if to in self.goal]
        over = [a for a in direct if self.was_live(a)]
        back = [a for p in self.goal for a, to in self.steps(p, self.live) if to in self.home]
        if back and not over:
            return RouteKind.WRONG_DIRECTION, 1
        if not over and (length := self.joined()):
            return RouteKind.NOT_PASSED_ON, length
        return (RouteKind.NOT_IN_FORCE, 1) if direct else (RouteKind.NOTHING, 0)


def holds_together(route: Route, told: Definition) -> None:
    """Each hop is a step from where the one before ended, from home to goal (the other way if it is back)."""
    start, end = (told.home, told.goal)
    if route.kind is RouteKind.WRONG_DIRECTION:
        start, end = end, start
    assert route.hops[0].entered in start
    assert route.hops[-1].reached in end
    for hop, following in zip(route.hops, route.hops[1:], strict=False):
        assert hop.reached == following.entered
    for hop in route.hops:
        assert (hop.agreement, hop.reached) in set(told.steps(hop.entered, lambda _: True))
        assert (hop.state, hop.live) == (told.state(hop.agreement), told.live(hop.agreement))


# Often enough in force, passing on, and ended with a clause, that there are routes to choose from.
lively = st.builds(
    lambda a, on, over: replace(
        a,
        effective=a.effective or (CALENDAR[0] if on else None),
        ended=a.ended if over else None,
        events=a.events if over else (),
        categories=(),
        transition=a.transition if over else Transition(),
    ),
    agreements(),
    st.booleans(),
    st.booleans(),
)


@settings(max_examples=100)
@given(
    made=st.lists(lively, max_size=5, unique_by=lambda a: a.id),
    scheme=st.sampled_from(["TJ-BODY", "TJ-BODY", "TJ-PILOT", "BJ-PILOT", "SH-CARBON", "NOBODY"]),
    destination=st.sampled_from(["CN-BJ", "CN-SH", "CN-TJ", "BJ-PILOT", "SH-CARBON", "JJJ", "110108"]),
    at=MOMENTS,
)
def test_the_route_is_the_best_that_there_is(
    made: list[Agreement], scheme: str, destination: str, at: Any
) -> None:
    certificate = replace(COMPLETE, scheme=scheme)
    facts = Facts(**{**SHIPPED, "certificates": (certificate,), "agreements": tuple(made)})
    question = replace(QUESTION, destination=destination, as_of=at, known_at=at)
    decision = recognise(question, facts)
    for one in (decision, *decision.alternatives):
        route = one.dossier.route
        if route.kind in (RouteKind.SAME_SCHEME, RouteKind.NATIONAL_LABEL):
            continue
        told = Definition(route.sides, facts.at(at))
        best = told.best()
        if best is None:
            assert (route.kind, len(route.hops)) == told.miss()
        else:
            assert route.kind is RouteKind.AGREEMENTS
            assert (max(told.cost(hop.agreement) for hop in route.hops), len(route.hops)) == best
        if route.hops:
            holds_together(route, told)
        assert route.illustrative is any(hop.agreement.illustrative for hop in route.hops)


@given(agreements(), st.integers(1, 4))
def test_what_the_other_side_recognised_suffices_by_clause_alone(a: Agreement, before: int) -> None:
    assume(a.passes_on)
    assert suffices(a, before) is (not a.direct_only or before == 1)
    assert not suffices(replace(a, passes_on=False), before)


def test_a_path_names_parties_and_agreements_in_their_order() -> None:
    a = Agreement("a", Text("协议", "agreement"), Side(regions=("CN-TJ",)), Side(regions=("CN-BJ",)))
    hops = (Hop(a, "CN-TJ", "CN-BJ", None, False), Hop(replace(a, id="b"), "CN-BJ", "CN-SH", None, False))
    sides = recognise(QUESTION, world_of({}).facts).dossier.route.sides
    assert Route(RouteKind.NOT_PASSED_ON, sides, hops).path == "CN-TJ →[a]→ CN-BJ →[b]→ CN-SH"
    assert Route(RouteKind.NOTHING, sides).path == ""


def test_an_agreement_in_force_is_better_than_one_whose_transition_has_open_terms() -> None:
    """Both join Tianjin and Beijing; the ended one comes first by name, and asks for a step."""
    sides = {"issuing": Side(regions=("CN-TJ",)), "accepting": Side(regions=("CN-BJ",))}
    name, since, end = Text("协议", "agreement"), date(2025, 1, 1), date(2026, 3, 1)
    step = Transition(terms=(STEP,))
    ended = Agreement("a", name, **sides, effective=since, ended=end, transition=step)
    in_force = Agreement("b", name, **sides, effective=since)
    certificate = replace(COMPLETE, scheme="TJ-BODY")

    def taken(*made: Agreement) -> tuple[str, ...]:
        facts = Facts(**{**SHIPPED, "certificates": (certificate,), "agreements": made})
        route = recognise(replace(QUESTION, destination="BJ-PILOT"), facts).dossier.route
        return tuple(hop.agreement.id for hop in route.hops)

    assert taken(ended) == ("a",)
    assert taken(ended, in_force) == ("b",)
    term_of_one_in_force = replace(in_force, id="0", transition=step)
    assert taken(ended, term_of_one_in_force) == ("0",), "its terms begin with its end"
