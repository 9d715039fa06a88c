"""Decisions as documents: complete, the same for ever, read back as strictly as they are written."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given

from huren.errors import BadSeal, NotFound
from huren.graph.model.canonical import canonical
from huren.graph.model.facts import Facts
from huren.mappings import sealing
from huren.mappings.decide import recognise
from huren.mappings.decision import Decision, Question
from huren.mappings.replaying import Cause, Difference, causes, differences
from huren.mappings.sealing import Made, document, question_of, read

AT = datetime(2026, 6, 2, 1, 2, 3, 4, tzinfo=UTC)
MADE = Made(7, "0.1.0", AT)


@pytest.fixture
def decision(make: Any) -> Decision:
    """Two conversions, before the members of an alliance."""
    gases = [{"gas": "CO2", "kg": 500, "origin": "fossil"}, {"gas": "N2O", "kg": "0.1"}]
    stated = {"offsets": {"kg": 10}, "gwp_sets": ["AR4", "AR6"], "gases": gases}
    world = make({"ask": {"destination": "JJJ"}, "certificate": stated})
    return recognise(world.question, world.facts)


def sealed(decision: Decision) -> Any:
    """As a reader without huren gets it."""
    return json.loads(canonical(document(decision, MADE)))


@given(question=..., known=...)
def test_a_document_holds_all_that_a_decision_says(question: Question, known: Facts) -> None:
    try:
        decision = recognise(question, known)
    except NotFound:
        return
    payload = canonical(document(decision, MADE))
    found = read(payload)
    assert canonical(found) == payload
    assert question_of(found) == question
    assert sealing.sealed_at(found) == AT
    check(decision, found)
    assert not differences(found, json.loads(payload))


def check(decision: Decision, found: Mapping[str, Any]) -> None:
    verdicts = decision.standing, decision.legal, decision.technical
    assert (found["standing"], found["legal"], found["technical"]) == verdicts
    assert (found["scheme"], found["region"]) == (decision.scheme, decision.region)
    assert found["notChecked"] == list(decision.not_checked)
    assert found["deciding"] == [f.rule for f in decision.deciding]
    for ours, theirs in zip(decision.findings, found["findings"], strict=True):
        assert theirs["rule"] == ours.rule
        assert theirs["because"] == {"zh": ours.because.zh, "en": ours.because.en}
        assert theirs["clause"] == {"text": ours.clause.text, "number": ours.clause.number}
        assert [i["path"] for i in theirs["inputs"]] == [path for path, _ in ours.inputs]
        assert [i["value"] is None for i in theirs["inputs"]] == [value is None for _, value in ours.inputs]
        assert [c["id"] for c in theirs["conditions"]] == [c.id for c in ours.conditions]
    for other, theirs in zip(decision.alternatives, found["alternatives"], strict=True):
        check(other, theirs)


def test_the_question_is_sealed_whole() -> None:
    """A new member of the question must be sealed too: it is one line of QUESTION."""
    assert {field for _, field, _ in sealing.QUESTION} == {f.name for f in fields(Question)}


def test_the_numbers_and_instants_are_texts(decision: Decision) -> None:
    found = sealed(decision)
    assert found["format"] == "huren-decision/1"
    assert (found["engine"], found["revision"]) == ("0.1.0", "7")
    assert found["sealedAt"] == "2026-06-02T01:02:03.000004Z"
    assert found["question"]["asOf"].endswith("Z")
    assert found["value"]["value"] == str(decision.value.value if decision.value else None)
    assert found["value"]["steps"][0]["rule"] == "R21"
    assert found["ruleEditions"]["R14"] == "1"
    assert "question" not in found["alternatives"][0]
    assert not numbers(found)


def numbers(value: Any) -> list[Any]:
    """Every number of a document: their form would hang on the language that writes them."""
    if isinstance(value, dict | list):
        return [n for part in (value.values() if isinstance(value, dict) else value) for n in numbers(part)]
    return [value] if isinstance(value, int | float) and not isinstance(value, bool) else []


def test_no_text_is_that_of_a_python_object(world: Any) -> None:
    try:
        payload = canonical(document(recognise(world.question, world.facts), MADE)).decode()
    except NotFound:
        return
    for sign in ("Decimal(", "frozenset(", "datetime.", "Stage.", "GwpSet.", " object at "):
        assert sign not in payload


def test_inputs_are_told_in_full(decision: Decision) -> None:
    inputs = {i["path"]: i["value"] for f in sealed(decision)["findings"] for i in f["inputs"]}
    gases = json.loads(inputs["certificate.gases"])
    assert {"gas", "kg", "origin", "stage"} == set(gases[0])
    assert inputs["certificate.gwp_sets"] == '["AR4","AR6"]'
    assert json.loads(inputs["certificate.offsets"])["kg"] == "10"


CHANGES: dict[str, Callable[[Any], object]] = {
    "standing": lambda d: d.update(standing="FINE"),
    "no verdict": lambda d: d.pop("legal"),
    "no findings": lambda d: d.pop("findings"),
    "findings of another kind": lambda d: d.update(findings=[1]),
    "outcome": lambda d: d["findings"][0].update(outcome="YES"),
    "no question": lambda d: d.pop("question"),
    "no certificate": lambda d: d["question"].pop("certificate"),
    "a certificate of null": lambda d: d["question"].update(certificate=None),
    "purpose": lambda d: d["question"].update(purpose="FUN"),
    "a day without offset": lambda d: d["question"].update(asOf="2026-06-01T00:00:00"),
    "another offset": lambda d: d["question"].update(asOf="2026-06-01T08:00:00+08:00"),
    "no time of sealing": lambda d: d.pop("sealedAt"),
    "a number for a time": lambda d: d.update(sealedAt=1),
    "another format": lambda d: d.update(format="huren-decision/2"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_is_no_decision_is_refused(decision: Decision, change: Callable[[Any], object]) -> None:
    found = sealed(decision)
    change(found)
    with pytest.raises(BadSeal, match=r"no decision document|its format is"):
        read(canonical(found))


@pytest.mark.parametrize("payload", [b"{}", b"[]", b'"x"', b"1", b"null"])
def test_other_json_is_no_decision(payload: bytes) -> None:
    with pytest.raises(BadSeal, match="no decision document"):
        read(payload)


def test_a_payload_that_is_not_canonical_is_refused(decision: Decision) -> None:
    found = sealed(decision)
    payload = canonical(found)
    twice = payload[:-1] + b',"zz":1,"zz":1}'
    spaced, unsorted = json.dumps(found).encode(), json.dumps(dict(reversed(found.items())))
    escaped = json.dumps(found, separators=(",", ":"), sort_keys=True).encode()
    assert b"\\u" in escaped
    wrong = [
        twice,
        spaced,
        unsorted.encode(),
        escaped,
        payload + b"\n",
        payload + payload,
        b"",
        b"\xff",
        b"x",
    ]
    for text in wrong:
        with pytest.raises(BadSeal, match="not canonical JSON"):
            read(text)


def test_a_replay_names_each_place(decision: Decision) -> None:
    before, now = sealed(decision), sealed(decision)
    now |= {"engine": "0.2.0", "revision": "9", "sealedAt": "2027-01-01T00:00:00Z", "standing": "BLOCKED"}
    now["value"]["value"] = "1"
    dropped = now["findings"].pop(0)
    now["findings"][0]["edition"] = "2"
    now["findings"].append(dropped | {"rule": "R99"})
    now["ruleEditions"] |= {now["findings"][0]["rule"]: "2", "R99": "1"}
    found = differences(before, now)
    told = [d for d in found if not d.path.startswith("/findings")]
    assert told == [
        Difference("/standing", decision.standing.value, "BLOCKED"),
        Difference("/value/value", before["value"]["value"], "1"),
    ]
    gone, new = (d for d in found if d.path.startswith("/findings"))
    assert (gone.path, gone.now, json.loads(gone.sealed or "")) == (
        "/findings/0",
        None,
        before["findings"][0],
    )
    assert (new.path, new.sealed, json.loads(new.now or "")["rule"]) == ("/findings/-", None, "R99")
    rule = before["findings"][1]["rule"]
    assert causes(before, now) == (
        Cause("engine", "0.1.0", "0.2.0"),
        Cause(rule, "1", "2"),
        Cause("R99", None, "1"),
    )


def test_a_pointer_leads_to_what_it_names(decision: Decision) -> None:
    before, now = sealed(decision), sealed(decision)
    now["findings"][2]["inputs"][0]["value"] = "a/b~c"
    now["findings"][2]["x/y~z"] = None
    places = {d.path: (d.sealed, d.now) for d in differences(before, now)}
    assert places == {
        "/findings/2/inputs/0/value": (before["findings"][2]["inputs"][0]["value"], "a/b~c"),
        "/findings/2/x~1y~0z": (None, "null"),
    }


def test_the_order_of_findings_and_alternatives_is_no_difference(decision: Decision) -> None:
    before, now = sealed(decision), sealed(decision)
    now["findings"].reverse()
    now["alternatives"].reverse()
    assert differences(before, now) == ()
