"""The schema is what is committed, says what everything is, and takes the questions it was made for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from importlib import resources
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    parse,
    validate,
)

from huren.graph.model.certificate import Certificate
from huren.graph.model.supply import Stage
from huren.mappings.catalogue import demonstration
from huren.mappings.records import KINDS, decode
from huren.schema.build import build_schema, printed
from huren.schema.mirror import (
    NamedAmountInput,
    StageAmountInput,
    descriptions,
    mirrored,
    names,
    parts,
    shown,
    stated,
)

SCHEMA: GraphQLSchema = build_schema()._schema

ROLL_UP = """
query($p: ID!) { rollUp(product: $p, gwp: AR5, allowPartial: true) {
  total { value unit } byGas { gas origin kg counted } byStage { stage value }
  contributions(first: 10) { product { id code name } value share } other { value share }
  coverage { complete unlinkedCount unlinkedStated unlinked { consumer flow amount unit }
    notRestated { share } }
  revision asOf } }
"""
RECOGNISE = """
query($c: String!) {
recognise(certificate: $c, destination: "CN-BJ", purpose: LABEL, asOf: "2026-06-01T00:00:00Z") {
  standing { outcome } scheme { id } legal { outcome } technical { outcome value { value unit low high } }
  findings { rule edition verdict outcome applies hard clause because(lang: ZH) missing } notChecked
  illustrative revision } }
"""


def test_the_printed_schema_is_the_committed_one() -> None:
    committed = (resources.files("huren.schema") / "schema.graphql").read_text(encoding="utf-8")
    assert printed() == committed, (
        "run `huren schema export > schema/schema.graphql` and look at the difference"
    )


@pytest.mark.parametrize("query", [ROLL_UP, RECOGNISE])
def test_the_questions_it_was_made_for_are_valid(query: str) -> None:
    assert validate(SCHEMA, parse(query)) == []


def undescribed() -> Iterator[str]:
    for name, kind in SCHEMA.type_map.items():
        if name.startswith("__"):
            continue
        if not kind.description:
            yield name
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for field, made in kind.fields.items():
                if not made.description:
                    yield f"{name}.{field}"
                for argument, taken in getattr(made, "args", {}).items():
                    if not taken.description and argument != "id" and name != "Query":
                        yield f"{name}.{field}({argument})"


def test_everything_is_described() -> None:
    built_in = {"Boolean", "Float", "ID", "Int", "String"}
    assert [name for name in undescribed() if name not in built_in and not name.endswith("(lang)")] == []


def test_names_that_the_design_fixes() -> None:
    query, mutation = SCHEMA.query_type, SCHEMA.mutation_type
    assert query is not None
    assert mutation is not None
    assert set(query.fields) >= {
        *(
            "product",
            "products",
            "organisation",
            "rollUp",
            "whatIf",
            "certificate",
            "certificates",
            "recognise",
        ),
        *("recognised", "recognitionMatrix", "schemes", "rules", "agreements", "regions", "node"),
    }
    for name, members in {
        "Gwp": {"AR4", "AR5", "AR6"},
        "Lang": {"ZH", "EN"},
        "Outcome": {"EQUAL", "CONVERTIBLE", "CONDITIONAL", "UNKNOWN", "BLOCKED"},
        "Prefer": {"MODELLED", "DECLARED"},
    }.items():
        kind = SCHEMA.type_map[name]
        assert isinstance(kind, GraphQLEnumType)
        assert set(kind.values) == members
    sdl = printed()
    for field in mutation.fields.values():
        given = str(field.args["input"].type).rstrip("!")
        assert "idempotencyKey: ID!" in sdl.partition(f"input {given} ")[2].partition("}")[0]


def test_kilograms_and_shares_are_never_floats() -> None:
    assert "Float" not in printed()


def test_every_fact_has_its_place_and_meaning() -> None:
    kinds = [kind for name, kind in KINDS.items() if name not in {"region", "status_event"}]
    values = frozenset().union(*map(parts, kinds))
    found = {getattr(kind, "__origin__", kind).__name__: set(names(kind)) for kind in values}
    assert {name: set(rows) for name, rows in descriptions().items()} == found


def put_in(value: Any) -> Any:
    """A domain value as a client would put it in."""
    if isinstance(value, tuple) and value and isinstance(value[0], tuple):
        kind = StageAmountInput if isinstance(value[0][0], Stage) else NamedAmountInput
        return [kind(key=key, value=number) for key, number in value]
    if is_dataclass(value) and not isinstance(value, type):
        made = {name: put_in(getattr(value, name)) for name in names(type(value))}
        return mirrored(type(value), put=True)(**made)
    return [put_in(part) for part in value] if isinstance(value, tuple | frozenset) else value


@pytest.mark.parametrize("certificate", demonstration(), ids=lambda c: c.number)
def test_what_is_put_in_is_the_certificate(certificate: Certificate) -> None:
    bare = replace(certificate, events=())
    assert decode("certificate", stated(put_in(bare))) == bare


@pytest.mark.parametrize("certificate", demonstration(), ids=lambda c: c.number)
def test_what_is_shown_is_the_certificate(certificate: Certificate) -> None:
    def compare(out: Any, value: Any) -> None:
        for name in names(type(value)):
            left, right = getattr(out, name), getattr(value, name)
            if is_dataclass(right):
                compare(left, right)
            elif isinstance(right, tuple) and right and isinstance(right[0], tuple):
                assert [(pair.key, pair.value) for pair in left] == list(right)
            elif isinstance(right, tuple) and right and is_dataclass(right[0]):
                assert len(left) == len(right)
                for one, other in zip(left, right, strict=True):
                    compare(one, other)
            elif isinstance(right, tuple | frozenset):
                assert sorted(left, key=str) == sorted(right, key=str)
            else:
                assert left == right

    compare(shown(certificate), certificate)
    assert len(fields(shown(certificate))) == len(fields(Certificate)) - len(("events", "recorded_at"))
    assert isinstance(certificate.value, Decimal | None)
