"""Periods in data files that run backwards or overlap."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from itertools import combinations
from typing import Any

from huren.errors import BadInput
from huren.graph.model.dated import Parameter, end, start
from huren.graph.model.scheme import CertificationRule
from huren.mappings.entries import Entry

PERIODS = (
    ("since", "until"),
    ("effective", "ended"),
    ("effective", "withdrawn"),
    ("issued_from", "issued_until"),
    ("issued", "valid_until"),
    ("period_start", "period_end"),
)


def backwards(entry: Entry) -> Iterator[BadInput]:
    """A period, of the record or inside it, that ends before it begins."""
    for path, part in _parts(entry.record, ""):
        for first, last in PERIODS:
            since, until = getattr(part, first, None), getattr(part, last, None)
            if since is not None and until is not None and end(until) <= start(since):
                yield entry.refused(
                    path + last,
                    f"({until}) lies before `{first}` ({since})",
                    f"({until})早于 {first}({since})",
                    "Put the days in order.",
                    "请按先后顺序填写日期。",
                )


def _parts(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """A record and every record inside it, with the path to each."""
    if isinstance(value, tuple):
        for n, one in enumerate(value):
            yield from _parts(one, f"{path.rstrip('.')}[{n}].")
    elif is_dataclass(value):
        yield path, value
        for field in fields(value):
            yield from _parts(getattr(value, field.name), f"{path}{field.name}.")


def doubled(entry: Entry) -> Iterator[BadInput]:
    """Two rows of one list that say the same of one day."""
    for key, rows, said in _lists(entry.record):
        for one, other in combinations(rows, 2):
            if said(one) & said(other) and overlap(one.since, one.until, other.since, other.until):
                both = ", ".join(sorted(map(str, said(one) & said(other))))
                yield entry.refused(
                    key,
                    f"lists {both} twice for one day",
                    f"中 {both} 的期间重叠",
                    "End one period before the other begins.",
                    "请使各期间互不重叠。",
                )


def _lists(record: Any) -> Iterator[tuple[str, Sequence[Any], Callable[[Any], frozenset[Any]]]]:
    rows = getattr(record, "categories", None)
    listings: Sequence[Any] = (rows.value if isinstance(rows, Parameter) else rows) or ()
    if any(hasattr(row, "since") for row in listings):
        yield "categories", listings, lambda row: frozenset({row.category or row.code})
    yield "approvals", getattr(record, "approvals", ()), _approved
    yield "memberships", getattr(record, "memberships", ()), lambda row: frozenset({row.within})


def _approved(approval: Any) -> frozenset[tuple[str, str]]:
    return frozenset((approval.scheme, category) for category in approval.categories or ("*",))


def overlap(
    since: date | datetime | None,
    until: date | datetime | None,
    other_since: date | datetime | None,
    other_until: date | datetime | None,
) -> bool:
    """Whether two periods share an instant; an absent side is open, a last day is included."""

    def before(first: date | datetime | None, second: date | datetime | None) -> bool:
        return first is not None and second is not None and end(first) <= start(second)

    return not before(until, other_since) and not before(other_until, since)


def overlapping_rules(entries: Sequence[Entry]) -> Iterator[BadInput]:
    """Two rules of one maker for one category in force on one day: which of them counts is unsaid."""
    groups: dict[tuple[Any, ...], list[Entry]] = {}
    for entry in entries:
        rule = entry.record
        if isinstance(rule, CertificationRule) and rule.effective is not None and rule.scheme:
            for row in rule.categories or (None,):
                maker = (
                    rule.scheme,
                    rule.kind,
                    rule.level,
                    rule.region,
                    rule.body,
                    row and (row.category, row.code),
                )
                groups.setdefault(maker, []).append(entry)
    for one, other in (pair for group in groups.values() for pair in combinations(group, 2)):
        a, b = one.record, other.record
        if overlap(a.effective, a.withdrawn, b.effective, b.withdrawn):
            yield other.refused(
                "effective",
                f"falls into the time of rule `{a.id}` for the same category",
                f"与规则 {a.id} 对同一类别的有效期重叠",
                "State `withdrawn` of the earlier one.",
                "请填写较早规则的 withdrawn。",
            )
