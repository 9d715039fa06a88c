"""Whether the rules of recognition themselves are whole: clause, both languages, outcomes, what they read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import combinations
from pathlib import PurePath
from types import FunctionType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from huren.errors import BadInput, Place
from huren.graph.model.text import Text
from huren.mappings.dossier import Dossier
from huren.mappings.rule import Rule

_BY_RULE = frozenset({"known", "as_of", "purpose"})
"""Parts of the dossier that are the same for a whole batch; any rule may read them."""


def problems(rules: Sequence[Rule], specified: Sequence[str]) -> Iterator[BadInput]:
    """Everything that is wrong with ``rules``; ``specified`` are the ids that there may be."""
    for rule in rules:
        if rule.id not in specified:
            yield _refused(rule, "id", f"`{rule.id}` is no rule of the specification", "不是规范中的规则")
        if not rule.clause.text.strip():
            yield _refused(rule, "clause", "has no clause: it stands on nothing", "没有条款依据")
        for key, text in (("says", rule.says), ("fix", rule.fix)):
            if not (text.zh.strip() and text.en.strip()):
                yield _refused(rule, key, "is not said in both languages", "未以中英文说明")
        if not rule.outcomes:
            yield _refused(rule, "outcomes", "can find nothing", "没有可能的结论")
        if rule.ends is not None and rule.ends < rule.in_force:
            yield _refused(rule, "ends", f"ends ({rule.ends}) before it begins", f"结束({rule.ends})早于生效")
        for path in rule.reads:
            if path.split(".")[0] not in _BY_RULE and not exists(path):
                yield _refused(
                    rule, "reads", f"reads `{path}`, which no dossier has", f"所读的 {path} 不存在"
                )
    yield from _together(rules)


def _together(rules: Sequence[Rule]) -> Iterator[BadInput]:
    """Two editions of one rule in force on one day: which of them counts is unsaid."""
    for one, other in combinations(rules, 2):
        apart = (one.ends is not None and one.ends < other.in_force) or (
            other.ends is not None and other.ends < one.in_force
        )
        if one.id == other.id and not apart:
            en = f"edition {other.edition} is in force together with edition {one.edition}"
            yield _refused(other, "in_force", en, f"第 {other.edition} 版与第 {one.edition} 版同时有效")


def exists(path: str) -> bool:
    """Whether a dossier has ``path``, such as certificate.biogenic or target.scheme.id."""
    kind: Any = Dossier
    for name in path.split("."):
        kind = _fields(kind).get(name)
        if kind is None:
            return False
    return True


@cache
def _fields(kind: type) -> dict[str, Any]:
    """What a value of ``kind`` has, by name, with its class where it has one."""
    hints = get_type_hints(kind) if hasattr(kind, "__dataclass_fields__") else {}
    computed = {
        name: get_type_hints(part.fget).get("return")
        for name, part in vars(kind).items()
        if isinstance(part, property)
    }
    return {name: _plain(hint) for name, hint in (hints | computed).items()}


def _plain(hint: Any) -> Any:
    """The class in a hint: of ``Parameter[int] | None`` it is Parameter."""
    if get_origin(hint) in (Union, UnionType):
        return next((_plain(arg) for arg in get_args(hint) if arg is not type(None)), object)
    if get_origin(hint) is Annotated:
        return _plain(get_args(hint)[0])
    origin = get_origin(hint) or hint
    return origin if isinstance(origin, type) else object


def _place(rule: Rule, key: str) -> Place:
    """The file of the rule and the line at which its comparison begins."""
    if not isinstance(rule.compare, FunctionType):
        return Place("rules", column=key)
    code = rule.compare.__code__
    return Place(f"rules/{PurePath(code.co_filename).name}", code.co_firstlineno, key)


def _refused(rule: Rule, key: str, en: str, zh: str) -> BadInput:
    place = _place(rule, key)
    name = f"rule {rule.id} ({rule.code})"
    fix = Text(f"请改正 {key}。", f"Correct `{key}`.")
    return BadInput(
        f"{name} {en}", f"规则 {rule.id}({rule.code}):{zh}", fix=fix.en, fix_zh=fix.zh, place=place
    )
