"""Whether data files agree with themselves and with one another; every refusal names file, key and reason.

``decode`` has refused unknown keys and wrong values before; here are what a single field cannot show:
parameters without certainty or source, agreements without a clause, names of nothing, periods that
overlap or run backwards, successions that come back to where they began or run out of turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from typing import Any

from huren.errors import BadInput
from huren.graph.model.dated import Parameter
from huren.graph.model.organisation import check_uscc
from huren.mappings.entries import Entry
from huren.mappings.peer_reviews import partial_reviews
from huren.mappings.periods import backwards, doubled, overlapping_rules
from huren.mappings.pilots import pilots
from huren.mappings.succession import out_of_turn

REFERENCES = {
    "agreement": {
        "issuing.regions": "region",
        "issuing.schemes": "scheme",
        "accepting.regions": "region",
        "accepting.schemes": "scheme",
        "categories": "category",
        "ends": "agreement",
    },
    "body": {
        "region": "region",
        "ties": "body",
        "approvals.scheme": "scheme",
        "approvals.categories": "category",
    },
    "category": {"parent": "category"},
    "certificate": {
        "scheme": "scheme",
        "rule": "rule",
        "body": "body",
        "category": "category",
        "region": "region",
    },
    "equivalence": {"categories": "category"},
    "membership": {"region": "region", "within": "region"},
    "region": {"memberships.within": "region"},
    "rule": {
        "scheme": "scheme",
        "region": "region",
        "country": "region",
        "body": "body",
        "categories.category": "category",
        "supersedes": "rule",
    },
    "scheme": {
        "instrument": "instrument",
        "uses": "scheme",
        "issued_in": "region",
        "accepted_in": "region",
        "except_in": "region",
        "pilot_area": "region",
        "pilot_products": "category",
        "categories.value.category": "category",
    },
}
"""What a record names, by kind and path, and the kind of what is named."""

SUCCESSIONS = {"rule": "supersedes", "agreement": "ends", "scheme": "uses", "category": "parent"}
"""Names of one's own kind that must never lead back to oneself."""

_TOLD: dict[str, tuple[str, ...]] = {
    "certificate": (),
    "membership": (),
    "region": (),
    "rule": ("certainty", "source"),
    "scheme": ("certainty", "source"),
}
"""What a record itself says of its certainty and source, where that is not a source alone."""


def check(entries: Sequence[Entry], regions: frozenset[str]) -> None:
    """Refuse data that do not hold together; ``regions`` are those known beside the entries.

    Raises: BadInput, the first of :func:`refusals`.
    """
    for refusal in refusals(entries, regions):
        raise refusal


def refusals(entries: Sequence[Entry], regions: frozenset[str]) -> Iterator[BadInput]:
    """Everything that is wrong, in the order of the entries. Cost: O(entries + named things)."""
    names = {(entry.kind, entry.id) for entry in entries} | {("region", region) for region in regions}
    yield from _twice(entries)
    for entry in entries:
        for find in _ALONE:
            yield from find(entry)
        yield from _dangling(entry, names)
    for kind, key in SUCCESSIONS.items():
        yield from _cycles([e for e in entries if e.kind == kind], key)
    for find_all in _TOGETHER:
        yield from find_all(entries)


def refusals_of(entry: Entry, known: Sequence[Entry], regions: frozenset[str]) -> Iterator[BadInput]:
    """Everything wrong with one new record beside those ``known``, which hold together among themselves.

    An earlier statement of the same record must not be among them. Cost: O(known + named things).
    """
    whole = (*known, entry)
    names = {(one.kind, one.id) for one in whole} | {("region", region) for region in regions}
    for find in _ALONE:
        yield from find(entry)
    yield from _dangling(entry, names)
    for refusal in (refusal for find_all in _TOGETHER for refusal in find_all(whole)):
        if refusal.en.startswith(f"{entry.kind} `{entry.id}`: "):
            yield refusal
    if key := SUCCESSIONS.get(entry.kind):
        yield from _loop(entry, [one for one in whole if one.kind == entry.kind], key)


def named(record: Any, own: str, kind: str) -> frozenset[str]:
    """The names of ``kind`` in a record of the kind ``own``."""
    paths = (path for path, of in REFERENCES.get(own, {}).items() if of == kind)
    return frozenset(name for path in paths for name in _named(record, path.split(".")))


def _twice(entries: Sequence[Entry]) -> Iterator[BadInput]:
    seen: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        key = "number" if entry.kind == "certificate" else "id"
        first = seen.setdefault((entry.kind, entry.id), entry)
        if first is not entry and entry.kind != "membership":
            where = f"{first.file}:{first.line}"
            yield entry.refused(
                key, f"stands in {where} too", f"在 {where} 已有定义", "Keep one.", "请只保留一处。"
            )


