"""Rows of a screening: in order, the best first, and never a violation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from huren.errors import NotFound
from huren.graph.model.certificate import Certificate
from huren.graph.model.terms import Purpose
from huren.mappings.outcome import Outcome
from huren.mappings.screening import Applicant, ApplicantKind, Screening, Terms, screen

FIRM, CERTIFICATE, UNKNOWN = ApplicantKind


def screened(make: Any, *applicants: Applicant, **terms: Any) -> Screening:
    world = make({})
    asked = {"destination": "CN-BJ", "purpose": Purpose.LABEL, "as_of": world.question.as_of}
    return screen(applicants, Terms(**asked | terms), world.facts.at(world.question.known_at))


def firm(*certificates: Certificate, name: str = "firm") -> Applicant:
    return Applicant(name, FIRM, certificates=certificates)


def test_rows_come_in_order_and_as_often_as_named(make: Any, complete: Certificate) -> None:
    one, other = firm(complete), Applicant("nobody", UNKNOWN)
    rows = screened(make, one, other, one, firm(name="bare")).rows
    assert [row.applicant.name for row in rows] == ["firm", "nobody", "firm", "bare"]
    assert rows[0] == rows[2]
    assert [row.standing for row in rows] == [Outcome.EQUAL, None, Outcome.EQUAL, None]


def test_the_best_certificate_comes_first_and_stands_for_the_firm(make: Any, complete: Certificate) -> None:
    silent = replace(complete, number="A", assurance=None)
    local = replace(complete, number="B", scheme="TJ-BODY")
    (row,) = screened(make, firm(silent, local, complete)).rows
    assert [one.decision.certificate.number for one in row.certificates] == ["C1", "A", "B"]
    assert [one.decision.standing for one in row.certificates] == [
        Outcome.EQUAL,
        Outcome.UNKNOWN,
        Outcome.BLOCKED,
    ]
    assert row.missing == ()
    (row,) = screened(make, firm(silent, local)).rows
    assert row.standing is Outcome.UNKNOWN
    assert any("assurance.party" in text.en for text in row.missing)


def test_having_none_is_said_to_be_voluntary(make: Any) -> None:
    for kind in (FIRM, UNKNOWN):
        (row,) = screened(make, Applicant("x", kind)).rows
        assert row.standing is None
        (says,) = row.missing
        assert "自愿" in says.zh
        assert "voluntary" in says.en


def test_a_category_takes_those_below_it_and_names_the_others(make: Any, complete: Certificate) -> None:
    module = firm(complete)
    assert screened(make, module, category="pv_module").rows[0].standing is Outcome.EQUAL
    (row,) = screened(make, module, category="steel").rows
    assert row.standing is None
    assert "pv_module" in row.missing[0].en


def test_counts(make: Any, complete: Certificate) -> None:
    found = screened(make, firm(complete), firm(complete), Applicant("x", UNKNOWN), firm(name="bare"))
    assert found.kinds == {FIRM: 3, UNKNOWN: 1}
    assert found.standings == {Outcome.EQUAL: 2}


@pytest.mark.parametrize("wrong", [{"destination": "ATLANTIS"}, {"category": "unicorn"}])
def test_a_place_or_category_of_nothing_fails_the_whole(make: Any, wrong: dict[str, str]) -> None:
    with pytest.raises(NotFound, match=next(iter(wrong.values()))):
        screened(make, Applicant("x", UNKNOWN), **wrong)
