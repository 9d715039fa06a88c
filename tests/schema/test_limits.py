"""Documents that would cost too much are refused at once; those a person writes are not."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import suppress

import pytest
from graphql import get_introspection_query, parse
from hypothesis import given, settings
from hypothesis import strategies as st

from huren.errors import LimitExceeded
from huren.schema import limits
from huren.schema.build import build_schema
from huren.schema.cost import Costs, actual
from huren.schema.documents import KEPT, Documents, Refused
from huren.schema.limits import LIMITS, check, check_variables

SCHEMA = build_schema()._schema
DOCUMENTS, COSTS = Documents(SCHEMA), Costs(SCHEMA)
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
    "errors after many lines": "\n" * 90_000
    + "{ "
    + " ".join(f'a{n}: node(id: "x") {{ id }}' for n in range(30))
    + " }",
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
    "nesting of fragments": (
        lambda n: (
            "{ ...f2 } "
            + " ".join(f"fragment f{i} on Q {{ ...f{i + 1} }}" for i in range(2, n))
            + f" fragment f{n} on Q {{ f }}"
        ),
        LIMITS.nesting,
    ),
    "digits": (lambda n: "{ f(a: " + "9" * n + ") }", LIMITS.digits),
    "digits of a fraction": (lambda n: "query($a: Float = 1." + "9" * (n - 2) + ") { f }", LIMITS.digits),
    "operations": (lambda n: " ".join(f"query q{i} {{ f }}" for i in range(n)), LIMITS.operations),
    "value_nesting": (lambda n: "{ f(a: " + "[" * n + "]" * n + ") }", LIMITS.value_nesting),
    "value_nesting of objects": (
        lambda n: "{ f @d(a: " + "{a: " * n + "1" + "}" * n + ") }",
        LIMITS.value_nesting,
    ),
}


@pytest.mark.parametrize("name", AT_THE_EDGE)
def test_each_bound_is_where_it_says(name: str) -> None:
    make, most = AT_THE_EDGE[name]
    check(parse(make(most)))
    with pytest.raises(LimitExceeded, match="has more than"):
        check(parse(make(most + 1)))


PARSED: dict[str, tuple[Callable[[int], str], int]] = {
    "tokens": (lambda n: "{ " + "a " * (n - 2) + "}", LIMITS.tokens),
    "comments": (lambda n: "#\n" * n + "{ __typename }", LIMITS.comments),
    "lines": (lambda n: "\n" * n + "{ __typename }", LIMITS.lines),
    "levels of nesting": (lambda n: "{ " + "... { " * (n - 1) + "__typename" + " }" * n, LIMITS.nesting),
}


@pytest.mark.parametrize("name", PARSED)
def test_the_bounds_of_the_parser_are_limits(name: str) -> None:
    make, most = PARSED[name]
    with suppress(LimitExceeded):  # of another bound
        DOCUMENTS.prepare(make(most))
    with pytest.raises(LimitExceeded, match=f"more than {most:,} {name}"):
        DOCUMENTS.prepare(make(most + 1))
    with pytest.raises(LimitExceeded):
        DOCUMENTS.prepare(make(20 * most))


def test_fragments_without_fields_are_counted() -> None:
    with pytest.raises(LimitExceeded, match="fragments included"):
        check(parse("{ " + "...e " * (LIMITS.selections + 1) + "} fragment e on Query { ...e }"))


def test_merging_is_counted_by_pairs_along_one_path() -> None:
    check(parse("{ " + "f " * 32 + "}"))  # 496 pairs
    with pytest.raises(LimitExceeded, match="pairs"):
        check(parse("{ " + "f " * 33 + "}"))
    check(parse("{ " + " ".join(f"a{n} {{ f f f f f }}" for n in range(40)) + " }"))


def price(text: str, **variables: object) -> int:
    """What ``text`` asks for, in units."""
    prepared = DOCUMENTS.prepare(text)
    return COSTS.requested(prepared.operation(None), prepared.fragments, variables).total


PAGE = "products(first: {}) {{ nodes {{ id code }} }}"
PRICED: dict[str, tuple[str, dict[str, object], int]] = {
    "a field": ("{ __typename }", {}, 1),
    "the page, its list, two fields of each": ("{ " + PAGE.format(3) + " }", {}, 1 + 3 * (1 + 2)),
    "a variable": ("query($n: Int!) { " + PAGE.format("$n") + " }", {"n": 3}, 10),
    "a default": ("query($n: Int! = 3) { " + PAGE.format("$n") + " }", {}, 10),
    "a variable that is no number": ("query($n: Int!) { " + PAGE.format("$n") + " }", {"n": "x"}, 301),
    "more than there may be": ("{ " + PAGE.format("999") + " }", {}, 301),
    "fewer than one": ("{ " + PAGE.format("-5") + " }", {}, 4),
    "the schema's default": ('{ rollUp(product: "p") { contributions { value } } }', {}, 1 + 1 + 10),
    "a picture, which is wider than a page": (
        '{ rollUp(product: "p") { diagram(first: 999) { nodes { own } } } }',
        {},
        1 + 1 + 200 * (1 + 5),
    ),
    "samples of a simulation": (
        '{ rollUp(product: "p") { uncertainty { simulation(samples: 500) { agrees } } } }',
        {},
        1 + 1 + 1 + 500 + 1,
    ),
    "as many samples as there are by default": (
        '{ rollUp(product: "p") { uncertainty { simulation { agrees } } } }',
        {},
        1 + 1 + 1 + 1_000 + 1,
    ),
    "samples that are no number": (
        'query($n: Int!) { rollUp(product: "p") { uncertainty { simulation(samples: $n) { agrees } } } }',
        {"n": "x"},
        1 + 1 + 1 + 10_000 + 1,
    ),
    "a list without pages": ("{ schemes { id name } }", {}, 1 + 5 * 2),
    "a fragment counts where it is spread": (
        "{ ...f ...f schemes { ...g } } fragment f on Query { __typename } fragment g on Scheme { id }",
        {},
        2 + 1 + 5,
    ),
}


@pytest.mark.parametrize("name", PRICED)
def test_each_price_is_that_of_hand_arithmetic(name: str) -> None:
    text, variables, units = PRICED[name]
    assert price(text, **variables) == units


def test_the_actual_cost_counts_members() -> None:
    assert actual(None) == 0
    assert actual({"a": 1, "b": [{"c": 1}, {"c": 2, "d": None}, None, [{"e": {}}]]}) == 2 + 1 + 2 + 1


@pytest.mark.timeout(60)
def test_each_fragment_is_measured_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """2^n spreads are n measures: counted, not timed."""
    measured: list[int] = []
    plain = limits._Measures.selections
    monkeypatch.setattr(
        limits._Measures,
        "selections",
        lambda self, chosen, level: measured.append(1) or plain(self, chosen, level),
    )
    for levels in (10, 20, 30):
        measured.clear()
        with pytest.raises(LimitExceeded):
            check(parse(fan_out(levels)))
        assert len(measured) == levels + 3  # the fragments, their last with a field's set, and the operation


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"a": [0] * LIMITS.values}, "values"),
        ({f"a{n}": [0] * 99 for n in range(101)}, "values"),
        ({"a": functools.reduce(lambda inside, _: [inside], range(25), 0)}, "levels"),
        ({"a": functools.reduce(lambda inside, _: {"b": inside}, range(900), 0)}, "levels"),
    ],
)
def test_variables_are_bounded(variables: dict[str, object], says: str) -> None:
    with pytest.raises(LimitExceeded, match=says):
        check_variables(variables)


def test_variables_at_their_bounds_pass() -> None:
    check_variables(None)
    check_variables({"a": [0] * (LIMITS.values - 1)})
    check_variables({"a": functools.reduce(lambda inside, _: [inside], range(19), 0)})


@given(st.text(alphabet='{}()[]:!$@."\\#, \n\tabcquerymtaionfgsp0123456789-', max_size=200))
@settings(max_examples=1_000)
def test_any_text_is_prepared_or_refused(text: str) -> None:
    with suppress(LimitExceeded, Refused):
        DOCUMENTS.prepare(text)


def test_valid_documents_are_prepared_once() -> None:
    first = DOCUMENTS.prepare("{ schemes { id } }")
    assert DOCUMENTS.prepare("{ schemes { id } }") is first
    for n in range(KEPT // 10_000 + 1):
        DOCUMENTS.prepare(f"query q{n} {{ __typename }}".ljust(10_000))
    assert DOCUMENTS.prepare("{ schemes { id } }") is not first
