"""Exports: footprint data that an owner asks to send abroad, and what the authority decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from huren.graph.model.access import FieldClass


class ExportState(StrEnum):
    """Where a request stands; REFUSED, WITHDRAWN and ENDED are for good."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class ExportEvent:
    """What became of a request: never changed, only followed by another."""

    state: ExportState
    org: str
    reason: str
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Export:
    """``owner`` asks that ``fields`` of ``product`` may go to ``country`` until before ``until``.

    ``recipient``: the one organisation there that may see them; None: any of that country. ``region``:
    where the product was made when it was asked, which says who decides. ``events``: the latest last.
    """

    id: str
    product: str
    owner: str
    region: str | None
    country: str
    fields: frozenset[FieldClass]
    until: datetime
    reason: str
    recipient: str | None = None
    recorded_at: datetime | None = None
    events: tuple[ExportEvent, ...] = ()

    def state(self, now: datetime) -> ExportState:
        """Where it stands at ``now``: what was asked or approved ends with its day."""
        last = self.events[-1].state if self.events else ExportState.REQUESTED
        open_still = last in (ExportState.REQUESTED, ExportState.APPROVED)
        return ExportState.ENDED if open_still and self.until <= now else last


@dataclass(frozen=True, slots=True)
class Approval:
    """A decision that ``fields`` of ``product`` may go to ``country``, until before ``until``.

    ``recipient``: to that organisation alone; None: to any of the country.
    """

    id: str
    product: str
    country: str
    fields: frozenset[FieldClass]
    until: datetime | None = None
    recipient: str | None = None
