"""What one document may hold: bounded before validation, which is slower than linear, begins.

First each selection set is measured once, and a fragment's measure is added wherever it is spread: sums
and heights only, so 2^n spreads cost n additions. What passes has at most LIMITS.selections selections
with every fragment followed; those alone are walked for what depends on the way: depth and merging.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FloatValueNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
)

from huren.errors import LimitExceeded
from huren.graph.model.text import Text

Path = tuple[str, ...]
Definition = OperationDefinitionNode | FragmentDefinitionNode


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one request: of its document, but for the last seven those of all its operations together.

    ``cost``: fields, each times the items of the lists around it (:mod:`huren.schema.cost`).
    ``introspection``: the same for what is asked about the schema, and ``beside`` where data are asked too.
    ``lines``: where an error stands is counted from the first line on, anew for each error. ``values`` and
    ``value_nesting``: of the variables, the latter of literals too; an input takes the loop 20 microseconds
    for each value. ``digits``: of one number.
    """

    characters: int = 100_000
    tokens: int = 2_000
    comments: int = 200
    lines: int = 2_000
    operations: int = 20
    depth: int = 12
    introspection_depth: int = 20
    nesting: int = 40
    fields: int = 300
    aliases: int = 30
    directives: int = 50
    merge_pairs: int = 500
    selections: int = 1_000
    cost: int = 20_000
    introspection: int = 36_000
    beside: int = 2_000
    values: int = 10_000
    value_nesting: int = 20
    digits: int = 400
    errors: int = 20


LIMITS = Limits()
_SUMMED = ("selections", "fields", "aliases", "directives")


def check(document: DocumentNode, limits: Limits = LIMITS) -> None:
    """Raises: LimitExceeded, naming the first bound that ``document`` passes.

    Every operation counts, and every fragment that no operation spreads. Cost: linear in the document,
    and at most ``limits.selections`` more.
    """
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    if len(operations) > limits.operations:
        raise too_much("operations", limits.operations)
    measures = _Measures(limits, fragments)
    roots: list[Definition] = [*operations]
    for operation in operations:
        measures.root(operation)
    for name, fragment in fragments.items():
        if name not in measures.done:
            measures.root(fragment)
            roots.append(fragment)
    walk = _Walk(limits, fragments)
    for root in roots:
        walk.root(root)


@dataclass(frozen=True, slots=True)
class _Measure:
    """What a selection set holds with its fragments followed, and how many levels it has."""

    sums: tuple[int, ...]
    height: int


@dataclass(slots=True)
class _Measures:
    """Measures of fragments by name, each made once; and the sums over the roots."""

    limits: Limits
    fragments: dict[str, FragmentDefinitionNode]
    done: dict[str, _Measure] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)
    total: tuple[int, ...] = (0,) * len(_SUMMED)

    def root(self, definition: Definition) -> None:
        """Add a root, bound by bound. Raises: LimitExceeded."""
        self.values(definition.directives)
        for variable in getattr(definition, "variable_definitions", None) or ():
            _check_value(variable.default_value, self.limits.value_nesting)
        own = (0, 0, 0, len(definition.directives or ()))
        inside = self.selections(definition.selection_set, 1)
        self.total = _add(self.total, own, inside.sums)
        for name, sum_ in zip(_SUMMED, self.total, strict=True):
            if sum_ > (most := getattr(self.limits, name)):
                raise too_much(name, most)

    def selections(self, chosen: SelectionSetNode, level: int) -> _Measure:
        self._fits(level)
        sums, height = (0,) * len(_SUMMED), 0
        for selection in chosen.selections:
            self.values(selection.directives)
            inside = self._inside(selection, level)
            sums = _add(sums, _own(selection), inside.sums)
            height = max(height, inside.height)
        return _Measure(sums, height + 1)

    def _inside(self, selection: SelectionNode, level: int) -> _Measure:
        if isinstance(selection, FragmentSpreadNode):
            return self._fragment(selection.name.value, level)
        if isinstance(selection, FieldNode):
            for argument in selection.arguments or ():
                _check_value(argument.value, self.limits.value_nesting)
        inner = selection.selection_set if isinstance(selection, FieldNode | InlineFragmentNode) else None
        return self.selections(inner, level + 1) if inner else _NOTHING

    def _fragment(self, name: str, level: int) -> _Measure:
        fragment = self.fragments.get(name)
        if fragment is None or name in self.open:
            return _NOTHING  # validation names the unknown fragment, or the cycle
        if name not in self.done:
            self.open.add(name)
            self.values(fragment.directives)
            self.done[name] = self.selections(fragment.selection_set, level + 1)
            self.open.discard(name)
        self._fits(level + self.done[name].height)
        return self.done[name]

    def _fits(self, level: int) -> None:
        if level > self.limits.nesting:
            raise too_much("nesting", self.limits.nesting)

    def values(self, directives: Iterable[object] | None) -> None:
        """Check the values of ``directives``. Raises: LimitExceeded."""
        for directive in directives or ():
            arguments: Iterable[ArgumentNode] = getattr(directive, "arguments", None) or ()
            for argument in arguments:
                _check_value(argument.value, self.limits.value_nesting)


