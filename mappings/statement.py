"""One reference record as a client states it: read strictly, and held against all that is known. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from huren.errors import BadInput, Place
from huren.graph.model.category import Membership
from huren.mappings.consistency import named, refusals_of
from huren.mappings.entries import Entry
from huren.mappings.records import decode, kind_of

_INDEX = re.compile(r"[.](\d+)(?=[.]|$)")

MOST = 400
"""Characters of an id."""


def id_of(record: Any) -> str:
    """The id by which a record is stored; a membership's is what it says, without its end.

    >>> id_of(Membership("CN-BJ", "JJJ"))
    'CN-BJ@JJJ'
    """
    if isinstance(record, Membership):
        since = f"@{record.since}" if record.since else ""
        return f"{record.region}@{record.within}{since}"
    return str(record.id)


def read(kind: str, stated: Mapping[str, Any]) -> Entry:
    """The record of ``kind`` that a client stated. Raises: BadInput, naming the field as the client does."""
    try:
        record = decode(kind, stated)
    except BadInput as bad:
        raise in_client_terms(bad, kind) from None
    name = id_of(record)
    if not 0 < len(name) <= MOST or not name.isprintable() or name != name.strip():
        entry = Entry(kind, name, "", None, stated, record)
        must = f"must be 1 to {MOST} printable characters", f"须为 1 至 {MOST} 个可见字符"
        raise in_client_terms(entry.refused("id", *must, "Correct `id`.", "请改正 id。"), kind)
    return Entry(kind, name, "", None, stated, record)


def check(entry: Entry, known: Iterable[Any], regions: frozenset[str]) -> None:
    """Hold a record against those ``known``; ``regions``: those that exist among the ones it names.

    Raises: BadInput, naming the first field that is wrong, the reason and the fix.
    """
    # Thousands of memberships hold nothing that a record could contradict.
    rest = (one for one in known if not isinstance(one, Membership))
    others = [Entry(kind_of(one), id_of(one), "", None, {}, one) for one in rest]
    beside = [one for one in others if (one.kind, one.id) != (entry.kind, entry.id)]
    for refusal in refusals_of(entry, beside, regions):
        raise in_client_terms(refusal, entry.kind)


def regions_of(entry: Entry) -> list[str]:
    """The codes of regions that a record names, sorted."""
    return sorted(named(entry.record, entry.kind, "region"))


def in_client_terms(bad: BadInput, noun: str) -> BadInput:
    """``bad`` with its field as GraphQL spells it.

    >>> bad = BadInput("x: `passes_on`: no", "x", place=Place(column="passes_on"))
    >>> in_client_terms(bad, "agreement").en
    'x: `agreement.passesOn`: no'
    """
    column = (bad.place and bad.place.column) or ""
    if not column:
        return bad
    path = _INDEX.sub(r"[\1]", column)
    field = f"{camel(noun)}.{camel(path)}"
    texts = [text.replace(f"`{column}`", f"`{field}`") for text in (bad.en, bad.zh, bad.fix, bad.fix_zh)]
    return BadInput(texts[0], texts[1], fix=texts[2], fix_zh=texts[3], place=Place(column=field))


def camel(name: str) -> str:
    """A name of the domain as GraphQL spells it.

    >>> camel("gas_shares[0].share")
    'gasShares[0].share'
    """
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), name)
