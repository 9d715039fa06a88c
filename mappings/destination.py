"""What a destination stands for: a scheme, the schemes accepting in a region, the members of an alliance."""

from __future__ import annotations

from datetime import datetime

from huren.errors import NotFound
from huren.graph.model.facts import Known
from huren.graph.model.scheme import Scheme
from huren.graph.model.text import Text
from huren.mappings.dossier import Target, lists
from huren.mappings.lifetime import in_force
from huren.mappings.route import accepts_in

ALLIANCES = frozenset({"JJJ", "YRD", "GBA"})
"""Alliances of regions: to be accepted there, every member must accept (design 5)."""


def takes(scheme: Scheme, category: str | None, at: datetime, known: Known) -> bool:
    """Whether the list of ``scheme`` may hold ``category``; an unknown category or list may."""
    listed = scheme.categories or known.root(scheme).categories
    if listed is None or listed.value is None or category is None:
        return True
    return any(row.code for row in listed.value) or lists(listed.value, category, at, known)


def targets(destination: str, category: str | None, at: datetime, known: Known) -> tuple[Target, ...]:
    """The scheme named, or every scheme in force that accepts the category in the region, by id.

    None in force: one placeholder that does not exist, for R6 to block.
    Raises: NotFound for a name that is neither a scheme nor a region on record.
    """
    if destination in known.schemes:
        return (Target(known.schemes[destination]),)
    if destination not in known.memberships and not _is_area(destination, known):
        raise NotFound(
            f"no scheme or region `{destination}` is on record",
            f"未见名为“{destination}”的制度或地区",
            fix="Name a scheme, a region (CN-BJ), a district (110108) or an alliance (JJJ, YRD, GBA).",
            fix_zh="请填写制度、地区(CN-BJ)、区县(110108)或区域联盟(JJJ、YRD、GBA)。",
        )
    accepting = sorted(
        (s for s in known.schemes.values() if accepts_in(s, destination, at, known)), key=lambda s: s.id
    )
    found = tuple(
        Target(s, destination) for s in accepting if in_force(s, at, known) and takes(s, category, at, known)
    )
    return found or (Target(Scheme(id=destination, name=Text()), destination, exists=False),)


def _is_area(name: str, known: Known) -> bool:
    return name in known.inside or any(name in (*s.issued_in, *s.accepted_in) for s in known.schemes.values())


def members(destination: str, at: datetime, known: Known) -> tuple[str, ...]:
    """The members of an alliance at ``at``; the destination alone where it is none."""
    if destination not in ALLIANCES:
        return (destination,)
    return known.members(destination, at) or (destination,)
