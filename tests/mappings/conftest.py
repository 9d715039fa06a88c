"""Worlds: situations a lawyer can read, laid over the defaults that stand in one place; and drawn cases."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from huren.graph.model.agreement import Agreement, Side, Step, Transition
from huren.graph.model.body import BodyState
from huren.graph.model.certificate import Certificate, CertificateState, Fulfilment, FulfilmentState
from huren.graph.model.dated import StatusEvent, start
from huren.graph.model.facts import Facts
from huren.graph.model.scheme import CertificationRule, Listing, TextState
from huren.graph.model.terms import AgreementObject, Purpose, RecordType
from huren.graph.model.text import Text
from huren.mappings.decide import recognise
from huren.mappings.decision import Decision, Question
from huren.mappings.records import decode

WORLDS = Path(__file__).parent.parent / "worlds"
FIELDS = {
    "agreement": "agreements",
    "body": "bodies",
    "category": "categories",
    "code_map": "code_maps",
    "equivalence": "equivalences",
    "instrument": "instruments",
    "membership": "memberships",
    "rule": "rules",
    "sanction": "sanctions",
    "scale_map": "scale_maps",
    "scheme": "schemes",
}


@dataclass(frozen=True)
class World:
    """One situation: a question, the facts, and what must come out."""

    name: str
    question: Question
    facts: Facts
    expect: Mapping[str, Any]

    @cached_property
    def decision(self) -> Decision:
        """The answer, found once for all tests."""
        return recognise(self.question, self.facts)


def over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """``above`` laid over ``below``, table by table; ``without`` takes keys away."""
    merged = dict(below)
    for key, value in above.items():
        both = isinstance(value, Mapping) and isinstance(below.get(key), Mapping)
        merged[key] = over(below[key], value) if both else value
    for key in merged.pop("without", ()):
        merged.pop(key, None)
    return merged


def records(kind: str, below: list[Any], above: list[Any]) -> tuple[Any, ...]:
    """The default records with those of the world laid over by id, and its own."""
    first = {row.get("id", n): row for n, row in enumerate(below)}
    for n, row in enumerate(above):
        name = row.get("id", f"own {n}")
        seen = f"{name} again {n}" if "recorded_at" in row else name
        first[seen] = over(first.get(name, {}), row)
    return tuple(decode(kind, row) for row in first.values())


def instant(when: Any) -> datetime:
    """A day of the question begins in China."""
    return start(when)


def read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)


def world_of(stated: Mapping[str, Any], name: str = "world") -> World:
    """The world that ``stated`` (a parsed file) describes."""
    below = read(WORLDS / "defaults.toml")
    ask = over(below["ask"], stated.get("ask", {}))
    certificate = over(below["certificate"], stated.get("certificate", {}))
    facts = {f: records(kind, below.get(kind, []), stated.get(kind, [])) for kind, f in FIELDS.items()}
    question = Question(
        certificate=ask["certificate"],
        destination=ask["destination"],
        purpose=Purpose(ask["purpose"]),
        as_of=instant(ask["as_of"]),
        known_at=instant(ask["known_at"]),
        against=ask.get("against"),
    )
    others = [over(certificate, {"number": ask.get("against"), **row}) for row in stated.get("other", [])]
    facts["certificates"] = tuple(decode("certificate", row, name) for row in (certificate, *others))
    return World(name, question, Facts(**facts), stated.get("expect", {}))


@cache
def all_worlds() -> list[World]:
    """Every file in the folder but the defaults."""
    files = sorted(p for p in WORLDS.glob("*.toml") if p.name != "defaults.toml")
    return [world_of(read(path), path.stem) for path in files]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "world" in metafunc.fixturenames:
        metafunc.parametrize("world", all_worlds(), ids=lambda w: w.name)


@pytest.fixture(scope="session")
def worlds() -> list[World]:
    return all_worlds()


DEFAULTS = read(WORLDS / "defaults.toml")
COMPLETE: Certificate = decode("certificate", DEFAULTS["certificate"])
SHIPPED = {
    field: tuple(decode(kind, row) for row in DEFAULTS.get(kind, [])) for kind, field in FIELDS.items()
}
FORGETTABLE = (
    "body", "record_type", "category", "issued", "valid_until", "value", "unit", "stages", "gwp_sets",
    "electricity", "electricity_complete", "offsets", "assurance", "assurance_system_since",
    "gases_covered", "biogenic", "exclusions", "allocation",
    "region", "standard", "period_end",
)  # fmt: skip
NATIONAL_RULE = CertificationRule(
    id="NAT",
    name=Text("钢铁专用规则", "national steel rule"),
    country="CN",
    categories=(Listing("steel"),),
    effective=date(2026, 3, 1),
    transition_until=date(2026, 12, 31),
)
# Other values of the facts that the rules read, as a data file would state them.
VARIANTS: dict[str, list[Any]] = {
    "gwp_sets": [["AR5"], ["AR5", "AR6"]],
    "gases": [[{"gas": "CO2", "kg": "500"}, {"gas": "CH4", "kg": "1.5", "origin": "fossil"}]],
    "gas_shares": [[{"gas": "CH4", "share": "0.02"}]],
    "gases_covered": [["CO2"], ["CO2", "CH4"]],
    "stages": [["raw_material", "production", "distribution", "use", "end_of_life"], ["production"]],
    "breakdown": [[["raw_material", "300"], ["production", "252.06"], ["use", "40"]]],
    "electricity": [
        [{"method": "contract", "kwh": "600", "factor": {"value": "0.0336", "family": "footprint"}}]
    ],
    "offsets": [{"kg": "50"}, {}],
    "biogenic": [
        {"uptake_kg": "20", "release_kg": "5", "biogenic_counted": True},
        {"biogenic_counted": True},
    ],
    "exclusions": [[{"share": "0.03"}], [{"share": "0.3", "kind": "mass"}]],
    "allocation": [{"method": "economic", "results": [["economic", "552.06"], ["physical", "540"]]}],
    "quality": [{"scale": "PACT3", "rating": "2", "primary_share": "0.4"}],
    "pcr": ["PCR-PV"],
    "standard": ["ISO 14067:2018"],
    "region": ["110108", "CN-SH"],
    "period_end": ["2019-12-31"],
    "changes": [[{"kind": "supplier", "changed_on": "2026-02-01", "percent": "12"}]],
    "goods": [{"site": "P2"}, {"model": "M2"}],
    "marks": [[{"number": "C1", "shown": "552"}], [{"number": "C1", "shown": "99.0"}]],
    "signature_valid": [False],
    "uncertainty_gsd": ["1.05"],
}
SCHEMES = ("CN-CFP", "CN-CFP", "TJ-BODY", "TJ-BODY", "SH-CARBON", "BJ-PILOT", "TJ-PILOT", "ISO14067")
REGIONS = ("CN-BJ", "CN-TJ", "CN-HE", "CN-SH", "JJJ")
# Few days, so that what matters falls on one day, before and after another, often.
CALENDAR = [
    date(2025, 5, 15),
    date(2025, 6, 1),
    date(2025, 9, 1),
    date(2026, 3, 1),
    date(2026, 5, 10),
    date(2027, 6, 1),
]
DAYS = st.sampled_from(CALENDAR)
MOMENTS = st.sampled_from([start(day) + timedelta(hours=h) for day in CALENDAR for h in (-1, 0, 1)])

events = st.builds(
    StatusEvent, state=st.sampled_from(CertificateState), valid_from=DAYS, recorded_at=st.none() | MOMENTS
)
text_events = st.builds(
    StatusEvent, state=st.sampled_from(TextState), valid_from=DAYS, recorded_at=st.none() | MOMENTS
)
body_events = st.builds(
    StatusEvent, state=st.sampled_from(BodyState), valid_from=DAYS, recorded_at=st.none() | MOMENTS
)
sides = st.builds(Side, regions=st.lists(st.sampled_from(REGIONS), max_size=2).map(tuple))
STEP = Step("notify", Text("报备", "notify"))


@st.composite
def agreements(draw: st.DrawFn, name: str | None = None) -> Agreement:
    return Agreement(
        id=name or draw(st.sampled_from("abcdef")),
        name=Text("协议", "agreement"),
        issuing=draw(sides),
        accepting=draw(sides),
        both_ways=draw(st.booleans()),
        objects=draw(st.frozensets(st.sampled_from(AgreementObject), min_size=1)),
        categories=draw(st.sampled_from([(), ("steel",), ("pv_module", "computer")])),
        steps=draw(st.sampled_from([(), (STEP,)])),
        effective=draw(st.none() | DAYS),
        ended=draw(st.none() | DAYS),
        issued_from=draw(st.none() | DAYS),
        transition=draw(st.none() | st.builds(Transition, until=st.none() | DAYS)),
        passes_on=draw(st.booleans()),
        direct_only=draw(st.booleans()),
        events=tuple(draw(st.lists(text_events, max_size=1))),
    )


OTHERS = {
    name: [getattr(decode("certificate", DEFAULTS["certificate"] | {name: value}), name) for value in values]
    for name, values in VARIANTS.items()
}


@st.composite
def certificates(draw: st.DrawFn) -> Certificate:
    forgotten = draw(st.just(frozenset()) | st.frozensets(st.sampled_from(FORGETTABLE), max_size=3))
    empty = {f.name: f.default for f in fields(Certificate)}
    changed = replace(
        COMPLETE,
        scheme=draw(st.sampled_from(SCHEMES)),
        category=draw(st.sampled_from(["pv_module", "pv_module", "pv_module", "steel", "laptop", "urea"])),
        record_type=draw(st.sampled_from([*RecordType, *[RecordType.FOOTPRINT_CERTIFICATE] * 30])),
        unit=draw(st.sampled_from(["kW", "kW", "kW", "kg", "m2", "piece"])),
        events=tuple(draw(st.just([]) | st.lists(events, max_size=2))),
        fulfilments=tuple(
            Fulfilment("R2", "notify", day, state)
            for day, state in draw(st.lists(st.tuples(DAYS, st.sampled_from(FulfilmentState)), max_size=1))
        ),
    )
    made = replace(changed, **{name: empty[name] for name in forgotten})
    names = draw(st.just(()) | st.lists(st.sampled_from(sorted(VARIANTS)), max_size=4, unique=True))
    return replace(made, **{name: draw(st.sampled_from(OTHERS[name])) for name in names})


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    made = draw(st.lists(agreements(), max_size=4, unique_by=lambda a: a.id))
    body = replace(SHIPPED["bodies"][0], events=tuple(draw(st.lists(body_events, max_size=2))))
    own = {"certificates": (draw(certificates()),), "agreements": tuple(made), "bodies": (body,)}
    rules = (*SHIPPED["rules"], *draw(st.sampled_from([(), (NATIONAL_RULE,)])))
    return Facts(**SHIPPED | own | {"rules": rules})


questions = st.builds(
    Question,
    certificate=st.just(COMPLETE.number),
    destination=st.sampled_from(
        ["CN-BJ", "CN-BJ", "CN-CFP", "CN-SH", "110108", "JJJ", "ISO14067", "FR-PPE2", "TJ-PILOT"]
    ),
    purpose=st.sampled_from(Purpose),
    as_of=MOMENTS,
    known_at=MOMENTS,
)
st.register_type_strategy(Question, questions)
st.register_type_strategy(Facts, facts())
st.register_type_strategy(Certificate, certificates())
st.register_type_strategy(Agreement, agreements())


@pytest.fixture(scope="session")
def complete() -> Certificate:
    """The certificate of the defaults, with every fact stated."""
    return COMPLETE


@pytest.fixture(scope="session")
def make() -> Any:
    """A world from a mapping, as a file would state it."""
    return world_of
