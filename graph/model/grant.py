"""Grants: what an owner lets one other organisation see, for named purposes, until a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from huren.graph.model.access import FieldClass


@dataclass(frozen=True, slots=True)
class Grant:
    """``grantor`` lets ``grantee`` (an organisation, or EVERYONE) see ``fields`` of its products.

    ``products``: keys of the grantor's products; empty for all of them, later ones too. ``purposes``: what
    the data may be used for (values of Purpose); empty for any. It holds from ``since`` until before
    ``until`` (None: no end), or until it is withdrawn. Any field class brings the identity along.
    """

    id: str
    grantor: str
    grantee: str
    fields: frozenset[FieldClass]
    purposes: frozenset[str] = frozenset()
    products: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None
    recorded_at: datetime | None = None
    withdrawn_at: datetime | None = None

    def covers(self, product: str, owner: str) -> bool:
        """Whether it is about that product of that owner."""
        return owner == self.grantor and (not self.products or product in self.products)

    def holds(self, now: datetime) -> bool:
        """Whether it stands at ``now``."""
        begun = self.since is None or self.since <= now
        return begun and (self.until is None or now < self.until) and self.withdrawn_at is None
