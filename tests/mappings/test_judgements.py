"""How the words that rules find are put together (domain 3a): conditions, parts, certainty, policy."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product

import pytest

from huren.graph.model.certificate import Fulfilment, FulfilmentState
from huren.graph.model.dated import Certainty, IfNotMet
from huren.graph.model.text import Text
from huren.mappings.comparison import Compared, Comparison
from huren.mappings.fulfilment import fulfilment, met
from huren.mappings.judgement import (
    Condition,
    Judgement,
    absent,
    blocked,
    conditional,
    convertible,
    equal,
    marked,
    not_applicable,
    settled,
    tempered,
    together,
    unknown,
    warned,
)
from huren.mappings.outcome import EmptyRuleSet, Outcome, worst
from huren.mappings.quantity import Quantity
from huren.mappings.wanted import Wanted

ZH, EN = "理由", "a reason"
SAYS = Text(ZH, EN)
NOTE, OTHER_NOTE = Text("注意", "note"), Text("另注意", "note too")
NUMBER = Quantity(Decimal(5), Decimal(4), Decimal(6), "kg")
LATER = replace(NUMBER, value=Decimal(7))
# A judgement in which every field says something.
FULL = Judgement(
    outcome=Outcome.CONDITIONAL,
    because=SAYS,
    missing=("a",),
    conditions=(Condition("c", SAYS),),
    quantity=NUMBER,
    warnings=(NOTE,),
    applies=True,
    illustrative=True,
    comparison=Comparison(Compared.LOWER, "C2"),
)


def changed(before: Judgement, after: Judgement) -> set[str]:
    return {f.name for f in fields(Judgement) if getattr(before, f.name) != getattr(after, f.name)}


def test_each_word_says_what_it_means_and_no_more() -> None:
    plain = Judgement(Outcome.EQUAL, SAYS)
    assert equal(ZH, EN) == plain
    assert equal(ZH, EN, NOTE, OTHER_NOTE) == replace(plain, warnings=(NOTE, OTHER_NOTE))
    assert not_applicable(ZH, EN) == replace(plain, applies=False)
    assert convertible(NUMBER, ZH, EN, NOTE) == Judgement(
        Outcome.CONVERTIBLE, SAYS, quantity=NUMBER, warnings=(NOTE,)
    )
    asked = conditional("c", ZH, EN, "a", "b")
    assert asked == Judgement(
        Outcome.CONDITIONAL, SAYS, missing=("a", "b"), conditions=(Condition("c", SAYS),)
    )
    assert blocked(ZH, EN) == Judgement(Outcome.BLOCKED, SAYS)


def test_an_unknown_names_every_missing_fact_in_both_languages() -> None:
    found = unknown("gwp_sets", "issuer.stages")
    assert (found.outcome, found.missing) == (Outcome.UNKNOWN, ("gwp_sets", "issuer.stages"))
    for text in (found.because.zh, found.because.en):
        assert text.endswith("gwp_sets, issuer.stages")
    assert found.applies
    assert found.quantity is None


def test_absent_facts_are_named_by_their_paths() -> None:
    assert absent(gwp_sets=None, issuer__stages=None, unit="kg", zero=0, empty=()) == (
        "gwp_sets",
        "issuer.stages",
    )


def test_a_warning_adds_itself_alone() -> None:
    found = warned(replace(FULL, applies=False), OTHER_NOTE)
    assert found == replace(FULL, applies=False, warnings=(NOTE, OTHER_NOTE))


def test_a_mark_changes_the_mark_alone() -> None:
    assert marked(FULL, True) is FULL
    assert marked(FULL, False) == replace(FULL, illustrative=False)


TWO = replace(FULL, conditions=(Condition("c", SAYS), Condition("d", Text("另一", "another"))))


@pytest.mark.parametrize("states", list(product((True, False, None), repeat=2)))
@pytest.mark.parametrize("number", [None, NUMBER])
def test_conditions_are_met_refused_or_left_open(
    states: tuple[bool | None, bool | None], number: Quantity | None
) -> None:
    before = replace(TWO, quantity=number)
    after = settled(before, states)
    if False in states:
        assert after.outcome is Outcome.BLOCKED
        assert after.quantity is None
        refused = before.conditions[states.index(False)].says
        assert after.because.zh.endswith(refused.zh)
        assert after.because.en.endswith(refused.en)
        assert changed(before, after) <= {"outcome", "because", "quantity"}
    elif None in states:
        left = tuple(c for c, state in zip(before.conditions, states, strict=True) if state is None)
        assert after == replace(before, conditions=left)
    else:
        assert after.outcome is (Outcome.EQUAL if number is None else Outcome.CONVERTIBLE)
        assert (after.conditions, after.missing) == ((), ())
        assert "c; d" in after.because.zh
        assert "c; d" in after.because.en
        assert after.because.zh.endswith(ZH)
        assert after.because.en.endswith(EN)
        assert changed(before, after) <= {"outcome", "because", "conditions", "missing"}


def test_as_many_states_as_conditions() -> None:
    with pytest.raises(ValueError, match="zip"):
        settled(TWO, [True, None, None])


def test_one_part_is_the_whole() -> None:
    assert together([FULL]) is FULL


PARTS = {
    Outcome.EQUAL: equal("甲", "one", NOTE),
    Outcome.CONVERTIBLE: convertible(NUMBER, "乙", "two", OTHER_NOTE),
    Outcome.CONDITIONAL: replace(conditional("c", "丙", "three", "a"), quantity=LATER),
    Outcome.UNKNOWN: unknown("b"),
    Outcome.BLOCKED: replace(blocked("丁", "four"), illustrative=True),
}


@pytest.mark.parametrize("names", list(product(Outcome, repeat=2)))
def test_parts_together_are_as_bad_as_the_worst(names: tuple[Outcome, Outcome]) -> None:
    parts = [PARTS[name] for name in names]
    whole = together(parts)
    assert whole.outcome is worst(names)
    bad = [part for part in parts if part.outcome is whole.outcome]
    assert whole.because.en == "; ".join(part.because.en for part in bad)
    assert whole.because.zh == ";".join(part.because.zh for part in bad)
    assert whole.missing == bad[0].missing
    assert whole.conditions == bad[0].conditions
    assert whole.warnings == parts[0].warnings + parts[1].warnings
    assert whole.illustrative is (Outcome.BLOCKED in names)
    numbers = [part.quantity for part in parts if part.quantity is not None]
    open_end = whole.outcome in (Outcome.UNKNOWN, Outcome.BLOCKED)
    assert whole.quantity == (numbers[-1] if numbers and not open_end else None)


def test_parts_name_a_fact_and_a_condition_once_each() -> None:
    first, second = conditional("c", "甲", "one", "a", "b"), conditional("c", "甲", "one", "b", "d")
    whole = together([first, second, conditional("e", "戊", "five")])
    assert whole.missing == ("a", "b", "d")
    assert [c.id for c in whole.conditions] == ["c", "e"]


def test_no_part_is_a_refusal() -> None:
    with pytest.raises(EmptyRuleSet):
        together([])


def param(certainty: Certainty = Certainty.VERIFIED, if_not_met: IfNotMet = IfNotMet.CONVERT) -> Wanted[str]:
    return Wanted("destination.gwp_set", "AR6", certainty, if_not_met, asked=True)


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("policy", IfNotMet)
def test_what_a_scheme_does_with_one_that_differs(outcome: Outcome, policy: IfNotMet) -> None:
    before = PARTS[outcome]
    after = tempered(before, param(if_not_met=policy))
    differs = outcome in (Outcome.CONVERTIBLE, Outcome.CONDITIONAL)
    if not differs or policy is IfNotMet.CONVERT:
        assert after == before
    elif policy is IfNotMet.REFUSE:
        assert after.outcome is Outcome.BLOCKED
        assert (after.quantity, after.conditions, after.missing) == (None, (), ())
        assert "destination.gwp_set" in after.because.zh
        assert after.because.en == "the destination refuses any other destination.gwp_set"
        assert after.warnings == before.warnings
    elif outcome is Outcome.CONDITIONAL:
        assert after == before
    else:
        assert after.outcome is Outcome.CONDITIONAL
        assert [c.id for c in after.conditions] == ["agree_conversion"]
        assert "destination.gwp_set" in after.conditions[0].says.zh
        assert "destination.gwp_set" in after.conditions[0].says.en
        assert changed(before, after) == {"outcome", "conditions"}, "the converted value is its preview"


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("certainty", Certainty)
def test_how_sure_a_parameter_is(outcome: Outcome, certainty: Certainty) -> None:
    before = PARTS[outcome]
    after = tempered(before, param(certainty))
    if certainty is Certainty.KNOWN:
        assert after.warnings[:-1] == before.warnings
        assert after.warnings[-1].en == "destination.gwp_set is general knowledge, not verified"
        assert "destination.gwp_set" in after.warnings[-1].zh
        assert changed(before, after) == {"warnings"}
    elif certainty is Certainty.DRAFT and outcome not in (Outcome.UNKNOWN, Outcome.BLOCKED):
        assert after.outcome is Outcome.CONDITIONAL
        assert after.conditions[:-1] == before.conditions
        assert after.conditions[-1].id == "draft_in_force"
        assert "destination.gwp_set" in after.conditions[-1].says.zh
        assert "destination.gwp_set" in after.conditions[-1].says.en
        assert changed(before, after) <= {"outcome", "conditions"}, "what it would be is its preview"
    else:
        assert after == before


def test_every_parameter_that_a_finding_rests_on_is_heard() -> None:
    draft, known = param(Certainty.DRAFT), param(Certainty.KNOWN)
    both = tempered(PARTS[Outcome.CONVERTIBLE], known, draft)
    assert both.outcome is Outcome.CONDITIONAL
    assert len(both.warnings) == 2
    refusing = param(Certainty.DRAFT, IfNotMet.REFUSE)
    assert tempered(PARTS[Outcome.CONVERTIBLE], refusing).outcome is Outcome.BLOCKED
    assert tempered(PARTS[Outcome.EQUAL]) is PARTS[Outcome.EQUAL]


AT = datetime(2026, 6, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
MET = Fulfilment("R9", "re_verify", AT, FulfilmentState.MET, "CN-CFP")


def of(*recorded: Fulfilment, at: datetime = AT) -> bool | None:
    return met(recorded, "R9", "re_verify", "CN-CFP", at)


def test_a_condition_is_met_by_what_names_it() -> None:
    assert of() is None
    assert of(MET) is True
    assert of(replace(MET, destination=None)) is True
    for state in (FulfilmentState.REFUSED, FulfilmentState.IMPOSSIBLE):
        assert of(replace(MET, state=state)) is False
    for other in (
        replace(MET, rule="R8"),
        replace(MET, condition="sign"),
        replace(MET, destination="FR-PPE2"),
        replace(MET, since=AT + TICK),
    ):
        assert of(other) is None
        assert fulfilment((other,), "R9", "re_verify", "CN-CFP", AT) is None


def test_the_last_word_on_a_condition_counts() -> None:
    before = replace(MET, since=AT - TICK, state=FulfilmentState.REFUSED)
    assert of(before, MET) is of(MET, before) is True
    assert of(before, MET, at=AT - TICK) is False
    said_again = replace(MET, state=FulfilmentState.REFUSED, recorded_at=AT)
    assert of(MET, said_again) is of(said_again, MET) is False, "of one day, what was recorded last"
    corrected = replace(MET, recorded_at=AT + TICK)
    assert of(said_again, corrected) is of(corrected, said_again) is True


def test_a_day_is_a_day_in_china() -> None:
    day = replace(MET, since=date(2026, 6, 1))
    midnight = datetime(2026, 5, 31, 16, tzinfo=UTC)
    assert of(day, at=midnight) is True
    assert of(day, at=midnight - TICK) is None
