"""What one document may ask: bounded before validation, which is slower than linear, begins.

One walk with a budget: it follows every fragment wherever it is spread, as execution would, and stops
as soon as a bound is passed, so its own cost is bounded too (a fragment bomb costs what a legal query does).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from huren.errors import LimitExceeded
from huren.schema.paging import MOST

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one document. ``cost``: fields, each times the ``first`` of the lists around it."""

    characters: int = 100_000
    tokens: int = 2_000
    comments: int = 200
    depth: int = 12
    introspection_depth: int = 20
    nesting: int = 40
    fields: int = 300
    aliases: int = 30
    directives: int = 50
    merge_pairs: int = 500
    selections: int = 1_000
    cost: int = 20_000
    errors: int = 20


LIMITS = Limits()


def check(document: DocumentNode, limits: Limits = LIMITS) -> None:
    """Raises: LimitExceeded, naming the first bound that ``document`` passes.

    Every operation counts, and every fragment that no operation spreads.
    """
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    walk = _Walk(limits, fragments)
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            walk.root(definition)
    for name, fragment in fragments.items():
        if name not in walk.spread:
            walk.root(fragment)


@dataclass(slots=True)
class _Walk:
    limits: Limits
    fragments: dict[str, FragmentDefinitionNode]
    spread: set[str] = field(default_factory=set)
    open: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    same: Counter[Path] = field(default_factory=Counter)

    def root(self, definition: OperationDefinitionNode | FragmentDefinitionNode) -> None:
        self.same.clear()
        self._count("directives", len(definition.directives or ()))
        self._selections(definition.selection_set, (), 1, 1)

    def _count(self, name: str, by: int = 1) -> None:
        self.counts[name] += by
        if self.counts[name] > (most := getattr(self.limits, name)):
            raise too_much(name, most)

    def _selections(self, chosen: SelectionSetNode, path: Path, weight: int, nested: int) -> None:
        if nested > self.limits.nesting:
            raise too_much("nesting", self.limits.nesting)
        for selection in chosen.selections:
            self._count("selections")
            self._count("directives", len(selection.directives or ()))
            if isinstance(selection, FieldNode):
                self._field(selection, path, weight, nested)
            elif isinstance(selection, FragmentSpreadNode):
                self._fragment(selection.name.value, path, weight, nested)
            elif isinstance(selection, InlineFragmentNode):
                self._selections(selection.selection_set, path, weight, nested + 1)

    def _field(self, node: FieldNode, path: Path, weight: int, nested: int) -> None:
        here = (*path, (node.alias or node.name).value)
        self._count("fields")
        self._count("aliases", 1 if node.alias else 0)
        self._count("merge_pairs", self.same[here])
        self._count("cost", weight)
        self.same[here] += 1
        inside = path[0] if path else node.name.value
        deepest = self.limits.introspection_depth if inside.startswith("__") else self.limits.depth
        if len(here) > deepest:
            raise too_much("depth", deepest)
        if node.selection_set:
            self._selections(node.selection_set, here, weight * _first(node), nested + 1)

    def _fragment(self, name: str, path: Path, weight: int, nested: int) -> None:
        fragment = self.fragments.get(name)
        self.spread.add(name)
        if fragment is None or name in self.open:
            return  # validation names the unknown fragment, or the cycle
        self.open.append(name)
        self._selections(fragment.selection_set, path, weight, nested + 1)
        self.open.pop()


def _first(node: FieldNode) -> int:
    """How many items ``first`` asks for: a variable counts as the most there may be, no argument as one."""
    for argument in node.arguments or ():
        if argument.name.value == "first":
            literal = argument.value
            asked = literal.value if isinstance(literal, IntValueNode) else str(MOST)
            return min(int(asked), MOST) if len(asked) < 10 else MOST
    return 1


def too_much(name: str, most: int) -> LimitExceeded:
    """The error for a document that passes the bound ``name``."""
    said, said_zh = _NAMES[name]
    return LimitExceeded(
        f"the document has more than {most:,} {said}",
        f"文档的{said_zh}超过 {most:,}",
        fix="Ask for less in one document, or split it.",
        fix_zh="请减少单个文档的内容,或拆分为多次请求。",
    )


_NAMES = {
    "characters": ("characters", "字符数"),
    "tokens": ("tokens", "词元数"),
    "depth": ("levels of fields", "字段层数"),
    "nesting": ("levels of nesting", "嵌套层数"),
    "fields": ("fields", "字段数"),
    "aliases": ("aliases", "别名数"),
    "directives": ("directives", "指令数"),
    "merge_pairs": ("pairs of fields to merge", "待合并字段对数"),
    "selections": ("selections, fragments included", "选择数(含片段)"),
    "cost": ("units of cost (fields times the items asked for)", "开销单位(字段数乘以所取条数)"),
}
