"""Documents from the schema, then broken: a seed gives the same ones for ever."""
# ruff: noqa: E501  (lists of values)

from __future__ import annotations

import random
import re
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
)

TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|[A-Za-z_][A-Za-z_0-9]*|-?\d+(?:\.\d+)?|\.\.\.|\S')
VALUES = (
    "0", "-1", "100", "101", "2147483648", "1e400", "-0.0", '""', '"x"', '"\\u0000"', '"\\uD83D\\uDE00"', "null", "true",
    "[]", "[[]]", "{}", "{a: 1}", "$v", "$w", "LABEL", "ZH", '"2026-06-01T00:00:00Z"', '"9999-12-31"', '"0001-01-01"',
    '"PVMOD"', '"UHJvZHVjdDox"', '"CN-BJ"', '"kg"', '"1e300"', '"NaN"', '"-1"', '"互认"', "[1, null]", '"""x"""',
)  # fmt: skip
JUNK = ("{", "}", "(", ")", "[", "]", ":", "!", "$", "@", "...", "|", "=", "&", "#", "query", "mutation", "fragment",
        "on", "subscription", "__typename", "__schema", "@skip(if: true)", "@include(if: $v)", "\ufeff", "\u2028", "é")  # fmt: skip
VARIABLES: tuple[Any, ...] = (
    None, 0, -1, 1.5, 2**53, True, "", "x", "PVMOD", "\0", "互认", "😀", [], ["x"], [None], [[1]], {}, {"a": None},
    {"zh": "x"}, "2026-06-01T00:00:00Z", "1e5", "LABEL",
)  # fmt: skip


class Fuzzer:
    """Makes requests; each is a document and its variables."""

    def __init__(self, schema: GraphQLSchema, seed: int) -> None:
        self._schema, self._random = schema, random.Random(seed)

    def request(self) -> tuple[str, dict[str, Any]]:
        """The next one."""
        pick, mutation = self._random, self._random.random() < 0.15
        root = self._schema.mutation_type if mutation else self._schema.query_type
        assert root
        fields = " ".join(self._field(root, 0) for _ in range(pick.randint(1, 3)))
        head = "mutation" if mutation else "query"
        text = f"{head}($v: {pick.choice(self._types())}, $w: [String!]) {{ {fields} }}"
        for _ in range(pick.choice((0, 1, 1, 2, 3, 8))):
            text = self._broken(text)
        return text, {"v": pick.choice(VARIABLES), "w": pick.choice(VARIABLES)}

    def _types(self) -> list[str]:
        named = [n for n, t in self._schema.type_map.items() if not isinstance(t, GraphQLObjectType)]
        return [self._random.choice(named) + "!" * self._random.randint(0, 1) for _ in range(3)]

    def _field(self, parent: Any, depth: int) -> str:
        fields = [f for f in parent.fields.items() if depth < 3 or not _composite(f[1].type)]
        if not fields:
            return "__typename"
        name, field = self._random.choice(fields)
        arguments = [f"{n}: {self._value(a.type, 0)}" for n, a in field.args.items() if self._wanted(a.type)]
        given = f"({', '.join(arguments)})" if arguments else ""
        inside = get_named_type(field.type)
        if isinstance(inside, GraphQLUnionType):
            return f"{name}{given} {{ __typename }}"
        if not _composite(field.type):
            return f"{name}{given}"
        fields_inside = " ".join(self._field(inside, depth + 1) for _ in range(self._random.randint(1, 3)))
        return f"{name}{given} {{ {fields_inside} }}"

    def _wanted(self, kind: Any) -> bool:
        return isinstance(kind, GraphQLNonNull) or self._random.random() < 0.5

    def _value(self, kind: Any, depth: int) -> str:
        if self._random.random() < 0.25 or depth > 3:
            return self._random.choice(VALUES)
        if isinstance(kind, GraphQLNonNull):
            return self._value(kind.of_type, depth)
        if isinstance(kind, GraphQLList):
            return "[" + ", ".join(self._value(kind.of_type, depth + 1) for _ in range(2)) + "]"
        if isinstance(kind, GraphQLEnumType):
            return self._random.choice(list(kind.values))
        if isinstance(kind, GraphQLInputObjectType):
            inside = [(n, f.type) for n, f in kind.fields.items() if self._wanted(f.type)]
            return "{" + ", ".join(f"{n}: {self._value(t, depth + 1)}" for n, t in inside) + "}"
        plain = {
            "Int": "7",
            "Boolean": "true",
            "Float": "1.5",
            "DateTime": '"2026-06-01T00:00:00Z"',
            "Decimal": '"2"',
        }
        return plain.get(kind.name) or self._random.choice(
            ('"PVMOD"', '"x"', '"CN-BJ"', '"DEMO-CFP-PV-1"', '"kg"')
        )

    def _broken(self, text: str) -> str:
        parts = TOKEN.findall(text)
        at, other = (self._random.randrange(len(parts)) for _ in range(2)) if parts else (0, 0)
        if not parts:
            return self._random.choice(JUNK)
        how = self._random.randrange(6)
        if how == 0:
            del parts[at]
        elif how == 1:
            parts.insert(at, parts[other])
        elif how == 2:
            parts[at], parts[other] = parts[other], parts[at]
        elif how == 3:
            parts[at] = self._random.choice(VALUES)
        elif how == 4:
            parts.insert(at, self._random.choice(JUNK))
        else:
            parts[at] = self._random.choice(list(self._schema.type_map))
        return " ".join(parts)


def _composite(kind: Any) -> bool:
    return isinstance(get_named_type(kind), GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType)
