"""Row 13: relation × class of fields × purpose × country exactly as the table says, else denied.

The table is typed here by hand, from the issue and the page of roles, and not read from the data.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huren.auth.grounds import Basis
from huren.auth.principal import Principal
from huren.auth.roles import RoleRights, _rights, roles_with, scopes_of, table
from huren.auth.scopes import ALL_SCOPES
from huren.auth.visibility import (
    Access,
    Subject,
    Viewer,
    decide,
    may_change,
    may_fulfil,
    may_register,
    sees,
)
from huren.graph.model.access import EVERYONE, Effect, FieldClass, Role
from huren.graph.model.export import Approval
from huren.graph.model.grant import Grant
from huren.graph.model.terms import Purpose
from huren.graph.model.text import Text

NOW = datetime(2026, 6, 1, tzinfo=UTC)
STEEL = Subject("s/steel", "s", region="CN-HE", country="CN", sector="steel")
HEBEI, TIANJIN = frozenset({"CN-HE"}), frozenset({"CN-TJ"})
GRANT = Grant("g1", "s", "v", frozenset({FieldClass.RECIPE}), frozenset({"LOAN_APPROVAL"}))
FIELDS = ("identity", "release", "quality", "suppliers", "recipe")
PURPOSES = (None, *Purpose)
NOWHERE = "ZZ"
"""No country has this code (ISO 3166-1 leaves it to users)."""


def of_role(role: Role, territory: frozenset[str]) -> tuple[Viewer, Subject]:
    return Viewer("v", frozenset({role}), "CN", territory), STEEL


# Who looks at what; which classes of fields are shown, in the order of FIELDS (g: for the grant's purpose
# alone); and on what that rests.
MATRIX: dict[str, tuple[Viewer, Subject, str, Basis]] = {
    "the owner": (Viewer("s", country="CN"), STEEL, "+++++", Basis.OWNER),
    "the exchange": (Viewer("v", country="CN", administrator=True), STEEL, "+++++", Basis.ADMINISTRATOR),
    "a stranger": (Viewer("v", country="CN"), STEEL, "-----", Basis.NONE),
    "a buyer": (Viewer("v", country="CN"), replace(STEEL, audience={"v"}), "+++--", Basis.RELEASED),
    "anyone": (Viewer("v", country="CN"), replace(STEEL, audience={EVERYONE}), "+++--", Basis.PUBLIC),
    "another's buyer": (Viewer("v", country="CN"), replace(STEEL, audience={"w"}), "-----", Basis.NONE),
    "a lender": (Viewer("v", country="CN"), replace(STEEL, grants=(GRANT,)), "+---g", Basis.GRANTED),
    "its province": (*of_role(Role.PROVINCE, HEBEI), "+++--", Basis.ROLE),
    "another province": (*of_role(Role.PROVINCE, TIANJIN), "-----", Basis.NONE),
    "its district": (*of_role(Role.DISTRICT, HEBEI), "+++--", Basis.ROLE),
    "another district": (*of_role(Role.DISTRICT, TIANJIN), "-----", Basis.NONE),
    "a ministry": (*of_role(Role.MINISTRY, TIANJIN), "+++--", Basis.ROLE),
    "an auditor": (*of_role(Role.AUDITOR, TIANJIN), "+++++", Basis.ROLE),
    "its bank": (*of_role(Role.BANK, HEBEI), "-----", Basis.NONE),
    "its insurer": (*of_role(Role.INSURER, HEBEI), "-----", Basis.NONE),
    "its purchaser": (*of_role(Role.PURCHASER, HEBEI), "-----", Basis.NONE),
    "its chain leader": (*of_role(Role.CHAIN_LEADER, HEBEI), "-----", Basis.NONE),
    "its certification body": (*of_role(Role.BODY, HEBEI), "-----", Basis.NONE),
    "its PACT partner": (*of_role(Role.PACT_PARTNER, HEBEI), "-----", Basis.NONE),
    "a firm beside it": (*of_role(Role.FIRM, HEBEI), "-----", Basis.NONE),
    "the public": (*of_role(Role.PUBLIC, HEBEI), "-----", Basis.NONE),
}
UNBOUND = {"the owner", "the exchange"}
"""Who passes no border: their own data, and the exchange itself."""


def asked(viewer: Viewer, subject: Subject, field: str, purpose: str | None = None) -> Access:
    return decide(viewer, subject, field, purpose, NOW)


@pytest.mark.parametrize("who", MATRIX)
def test_who_sees_which_fields_for_what_purpose(who: str) -> None:
    viewer, subject, row, basis = MATRIX[who]
    for (field, cell), purpose in product(zip(FIELDS, row, strict=True), PURPOSES):
        shown = cell == "+" or (cell == "g" and purpose is Purpose.LOAN_APPROVAL)
        access = asked(viewer, subject, field, purpose)
        assert access.effect is (Effect.ALLOW if shown else Effect.DENY), (field, purpose)
        assert access.shown is shown
        assert access.basis is (basis if shown or cell != "g" else Basis.OTHER_PURPOSE) or cell == "-"
        assert access.basis.opens is shown, "a refusal names what was missing"


@pytest.mark.parametrize("who", MATRIX)
@pytest.mark.parametrize("country", [None, "", NOWHERE, "cn"])
def test_what_goes_to_no_known_country_stays(who: str, country: str | None) -> None:
    """Only what names a product passes a border that nobody knows; the owner's data are its own anywhere."""
    viewer, subject, row, basis = MATRIX[who]
    for field, cell in zip(FIELDS, row, strict=True):
        for moved in (
            asked(replace(viewer, country=country), subject, field, "LOAN_APPROVAL"),
            asked(viewer, replace(subject, country=country), field, "LOAN_APPROVAL"),
        ):
            shown = cell != "-" and (field == "identity" or who in UNBOUND)
            assert moved.effect is (Effect.ALLOW if shown else Effect.DENY), field
            if cell != "-" and not shown:
                assert [ground.basis.opens for ground in moved.why] == [False, True]
                assert moved.why[1].basis is basis, "it says too what would have opened it"


