"""Regions from districts to alliances, and what each lies in, from when until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from huren.graph.model.text import Text


class RegionKind(StrEnum):
    """Levels of GB/T 2260 under a country, and alliances of provinces."""

    COUNTRY = "country"
    ALLIANCE = "alliance"
    PROVINCE = "province"
    PREFECTURE = "prefecture"
    DISTRICT = "district"


@dataclass(frozen=True, slots=True)
class Membership:
    """A region lies in ``within`` on every day of [``since``, ``until``); None is without bound."""

    within: str
    since: date | None = None
    until: date | None = None

    def holds(self, day: date) -> bool:
        """Whether the membership holds on ``day``.

        >>> Membership("JJJ", date(2014, 2, 26)).holds(date(2014, 2, 25))
        False
        """
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class Region:
    """A region. ``id``: ISO 3166 for countries and provinces, six digits of GB/T 2260 below, an own
    name for alliances. ``memberships``: the regions directly around it, by name.
    """

    id: str
    kind: RegionKind
    name: Text
    memberships: tuple[Membership, ...] = ()
