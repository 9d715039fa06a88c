"""What a draft would change is what asking over the changed records says; asking writes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given

from huren.errors import BadInput
from huren.graph.model.agreement import Agreement, Side
from huren.graph.model.certificate import Certificate
from huren.graph.model.dated import start
from huren.graph.model.facts import Facts
from huren.graph.model.scheme import CertificationRule, Listing
from huren.graph.model.terms import AgreementObject
from huren.graph.model.text import Text
from huren.mappings.decide import recognise
from huren.mappings.decision import Question
from huren.mappings.outcome import SURE, Outcome
from huren.mappings.supposition import Supposition, prospect, suppose


def draft(name: str, **terms: Any) -> Supposition:
    sides = {"issuing": Side(regions=("CN-TJ",)), "accepting": Side(regions=("CN-BJ",))}
    agreement = Agreement(**{"id": name, "name": Text(), "effective": date(2026, 1, 1), **sides, **terms})
    return Supposition(name, agreements=(agreement,))


@pytest.fixture
def tianjin(make: Any) -> Any:
    """A certificate under a Tianjin body's rule, and no agreement with Beijing."""
    return make({"certificate": {"scheme": "TJ-BODY"}})


def test_the_negotiator_learns_which_clause_recognises_most(tianjin: Any) -> None:
    known = tianjin.facts.at(tianjin.question.known_at)
    steel = replace(known.certificates["C1"], number="C2", category="steel", unit="kg")
    known = replace(known, certificates={**known.certificates, "C2": steel})
    drafts = [
        draft("methods", objects=frozenset({AgreementObject.METHOD})),
        draft("modules", categories=("pv_module",)),
        draft("results"),
    ]
    found = prospect(drafts, ["CN-BJ"], tianjin.question.purpose, tianjin.question.as_of, known)
    assert (found.asked, found.recognised) == (2, 0)
    assert [(e.recognised, e.gained, e.lost) for e in found.effects] == [(0, 0, 0), (1, 1, 0), (2, 2, 0)]
    assert found.best == ("results",)
    [change] = found.effects[1].changes
    assert (change.before.standing, change.after.standing) == (Outcome.BLOCKED, Outcome.EQUAL)
    assert change.after.question.certificate == "C1"


def test_a_national_rule_that_is_supposed_displaces_local_ones(tianjin: Any) -> None:
    known = suppose(tianjin.facts.at(tianjin.question.known_at), draft("results"))
    rule = CertificationRule("NAT", Text(), country="CN", categories=(Listing("pv_module"),))
    supposed = Supposition("national rule", rules=(replace(rule, effective=date(2026, 3, 1)),))
    later = replace(supposed, name="later", as_of=start(date(2026, 2, 1)))
    found = prospect([supposed, later], ["CN-BJ"], tianjin.question.purpose, tianjin.question.as_of, known)
    assert found.recognised == 1
    assert [(e.recognised, e.lost) for e in found.effects] == [(0, 1), (1, 0)]


def test_taking_an_agreement_away(tianjin: Any) -> None:
    known = suppose(tianjin.facts.at(tianjin.question.known_at), draft("results"))
    found = prospect(
        [Supposition("without", without=("results",))],
        ["CN-BJ"],
        tianjin.question.purpose,
        tianjin.question.as_of,
        known,
    )
    assert (found.recognised, found.effects[0].lost) == (1, 1)
    with pytest.raises(BadInput, match="nowhere"):
        suppose(known, Supposition("x", without=("nowhere",)))


@given(question=..., known=..., other=..., supposed=...)
def test_it_says_what_asking_over_the_changed_records_says(
    question: Question, known: Facts, other: Certificate, supposed: Agreement
) -> None:
    both = (known.certificates[0], replace(other, number="C2"))
    now = replace(known, certificates=both)
    then = replace(now, agreements=(*(a for a in now.agreements if a.id != supposed.id), supposed))
    numbers, where = [c.number for c in both], question.destination
    found = prospect(
        [Supposition("draft", agreements=(supposed,))],
        [where],
        question.purpose,
        question.as_of,
        now.at(question.known_at),
    )
    ask = [
        [recognise(replace(question, certificate=n), facts).standing in SURE for n in numbers]
        for facts in (now, then)
    ]
    assert (found.recognised, found.effects[0].recognised) == (sum(ask[0]), sum(ask[1]))
    gained = [after and not before for before, after in zip(*ask, strict=True)]
    lost = [before and not after for before, after in zip(*ask, strict=True)]
    assert (found.effects[0].gained, found.effects[0].lost) == (sum(gained), sum(lost))