@given(st.text(), st.sampled_from([*MATRIX]))
def test_an_unknown_class_of_fields_is_denied_to_all(word: str, who: str) -> None:
    viewer, subject, _, _ = MATRIX[who]
    known = word in FIELDS
    access = asked(viewer, subject, word)
    assert known or (access.effect, access.basis) == (Effect.DENY, Basis.UNKNOWN_FIELD)


@given(st.text(), st.sampled_from([*MATRIX]), st.sampled_from(FIELDS))
def test_an_unknown_purpose_is_denied_to_all(word: str, who: str, field: str) -> None:
    viewer, subject, _, _ = MATRIX[who]
    known = word in [purpose.value for purpose in Purpose]
    access = asked(viewer, subject, field, word)
    assert known or (access.effect, access.basis) == (Effect.DENY, Basis.UNKNOWN_PURPOSE)


def test_one_who_owns_and_administers_sees_as_the_owner() -> None:
    access = asked(Viewer("s", administrator=True), replace(STEEL, audience={"s"}), "release")
    assert [ground.basis for ground in access.why] == [Basis.OWNER]


def test_a_decision_names_the_grant_and_the_role_that_it_rests_on() -> None:
    lender, opened, _, _ = MATRIX["a lender"]
    assert asked(lender, opened, "recipe", "LOAN_APPROVAL").why[0].names == "g1"
    assert asked(lender, opened, "recipe", "LOAN_PRICING").why[0].names == "g1"
    ended = replace(opened, grants=(replace(GRANT, withdrawn_at=NOW),))
    refused = asked(lender, ended, "recipe", "LOAN_APPROVAL")
    assert [(g.basis, g.names) for g in refused.why] == [(Basis.GRANT_ENDED, "g1")]
    assert asked(*of_role(Role.AUDITOR, HEBEI), "recipe").why[0].names == "auditor"


