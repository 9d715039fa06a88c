"""Memory changes no decision, and what is alike to a rule is judged once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from huren.graph.model.agreement import Agreement, Side
from huren.graph.model.certificate import Certificate
from huren.graph.model.facts import Facts
from huren.graph.model.terms import AgreementObject, Purpose
from huren.graph.model.text import Text
from huren.mappings.decide import Recogniser, recognise
from huren.mappings.decision import Question
from huren.mappings.rule import Rule
from huren.mappings.rules import ALL
from tests.mappings.conftest import COMPLETE, OTHERS, SHIPPED, all_worlds, world_of

QUESTION = world_of({}).question
PLACES = ("CN-CFP", "CN-BJ", "ISO14067", "FR-PPE2", "EU-CFB", "JJJ")


def altered() -> list[Certificate]:
    """The complete certificate, and it with one or two facts stated otherwise."""
    ones = [{name: value} for name, values in OTHERS.items() for value in values]
    converting = [one for one in ones if {"offsets", "electricity", "biogenic", "gwp_sets"} & set(one)]
    pairs = [left | right for left in converting for right in ones if left.keys() != right.keys()]
    changes: list[dict[str, Any]] = [{}, *ones, *pairs[::5]]
    return [replace(COMPLETE, number=f"C{n}", **change) for n, change in enumerate(changes, 1)]


def facts_of(*certificates: Certificate, **more: Any) -> Facts:
    return Facts(**{**SHIPPED, "certificates": certificates, **more})


@pytest.mark.parametrize("purpose", [Purpose.LABEL, Purpose.LOAN_LIMIT])
def test_what_is_remembered_of_one_is_not_taken_for_another(purpose: Purpose) -> None:
    """A number that was converted is not one as stated, however alike the certificates are."""
    question = replace(QUESTION, purpose=purpose)
    known = facts_of(*altered()).at(question.known_at)
    recogniser = Recogniser(known, purpose, question.as_of, remember=True)
    for number in known.certificates:
        for place in PLACES:
            alone = recognise(replace(question, certificate=number, destination=place), known)
            assert recogniser.answer(number, place) == alone, (number, place)


def test_every_world_is_remembered_as_it_is() -> None:
    """Those with two conversions and more among them, whose numbers are each their own."""
    steps = 0
    for world in all_worlds():
        question, known = world.question, world.facts.at(world.question.known_at)
        if "error" in world.expect:
            continue
        recogniser = Recogniser(known, question.purpose, question.as_of, remember=True)
        for place in (question.destination, "CN-CFP", "ISO14067", "FR-PPE2", question.destination):
            found = recogniser.answer(question.certificate, place, question.against)
            assert found == recognise(replace(question, destination=place), known), (world.name, place)
            steps = max(steps, len(found.quantity.steps))
    assert steps >= 2


class Judged:
    """The rules, each counting how often it is applied."""

    def __init__(self) -> None:
        self.times: Counter[str] = Counter()
        self.rules = tuple(replace(rule, compare=self._counted(rule)) for rule in ALL)

    def _counted(self, rule: Rule) -> Any:
        def compare(*given: Any) -> Any:
            self.times[rule.id] += 1
            return rule.compare(*given)

        return compare

    def since(self) -> dict[str, int]:
        """What was applied since it was last asked."""
        now, self.times = dict(self.times), Counter()
        return now


def recogniser_of(judged: Judged, facts: Facts, question: Question = QUESTION) -> Recogniser:
    known = facts.at(question.known_at)
    return Recogniser(known, question.purpose, question.as_of, judged.rules, remember=True)


def readers(paths: Iterable[str]) -> set[str]:
    """The rules that read one of ``paths``, or what lies under it."""
    wanted = tuple(paths)
    return {rule.id for rule in ALL if any(read.startswith(wanted) for read in rule.reads)}


CONVERTED = {"offsets", "electricity", "gases", "biogenic", "allocation", "gwp_sets"}


@pytest.mark.parametrize("change", [{}, *({name: OTHERS[name][0]} for name in sorted(CONVERTED))])
def test_the_same_question_is_judged_once(change: dict[str, Any]) -> None:
    judged = Judged()
    recogniser = recogniser_of(judged, facts_of(replace(COMPLETE, **change)))
    first = [recogniser.answer(COMPLETE.number, place) for place in PLACES]
    assert judged.since()
    assert [recogniser.answer(COMPLETE.number, place) for place in PLACES] == first
    assert judged.since() == {}


@pytest.mark.parametrize("place", ["CN-CFP", "CN-BJ"])
def test_a_certificate_alike_is_judged_by_those_that_read_its_number(place: str) -> None:
    """Its number goes through no conversion here, so that nothing is its own but its name."""
    judged = Judged()
    twin = replace(COMPLETE, number="C2")
    recogniser = recogniser_of(judged, facts_of(COMPLETE, twin))
    first = recogniser.answer(COMPLETE.number, place)
    assert first.value is not None
    assert not first.value.steps
    judged.since()
    second = recogniser.answer("C2", place)
    assert set(judged.since()) <= readers(
        ["certificate.number", "certificate.marks", "certificate.mark_number"]
    )
    assert [f.outcome for f in second.findings] == [f.outcome for f in first.findings]


def test_a_silent_certificate_shares_nothing_of_its_number() -> None:
    """Arithmetic on nothing is not shown, so it is nobody else's either."""
    silent, stated = replace(COMPLETE, value=None, unit="kg"), replace(COMPLETE, number="C2", unit="kg")
    for order in ((silent, stated), (stated, silent)):
        known = facts_of(*order).at(QUESTION.known_at)
        recogniser = Recogniser(known, QUESTION.purpose, QUESTION.as_of, remember=True)
        for certificate, place in ((c, place) for c in order for place in PLACES):
            question = replace(QUESTION, certificate=certificate.number, destination=place)
            assert recogniser.answer(certificate.number, place) == recognise(question, known)


