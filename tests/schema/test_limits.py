"""Documents that would cost too much are refused at once; those a person writes are not."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from graphql import get_introspection_query, parse
from hypothesis import given, settings
from hypothesis import strategies as st

from huren.errors import LimitExceeded
from huren.schema.build import build_schema
from huren.schema.documents import Documents, Refused
from huren.schema.limits import LIMITS, check

DOCUMENTS = Documents(build_schema()._schema)
REGION = "regions { within { region } }"


def fan_out(levels: int, inside: str = "id") -> str:
    """2^levels fields in a few hundred bytes."""
    steps = (f"fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} }}" for n in range(levels))
    return "{ ...f0 } " + " ".join(steps) + f" fragment f{levels} on Query {{ schemes {{ {inside} }} }}"


def all_in_all(count: int) -> str:
    """Fragments that all spread one another: no field, and as many ways through as permutations."""
    names = [f"f{n}" for n in range(count)]
    spreads = " ".join(f"...{name}" for name in names)
    return "{ ...f0 } " + " ".join(f"fragment {name} on Query {{ {spreads} }}" for name in names)


def deep_fields(levels: int) -> str:
    return "{ " + "rollUp { product { " * (levels // 2) + "id" + " } }" * (levels // 2) + " }"


def nested_value(levels: int) -> str:
    return '{ product(id: "a", x: ' + "[" * levels + "]" * levels + ") { id } }"


BOMBS: dict[str, str] = {
    "fan-out": fan_out(20),
    "fan-out on __schema": fan_out(20).replace("schemes { id }", "__schema { types { name } }"),
    "all fragments in all": all_in_all(25),
    "unused fan-out": "{ __typename } " + fan_out(20).split("} ", 1)[1],
    "aliases": "{ " + " ".join(f"a{n}: {REGION}" for n in range(200)) + " }",
    "same field, many times": "{ " + "schemes { id } " * 400 + "}",
    "overlap": "{ " + " ".join(f"x: {REGION}" for _ in range(60)) + " }",
    "overlap of nested fragments": "{ "
    + " ".join(f"...g{n}" for n in range(60))
    + " } "
    + " ".join(
        f"fragment g{n} on Query {{ x: regions {{ id name within {{ region }} }} }}" for n in range(60)
    ),
    "depth": deep_fields(40),
    "inline fragments": "{ " + "... { " * 300 + "__typename" + " }" * 300 + " }",
    "deep value": nested_value(900),
    "directives": "{ __typename " + "@skip(if: false) " * 400 + "}",
    "many operations": " ".join(f"query q{n} {{ schemes {{ id }} }}" for n in range(300)),
    "many variables": "query q(" + " ".join(f"$v{n}: ID" for n in range(900)) + ") { __typename }",
    "comments": "#x\n" * 30_000 + "{ __typename }",
    "long comment": "#" + "x" * 1_000_000 + "\n{ __typename }",
    "commas": "{ __typename " + "," * 1_000_000 + "}",
    "long name": "{ " + "a" * 1_000_000 + " }",
    "pages of pages": "{ products(first: 100) { nodes { inputs { supplier { inputs { amount } } } } }"
    + " p: products(first: 100) {"
    + " edges { node { "
    + " ".join(f"a{n}: id" for n in range(28))
    + " } } } "
    + " ".join(f"certificates(first: 100) {{ nodes {{ {f} }} }}" for f in ["number", "id"] * 90)
    + "}",
}


# An exponential path would take hours: the timeout is no measure of speed.
@pytest.mark.timeout(60)
@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS.keys())
def test_bombs_are_refused(text: str) -> None:
    with pytest.raises((LimitExceeded, Refused)):
        DOCUMENTS.prepare(text)


def test_errors_are_not_flooded() -> None:
    with pytest.raises(Refused) as refused:
        DOCUMENTS.prepare("{ " + " ".join(f"x{n}" for n in range(250)) + " }")
    assert len(refused.value.errors) <= LIMITS.errors + 1


@pytest.mark.timeout(60)
def test_an_error_flood_of_undefined_variables_is_bounded() -> None:
    with pytest.raises((Refused, LimitExceeded)):
        DOCUMENTS.prepare("{ " + " ".join(f"product(id: $v{n}) {{ id }}" for n in range(150)) + " }")


@pytest.mark.parametrize("deprecated", [True, False])
def test_tools_can_read_the_schema(deprecated: bool) -> None:
    DOCUMENTS.prepare(get_introspection_query(input_value_deprecation=deprecated))


AT_THE_EDGE: dict[str, tuple[Callable[[int], str], int]] = {
    "depth": (lambda n: "{ a " + "{ a " * (n - 1) + "}" * n, LIMITS.depth),
    "introspection_depth": (lambda n: "{ __schema " + "{ a " * (n - 1) + "}" * n, LIMITS.introspection_depth),
    "fields": (lambda n: "{ " + " ".join(f"f{i}" for i in range(n)) + " }", LIMITS.fields),
    "aliases": (lambda n: "{ " + " ".join(f"x{i}: f" for i in range(n)) + " }", LIMITS.aliases),
    "directives": (lambda n: "{ " + " ".join(f"f{i} @d" for i in range(n)) + " }", LIMITS.directives),
    "nesting": (lambda n: "{ " + "... { " * (n - 1) + "f" + " }" * n, LIMITS.nesting),
}


@pytest.mark.parametrize("name", AT_THE_EDGE)
def test_each_bound_is_where_it_says(name: str) -> None:
    make, most = AT_THE_EDGE[name]
    check(parse(make(most)))
    with pytest.raises(LimitExceeded, match="has more than"):
        check(parse(make(most + 1)))


def test_fragments_without_fields_are_counted() -> None:
    with pytest.raises(LimitExceeded, match="fragments included"):
        check(parse("{ " + "...e " * (LIMITS.selections + 1) + "} fragment e on Query { ...e }"))


def test_merging_is_counted_by_pairs_along_one_path() -> None:
    check(parse("{ " + "f " * 32 + "}"))  # 496 pairs
    with pytest.raises(LimitExceeded, match="pairs"):
        check(parse("{ " + "f " * 33 + "}"))
    check(parse("{ " + " ".join(f"a{n} {{ f f f f f }}" for n in range(40)) + " }"))


def test_cost_multiplies_what_is_asked_for() -> None:
    fields = " ".join(f"f{n}" for n in range(190))
    check(parse(f"{{ products(first: 100) {{ {fields} }} }}"))
    for first in ("100", "$n", "99999999999999999999"):
        with pytest.raises(LimitExceeded, match="cost"):
            check(parse(f"query q($n: Int!) {{ products(first: {first}) {{ a(first: 100) {{ b c d }} }} }}"))


@given(st.text(alphabet='{}()[]:!$@."\\#, \n\tabcquerymtaionfgsp0123456789-', max_size=200))
@settings(max_examples=1_000)
def test_any_text_is_prepared_or_refused(text: str) -> None:
    with suppress(LimitExceeded, Refused):
        DOCUMENTS.prepare(text)


def test_valid_documents_are_prepared_once() -> None:
    first = DOCUMENTS.prepare("{ schemes { id } }")
    assert DOCUMENTS.prepare("{ schemes { id } }") is first
    for n in range(600):
        DOCUMENTS.prepare(f"query q{n} {{ __typename }}")
    assert DOCUMENTS.prepare("{ schemes { id } }") is not first
