"""What a document costs before it runs, and what an answer did: fields, times the items of the lists around.

Requested: each field counts once for every item that the lists around it may have: ``first`` as really
given (a variable's value, a default), the length of a list among the arguments (a BATCH as one where the
answer is no list), else UNPAGED for a list without pages; a sample of a Monte Carlo counts once. Under
``__schema`` it is the schema's own average.
Actual: the members of the objects that came back. Both are seen by who asks, and follow from what that one
sees.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
)

from huren.graph.uncertainty.simulation import MOST as MOST_SAMPLES
from huren.schema.paging import MOST, MOST_NODES

UNPAGED = 5
"""Items that a list without pages counts for."""
WIDER = {"diagram": MOST_NODES}
"""Fields whose ``first`` may be more than that of a page."""
SAMPLES = "samples"
"""The argument that says how many samples a Monte Carlo takes."""
BATCH = 50
"""Items of a list among the arguments that count as one where one answer is about all of them: `screen`."""

Composite = GraphQLObjectType | GraphQLInterfaceType


@dataclass(frozen=True, slots=True)
class Cost:
    """Units of one request. ``available``: what the caller's bucket still holds, None without one."""

    requested: int = 0
    actual: int = 0
    available: int | None = None

    def body(self) -> dict[str, int | None]:
        """As ``extensions.cost`` has it."""
        return {"requested": self.requested, "actual": self.actual, "available": self.available}


@dataclass(frozen=True, slots=True)
class Price:
    """Units asked for: of data, and of the schema itself."""

    data: int
    schema: int

    @property
    def total(self) -> int:
        """Both; never nothing, since an empty answer is work too."""
        return max(1, self.data + self.schema)


class Costs:
    """Prices operations of one schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema, self._averages = schema, _averages(schema)

    def requested(
        self,
        operation: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: Mapping[str, Any] | None,
    ) -> Price:
        """The price of a valid operation. Cost: linear in the document, each fragment priced once."""
        given = {v.variable.name.value: v.default_value for v in operation.variable_definitions or ()}
        known = {**{name: _literal(value) for name, value in given.items()}, **(variables or {})}
        walk = _Pricing(self._schema, self._averages, fragments, known)
        root = self._schema.get_root_type(operation.operation)
        data, schema = walk.selections(operation.selection_set, root)
        return Price(round(data), round(schema))


@dataclass(slots=True)
class _Pricing:
    schema: GraphQLSchema
    averages: Mapping[str, float]
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, Any]
    done: dict[str, tuple[float, float]] = field(default_factory=dict)

    def selections(self, chosen: SelectionSetNode, parent: GraphQLNamedType | None) -> tuple[float, float]:
        data = schema = 0.0
        for selection in chosen.selections:
            if isinstance(selection, FieldNode):
                found = self._field(selection, parent)
            elif isinstance(selection, FragmentSpreadNode):
                found = self._fragment(selection.name.value)
            else:
                found = self._inline(cast(InlineFragmentNode, selection), parent)
            data, schema = data + found[0], schema + found[1]
        return data, schema

    def _fragment(self, name: str) -> tuple[float, float]:
        if name not in self.done:
            fragment = self.fragments[name]
            kind = self.schema.get_type(fragment.type_condition.name.value)
            self.done[name] = self.selections(fragment.selection_set, kind)
        return self.done[name]

    def _inline(self, node: InlineFragmentNode, parent: GraphQLNamedType | None) -> tuple[float, float]:
        on = node.type_condition
        return self.selections(node.selection_set, self.schema.get_type(on.name.value) if on else parent)

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None) -> tuple[float, float]:
        name, kind = node.name.value, cast(Composite, parent)
        described = self.schema.get_field(kind, name) if kind else None
        inside = get_named_type(described.type) if described else None
        data, schema = self.selections(node.selection_set, inside) if node.selection_set else (0.0, 0.0)
        if name in {"__schema", "__type"}:
            return 0.0, 1 + data + schema
        if kind is not None and kind.name.startswith("__"):
            items = self.averages.get(name, 1.0)
        elif kind is not None and kind.name.endswith("Connection"):
            items = 1.0  # its `nodes` and `edges` are the items that its field was asked for
        else:
            items = self._items(node, described)
        return 1 + self._samples(node, described) + items * data, items * schema

    def _items(self, node: FieldNode, described: GraphQLField | None) -> int:
        """How many items the field may have, each with all that is inside."""
        given = {a.name.value: self._value(a.value) for a in node.arguments or ()}
        arguments = described.args if described else {}
        if "first" in arguments:
            first = given.get("first", arguments["first"].default_value)
            return _count(first, WIDER.get(node.name.value, MOST))
        lists = [len(value) for value in given.values() if isinstance(value, list)]
        if described and is_list_type(get_nullable_type(described.type)):
            return max([UNPAGED, *lists])
        return max([1, *(length // BATCH for length in lists)])

    def _samples(self, node: FieldNode, described: GraphQLField | None) -> int:
        """A sample of a Monte Carlo is as much work as a field."""
        if described is None or SAMPLES not in described.args:
            return 0
        given = {a.name.value: self._value(a.value) for a in node.arguments or ()}
        asked = given.get(SAMPLES, described.args[SAMPLES].default_value)
        known = isinstance(asked, int) and not isinstance(asked, bool)
        return min(max(asked, 0), MOST_SAMPLES) if known else MOST_SAMPLES

    def _value(self, node: ValueNode) -> Any:
        return self.variables.get(node.name.value) if isinstance(node, VariableNode) else _literal(node)


def _literal(node: ValueNode | None) -> Any:
    """What matters of a literal: the number, or the list's length."""
    if isinstance(node, IntValueNode):
        return int(node.value) if len(node.value) < 10 else MOST
    return list(node.values) if isinstance(node, ListValueNode) else None


def _count(first: Any, most: int) -> int:
    """``first`` as a number of items; what is no number counts as the most there may be."""
    known = isinstance(first, int) and not isinstance(first, bool)
    return min(max(first, 1), most) if known else most


def _averages(schema: GraphQLSchema) -> Mapping[str, float]:
    """How many items the lists of introspection have in this schema, on average over all its types."""
    kinds = schema.type_map.values()
    composite = [t for t in kinds if isinstance(t, GraphQLObjectType | GraphQLInterfaceType)]
    fields = [f for t in composite for f in t.fields.values()]
    inputs = sum(len(t.fields) for t in kinds if isinstance(t, GraphQLInputObjectType))
    members = sum(len(t.values) for t in kinds if isinstance(t, GraphQLEnumType))
    return {
        "types": float(len(kinds)),
        "directives": float(len(schema.directives)),
        "fields": len(fields) / len(kinds),
        "inputFields": inputs / len(kinds),
        "enumValues": members / len(kinds),
        "args": sum(len(f.args) for f in fields) / max(1, len(fields)),
        "interfaces": 1.0,
        "possibleTypes": 1.0,
        "ofType": 0.5,
    }


def actual(data: Any) -> int:
    """The members of all objects in ``data``. Cost: a third of a microsecond each."""
    if isinstance(data, dict):
        return len(data) + sum(actual(value) for value in data.values() if value.__class__ in _NESTED)
    return sum(actual(item) for item in data if item.__class__ in _NESTED) if data else 0


_NESTED = frozenset({dict, list})
