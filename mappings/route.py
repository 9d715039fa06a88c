"""By which agreements recognition could reach the destination (R1 to R4): the best route there is.

Routes run over parties (regions and schemes). A route is live if every agreement on it is in force (or
covers the certificate by its transition clause), every hop but the last passes a result on, and every
hop but the first says that what its issuing side recognised suffices.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from huren.graph.model.agreement import Agreement, Side
from huren.graph.model.facts import Known
from huren.graph.model.scheme import Scheme, TextState
from huren.graph.model.terms import AgreementObject, Level
from huren.mappings.agreement_terms import Sides, covers, hop_outcome, transition_covers
from huren.mappings.lifetime import agreement_state, end_of_agreement, in_force


class RouteKind(StrEnum):
    """What was found between both sides."""

    SAME_SCHEME = "same_scheme"
    NATIONAL_LABEL = "national_label"
    AGREEMENTS = "agreements"
    WRONG_DIRECTION = "wrong_direction"
    NOT_IN_FORCE = "not_in_force"
    NOT_PASSED_ON = "not_passed_on"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Hop:
    """One agreement used in one direction, from the party it is entered by to one it reaches."""

    agreement: Agreement
    entered: str
    reached: str
    state: TextState | None
    live: bool

    @property
    def passes_result(self) -> bool:
        """Whether a further agreement may build on it."""
        return AgreementObject.RESULT in covers(self.agreement)


@dataclass(frozen=True, slots=True)
class Route:
    """The best route, or the nearest miss: ``hops`` are then what it would have taken."""

    kind: RouteKind
    sides: Sides
    hops: tuple[Hop, ...] = ()

    @property
    def illustrative(self) -> bool:
        """Whether it rests on (or fails at) an agreement that is only an illustration."""
        return any(hop.agreement.illustrative for hop in self.hops)

    @property
    def path(self) -> str:
        """The parties and agreements in order, as text."""
        if not self.hops:
            return ""
        return self.hops[0].entered + "".join(f" →[{h.agreement.id}]→ {h.reached}" for h in self.hops)


class Standing:
    """The agreements on record, each with its state at one instant; found once for many routes."""

    def __init__(self, known: Known, at: datetime) -> None:
        self.known, self.at = known, at
        self._areas: dict[str, frozenset[str]] = {}

    @cached_property
    def agreements(self) -> list[Agreement]:
        """All of them, by id."""
        return sorted(self.known.agreements.values(), key=lambda a: a.id)

    @cached_property
    def state(self) -> dict[str, TextState | None]:
        """The state of each, by id."""
        return {a.id: agreement_state(a, self.at, self.known) for a in self.agreements}

    def areas(self, party: str) -> frozenset[str]:
        """The areas that a region lies in; of a scheme, itself."""
        if party not in self._areas:
            self._areas[party] = self.known.areas(party, self.at)
        return self._areas[party]


def find_route(sides: Sides, standing: Standing) -> Route:
    """The same scheme, else the live route with the mildest findings, else the nearest miss.

    Cost: O(agreements x parties x max_hops); cycles end since a walk has at most ``max_hops`` hops.
    """
    by_scheme = _by_scheme(sides, standing.known)
    if by_scheme is not None:
        return Route(by_scheme, sides)
    atlas = _Atlas(sides, standing)
    return atlas.best() or atlas.nearest_miss()


def _by_scheme(sides: Sides, known: Known) -> RouteKind | None:
    issuer, accepting = sides.issuer, sides.accepting
    if issuer is None or not in_force(issuer, sides.at, known):
        return None
    root = known.root(issuer)
    if issuer.id == accepting.id or root.id == known.root(accepting).id:
        return RouteKind.SAME_SCHEME if in_force(accepting, sides.at, known) else None
    if root.level is not Level.NATIONAL:
        return None
    where = (sides.region,) if sides.region else accepting.accepted_in
    here = all(accepts_in(root, region, sides.at, known) for region in where)
    return RouteKind.NATIONAL_LABEL if where and here else None


def accepts_in(scheme: Scheme, region: str, at: datetime, known: Known) -> bool:
    """Whether ``scheme`` accepts in ``region``."""
    areas = known.areas(region, at)
    return not areas.isdisjoint(scheme.accepted_in) and areas.isdisjoint(scheme.except_in)


Layer = dict[tuple[str, bool], tuple[int, tuple[Hop, ...]]]
"""Best cost and walk by the party reached and by whether the last hop passes a result on."""


class _Atlas:
    """The agreements that matter for one question, in each direction, with their standing."""

    def __init__(self, sides: Sides, standing: Standing) -> None:
        self.sides, self.known, self.areas = sides, standing.known, standing.areas
        issuer, accepting = sides.issuer, sides.accepting
        self.home = sorted({issuer.id, *issuer.issued_in} if issuer else {sides.scheme})
        self.goal = sorted({accepting.id, *((sides.region,) if sides.region else accepting.accepted_in)})
        self.agreements, self.state = standing.agreements, standing.state
        self.live = {a.id for a in self.agreements if self._is_live(a)}

    def _is_live(self, agreement: Agreement) -> bool:
        state = self.state[agreement.id]
        if state is not TextState.ENDED:
            return state is TextState.IN_FORCE
        return transition_covers(agreement, end_of_agreement(agreement, self.known), self.sides)

    def is_live(self, agreement: Agreement) -> bool:
        return agreement.id in self.live

    def was_live(self, agreement: Agreement) -> bool:
        return self.state[agreement.id] in (TextState.IN_FORCE, TextState.ENDED, TextState.SUSPENDED)

    def is_on(self, party: str, side: Side) -> bool:
        return party in side.schemes or not self.areas(party).isdisjoint(side.regions)

    def hops(self, party: str, use: Callable[[Agreement], bool]) -> Iterator[Hop]:
        """Every hop from ``party`` over the agreements that ``use`` admits."""
        for a in filter(use, self.agreements):
            for issuing, accepting in _directions(a):
                if self.is_on(party, issuing):
                    for reached in self.parties(accepting):
                        if reached != party:
                            yield Hop(a, party, reached, self.state[a.id], self.is_live(a))

    def parties(self, side: Side) -> Iterable[str]:
        """The parties of a side, members of alliances and the goal by its own name included.

        What lies in a province is on every side that the province is on, so only areas with nothing
        around them (alliances, countries) are opened.
        """
        goals = (g for g in self.goal if self.is_on(g, side))
        open_areas = (region for region in side.regions if region not in self.known.memberships)
        members = (m for region in open_areas for m in self.known.members(region, self.sides.at))
        return dict.fromkeys((*goals, *side.schemes, *side.regions, *members))

    def best(self) -> Route | None:
        """The live route whose worst finding is mildest, then the shortest, then the first by name."""
        found: list[tuple[int, int, tuple[str, ...], tuple[Hop, ...]]] = []
        layer: Layer = {(party, True): (0, ()) for party in self.home}
        for length in range(1, self.sides.max_hops + 1):
            layer = self._further(layer)
            found += [
                (cost, length, tuple(h.agreement.id for h in hops), hops)
                for (party, _), (cost, hops) in layer.items()
                if party in self.goal
            ]
        if not found:
            return None
        return Route(RouteKind.AGREEMENTS, self.sides, min(found, key=lambda f: f[:3])[3])

    def _further(self, layer: Layer) -> Layer:
        further: Layer = {}
        for (party, passes), (cost, before) in layer.items():
            for hop in self.hops(party, self.is_live) if passes else ():
                if before and not suffices(hop.agreement, len(before)):
                    continue
                total, key = max(cost, self._cost(hop)), (hop.reached, hop.passes_result)
                if key not in further or total < further[key][0]:
                    further[key] = (total, (*before, hop))
        return further

    def _cost(self, hop: Hop) -> int:
        ended = hop.state is TextState.ENDED
        return hop_outcome(hop.agreement, ended, self.sides, self.known).severity

    def nearest_miss(self) -> Route:
        """Why there is no live route, exactly one cause: direction, force, or what was not passed on."""
        direct = [h for party in self.home for h in self.hops(party, _any) if h.reached in self.goal]
        back = [h for party in self.goal for h in self.hops(party, self.is_live) if h.reached in self.home]
        ended = [h for h in direct if self.was_live(h.agreement)]
        if back and not ended:
            return Route(RouteKind.WRONG_DIRECTION, self.sides, tuple(back[:1]))
        if not ended and (walk := self._walk()):
            return Route(RouteKind.NOT_PASSED_ON, self.sides, walk)
        miss = tuple((ended or direct)[:1])
        return Route(RouteKind.NOT_IN_FORCE if miss else RouteKind.NOTHING, self.sides, miss)

    def _walk(self) -> tuple[Hop, ...]:
        """The shortest path over agreements that are or were in force, whatever they pass on.

        No party is visited twice: what leaves a region and comes back to it joins nothing.
        """
        layer: dict[str, tuple[Hop, ...]] = dict.fromkeys(self.home, ())
        seen = set(layer)
        while layer:
            further: dict[str, tuple[Hop, ...]] = {}
            for party, before in layer.items():
                for hop in self.hops(party, self.was_live):
                    if hop.reached not in seen:
                        further.setdefault(hop.reached, (*before, hop))
            for party in self.goal:
                if party in further:
                    return further[party]
            seen |= set(further)
            layer = further
        return ()


def suffices(agreement: Agreement, hops_before: int) -> bool:
    """R4: whether ``agreement`` takes what its issuing side recognised by ``hops_before`` agreements."""
    return agreement.passes_on and not (agreement.direct_only and hops_before > 1)


def _directions(agreement: Agreement) -> Iterable[tuple[Side, Side]]:
    yield agreement.issuing, agreement.accepting
    if agreement.both_ways and agreement.issuing != agreement.accepting:
        yield agreement.accepting, agreement.issuing


def _any(agreement: Agreement) -> bool:
    return True
