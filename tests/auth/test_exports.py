"""The export table: the closest row decides, and whatever it does not know stays in the country."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huren.auth.export_table import ANY, ExportTable, Outflow, Row, read, table
from huren.auth.exports import Flow, export
from huren.auth.grounds import Basis
from huren.auth.visibility import Subject, Viewer, decide
from huren.errors import BadInput
from huren.graph.model.access import Effect, FieldClass
from huren.graph.model.dated import Certainty
from huren.graph.model.export import Approval
from huren.graph.model.text import Text

NOW = datetime(2026, 6, 1, tzinfo=UTC)
TEXT = (resources.files("huren.auth") / "data" / "exports.toml").read_text(encoding="utf-8")
STEEL = Flow("DE", "CN", "steel", FieldClass.RECIPE, "s/steel", "b")
APPROVAL = Approval("a1", "s/steel", "DE", frozenset({FieldClass.RECIPE}), NOW + timedelta(days=1))


@pytest.mark.parametrize(
    ("to", "product_class", "field", "effect", "names"),
    [
        ("DE", "steel", "release", Effect.AGGREGATE, "eu-metals-release"),
        ("DE", "battery", "release", Effect.ALLOW, "eu-battery-release"),
        ("US", "steel", "release", Effect.DENY, "any-release"),
        ("US", "tyre", "release", Effect.ALLOW, "any-goods-release"),
        ("DE", "tyre", "quality", Effect.DENY, "any-release"),
        ("DE", "steel", "recipe", Effect.DENY, "eu-metals-recipe"),
        ("US", "steel", "recipe", Effect.DENY, "any-detail"),
        ("HK", "battery", "release", Effect.DENY, "any-release"),
    ],
)
def test_the_closest_row_decides(to: str, product_class: str, field: str, effect: Effect, names: str) -> None:
    found, ground = export(Flow(to, "CN", product_class, FieldClass(field)), (), NOW)
    assert (found, ground.names, ground.illustrative) == (effect, names, True)
    assert "illustrative" in ground.says.en
    assert "示例" in ground.says.zh


@pytest.mark.parametrize(
    "flow",
    [
        replace(STEEL, recipient=None),
        replace(STEEL, recipient="ZZ"),
        replace(STEEL, recipient="de"),
        replace(STEEL, origin=None),
        replace(STEEL, origin="ZZ"),
        replace(STEEL, sector=None),
        replace(STEEL, sector="weapons"),
    ],
)
@pytest.mark.parametrize("field", [FieldClass.RELEASE, FieldClass.RECIPE])
def test_what_is_not_known_does_not_leave(flow: Flow, field: FieldClass) -> None:
    wide = replace(table(), rows=(row(ANY, ANY, Outflow.ALLOW),))
    effect, ground = export(replace(flow, field=field), (APPROVAL,), NOW, wide)
    assert effect is Effect.DENY
    assert ground.basis in (Basis.COUNTRY_UNKNOWN, Basis.EXPORT_NOT_LISTED)


def test_what_stays_or_goes_home_and_what_only_names_passes() -> None:
    assert export(replace(STEEL, recipient="CN"), (), NOW)[0] is Effect.ALLOW
    assert export(Flow("US", "US", None, FieldClass.RECIPE), (), NOW)[0] is Effect.ALLOW
    assert export(Flow("CN", "US", None, FieldClass.RECIPE), (), NOW)[0] is Effect.ALLOW
    assert export(Flow(None, None, None, FieldClass.IDENTITY), (), NOW)[0] is Effect.ALLOW


def test_an_approval_covers_what_it_names_and_no_more() -> None:
    assert export(STEEL, (APPROVAL,), NOW) == (
        Effect.ALLOW,
        export(STEEL, (APPROVAL,), NOW)[1],
    )
    assert export(STEEL, (APPROVAL,), NOW)[1].basis is Basis.APPROVED
    for other in (
        replace(APPROVAL, product="s/iron"),
        replace(APPROVAL, country="FR"),
        replace(APPROVAL, fields=frozenset({FieldClass.RELEASE})),
        replace(APPROVAL, until=NOW),
        replace(APPROVAL, recipient="c"),
    ):
        effect, ground = export(STEEL, (other,), NOW)
        assert (effect, ground.basis) == (Effect.DENY, Basis.APPROVAL_NEEDED)
    assert export(STEEL, (replace(APPROVAL, recipient="b"),), NOW)[0] is Effect.ALLOW


def test_an_approval_helps_nothing_where_the_table_forbids_or_the_owner_did_not_open() -> None:
    anywhere = replace(APPROVAL, country="US")
    assert export(replace(STEEL, recipient="US"), (anywhere,), NOW)[0] is Effect.DENY
    closed = Subject("s/steel", "s", None, "CN", "steel", approvals=(APPROVAL,))
    assert decide(Viewer("b", country="DE"), closed, "recipe", None, NOW).basis is Basis.NONE


def test_only_the_total_of_a_release_leaves_where_the_table_says_so() -> None:
    subject = Subject("s/steel", "s", None, "CN", "steel", audience=frozenset({"b"}))
    access = decide(Viewer("b", country="DE"), subject, "release", None, NOW)
    assert (access.effect, access.basis) == (Effect.AGGREGATE, Basis.EXPORT_AGGREGATE)


def row(to: str, sector: str, effect: Outflow, id: str = "r") -> Row:
    fields = frozenset(FieldClass) - {FieldClass.IDENTITY}
    return Row(id, to, sector, fields, effect, Text(), "", Certainty.KNOWN, False)


PLACES = (ANY, "EU", "DE", "FR", "US")
SECTORS = (ANY, "metals", "battery")


@given(
    st.dictionaries(st.tuples(st.sampled_from(PLACES), st.sampled_from(SECTORS)), st.sampled_from(Outflow))
)
def test_the_closest_row_is_the_first_of_a_fixed_order(stated: dict[tuple[str, str], Outflow]) -> None:
    """Against a second statement of the rule: look each place up, the closest first."""
    made = replace(table(), rows=tuple(row(*at, effect) for at, effect in stated.items()))
    for country, around in (("DE", "EU"), ("US", "-")):
        order = [(to, sector) for to in (country, around, ANY) for sector in ("metals", ANY)]
        expected = next((stated[at] for at in order if at in stated), None)
        found = made.row(country, "steel", FieldClass.RELEASE)
        assert (found and found.effect) == expected


def changed(old: str, new: str) -> str:
    assert old in TEXT
    return TEXT.replace(old, new, 1)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (changed('effect = "approve"', 'effect = "perhaps"'), "row `any-release`: `effect`"),
        (changed('fields = ["release", "quality"]', 'fields = ["colour"]'), "row `any-release`: `fields`"),
        (changed('fields = ["release", "quality"]', 'fields = ["identity"]'), "row `any-release`: `fields`"),
        (changed('to = "EU"', 'to = "Europe"'), "row `eu-metals-release`: `to`"),
        (changed('to = "EU"', 'to = "deu"'), "row `eu-metals-release`: `to`"),
        (changed('sector = "goods"', 'sector = "bads"'), "row `any-goods-release`: `sector`"),
        (changed('certainty = "uncertain"', 'certainty = "sure"'), "row `any-release`: `certainty`"),
        (changed("illustrative = true", 'illustrative = "no"'), "row `any-release`: `illustrative`"),
        (changed("illustrative = true", "illustrated = true"), "row `any-release`: `illustrative`"),
        (changed("illustrative = true", "illustrative = true\ncolour = 1"), "row `any-release`: `colour`"),
        (changed('id = "any-detail"', 'id = "any-release"'), "row `any-release`: `id`"),
        (changed('to = "EU"', 'to = "*"'), "row `eu-metals-release`"),
        (changed('home = "CN"', 'home = "XX"'), "home"),
        (changed("AD AE AF", "AD AEX AF"), "countries"),
        (changed("AT BE BG", "AT BX BG"), "group `EU`: `members`"),
        (changed('classes = ["battery"]', 'classes = ["steel"]'), "sector `metals`: `classes`"),
        ("colour = 1\n" + TEXT, "colour"),
        ("home =", None),
    ],
)
def test_a_table_that_does_not_hold_is_refused_by_file_and_key(text: str, place: str | None) -> None:
    if place == "row `eu-metals-release`":
        text += '\n[[row]]\nid="x"\nto="*"\nsector="metals"\nfields=["release"]\neffect="deny"\n'
        text += 'why={}\nsource=""\ncertainty="known"\nillustrative=false\n'
    with pytest.raises(BadInput) as caught:
        read(text)
    assert caught.value.place is not None
    assert (caught.value.place.file, caught.value.place.column) == ("exports.toml", place)
    assert caught.value.zh
    assert caught.value.fix


def test_the_table_that_ships_says_what_it_is() -> None:
    shipped: ExportTable = read(TEXT)
    assert len(shipped.countries) == 249
    assert {row.effect for row in shipped.rows} == set(Outflow)
    assert all(row.illustrative and row.source and row.why.zh and row.why.en for row in shipped.rows)
    assert not list(shipped.ambiguous())
    assert len(tomllib.loads(TEXT)["row"]) == len(shipped.rows)
