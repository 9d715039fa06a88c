"""What can be asked about exports, disputes, and why who may see what."""

from __future__ import annotations

from typing import Annotated

import strawberry

from huren.graph.model.access import FieldClass
from huren.graph.model.export import ExportState
from huren.graph.model.terms import Purpose
from huren.resolvers import disputing, explaining, exporting, statistics
from huren.schema.access import Access
from huren.schema.access_query import Latest
from huren.schema.arguments import After, First, ProductRef
from huren.schema.context import Info
from huren.schema.dispute import Dispute
from huren.schema.export import ExportApprovalConnection, ExportRow
from huren.schema.ids import key_of
from huren.schema.paging import check_first, place
from huren.schema.statistic import Statistic, StatisticPartition

State = Annotated[
    ExportState | None, strawberry.argument(description="Where they stand now; default: wherever.")
]

Viewer = Annotated[str, strawberry.argument(description="Id or USCC of the organisation that would look.")]
Field = Annotated[
    FieldClass | None, strawberry.argument(description="Which class of fields; default: each of them.")
]
AnyPurpose = Annotated[
    Purpose | None, strawberry.argument(description="What it would look for; default: it names none.")
]

Partition = Annotated[str, strawberry.argument(description="Id of a partition.")]
Category = Annotated[str, strawberry.argument(description="One of its product classes.")]
Province = Annotated[str, strawberry.argument(description="One of its provinces: ISO 3166-2.")]
Quarter = Annotated[str, strawberry.argument(description="A quarter of China that is over: 2026-Q1.")]


@strawberry.type
class FlowQuery:
    """Mixed into the root of questions."""

    @strawberry.field(
        description="Requests to send footprint data abroad: one's own, and with `export:approve` those that "
        "the caller's organisation may decide."
    )
    async def export_approvals(
        self, info: Info, first: First, after: After = None, state: State = None
    ) -> ExportApprovalConnection | None:
        secret, listing = info.context.exchange.keys.cursor, f"exports {state}"
        start = place(secret, listing, after) or [""]
        found, more = await exporting.page(info.context, check_first(first), start[0], state)
        now = info.context.exchange.clock()
        return ExportApprovalConnection.of(found, more, now, listing, after, secret)

    @strawberry.field(
        description="The disputes about a product, closed ones too: for its owner, the body of its "
        "certificate, and the administrator."
    )
    async def disputes(self, info: Info, product: ProductRef, first: Latest) -> list[Dispute] | None:
        found = await disputing.listed(info.context, key_of("Product", product), check_first(first))
        return [Dispute.of(dispute) for dispute in found]

    @strawberry.field(
        description="What an organisation may see of a product, and why: of one's own, or with `audit:read`."
    )
    async def access(
        self,
        info: Info,
        product: ProductRef,
        viewer: Viewer,
        field: Field = None,
        purpose: AnyPurpose = None,
    ) -> list[Access] | None:
        fields = tuple(FieldClass) if field is None else (field,)
        ref = key_of("Product", product)
        found = await explaining.access(info.context, ref, viewer, fields, purpose)
        return [Access.of(one) for one in found]

    @strawberry.field(description="What is told of one cell of a partition; needs `reference:read`.")
    async def statistics(
        self, info: Info, partition: Partition, category: Category, region: Province, quarter: Quarter
    ) -> Statistic | None:
        cell = statistics.Cell(partition, category, region, quarter)
        return Statistic.of(await statistics.statistic(info.context, cell))

    @strawberry.field(description="The partitions over which statistics are published.")
    def statistic_partitions(self, info: Info) -> list[StatisticPartition] | None:
        return [StatisticPartition.of(one) for one in statistics.published(info.context)]

    @strawberry.field(description="The export table; needs `reference:read`.")
    def export_table(self, info: Info) -> list[ExportRow] | None:
        return [ExportRow.of(row) for row in exporting.rows(info.context).rows]
