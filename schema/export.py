"""Exports in GraphQL: requests, decisions, and the table behind them."""

from __future__ import annotations

from datetime import datetime

import strawberry

from huren.auth import export_table
from huren.auth.export_table import Outflow
from huren.graph.model import export as model
from huren.graph.model.access import FieldClass
from huren.graph.model.dated import Certainty
from huren.graph.model.export import ExportState
from huren.schema.context import Info, say
from huren.schema.node import Edge, PageInfo, page_info
from huren.schema.paging import cursor
from huren.schema.region import InLang
from huren.schema.release import instant
from huren.schema.scalars import InstantText


@strawberry.type(description="What became of a request to export.")
class ExportEvent:
    """Append-only."""

    state: ExportState = strawberry.field(description="The state it changed to.")
    org: str = strawberry.field(description="Who decided, or ended it.")
    reason: str = strawberry.field(description="Why.")
    recorded_at: InstantText | None = strawberry.field(description="When: it counts from then on.")


@strawberry.type(description="A request that footprint data of a product may go abroad.")
class ExportApproval:
    """With all that became of it."""

    id: strawberry.ID = strawberry.field(description="Id of the request.")
    product: str = strawberry.field(description="Key of the product.")
    owner: str = strawberry.field(description="Who asked.")
    region: str | None = strawberry.field(description="Where it is made; its authority decides.")
    country: str = strawberry.field(description="Where the data would go: ISO 3166-1.")
    recipient: str | None = strawberry.field(description="The one organisation; null: any of that country.")
    fields: list[FieldClass] = strawberry.field(description="Which classes of fields.")
    until: InstantText = strawberry.field(description="Before when.")
    reason: str = strawberry.field(description="What for.")
    state: ExportState = strawberry.field(description="Where it stands now.")
    recorded_at: InstantText | None = strawberry.field(description="When it was asked.")
    events: list[ExportEvent] = strawberry.field(description="What became of it, the latest last.")

    @classmethod
    def of(cls, value: model.Export, now: datetime) -> ExportApproval:
        """The door from the domain."""
        return cls(
            id=strawberry.ID(value.id),
            product=value.product,
            owner=value.owner,
            region=value.region,
            country=value.country,
            recipient=value.recipient,
            fields=sorted(value.fields),
            until=InstantText(value.until),
            reason=value.reason,
            state=value.state(now),
            recorded_at=instant(value.recorded_at),
            events=[
                ExportEvent(
                    state=event.state,
                    org=event.org,
                    reason=event.reason,
                    recorded_at=instant(event.recorded_at),
                )
                for event in value.events
            ],
        )


@strawberry.type(description="One page of requests to export, by id.")
class ExportApprovalConnection:
    """Of the Relay connection specification."""

    edges: list[Edge[ExportApproval]] = strawberry.field(description="The requests with their places.")
    page_info: PageInfo = strawberry.field(description="Where the page lies.")

    @strawberry.field(description="The requests alone.")
    def nodes(self) -> list[ExportApproval]:
        return [edge.node for edge in self.edges]

    @classmethod
    def of(  # noqa: PLR0913, PLR0917  (the page, by name)
        cls,
        found: tuple[model.Export, ...],
        more: bool,
        now: datetime,
        listing: str,
        after: str | None,
        secret: bytes,
    ) -> ExportApprovalConnection:
        """The door from the domain."""
        edges = [
            Edge(node=ExportApproval.of(one, now), cursor=cursor(secret, listing, [one.id])) for one in found
        ]
        return cls(edges=edges, page_info=page_info([edge.cursor for edge in edges], more, after))


@strawberry.type(description="One row of the export table.")
class ExportRow:
    """The row that fits a flow most closely decides: first by country, then by sector."""

    value: strawberry.Private[export_table.Row]
    id: str = strawberry.field(description="Names the row in grounds.")
    to: str = strawberry.field(description="Country by ISO 3166-1, a group of countries, or `*`.")
    sector: str = strawberry.field(description="Sector, or `*`.")
    fields: list[FieldClass] = strawberry.field(description="Which classes of fields.")
    effect: Outflow = strawberry.field(description="What may happen.")
    source: str = strawberry.field(description="Where that stands.")
    certainty: Certainty = strawberry.field(description="How far it is known.")
    illustrative: bool = strawberry.field(description="Whether it is made up, for want of a published text.")

    @strawberry.field(description="Why.")
    def why(self, info: Info, lang: InLang = None) -> str:
        return say(info, self.value.why, lang)

    @classmethod
    def of(cls, value: export_table.Row) -> ExportRow:
        """The door from the domain."""
        return cls(
            value=value,
            id=value.id,
            to=value.to,
            sector=value.sector,
            fields=sorted(value.fields),
            effect=value.effect,
            source=value.source,
            certainty=value.certainty,
            illustrative=value.illustrative,
        )