def test_a_route_matters_to_those_alone_that_read_it() -> None:
    """Two certificates of days that an agreement tells apart: only who reads day or route judges anew."""
    region = Side(regions=("CN-BJ",))
    told_apart = Agreement(
        "a", Text("协议", "agreement"), region, Side(regions=("CN-SH",)),
        objects=frozenset({AgreementObject.RESULT}),
        effective=date(2025, 1, 1), issued_from=date(2025, 6, 2),
    )  # fmt: skip
    judged = Judged()
    later = replace(COMPLETE, number="C2", issued=date(2025, 6, 3))
    recogniser = recogniser_of(judged, facts_of(COMPLETE, later, agreements=(told_apart,)))
    recogniser.answer(COMPLETE.number, "CN-CFP")
    judged.since()
    recogniser.answer("C2", "CN-CFP")
    own = readers(["issued", "certificate.issued", "certificate.number", "route", "comparing"])
    assert set(judged.since()) <= own


def test_where_a_parameter_is_written_matters_to_no_rule() -> None:
    """Two schemes that differ in their names and sources alone are one to a rule that reads neither."""
    base = next(scheme for scheme in SHIPPED["schemes"] if scheme.id == "ISO14067")
    profile = base.profile
    sourced = {
        name: replace(found, source="another page")
        for name in profile.__dataclass_fields__
        if hasattr(found := getattr(profile, name), "if_not_met")
    }
    assert sourced
    twin = replace(base, id="TWIN", profile=replace(profile, **sourced))
    judged = Judged()
    recogniser = recogniser_of(judged, facts_of(COMPLETE, schemes=(*SHIPPED["schemes"], twin)))
    first = recogniser.answer(COMPLETE.number, "ISO14067")
    judged.since()
    second = recogniser.answer(COMPLETE.number, "TWIN")
    assert (second.legal, second.technical) == (first.legal, first.technical)
    assert set(judged.since()) <= readers(["target", "route", "comparing"])