def test_data_at_home_say_so() -> None:
    buyer, released, _, _ = MATRIX["a buyer"]
    assert [g.basis for g in asked(buyer, released, "release").why] == [Basis.RELEASED, Basis.DOMESTIC]


def test_a_refusal_tells_everything_that_was_looked_at() -> None:
    """A grant that ended before one for another purpose, and a dispute: each is named, none opens."""
    grants = (replace(GRANT, id="old", until=NOW), replace(GRANT, id="new"))
    access = asked(Viewer("v", country="CN"), replace(STEEL, grants=grants), "recipe")
    assert [(g.basis, g.names) for g in access.why] == [
        (Basis.GRANT_ENDED, "old"),
        (Basis.OTHER_PURPOSE, "new"),
    ]
    frozen = replace(STEEL, audience={"v"}, disputed=True)
    assert [g.basis for g in asked(Viewer("v", country="CN"), frozen, "quality").why] == [Basis.DISPUTED]


def test_a_grant_holds_from_its_first_instant_until_before_its_last() -> None:
    for since, until in product((None, NOW), (None, NOW + timedelta(days=1))):
        grant = replace(GRANT, since=since, until=until)
        tick = timedelta(microseconds=1)
        assert grant.holds(NOW)
        assert grant.holds(NOW - tick) is (since is None)
        assert grant.holds(NOW + timedelta(days=1) - tick)
        assert grant.holds(NOW + timedelta(days=1)) is (until is None)
        assert not replace(grant, withdrawn_at=NOW).holds(NOW)


ABROAD = Viewer("v", country="DE")
APPROVAL = Approval("a1", "s/steel", "DE", frozenset({FieldClass.RECIPE}), recipient="v")


def opened(**terms: object) -> Subject:
    """Steel whose release and recipe its owner opened to v, with an approval for the recipe."""
    approval = replace(APPROVAL, **terms)  # type: ignore[arg-type]
    return replace(
        STEEL, audience={"v"}, grants=(replace(GRANT, purposes=frozenset()),), approvals=(approval,)
    )


def test_an_approval_lets_out_the_very_flow_that_it_names() -> None:
    access = asked(ABROAD, opened(), "recipe")
    assert access.effect is Effect.ALLOW
    assert [(g.basis, g.names) for g in access.why] == [(Basis.GRANTED, "g1"), (Basis.APPROVED, "a1")]
    assert access.why[1].illustrative, "the table that ships is made up, and every answer from it says so"
    later = opened(until=NOW + timedelta(microseconds=1))
    assert asked(ABROAD, later, "recipe").effect is Effect.ALLOW
    assert asked(ABROAD, opened(recipient=None), "recipe").effect is Effect.ALLOW


@pytest.mark.parametrize(
    "terms",
    [
        {"product": "s/iron"},
        {"country": "FR"},
        {"recipient": "w"},
        {"fields": frozenset({FieldClass.RELEASE})},
        {"until": NOW},
    ],
)
def test_an_approval_of_another_flow_lets_nothing_out(terms: dict[str, object]) -> None:
    access = asked(ABROAD, opened(**terms), "recipe")
    assert access.effect is Effect.DENY
    assert [g.basis for g in access.why] == [Basis.APPROVAL_NEEDED, Basis.GRANTED]


