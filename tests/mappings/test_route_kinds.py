"""Which kind of route there is, case by case: by scheme, by one agreement or several, or the nearest miss."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from huren.graph.model.agreement import Agreement, Side
from huren.graph.model.category import Membership
from huren.graph.model.facts import Known
from huren.graph.model.scheme import Scheme
from huren.graph.model.terms import AgreementObject, Level, Purpose
from huren.graph.model.text import Text
from huren.mappings.agreement_terms import Sides
from huren.mappings.route import Route, RouteKind, Standing, accepts_in, find_route

NAME = Text(en="x")
AT = datetime(2026, 6, 1, tzinfo=UTC)
SINCE, LATER = date(2020, 1, 1), date(2027, 1, 1)
NATIONAL = Scheme(
    "N", NAME, level=Level.NATIONAL, accepted_in=("CN",), except_in=("CN-XZ",), issued_in=("CN-BJ",)
)
LOCAL = Scheme("L", NAME, level=Level.LOCAL, accepted_in=("CN-BJ",), issued_in=("CN-TJ",))
HERE = Scheme("D", NAME, level=Level.LOCAL, accepted_in=("CN-BJ",))


LIES = (
    Membership("CN-BJ", "CN"),
    Membership("CN-TJ", "CN"),
    Membership("CN-XZ", "CN"),
    Membership("HK", "CN", LATER),
    Membership("CN-BJ", "JJJ", SINCE),
    Membership("CN-HE", "JJJ", LATER),
)
SCHEMES = (NATIONAL, LOCAL, HERE)


def known(*agreements: Agreement, schemes: tuple[Scheme, ...] = SCHEMES) -> Known:
    return Known(
        AT,
        schemes={s.id: s for s in schemes},
        agreements={a.id: a for a in agreements},
        memberships={m.region: tuple(o for o in LIES if o.region == m.region) for m in LIES},
        inside={m.within: tuple(o for o in LIES if o.within == m.within) for m in LIES},
    )


def asked(issuer: Scheme | None, accepting: Scheme, region: str | None = None, **more: Any) -> Sides:
    terms = {"category": None, "record_type": None, "issued": AT, "fulfilments": (), "max_hops": 3, **more}
    name = issuer.id if issuer else "?"
    return Sides(name, issuer, accepting, region, purpose=Purpose.LABEL, at=AT, **terms)


def route(sides: Sides, found: Known) -> Route:
    return find_route(sides, Standing(found, AT))


def agreement(id: str, issuing: str, accepting: str, **terms: Any) -> Agreement:
    def side(name: str) -> Side:
        return Side(schemes=(name,)) if len(name) == 1 else Side(regions=(name,))

    terms = {"effective": SINCE, **terms}
    return Agreement(id, NAME, side(issuing), side(accepting), **terms)


@pytest.mark.parametrize(
    ("issuer", "accepting", "kind"),
    [
        (LOCAL, LOCAL, RouteKind.SAME_SCHEME),
        (replace(LOCAL, id="M", uses="L"), LOCAL, RouteKind.SAME_SCHEME),
        (LOCAL, replace(LOCAL, id="M", uses="L"), RouteKind.SAME_SCHEME),
        (LOCAL, replace(LOCAL, id="M", uses="L", effective=LATER), RouteKind.NOTHING),
        (replace(LOCAL, effective=LATER), LOCAL, RouteKind.NOTHING),
        (LOCAL, HERE, RouteKind.NOTHING),
        (None, HERE, RouteKind.NOTHING),
    ],
)
def test_the_same_scheme_is_one_root_and_both_in_force(
    issuer: Scheme | None, accepting: Scheme, kind: RouteKind
) -> None:
    found = known(schemes=(NATIONAL, LOCAL, HERE, *filter(None, (issuer, accepting))))
    assert route(asked(issuer, accepting), found).kind is kind


@pytest.mark.parametrize(
    ("region", "accepted_in", "kind"),
    [
        ("CN-BJ", (), RouteKind.NATIONAL_LABEL),
        ("CN-XZ", ("CN-BJ",), RouteKind.NOTHING),
        ("HK", ("CN-BJ",), RouteKind.NOTHING),
        (None, ("CN-BJ", "CN-TJ"), RouteKind.NATIONAL_LABEL),
        (None, ("CN-BJ", "CN-XZ"), RouteKind.NOTHING),
        (None, (), RouteKind.NOTHING),
    ],
)
def test_the_national_label_holds_where_it_is_accepted(
    region: str | None, accepted_in: tuple[str, ...], kind: RouteKind
) -> None:
    there = replace(HERE, accepted_in=accepted_in)
    found = known(schemes=(NATIONAL, there))
    assert route(asked(NATIONAL, there, region), found).kind is kind
    lower = replace(NATIONAL, level=Level.LOCAL)
    assert route(asked(lower, there, region), known(schemes=(lower, there))).kind is RouteKind.NOTHING


def test_a_region_is_where_it_lies_on_the_day() -> None:
    assert accepts_in(NATIONAL, "CN-BJ", AT, known())
    assert not accepts_in(NATIONAL, "HK", AT, known())
    assert accepts_in(NATIONAL, "HK", datetime(2027, 6, 1, tzinfo=UTC), known())
    assert not accepts_in(NATIONAL, "CN-XZ", AT, known())


def ids(found: Route) -> list[str]:
    return [hop.agreement.id for hop in found.hops]


PASSING = {"passes_on": True}


@pytest.mark.parametrize("most", [1, 2, 3])
def test_a_route_has_as_many_hops_as_it_may(most: int) -> None:
    chain = [
        agreement("1", "L", "P", **PASSING),
        agreement("2", "P", "Q", **PASSING),
        agreement("3", "Q", "D", **PASSING),
    ]
    found = route(asked(LOCAL, HERE, max_hops=most), known(*chain))
    assert found.kind is (RouteKind.AGREEMENTS if most == 3 else RouteKind.NOT_PASSED_ON)
    assert ids(found) == ["1", "2", "3"]
    one = route(asked(LOCAL, HERE, max_hops=most), known(*chain, agreement("0", "L", "D")))
    assert (one.kind, ids(one)) == (RouteKind.AGREEMENTS, ["0"])


def test_the_mildest_then_the_shortest_then_the_first_by_name() -> None:
    method = {"objects": frozenset({AgreementObject.METHOD})}
    rough = agreement("0", "L", "D", **method)
    long = [agreement("1", "L", "P"), agreement("2", "P", "D", **PASSING)]
    assert ids(route(asked(LOCAL, HERE), known(rough, *long))) == ["1", "2"]
    assert ids(route(asked(LOCAL, HERE), known(*long, agreement("9", "L", "D")))) == ["9"]
    twins = [agreement("b", "L", "D"), agreement("a", "L", "D")]
    assert ids(route(asked(LOCAL, HERE), known(*twins))) == ["a"]


def test_what_is_not_passed_on_ends_one_way_and_not_the_others() -> None:
    """Of two agreements that go on from a party, the first by name does not pass on, the second does."""
    chain = [agreement("1", "L", "P"), agreement("2", "P", "D"), agreement("3", "P", "D", **PASSING)]
    assert ids(route(asked(LOCAL, HERE), known(*chain))) == ["1", "3"]
    direct = [agreement("1", "L", "P"), agreement("2", "P", "Q", **PASSING)]
    direct.append(agreement("3", "Q", "D", passes_on=True, direct_only=True))
    missed = route(asked(LOCAL, HERE), known(*direct))
    assert (missed.kind, ids(missed)) == (RouteKind.NOT_PASSED_ON, ["1", "2", "3"])


def test_an_alliance_is_opened_to_its_members_of_the_day() -> None:
    """The second agreement is entered by a member of the alliance that the first one reaches."""
    chain = [agreement("1", "L", "JJJ"), agreement("2", "CN-BJ", "D", **PASSING)]
    assert ids(route(asked(LOCAL, replace(HERE, accepted_in=())), known(*chain))) == ["1", "2"]
    later = [agreement("1", "L", "JJJ"), agreement("2", "CN-HE", "D", **PASSING)]
    assert route(asked(LOCAL, replace(HERE, accepted_in=())), known(*later)).kind is RouteKind.NOTHING


def test_what_lies_in_a_region_on_the_day_is_on_its_side() -> None:
    inside = agreement("1", "L", "CN")
    assert route(asked(LOCAL, HERE, "CN-BJ"), known(inside)).kind is RouteKind.AGREEMENTS
    assert route(asked(LOCAL, HERE, "HK"), known(inside)).kind is RouteKind.NOTHING


def test_the_nearest_miss_names_one_cause() -> None:
    back = [agreement("1", "D", "L"), agreement("2", "D", "L")]
    found = route(asked(LOCAL, HERE), known(*back))
    assert (found.kind, ids(found)) == (RouteKind.WRONG_DIRECTION, ["1"])
    draft = [agreement("1", "L", "D", effective=None), agreement("2", "L", "D", effective=None)]
    found = route(asked(LOCAL, HERE), known(*draft))
    assert (found.kind, ids(found)) == (RouteKind.NOT_IN_FORCE, ["1"])
    ended = agreement("3", "L", "D", ended=date(2025, 1, 1))
    found = route(asked(LOCAL, HERE), known(*back, draft[1], ended))
    assert (found.kind, ids(found)) == (RouteKind.NOT_IN_FORCE, ["3"])
    found = route(asked(LOCAL, HERE), known(*back, draft[1]))
    assert found.kind is RouteKind.WRONG_DIRECTION
    both = agreement("1", "D", "L", both_ways=True)
    assert route(asked(LOCAL, HERE), known(both)).kind is RouteKind.AGREEMENTS
