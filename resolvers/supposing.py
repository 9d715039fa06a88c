"""What would change if: the same questions over drafts of agreements and rules, without writing any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from huren.auth.scopes import RECOGNITION_READ
from huren.errors import BadInput, LimitExceeded
from huren.graph import certificates, regions
from huren.graph.certificates import CertificateFilter
from huren.graph.model.agreement import Agreement
from huren.graph.model.scheme import CertificationRule
from huren.graph.revision import Pin
from huren.mappings.statement import check, read, regions_of
from huren.mappings.supposition import Prospect, Supposition, prospect
from huren.resolvers.computing import compute
from huren.resolvers.context import Context
from huren.resolvers.knowledge import with_certificates
from huren.resolvers.recognition import Case

MOST_CERTIFICATES = 10_000
MOST_SUPPOSITIONS = 20
MOST_DECISIONS = 50_000
"""Certificates x destinations x (drafts and things as they are): what one deadline has room for."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A supposition as stated: records as :func:`huren.mappings.records.decode` reads them."""

    name: str
    agreements: tuple[Mapping[str, Any], ...] = ()
    rules: tuple[Mapping[str, Any], ...] = ()
    without: tuple[str, ...] = ()
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class ProspectAnswer:
    """A prospect, whether every certificate of the category was looked at, and what it was made from."""

    prospect: Prospect
    complete: bool
    pin: Pin
    as_of: datetime


async def what_if_recognised(
    ctx: Context, category: str, destinations: Sequence[str], case: Case, drafts: Sequence[Draft]
) -> ProspectAnswer:
    """Certificates of ``category`` at ``destinations``, as things are and under each draft. Writes nothing.

    Cost: one query for the certificates, one for the regions of each record supposed; a matrix a draft.
    Raises: Forbidden; BadInput for a draft that could not be put on record either, or two of one name;
    LimitExceeded; NotFound for an unknown destination.
    """
    ctx.caller.require(RECOGNITION_READ)
    _check_drafts(drafts, destinations)
    pinned, as_of = await ctx.pin(case.known_at), case.as_of or ctx.exchange.clock()
    supposed = [await _supposition(ctx, pinned, draft) for draft in drafts]
    known = await ctx.exchange.knowledge.at(pinned)
    where = CertificateFilter(categories=known.categories_in(category))
    page = await certificates.page(ctx.database, pinned, where, first=MOST_CERTIFICATES, as_of=as_of)
    decisions = len(page.certificates) * len(set(destinations)) * (1 + len(drafts))
    if decisions > MOST_DECISIONS:
        raise _too_many(decisions)
    seen = with_certificates(known, page.certificates)
    found = await compute(100 * decisions, prospect, supposed, destinations, case.purpose, as_of, seen)
    return ProspectAnswer(found, not page.more, pinned, as_of)


async def _supposition(ctx: Context, pinned: Pin, draft: Draft) -> Supposition:
    """The draft, held to all that a record on record is held to."""
    agreements = [read("agreement", stated) for stated in draft.agreements]
    rules = [read("rule", stated) for stated in draft.rules]
    entries, gone = [*agreements, *rules], frozenset(draft.without)
    known = [one for one in await ctx.exchange.knowledge.records(pinned) if not _taken_away(one, gone)]
    known += [entry.record for entry in entries]
    for entry in entries:
        places = await regions.get_many(ctx.database, regions_of(entry))
        check(entry, known, frozenset(places))
    return Supposition(
        draft.name,
        agreements=tuple(entry.record for entry in agreements),
        rules=tuple(entry.record for entry in rules),
        without=draft.without,
        as_of=draft.as_of,
    )


def _taken_away(record: Any, names: frozenset[str]) -> bool:
    return isinstance(record, Agreement | CertificationRule) and record.id in names


def _check_drafts(drafts: Sequence[Draft], destinations: Sequence[str]) -> None:
    names = [draft.name for draft in drafts]
    if not drafts or not destinations or len(names) > MOST_SUPPOSITIONS or len(set(names)) < len(names):
        raise BadInput(
            f"state 1 to {MOST_SUPPOSITIONS} drafts of different names, and at least one destination",
            f"须提供 1 至 {MOST_SUPPOSITIONS} 个名称各异的方案,以及至少一个目的地",
            fix="Name each draft, such as A and B.",
            fix_zh="请为每个方案取不同的名称,例如 A 和 B。",
        )


def _too_many(decisions: int) -> LimitExceeded:
    return LimitExceeded(
        f"this takes {decisions:,} decisions, more than {MOST_DECISIONS:,}",
        f"此问题需要 {decisions:,} 次判断,超过 {MOST_DECISIONS:,} 次",
        fix="Ask for fewer destinations or drafts at once.",
        fix_zh="请减少每次查询的目的地或方案。",
    )