def _unsourced(entry: Entry) -> Iterator[BadInput]:
    """A record, or a parameter of it, that does not say how far it is known and from where."""
    tables = {"": (entry.stated, _TOLD.get(entry.kind, ("source",)))}
    for path in parameters(entry):
        tables[f"{path}."] = (_at(entry.stated, path), ("certainty", "source"))
    for prefix, (stated, names) in tables.items():
        for name in names:
            if not str(stated.get(name, "")).strip():
                yield entry.refused(
                    prefix + name, "is not stated", "未填写", f"State `{name}`.", f"请填写 {name}。"
                )


def parameters(entry: Entry) -> Iterator[str]:
    """The path of every parameter that a record states."""
    for field in fields(entry.record):
        value = getattr(entry.record, field.name)
        if isinstance(value, Parameter):
            yield field.name
        elif field.name == "profile":
            yield from (f"profile.{f.name}" for f in fields(value) if getattr(value, f.name) is not None)


def _unclaused(entry: Entry) -> Iterator[BadInput]:
    if entry.kind == "agreement" and not entry.record.clause.strip():
        yield entry.refused(
            "clause",
            "is missing: what it grants stands nowhere",
            "缺失,互认内容没有依据",
            "Name the clause.",
            "请写明条款。",
        )


def _wrong_code(entry: Entry) -> Iterator[BadInput]:
    code = getattr(entry.record, "uscc", None) or getattr(entry.record, "holder", None)
    if code is not None:
        try:
            check_uscc(code)
        except BadInput as wrong:
            key = "holder" if entry.kind == "certificate" else "uscc"
            yield entry.refused(key, wrong.en, wrong.zh, wrong.fix, wrong.fix_zh)


def _dangling(entry: Entry, names: set[tuple[str, str]]) -> Iterator[BadInput]:
    for path, kind in REFERENCES.get(entry.kind, {}).items():
        for name in _named(entry.record, path.split(".")):
            if (kind, name) not in names:
                yield entry.refused(
                    path,
                    f"names {kind} `{name}`, which does not exist",
                    f"所指的 {kind} “{name}”不存在",
                    f"Correct the name or add the {kind}.",
                    "请改正名称或补充该记录。",
                )


def _named(value: Any, path: Sequence[str]) -> Iterator[str]:
    if value is None:
        return
    if isinstance(value, tuple):
        for one in value:
            yield from _named(one, path)
    elif path:
        yield from _named(getattr(value, path[0]), path[1:])
    else:
        yield value


def _at(stated: Any, path: str) -> Any:
    for key in path.split("."):
        stated = stated[key]
    return stated


def _cycles(entries: Sequence[Entry], key: str) -> Iterator[BadInput]:
    after = {entry.id: tuple(_named(entry.record, [key])) for entry in entries}
    for entry in entries:
        walk = _way_back(entry.id, after)
        # A loop is told once, by its first member.
        if walk and entry.id == min(walk):
            yield _circular(entry, key, walk)


def _loop(entry: Entry, entries: Sequence[Entry], key: str) -> Iterator[BadInput]:
    walk = _way_back(entry.id, {one.id: tuple(_named(one.record, [key])) for one in entries})
    if walk:
        yield _circular(entry, key, walk)


def _circular(entry: Entry, key: str, walk: tuple[str, ...]) -> BadInput:
    loop = " → ".join((*walk, walk[0]))
    return entry.refused(
        key, f"leads back to itself: {loop}", f"形成循环:{loop}", "Break the loop.", "请断开循环。"
    )


def _way_back(name: str, after: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The shortest walk from ``name`` back to itself, without its end; empty where there is none."""
    layer: dict[str, tuple[str, ...]] = {name: (name,)}
    seen: set[str] = set()
    while layer:
        further: dict[str, tuple[str, ...]] = {}
        for at, walk in layer.items():
            for then in after.get(at, ()):
                if then == name:
                    return walk
                if then not in seen:
                    seen.add(then)
                    further[then] = (*walk, then)
        layer = further
    return ()


_ALONE: tuple[Callable[[Entry], Iterator[BadInput]], ...] = (
    _unsourced,
    _unclaused,
    backwards,
    doubled,
    _wrong_code,
)
"""What a record shows by itself."""

_TOGETHER: tuple[Callable[[Sequence[Entry]], Iterator[BadInput]], ...] = (
    overlapping_rules,
    partial_reviews,
    pilots,
    out_of_turn,
)
"""What shows only beside others."""
