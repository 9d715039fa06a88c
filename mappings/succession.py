"""Rules that follow one another: none before what it displaces, no new local one beside a national one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from huren.errors import BadInput
from huren.graph.model.category import Category
from huren.graph.model.dated import end, start
from huren.graph.model.scheme import CertificationRule, Listing, RuleKind
from huren.graph.model.terms import Level
from huren.mappings.entries import Entry


def out_of_turn(entries: Sequence[Entry]) -> Iterator[BadInput]:
    """Successions that the texts do not allow (S3-4, S3-28). Cost: O(local rules x national rules)."""
    rules = {entry.id: entry for entry in entries if isinstance(entry.record, CertificationRule)}
    parents = {e.id: e.record.parent for e in entries if isinstance(e.record, Category)}
    for entry in rules.values():
        yield from _too_early(entry, rules)
        yield from _preempted(entry, rules.values(), parents)


def _too_early(entry: Entry, rules: Mapping[str, Entry]) -> Iterator[BadInput]:
    """A rule that takes effect before one that it displaces did."""
    for name in entry.record.supersedes:
        before = rules[name].record.effective if name in rules else None
        if before and entry.record.effective and start(entry.record.effective) < start(before):
            yield entry.refused(
                "effective",
                f"lies before rule `{name}`, which it supersedes, took effect ({before})",
                f"早于其所取代的规则 {name} 的生效日({before})",
                "Put the days in order, or correct `supersedes`.",
                "请按先后顺序填写日期,或改正 supersedes。",
            )


def _preempted(
    entry: Entry, others: Iterable[Entry], parents: Mapping[str, str | None]
) -> Iterator[BadInput]:
    """A local rule newly made where a national one for all its categories is in force (S3-28)."""
    local = entry.record
    if local.level is not Level.LOCAL or local.effective is None:
        return
    for other in others:
        rule = other.record
        if _national(rule, local) and _in_force(rule, local) and _holds_all(rule, local, parents):
            yield entry.refused(
                "effective",
                f"falls into the time of national rule `{other.id}`, beside which none is made (S3-28)",
                f"时全国规则 {other.id} 已生效,不得再出台地方规则(S3-28)",
                f"Certify under `{other.id}`, or leave its categories out.",
                f"请按 {other.id} 认证,或去除其所含类别。",
            )


def _national(rule: CertificationRule, local: CertificationRule) -> bool:
    same_country = rule.country is None or local.country in (None, rule.country)
    return rule.level is Level.NATIONAL and rule.kind is not RuleKind.GENERAL and same_country


def _in_force(rule: CertificationRule, local: CertificationRule) -> bool:
    """Whether ``rule`` was in force when ``local`` took effect."""
    assert local.effective is not None
    begins = start(local.effective)
    ended = rule.withdrawn is not None and end(rule.withdrawn) <= begins
    return rule.effective is not None and start(rule.effective) <= begins and not ended


def _holds_all(rule: CertificationRule, local: CertificationRule, parents: Mapping[str, str | None]) -> bool:
    """Whether every category of ``local`` is, or lies in, one of ``rule``."""
    held = {row.category or row.code for row in rule.categories}
    rows = local.categories
    return bool(rows) and all(not held.isdisjoint(_line(row, parents)) for row in rows)


def _line(row: Listing, parents: Mapping[str, str | None]) -> tuple[object, ...]:
    line: list[object] = [row.category or row.code]
    while (above := parents.get(str(line[-1]))) is not None and above not in line:
        line.append(above)
    return tuple(line)