@pytest.mark.parametrize(
    ("sector", "country", "effect", "basis"),
    [
        ("steel", "DE", Effect.AGGREGATE, Basis.EXPORT_AGGREGATE),
        ("steel", "US", Effect.DENY, Basis.APPROVAL_NEEDED),
        ("pv_module", "DE", Effect.DENY, Basis.APPROVAL_NEEDED),
        ("battery", "DE", Effect.ALLOW, Basis.RELEASED),
        ("tyre", "US", Effect.ALLOW, Basis.RELEASED),
        ("weapons", "DE", Effect.DENY, Basis.EXPORT_NOT_LISTED),
        (None, "DE", Effect.DENY, Basis.EXPORT_NOT_LISTED),
        ("steel", "CN", Effect.ALLOW, Basis.RELEASED),
    ],
)
def test_what_a_release_is_worth_abroad_by_sector_and_country(
    sector: str | None, country: str, effect: Effect, basis: Basis
) -> None:
    """The shipped table, typed again; an approval for the recipe opens no release."""
    access = asked(replace(ABROAD, country=country), replace(opened(), sector=sector), "release")
    assert (access.effect, access.basis) == (effect, basis)
    assert access.shown is (effect is not Effect.DENY)
    if basis is Basis.EXPORT_NOT_LISTED:
        assert access.why[0].names == f"{country} {sector} release", "it names the row that is not there"
    named = asked(replace(ABROAD, country=country), replace(opened(), sector=sector), "identity")
    assert [ground.basis for ground in named.why] == [Basis.RELEASED, Basis.NAMED]


def caller(org: str, *scopes: str) -> Principal:
    return Principal(org, "cli", frozenset(scopes))


HOLDER, BODY, OTHER = caller("holder"), caller("body"), caller("other")
EXCHANGE = caller("exchange", "exchange:administer")


@pytest.mark.parametrize(
    ("who", "registers", "changes", "fulfils"),
    [
        (HOLDER, True, False, False),
        (BODY, True, True, True),
        (OTHER, False, False, False),
        (EXCHANGE, True, True, True),
    ],
)
def test_who_writes_what_of_a_certificate(
    who: Principal, registers: bool, changes: bool, fulfils: bool
) -> None:
    assert may_register(who, "holder", "body") is registers
    assert may_change(who, "body") is changes
    assert may_fulfil(who, "holder", "body") is fulfils
    assert sees(who, "holder") is (who in (HOLDER, EXCHANGE))


def test_a_body_that_holds_the_certificate_clears_itself_of_nothing() -> None:
    assert may_change(BODY, "body")
    assert not may_fulfil(BODY, "body", "body")
    assert may_fulfil(EXCHANGE, "exchange", "exchange")


def test_nobody_changes_a_certificate_without_a_body_but_the_exchange() -> None:
    assert not may_change(HOLDER, None)
    assert may_change(EXCHANGE, None)
    assert not may_register(OTHER, "holder", None)


ROW = {"zh": "银行", "en": "bank", "scopes": ["product:read"], "reach": {"release": "region"}}


def test_a_row_of_the_table_of_roles_is_read_as_written() -> None:
    rights = _rights(Role.BANK, ROW)
    assert (rights.role, rights.name) == (Role.BANK, Text("银行", "bank"))
    assert rights.scopes == {"product:read"}
    assert rights.reach == {FieldClass.RELEASE: "region"}
    assert _rights(Role.BANK, {**ROW, "scopes": ["*"]}).scopes == ALL_SCOPES
    assert _rights(Role.BANK, {k: v for k, v in ROW.items() if k != "reach"}).reach == {}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"scopes": ["product:read", "product:raed"]}, r"bank: no scope \['product:raed'\]"),
        ({"scopes": ["*", "product:read"]}, "no scope"),
        ({"scopes": "*"}, "^scopes is no list$"),
        ({"reach": ["release"]}, "^bank: reach is no table$"),
        ({"reach": {"everything": "all"}}, "everything"),
        ({"reach": {"release": "far"}}, "far"),
    ],
)
def test_an_unknown_word_in_the_table_of_roles_is_refused(change: dict[str, object], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        _rights(Role.BANK, {**ROW, **change})


def test_roles_and_scopes_name_each_other() -> None:
    for scope in ALL_SCOPES:
        assert set(roles_with(scope)) == {role for role in Role if scope in scopes_of([role])}
    assert roles_with("exchange:administer") == (Role.ADMINISTRATOR,)
    assert all(isinstance(rights, RoleRights) and rights.role is role for role, rights in table().items())
    assert scopes_of([Role.BANK, Role.FIRM]) == scopes_of([Role.BANK]) | scopes_of([Role.FIRM])
    assert scopes_of([]) == scopes_of([Role.FIRM])
