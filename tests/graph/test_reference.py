"""Reference records: stated once, changed by a new statement, seen by record time."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from huren.graph import organisations, reference
from huren.graph.model.dated import Certainty
from huren.graph.model.organisation import Organisation
from huren.graph.model.text import Text
from huren.graph.reference import KINDS, References
from tests.graph.test_certificates import record
from tests.graph.test_products import EVIL

if TYPE_CHECKING:
    from tests.conftest import Calls
    from tests.graph.conftest import Corner

SIDES = {"issuing": {"regions": ["CN-BJ"]}, "accepting": {"schemes": ["S"]}}

ALL = [
    record("agreement", "AG", **SIDES, objects=["result"]),
    record("body", "B", approvals=[{"scheme": "S"}]),
    record("category", "pv", codes=[{"system": "CPC", "code": "46111"}]),
    reference.Record(
        "code_map",
        "M",
        {
            "id": "M",
            "source_code": {"system": "HS", "code": "8541"},
            "target_code": {"system": "CPC", "code": "46111"},
        },
    ),
    reference.Record("equivalence", "E", {"id": "E", "text": "PCR 1", "other": "PCR 2"}),
    reference.Record("instrument", "I", {"id": "I", "title": {"zh": "通知"}, "effective": "2025-06-05"}),
    reference.Record("membership", "CN-BJ>JJJ", {"region": "CN-BJ", "within": "JJJ"}),
    record("rule", "R", effective="2025-01-01"),
    reference.Record("sanction", "SA", {"id": "SA", "uscc": "91110000600037341L"}),
    reference.Record(
        "scale_map",
        "SM",
        {"id": "SM", "from_scale": "a", "to_scale": "b", "points": [{"rating": "1", "becomes": "2"}]},
    ),
    record("scheme", "S", profile={"gwp_sets": {"value": ["AR6"], "certainty": "known"}}),
]


async def test_every_kind_is_read_back(corner: Corner) -> None:
    assert {record.kind for record in ALL} == set(KINDS)
    answer = await reference.load(corner.db, ALL)
    assert answer
    assert answer.body == {"stated": len(ALL)}
    facts = await References(corner.db).facts(await corner.pin())
    for kind in KINDS.values():
        (found,) = getattr(facts, kind.field)
        assert found.recorded_at == answer.recorded_at
    assert facts.schemes[0].profile.gwp_sets
    assert facts.schemes[0].profile.gwp_sets.certainty is Certainty.KNOWN
    assert facts.agreements[0].issuing.regions == ("CN-BJ",)
    assert facts.at(answer.recorded_at).memberships["CN-BJ"][0].within == "JJJ"


async def test_only_what_changed_is_stated_again(corner: Corner, calls: Calls) -> None:
    await reference.load(corner.db, ALL)
    before = await corner.pin()
    calls.reset()
    assert await reference.load(corner.db, list(reversed(ALL))) is None
    assert calls.count == 1
    assert await corner.pin() == before
    changed = record("scheme", "S", operator="SAMR")
    answer = await reference.load(corner.db, [*ALL[:-1], changed])
    assert answer
    assert answer.body == {"stated": 1}
    references = References(corner.db)
    now = await corner.pin()
    assert [scheme.operator for scheme in (await references.facts(now)).schemes] == ["SAMR"]
    assert [scheme.operator for scheme in (await references.facts(before)).schemes] == [None]
    as_then = replace(now, known_at=answer.recorded_at - timedelta(microseconds=1))
    assert [scheme.operator for scheme in (await references.facts(as_then)).schemes] == [None]
    assert await reference.load(corner.db, ALL)
    assert [scheme.operator for scheme in (await references.facts(await corner.pin())).schemes] == [None]


async def test_a_reader_asks_once_a_revision(corner: Corner, calls: Calls) -> None:
    await reference.load(corner.db, ALL)
    references, first = References(corner.db), await corner.pin()
    calls.reset()
    facts = await references.facts(first)
    assert calls.count == 1
    assert await references.facts(first) == facts
    assert calls.count == 1
    await corner.do(organisations.register(Organisation("firm", Text(en="firm"))))
    second = await corner.pin()
    calls.reset()
    assert await references.facts(second) == facts == await references.facts(first)
    assert calls.count == 1


async def test_readers_of_several_pins_at_once_agree(corner: Corner) -> None:
    pins = []
    for operator in "abc":
        await reference.load(corner.db, [record("scheme", "S", operator=operator)])
        pins.append(await corner.pin())
    references = References(corner.db)
    found = await asyncio.gather(*(references.facts(pins[n]) for n in (2, 0, 1, 2, 0)))
    assert [facts.schemes[0].operator for facts in found] == ["c", "a", "b", "c", "a"]


async def test_two_processes_starting_at_once_state_everything_once(corner: Corner) -> None:
    await asyncio.gather(*(reference.load(corner.db, ALL) for _ in range(3)))
    rows = await corner.db.read("MATCH (s:Statement) RETURN count(s) AS count")
    assert rows == [{"count": len(ALL)}]


async def test_no_text_becomes_a_query(corner: Corner) -> None:
    await reference.load(corner.db, [record("scheme", evil, source=evil) for evil in EVIL])
    facts = await References(corner.db).facts(await corner.pin())
    assert {(scheme.id, scheme.source) for scheme in facts.schemes} == {(evil, evil) for evil in EVIL}
