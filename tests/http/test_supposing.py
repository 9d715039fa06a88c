"""Drafts over HTTP: checked as records are, asked about, and never written."""

from __future__ import annotations

from typing import Any

import pytest

from tests.http.conftest import Caller
from tests.http.test_acceptance import ask, failed

QUERY = """query($d: [SuppositionInput!]!, $to: [String!]!) {
  whatIfRecognised(category: "battery", destinations: $to, purpose: LABEL, suppose: $d,
                   asOf: "2026-06-01T00:00:00Z") {
    asked recognised best complete revision effects { name recognised gained lost changed } } }"""
RULE = {
    "id": "CN-BATTERY-DRAFT",
    "name": {"zh": "锂电池专用规则(草案)", "en": "national battery rule (draft)"},
    "level": "NATIONAL",
    "country": "CN",
    "categories": [{"category": "battery"}],
    "effective": "2026-03-01",
    "certainty": "DRAFT",
    "source": "a draft",
}


def agreement(**terms: Any) -> dict[str, Any]:
    return {
        "id": "DRAFT",
        "name": {"zh": "草案"},
        "issuing": {"regions": ["CN-JS"]},
        "accepting": {"regions": ["CN-BJ"]},
        "effective": "2026-01-01",
        "clause": "art. 1",
        "source": "a draft",
        **terms,
    }


async def test_a_supposed_national_rule_shows_what_would_fall(demo: Caller) -> None:
    drafts = [
        {"name": "agreement", "agreements": [agreement()]},
        {"name": "agreement and national rule", "agreements": [agreement()], "rules": [RULE]},
        {"name": "years later", "agreements": [agreement()], "asOf": "2030-06-01T00:00:00Z"},
    ]
    found = (await ask(demo, QUERY, d=drafts, to=["CN-BJ"]))["whatIfRecognised"]
    assert (found["recognised"], found["best"]) == (0, ["agreement"])
    assert [effect["gained"] for effect in found["effects"]] == [1, 0, 0]
    again = (await ask(demo, QUERY, d=drafts[:1], to=["CN-BJ"]))["whatIfRecognised"]
    assert (again["recognised"], again["revision"]) == (0, found["revision"])
    known = await ask(demo, "{ agreements { id } rules { id } }")
    assert "DRAFT" not in {one["id"] for one in known["agreements"]}
    assert RULE["id"] not in {one["id"] for one in known["rules"]}


@pytest.mark.parametrize(
    ("draft", "says"),
    [
        ({"name": "x", "agreements": [agreement(clause="")]}, "clause"),
        ({"name": "x", "agreements": [agreement(categories=["nothing"])]}, "category `nothing`"),
        ({"name": "x", "agreements": [agreement(issuing={"regions": ["CN-XX"]})]}, "region `CN-XX`"),
        ({"name": "x", "agreements": [agreement(effective="2026-13-01")]}, "2026-13-01"),
        ({"name": "x", "rules": [{**RULE, "source": ""}]}, "rule.source"),
        ({"name": "x", "without": ["NOTHING"]}, "NOTHING"),
    ],
)
async def test_a_draft_that_could_not_stand_is_refused(demo: Caller, draft: Any, says: str) -> None:
    body = await demo.ask(QUERY, {"d": [draft], "to": ["CN-BJ"]})
    (error,) = body["errors"]
    assert says in error["message"]


async def test_the_question_itself_is_checked(demo: Caller) -> None:
    one = {"name": "x", "agreements": [agreement()]}
    assert (await failed(demo, QUERY, d=[one, one], to=["CN-BJ"]))["code"] == "BAD_USER_INPUT"
    assert (await failed(demo, QUERY, d=[], to=["CN-BJ"]))["code"] == "BAD_USER_INPUT"
    assert (await failed(demo, QUERY, d=[one], to=[]))["code"] == "BAD_USER_INPUT"
    assert (await failed(demo, QUERY, d=[one], to=["NOWHERE"]))["code"] == "NOT_FOUND"
    assert (await failed(demo, QUERY, d=[one], to=["CN-BJ"] * 51))["code"] == "LIMIT_EXCEEDED"


async def test_two_certificates_are_compared_and_a_third_is_not_on_record(demo: Caller) -> None:
    query = """query($n: String!) { recognise(certificate: "DEMO-CFP-PV-1", destination: "CN-BJ",
      purpose: PROCUREMENT, against: $n, asOf: "2026-06-01T00:00:00Z") {
      comparison { verdict against } standing { outcome } } }"""
    found = (await ask(demo, query, n="DEMO-TJ-PV-1"))["recognise"]
    assert found == {
        "comparison": {"verdict": "UNKNOWN", "against": "DEMO-TJ-PV-1"},
        "standing": {"outcome": "UNKNOWN"},
    }
    assert (await ask(demo, query, n="DEMO-SH-STEEL-1"))["recognise"]["comparison"]["verdict"] == "REFUSED"
    assert (await failed(demo, query, n="NOBODY"))["code"] == "NOT_FOUND"