_NOTHING = _Measure((0,) * len(_SUMMED), 0)


def _own(selection: SelectionNode) -> tuple[int, ...]:
    is_field = isinstance(selection, FieldNode)
    aliased = isinstance(selection, FieldNode) and selection.alias is not None
    return 1, int(is_field), int(aliased), len(selection.directives or ())


def _add(*sums: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(map(sum, zip(*sums, strict=True)))


def _check_value(value: ValueNode | None, most: int, level: int = 1) -> None:
    """Raises: LimitExceeded for a literal of more than ``most`` levels, or a number of too many digits."""
    if isinstance(value, IntValueNode | FloatValueNode) and len(value.value) > LIMITS.digits:
        raise too_much("digits", LIMITS.digits)
    if isinstance(value, ListValueNode | ObjectValueNode):
        if level > most:
            raise too_much("value_nesting", most)
        inside = value.values if isinstance(value, ListValueNode) else (f.value for f in value.fields)
        for inner in inside:
            _check_value(inner, most, level + 1)


def check_variables(variables: object, limits: Limits = LIMITS) -> None:
    """Raises: LimitExceeded where the variables hold more values, or levels, than they may.

    Level by level, so that neither takes recursion.
    """
    seen, inside = 0, _inside(variables)
    for _ in range(limits.value_nesting + 1):
        seen += len(inside)
        if seen > limits.values:
            raise too_much("values", limits.values)
        inside = [inner for value in inside for inner in _inside(value)]
        if not inside:
            return
    raise too_much("value_nesting", limits.value_nesting)


def _inside(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


@dataclass(slots=True)
class _Walk:
    """What depends on the way down, for a document known to be small with its fragments followed."""

    limits: Limits
    fragments: dict[str, FragmentDefinitionNode]
    open: list[str] = field(default_factory=list)
    pairs: int = 0
    same: Counter[Path] = field(default_factory=Counter)

    def root(self, definition: Definition) -> None:
        self.same.clear()
        self._selections(definition.selection_set, ())

    def _selections(self, chosen: SelectionSetNode, path: Path) -> None:
        for selection in chosen.selections:
            if isinstance(selection, FieldNode):
                self._field(selection, path)
            elif isinstance(selection, FragmentSpreadNode):
                self._fragment(selection.name.value, path)
            elif isinstance(selection, InlineFragmentNode):
                self._selections(selection.selection_set, path)

    def _field(self, node: FieldNode, path: Path) -> None:
        here = (*path, (node.alias or node.name).value)
        self.pairs += self.same[here]
        if self.pairs > self.limits.merge_pairs:
            raise too_much("merge_pairs", self.limits.merge_pairs)
        self.same[here] += 1
        root = path[0] if path else node.name.value
        deepest = self.limits.introspection_depth if root.startswith("__") else self.limits.depth
        if len(here) > deepest:
            raise too_much("depth", deepest)
        if node.selection_set:
            self._selections(node.selection_set, here)

    def _fragment(self, name: str, path: Path) -> None:
        if name in self.fragments and name not in self.open:
            self.open.append(name)
            self._selections(self.fragments[name].selection_set, path)
            self.open.pop()


def too_much(name: str, most: int) -> LimitExceeded:
    """The error for a request that passes the bound ``name``."""
    said = NAMES[name]
    return LimitExceeded(
        f"the document has more than {most:,} {said.en}",
        f"文档的{said.zh}超过 {most:,}",
        fix="Ask for less in one document, or split it.",
        fix_zh="请减少单个文档的内容,或拆分为多次请求。",
    )


NAMES = {
    "characters": Text("字符数", "characters"),
    "tokens": Text("词元数", "tokens"),
    "comments": Text("注释数", "comments"),
    "lines": Text("行数", "lines"),
    "operations": Text("操作数", "operations"),
    "depth": Text("字段层数", "levels of fields"),
    "nesting": Text("嵌套层数", "levels of nesting"),
    "fields": Text("字段数", "fields"),
    "aliases": Text("别名数", "aliases"),
    "directives": Text("指令数", "directives"),
    "merge_pairs": Text("待合并字段对数", "pairs of fields to merge"),
    "selections": Text("选择数(含片段)", "selections, fragments included"),
    "cost": Text("开销单位(字段数乘以所取条数)", "units of cost (fields times the items asked for)"),
    "introspection": Text("内省开销单位", "units of cost of introspection"),
    "beside": Text("查询数据时的内省开销单位", "units of cost of introspection beside data"),
    "values": Text("变量值的个数", "values in its variables"),
    "digits": Text("单个数字的位数", "digits in a number"),
    "value_nesting": Text("值的嵌套层数", "levels of nesting in a value"),
}
