"""The reference records as known at a pin, kept for the questions that share it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from huren.graph.model.certificate import Certificate
from huren.graph.model.facts import Known
from huren.graph.reference import KINDS, References
from huren.graph.revision import Pin

KEPT = 16


class Knowledge:
    """Known schemes, rules, agreements, bodies and categories by pin. Belongs to one event loop."""

    def __init__(self, references: References) -> None:
        self._references = references
        self._kept: OrderedDict[Pin, Known] = OrderedDict()

    async def at(self, pin: Pin) -> Known:
        """What was on record at ``pin``, without certificates. Cost: O(records) for a pin not seen lately."""
        if pin not in self._kept:
            self._kept[pin] = (await self._references.facts(pin)).at(pin.known_at)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(pin)
        return self._kept[pin]

    async def records(self, pin: Pin, kind: str | None = None) -> tuple[Any, ...]:
        """The latest statement at ``pin`` of every reference record, or of those of ``kind``."""
        facts = await self._references.facts(pin)
        wanted = KINDS.values() if kind is None else [KINDS[kind]]
        return tuple(record for one in wanted for record in getattr(facts, one.field))


def with_certificates(known: Known, certificates: Iterable[Certificate]) -> Known:
    """``known``, and these certificates."""
    return replace(known, certificates={c.number: c for c in certificates})
