"""Certificates in the graph: what is refused, what is read back, and what was known when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from huren.errors import BadInput, Conflict, NotFound
from huren.graph import certificates, certifying, organisations, products, reference, regions
from huren.graph.certificates import CertificateFilter
from huren.graph.migrate import migrate
from huren.graph.model.certificate import Assurance, Certificate, Code
from huren.graph.model.certificate import CertificateState as State
from huren.graph.model.dated import StatusEvent
from huren.graph.model.organisation import Organisation
from huren.graph.model.quantity import GasAmount, Offsets
from huren.graph.model.region import Membership, Region, RegionKind
from huren.graph.model.supply import GwpSet, Stage
from huren.graph.model.terms import Party, RecordType
from huren.graph.model.text import Text
from huren.graph.reference import Record
from tests.graph.test_organisations import USCC
from tests.graph.test_products import EVIL

if TYPE_CHECKING:
    from tests.conftest import Calls
    from tests.graph.conftest import Corner

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def record(kind: str, name: str, **body: Any) -> Record:
    """A reference record."""
    return Record(kind, name, {"id": name, "name": {"zh": name}, **body})


@pytest.fixture
async def office(corner: Corner) -> Corner:
    """A graph with two schemes, three rules and a product."""
    records = [
        record("scheme", "CN-CFP"),
        record("scheme", "EPD", zone="+02:00"),
        record("rule", "R-OLD", effective="2024-01-01", withdrawn="2025-01-01"),
        record("rule", "R-DRAFT"),
        record("rule", "R-NEXT", effective="2999-01-01"),
        record("rule", "R-EVENT", events=[{"state": "in_force", "valid_from": "2024-01-01"}]),
    ]
    await reference.load(corner.db, records)
    await corner.do(products.register(corner.product("pv")))
    return corner


def certificate(number: str = "N1", **facts: Any) -> Certificate:
    """A certificate of the national scheme."""
    stated: dict[str, Any] = {"holder": USCC, "scheme": "CN-CFP", "issued": date(2026, 1, 1)} | facts
    return Certificate(number, **stated)


async def test_what_was_stated_is_read_back(office: Corner) -> None:
    stated = certificate(
        rule="R-OLD",
        record_type=RecordType.FOOTPRINT_CERTIFICATE,
        category="pv",
        codes=(Code("CPC", "46111"),),
        product=office.key("pv"),
        region="CN-TJ",
        valid_until=datetime(2028, 1, 1, 12, tzinfo=UTC),
        value=Decimal("552.060"),
        unit="kW",
        stages=frozenset({Stage.PRODUCTION, Stage.RAW_MATERIAL}),
        breakdown=((Stage.PRODUCTION, Decimal("1.5")),),
        gwp_sets=frozenset({GwpSet.AR6, GwpSet.AR5}),
        gases=(GasAmount("CO2", Decimal("1e-9")),),
        gases_covered=frozenset(),
        electricity=(),
        offsets=Offsets(Decimal(0)),
        assurance=Assurance(Party.THIRD, on_site=False),
        events=(StatusEvent(State.APPLIED, date(2025, 12, 1)), StatusEvent(State.VALID, date(2026, 1, 1))),
    )
    answer = await office.do(certifying.register(stated))
    found = await certificates.get(office.db, await office.pin(), "N1")
    assert found.recorded_at == answer.recorded_at
    assert [event.recorded_at for event in found.events] == [answer.recorded_at] * 2
    bare = tuple(replace(event, id=None, recorded_at=None) for event in found.events)
    assert replace(found, recorded_at=None, events=bare) == stated


async def test_a_certificate_with_a_day_of_issue_is_valid_from_then(office: Corner) -> None:
    await office.do(certifying.register(certificate(), certificate("N2", issued=None)))
    found = await certificates.get_many(office.db, await office.pin(), ["N1", "N2", "N3"])
    assert [(e.state, e.valid_from) for e in found["N1"].events] == [(State.VALID, date(2026, 1, 1))]
    assert found["N2"].events == ()
    assert set(found) == {"N1", "N2"}


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        ({"holder": USCC[:-1] + "M"}, BadInput, "unified social credit code"),
        ({"holder": "unknown firm"}, BadInput, "unified social credit code"),
        ({"scheme": "NONE"}, NotFound, "no scheme `NONE`"),
        ({"rule": "R-NONE"}, NotFound, "no rule `R-NONE`"),
        ({"rule": "R-DRAFT"}, BadInput, "`R-DRAFT`, which was never in force"),
        ({"rule": "R-NEXT"}, BadInput, "`R-NEXT`, which was never in force"),
        ({"product": "org/none"}, NotFound, "no product `org/none`"),
        ({"product": "pv"}, NotFound, "no product `pv`"),
        ({"events": (StatusEvent(State.SUSPENDED, NOW),)}, Conflict, "cannot become suspended"),
    ],
)
async def test_what_cannot_be_is_refused_and_nothing_written(
    office: Corner, wrong: dict[str, Any], error: type[Exception], says: str
) -> None:
    before = await office.pin()
    with pytest.raises(error, match=says):
        await office.do(certifying.register(certificate("N2"), certificate(**wrong)))
    assert await office.pin() == before
    assert not await certificates.get_many(office.db, before, ["N1", "N2"])


async def test_a_number_is_used_once(office: Corner) -> None:
    await office.do(certifying.register(certificate(rule="R-EVENT")))
    with pytest.raises(Conflict, match="`N1` is on record already"):
        await office.do(certifying.register(certificate()))
    with pytest.raises(Conflict, match="`N2` is on record already"):
        await office.do(certifying.register(certificate("N2"), certificate("N2")))


async def test_a_foreign_holder_is_known_by_its_id(office: Corner) -> None:
    await office.do(organisations.register(Organisation("acme", Text(en="Acme"))))
    await office.do(certifying.register(certificate(holder="acme"), certificate("N2", holder=USCC.lower())))
    found = await certificates.get_many(office.db, await office.pin(), ["N1", "N2"])
    assert (found["N1"].holder, found["N2"].holder) == ("acme", USCC)
    assert (await organisations.get(office.db, USCC)).uscc == USCC


async def test_what_was_known_when(office: Corner) -> None:
    await office.do(certifying.register(certificate()))
    before = await office.pin()
    first = await office.do(certifying.record_status("N1", StatusEvent(State.SUSPENDED, date(2026, 5, 1))))
    between = await office.pin()
    change = StatusEvent(State.WITHDRAWN, date(2026, 3, 1), "found false", "notice 7")
    await office.do(certifying.record_status("N1", change))
    states = {
        before: [State.VALID],
        between: [State.VALID, State.SUSPENDED],
        await office.pin(): [State.VALID, State.SUSPENDED, State.WITHDRAWN],
        replace(await office.pin(), known_at=before.known_at): [State.VALID],
    }
    for at, wanted in states.items():
        found = await certificates.get(office.db, at, "N1")
        assert [event.state for event in found.events] == wanted
    last = (await certificates.get(office.db, await office.pin(), "N1")).events[-1]
    assert (last.reason, last.source, last.valid_from) == ("found false", "notice 7", date(2026, 3, 1))
    assert last.recorded_at
    assert last.recorded_at > first.recorded_at
    early = replace(before, known_at=before.known_at - timedelta(microseconds=1))
    with pytest.raises(NotFound, match="as of"):
        await certificates.get(office.db, early, "N1")


async def test_a_change_that_cannot_be_is_refused(office: Corner) -> None:
    await office.do(certifying.register(certificate()))
    with pytest.raises(NotFound, match="`N9`"):
        await office.do(certifying.record_status("N9", StatusEvent(State.VALID, NOW)))
    with pytest.raises(Conflict, match="cannot become applied"):
        await office.do(certifying.record_status("N1", StatusEvent(State.APPLIED, NOW)))


async def test_a_status_holds_from_the_start_of_a_day_in_the_zone_of_the_scheme(office: Corner) -> None:
    await office.do(certifying.register(certificate(scheme="EPD"), certificate("N2")))
    for number in ("N1", "N2"):
        change = StatusEvent(State.SUSPENDED, date(2026, 5, 1))
        await office.do(certifying.record_status(number, change))
    where = CertificateFilter(status=State.SUSPENDED)
    for hour, numbers in ((15, []), (16, ["N2"]), (21, ["N2"]), (22, ["N1", "N2"])):
        at = datetime(2026, 4, 30, hour, tzinfo=UTC)
        page = await certificates.page(office.db, await office.pin(), where, first=9, as_of=at)
        assert [found.number for found in page.certificates] == numbers


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ([], State.VALID),
        ([(State.SUSPENDED, 5)], State.SUSPENDED),
        ([(State.SUSPENDED, 5), (State.VALID, 6)], State.VALID),
        ([(State.SUSPENDED, 5), (State.WITHDRAWN, 3)], State.WITHDRAWN),
        ([(State.EXPIRED, 5), (State.WITHDRAWN, 3)], State.WITHDRAWN),
        ([(State.VOID, 12)], State.VOID),
        ([(State.SUSPENDED, 12)], State.VALID),
    ],
)
async def test_the_status_that_counts(
    office: Corner, changes: list[tuple[State, int]], status: State
) -> None:
    await office.do(certifying.register(certificate()))
    for state, month in changes:
        await office.do(certifying.record_status("N1", StatusEvent(state, date(2026, month, 1))))
    found = [
        state
        for state in State
        if (
            await certificates.page(
                office.db, await office.pin(), CertificateFilter(status=state), first=1, as_of=NOW
            )
        ).certificates
    ]
    assert found == [status]


async def test_pages_and_filters(office: Corner, calls: Calls) -> None:
    around = Region("CN-BJ", RegionKind.PROVINCE, Text(zh="北京市"), (Membership("CN"),))
    await regions.load(office.db, [Region("CN", RegionKind.COUNTRY, Text(zh="中国")), around])
    await office.do(organisations.register(Organisation("acme", Text(en="Acme"))))
    held = [
        certificate("A", product=office.key("pv"), category="pv", region="110108"),
        certificate("B", holder="acme", category="steel", region="CN-BJ"),
        certificate("C", scheme="EPD", category="pv", region="CN-TJ"),
    ]
    await office.do(certifying.register(*held))
    chosen = {
        CertificateFilter(): "ABC",
        CertificateFilter(holder=USCC): "AC",
        CertificateFilter(product=office.key("pv")): "A",
        CertificateFilter(scheme="EPD"): "C",
        CertificateFilter(category="pv"): "AC",
        CertificateFilter(categories=("pv", "steel")): "ABC",
        CertificateFilter(categories=("steel", "wood")): "B",
        CertificateFilter(categories=()): "",
        CertificateFilter(region="CN-BJ"): "AB",
        CertificateFilter(region="110108"): "A",
        CertificateFilter(region="CN-BJ", category="pv", status=State.VALID): "A",
        CertificateFilter(status=State.EXPIRED): "",
        **{CertificateFilter(category=evil): "" for evil in EVIL},
    }
    found = await office.pin()
    for where, numbers in chosen.items():
        calls.reset()
        after, seen = "", ""
        for _ in numbers:
            page = await certificates.page(office.db, found, where, first=1, as_of=NOW, after=after)
            after = page.certificates[0].number
            seen += after
            assert page.more == (seen != numbers)
        assert seen == numbers
        assert calls.count == len(numbers)
    calls.reset()
    of = await certificates.of_products(office.db, found, [office.key("pv"), "org/none"])
    assert {key: [held.number for held in some] for key, some in of.items()} == {
        office.key("pv"): ["A"],
        "org/none": [],
    }
    assert calls.count == 1


async def test_those_of_many_holders_in_one_query(office: Corner, calls: Calls) -> None:
    await office.do(organisations.register(Organisation("abroad", Text(en="Abroad"))))
    await office.do(certifying.register(certificate("N2"), certificate("N1")))
    before = await office.pin()
    await office.do(certifying.register(certificate("N0"), certificate("A", holder="abroad")))
    pin, names = await office.pin(), [USCC, "abroad", "nobody", USCC]
    calls.count = 0
    found = await certificates.of_holders(office.db, pin, names, 100)
    assert calls.count == 1
    assert {name: [c.number for c in found[name]] for name in found} == {
        USCC: ["N0", "N1", "N2"],
        "abroad": ["A"],
        "nobody": [],
    }
    then = await certificates.of_holders(office.db, before, names, 100)
    assert [c.number for c in then[USCC]] == ["N1", "N2"]
    few = await certificates.of_holders(office.db, pin, names, 2)
    assert sum(map(len, few.values())) == 2


async def test_the_one_of_a_mark_as_then_known(office: Corner) -> None:
    before = await office.pin()
    await office.do(
        certifying.register(certificate(mark_number="沪/1 'x'"), certificate("N2", mark_number="B"))
    )
    alone = await office.pin()
    await office.do(certifying.register(certificate("N3", mark_number="B")))
    after = await office.pin()
    one = await certificates.of_mark(office.db, after, "沪/1 'x'")
    assert one is not None
    assert one.number == "N1"
    assert one.events
    two = await certificates.of_mark(office.db, alone, "B")
    assert two is not None
    assert two.number == "N2"
    assert await certificates.of_mark(office.db, after, "B") is None  # it stands on two
    assert await certificates.of_mark(office.db, before, "B") is None
    assert await certificates.of_mark(office.db, after, "N1") is None


MARKS = "MATCH (f:CertificateFacts) RETURN f.number AS number, f.mark AS mark ORDER BY number"


async def test_marks_of_facts_recorded_before_are_found_too(office: Corner) -> None:
    await office.do(certifying.register(certificate(mark_number="沪/1"), certificate("N2")))
    before = await office.db.read(MARKS)
    await office.db.alter("MATCH (f:CertificateFacts) REMOVE f.mark")
    await office.db.alter("MATCH (m:Migration) DELETE m")
    await migrate(office.db)
    assert (
        await office.db.read(MARKS)
        == before
        == [
            {"number": "N1", "mark": "沪/1"},
            {"number": "N2", "mark": None},
        ]
    )
