"""Who may see what, as the table says it; whatever it does not say is denied."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huren.auth.grounds import Basis
from huren.auth.roles import scopes_of, table
from huren.auth.scopes import ALL_SCOPES
from huren.auth.visibility import Subject, Viewer, decide
from huren.graph.model.access import EVERYONE, Effect, FieldClass, Role
from huren.graph.model.grant import Grant
from huren.graph.model.terms import Purpose

NOW = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)
STEEL = Subject("s/steel", "s", region="CN-HE", country="CN", sector="steel")
BUYER = Viewer("b", country="CN")
LEND = Purpose.LOAN_APPROVAL


def seen(viewer: Viewer, subject: Subject, purpose: str | None = None, now: datetime = NOW) -> set[str]:
    found = {field: decide(viewer, subject, field, purpose, now) for field in FieldClass}
    return {field.value for field, access in found.items() if access.effect is Effect.ALLOW}


def granted(**terms: object) -> Subject:
    whole = {"id": "g1", "grantor": "s", "grantee": "b", "fields": frozenset({FieldClass.RECIPE}), **terms}
    return replace(STEEL, grants=(Grant(**whole),))  # type: ignore[arg-type]


def test_nobody_sees_what_was_not_opened() -> None:
    assert seen(BUYER, STEEL) == set()
    assert decide(BUYER, STEEL, "recipe", None, NOW).basis is Basis.NONE


def test_the_owner_and_the_administrator_see_all() -> None:
    everything = {field.value for field in FieldClass}
    assert seen(Viewer("s"), STEEL) == everything
    assert seen(Viewer("admin", administrator=True), STEEL) == everything


def test_a_release_shows_the_product_and_its_quality_but_no_recipe() -> None:
    shown = {"identity", "release", "quality"}
    assert seen(BUYER, replace(STEEL, audience=frozenset({"b"}))) == shown
    assert seen(BUYER, replace(STEEL, audience=frozenset({EVERYONE}))) == shown
    assert seen(BUYER, replace(STEEL, audience=frozenset({"c"}))) == set()


def test_a_dispute_freezes_what_was_released() -> None:
    frozen = replace(STEEL, audience=frozenset({"b"}), disputed=True)
    assert seen(BUYER, frozen) == {"identity"}
    assert decide(BUYER, frozen, "release", None, NOW).basis is Basis.DISPUTED
    assert seen(Viewer("s"), frozen) == {field.value for field in FieldClass}


@pytest.mark.parametrize(
    ("terms", "purpose", "now", "expected"),
    [
        ({}, None, NOW, {"identity", "recipe"}),
        ({"fields": frozenset({FieldClass.SUPPLIERS})}, None, NOW, {"identity", "suppliers"}),
        ({"purposes": frozenset({"LOAN_APPROVAL"})}, None, NOW, {"identity"}),
        ({"purposes": frozenset({"LOAN_APPROVAL"})}, "LOAN_PRICING", NOW, {"identity"}),
        ({"purposes": frozenset({"LOAN_APPROVAL"})}, "LOAN_APPROVAL", NOW, {"identity", "recipe"}),
        ({"purposes": frozenset({"of another version"})}, "LOAN_APPROVAL", NOW, {"identity"}),
        ({"until": NOW}, None, NOW - DAY, {"identity", "recipe"}),
        ({"until": NOW}, None, NOW, set()),
        ({"since": NOW}, None, NOW - DAY, set()),
        ({"since": NOW}, None, NOW, {"identity", "recipe"}),
        ({"withdrawn_at": NOW}, None, NOW, set()),
        ({"grantee": "c"}, None, NOW, set()),
        ({"grantee": EVERYONE}, None, NOW, {"identity", "recipe"}),
        ({"products": frozenset({"s/steel"})}, None, NOW, {"identity", "recipe"}),
        ({"products": frozenset({"s/iron"})}, None, NOW, set()),
        ({"grantor": "t"}, None, NOW, set()),
        ({"grantor": "t", "products": frozenset({"s/steel"})}, None, NOW, set()),
    ],
)
def test_a_grant_opens_what_it_names(
    terms: dict[str, object], purpose: str | None, now: datetime, expected: set[str]
) -> None:
    assert seen(BUYER, granted(**terms), purpose, now) == expected


def test_roles_reach_as_the_table_says() -> None:
    """Row 13: who holds which role, whose region, which field: exactly the table."""
    wide = {"identity", "release", "quality"}
    expected = {
        Role.PROVINCE: (wide, set()),
        Role.DISTRICT: (wide, set()),
        Role.MINISTRY: (wide, wide),
        Role.AUDITOR: ({f.value for f in FieldClass}, {f.value for f in FieldClass}),
    }
    for role, home in product(Role, (True, False)):
        territory = frozenset({"CN-HE"}) if home else frozenset({"CN-TJ"})
        viewer = Viewer("v", frozenset({role}), "CN", territory)
        inside, outside = expected.get(role, (set(), set()))
        assert seen(viewer, STEEL) == (inside if home else outside), role


def test_a_region_that_is_not_stated_is_in_nobodys_territory() -> None:
    viewer = Viewer("v", frozenset({Role.PROVINCE}), "CN", frozenset({"CN-HE"}))
    assert seen(viewer, replace(STEEL, region=None)) == set()


@pytest.mark.parametrize(
    ("field", "purpose"),
    [
        ("everything", None),
        ("", None),
        ("RECIPE", None),
        ("recipe", "ANY"),
        ("recipe", ""),
        ("recipe", "loan_approval"),
    ],
)
def test_unknown_words_deny_even_the_owner(field: str, purpose: str | None) -> None:
    assert decide(Viewer("s"), STEEL, field, purpose, NOW).effect is Effect.DENY
    assert decide(Viewer("z", administrator=True), STEEL, field, purpose, NOW).effect is Effect.DENY


@given(
    st.sets(st.sampled_from(["a", "b", EVERYONE])),
    st.sets(st.sampled_from(list(FieldClass))),
    st.sampled_from(list(FieldClass)),
)
def test_opening_more_never_hides(audience: set[str], fields: set[FieldClass], asked: FieldClass) -> None:
    subject = replace(granted(fields=frozenset(fields)), audience=frozenset(audience))
    wider = replace(granted(fields=frozenset(FieldClass)), audience=frozenset(audience) | {"b"})
    order = list(Effect)
    before = decide(BUYER, subject, asked, None, NOW).effect
    assert order.index(decide(BUYER, wider, asked, None, NOW).effect) <= order.index(before)


def test_every_decision_says_why_in_both_languages() -> None:
    for basis in Basis:
        assert basis.value[1].strip()
        assert basis.value[2].strip()


def test_roles_hold_scopes_that_exist() -> None:
    assert set(table()) == set(Role)
    assert scopes_of([Role.ADMINISTRATOR]) == ALL_SCOPES
    assert scopes_of([]) == scopes_of([Role.FIRM])
    assert "exchange:administer" not in scopes_of(set(Role) - {Role.ADMINISTRATOR})
