"""The feed of changes in GraphQL."""

from __future__ import annotations

from typing import Annotated

import strawberry

from huren.graph import changes as model
from huren.graph.changes import ChangeKind, Place
from huren.resolvers import changes
from huren.schema.arguments import After, First
from huren.schema.context import Info
from huren.schema.node import Edge, PageInfo
from huren.schema.paging import check_first, cursor, place
from huren.schema.scalars import InstantText

strawberry.enum(ChangeKind, name="ChangeKind", description="What kind of thing was put on record.")

Kinds = Annotated[
    list[ChangeKind] | None,
    strawberry.argument(description="Only these; default: all that the token may read."),
]


@strawberry.type(description="What one write put on record of one kind.")
class Change:
    """Told once, in the order of revisions."""

    revision: str = strawberry.field(description="Revision of the graph that the write made.")
    recorded_at: InstantText = strawberry.field(description="When it was recorded.")
    kind: ChangeKind = strawberry.field(description="What was put on record.")
    ids: list[str] = strawberry.field(
        description="Numbers of certificates, keys owner/code of products, ids of the rest; the first 1,000."
    )
    count: int = strawberry.field(description="How many there are in all, of those the caller may see.")

    @classmethod
    def of(cls, value: model.Change) -> Change:
        """The door from the domain."""
        at = InstantText(value.recorded_at)
        return cls(
            revision=str(value.revision),
            recorded_at=at,
            kind=value.kind,
            ids=list(value.ids),
            count=value.count,
        )


@strawberry.type(description="One page of changes. `endCursor` is there even where the page is empty.")
class ChangeConnection:
    """Of the Relay connection specification, to be polled."""

    edges: list[Edge[Change]] = strawberry.field(description="The changes with their places.")
    page_info: PageInfo = strawberry.field(description="Where the page lies.")

    @strawberry.field(description="The changes alone.")
    def nodes(self) -> list[Change]:
        return [edge.node for edge in self.edges]


@strawberry.type
class ChangeQuery:
    """The feed."""

    @strawberry.field(
        description="What was put on record, in order and from the start: poll with the last `endCursor`."
    )
    async def changes(
        self, info: Info, first: First = 50, after: After = None, kinds: Kinds = None
    ) -> ChangeConnection | None:
        secret = info.context.exchange.keys.cursor
        feed = "changes " + ("" if kinds is None else " ".join(sorted(kinds)))
        start = place(secret, feed, after) or ["0", ""]
        begin = Place(int(start[0]), start[1])
        found = await changes.page(info.context, kinds, check_first(first), begin)

        def mark(at: Place) -> str:
            return cursor(secret, feed, [str(at.revision), at.kind])

        edges = [
            Edge(node=Change.of(one), cursor=mark(Place(one.revision, one.kind.value)))
            for one in found.changes
        ]
        return ChangeConnection(
            edges=edges,
            page_info=PageInfo(
                has_next_page=found.more,
                end_cursor=mark(found.end),
                has_previous_page=after is not None,
                start_cursor=edges[0].cursor if edges else None,
            ),
        )
