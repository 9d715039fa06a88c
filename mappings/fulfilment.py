"""Whether an open condition was met, refused or shown impossible."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from huren.graph.model.certificate import Fulfilment, FulfilmentState
from huren.graph.model.dated import start

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def fulfilment(
    recorded: Iterable[Fulfilment], rule: str, condition: str, destination: str, at: datetime
) -> Fulfilment | None:
    """The last word at ``at`` on a condition of ``rule``, for ``destination`` or for all; None: open."""
    said = [
        f
        for f in recorded
        if f.rule == rule
        and f.condition == condition
        and f.destination in (None, destination)
        and start(f.since) <= at
    ]
    return max(said, key=lambda f: (start(f.since), f.recorded_at or _LONG_AGO), default=None)


def met(
    recorded: Iterable[Fulfilment], rule: str, condition: str, destination: str, at: datetime
) -> bool | None:
    """True: met; False: refused or impossible; None: open."""
    last = fulfilment(recorded, rule, condition, destination, at)
    return None if last is None else last.state is FulfilmentState.MET
