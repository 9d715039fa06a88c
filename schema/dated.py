"""Dated events of legal texts, rules, schemes and agreements, in GraphQL."""

from __future__ import annotations

import strawberry

from huren.graph.model.dated import StatusEvent
from huren.graph.model.scheme import TextState
from huren.schema.scalars import WhenText


def when(value: object) -> WhenText | None:
    """A day or an instant of the domain."""
    return value  # type: ignore[return-value]  # WhenText is a name for it


@strawberry.type(description="A change of state of a legal text, rule, scheme or agreement.")
class TextEvent:
    """With both times."""

    state: TextState = strawberry.field(description="The state it changed to.")
    valid_from: WhenText = strawberry.field(description="When it bites.")
    reason: str = strawberry.field(description="Why.")
    source: str = strawberry.field(description="Where that stands.")

    @classmethod
    def all_of(cls, events: tuple[StatusEvent[TextState], ...]) -> list[TextEvent]:
        """The door from the domain."""
        return [
            cls(state=e.state, valid_from=WhenText(e.valid_from), reason=e.reason, source=e.source)
            for e in events
        ]
