"""Lists of decisions in GraphQL."""

from __future__ import annotations

import strawberry

from huren.resolvers.recognition import Answers
from huren.schema.decision import Decision
from huren.schema.node import Edge, PageInfo, page_info
from huren.schema.paging import cursor


@strawberry.type(
    description="One page of decisions, by certificate number. Where few are recognised it may be shorter "
    "than `first`, or empty, and yet have a next page: go on with `endCursor`."
)
class DecisionConnection:
    """Of the Relay connection specification; the list is not counted, since each item is decided."""

    edges: list[Edge[Decision]] = strawberry.field(description="The decisions with their places.")
    page_info: PageInfo = strawberry.field(description="Where the page lies.")

    @strawberry.field(description="The decisions alone.")
    def nodes(self) -> list[Decision]:
        return [edge.node for edge in self.edges]

    @classmethod
    def of(cls, answers: Answers, listing: str, after: str | None, secret: bytes) -> DecisionConnection:
        """The door from the domain."""
        edges = [
            Edge(
                node=Decision.of(answer),
                cursor=cursor(secret, listing, [answer.decision.certificate.number]),
            )
            for answer in answers.answers
        ]
        info = page_info([edge.cursor for edge in edges], answers.more, after)
        if answers.more:
            info.end_cursor = cursor(secret, listing, [answers.last])
        return cls(edges=edges, page_info=info)
