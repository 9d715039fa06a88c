"""What a client asked beside a field: the arguments of its siblings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLResolveInfo,
    InlineFragmentNode,
    IntValueNode,
    SelectionSetNode,
    VariableNode,
)

from huren.errors import BadInput
from huren.schema.context import Info


def sibling_first(info: Info, name: str, default: int) -> int:
    """The ``first`` of the field ``name`` asked beside this one; ``default`` where it is not asked.

    Raises: BadInput where it is asked several times with different ``first``.
    """
    raw = info._raw_info
    asked = {_first(node, raw, default) for node in _siblings(raw) if node.name.value == name}
    if len(asked) > 1:
        raise BadInput(
            f"`{name}` is asked several times with different `first`",
            f"`{name}` 以不同的 `first` 被多次查询",
            fix="Give this field the `first` it should go with.",
            fix_zh="请为该字段指明对应的 `first`。",
        )
    return asked.pop() if asked else default


def selected(info: Info) -> frozenset[str]:
    """The names of the fields that are asked of what the resolved field gives."""
    raw = info._raw_info
    inside = [node.selection_set for node in raw.field_nodes if node.selection_set]
    return frozenset(node.name.value for node in _fields(inside, raw))


def _siblings(raw: GraphQLResolveInfo[Any]) -> Iterator[FieldNode]:
    """All fields of the object that the resolved field belongs to."""
    keys = [key for key in raw.path.as_list() if isinstance(key, str)]
    level = list(_fields([raw.operation.selection_set], raw))
    for key in keys[:-1]:
        inside = [f.selection_set for f in level if (f.alias or f.name).value == key and f.selection_set]
        level = list(_fields(inside, raw))
    yield from level


def _fields(sets: list[SelectionSetNode], raw: GraphQLResolveInfo[Any]) -> Iterator[FieldNode]:
    for selections in sets:
        for node in selections.selections:
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, FragmentSpreadNode):
                yield from _fields([raw.fragments[node.name.value].selection_set], raw)
            elif isinstance(node, InlineFragmentNode):
                yield from _fields([node.selection_set], raw)


def _first(node: FieldNode, raw: Any, default: int) -> int:
    for argument in node.arguments or ():
        if argument.name.value == "first":
            if isinstance(argument.value, IntValueNode):
                return int(argument.value.value)
            if isinstance(argument.value, VariableNode):
                given = raw.variable_values.get(argument.value.name.value)
                return default if given is None else int(given)
    return default
