"""Disputes about what a product's owner released: while one is open, it is not displayed (S3-24)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Dispute:
    """``opened_by`` disputes the releases of ``product``, later ones too, until it is closed.

    ``outcome``: how it ended, in the words of who closed it.
    """

    id: str
    product: str
    opened_by: str
    reason: str
    source: str = ""
    recorded_at: datetime | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    outcome: str = ""
