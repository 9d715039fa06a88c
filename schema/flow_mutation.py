"""What can be stated about what leaves the country, and what is in dispute."""

from __future__ import annotations

from typing import Annotated

import strawberry

from huren.graph.model.access import FieldClass
from huren.graph.writing import Answer
from huren.resolvers import disputing, exporting
from huren.resolvers.disputing import DisputeTerms
from huren.resolvers.exporting import ExportTerms
from huren.schema.context import Info
from huren.schema.dispute import Dispute
from huren.schema.export import ExportApproval
from huren.schema.ids import key_of
from huren.schema.scalars import InstantText
from huren.schema.statements import KEY


@strawberry.input(description="Which footprint data of one's own product may go where.")
class RequestExportInput:
    """Asked by the owner."""

    idempotency_key: strawberry.ID = strawberry.field(description=KEY)
    product: strawberry.ID = strawberry.field(description="One's own product: Relay id, key or code.")
    country: str = strawberry.field(description="Where the data would go: ISO 3166-1 alpha-2.")
    fields: list[FieldClass] = strawberry.field(description="Which classes of fields.")
    until: InstantText = strawberry.field(description="Before when.")
    reason: str = strawberry.field(description="What for.")
    recipient: str | None = strawberry.field(
        default=None, description="Id of the one organisation that may see them; default: any there."
    )

    def terms(self) -> ExportTerms:
        """The door to the domain."""
        return ExportTerms(
            key_of("Product", self.product),
            self.country,
            tuple(self.fields),
            self.until,
            self.reason,
            self.recipient,
        )


@strawberry.input(description="What the authority decided on a request to export.")
class DecideExportInput:
    """By who answers for the region of the product, or by a ministry."""

    idempotency_key: strawberry.ID = strawberry.field(description=KEY)
    id: strawberry.ID = strawberry.field(description="Id of the request.")
    approve: bool = strawberry.field(description="Approve it; else it is refused.")
    reason: str = strawberry.field(description="Why.")


@strawberry.input(description="A request or an approval that is to end.")
class WithdrawExportInput:
    """By its owner, or by who may decide on it."""

    idempotency_key: strawberry.ID = strawberry.field(description=KEY)
    id: strawberry.ID = strawberry.field(description="Id of the request.")
    reason: str = strawberry.field(description="Why.")


@strawberry.input(description="What is disputed.")
class OpenDisputeInput:
    """By the owner of the product, the body of its certificate, or the administrator."""

    idempotency_key: strawberry.ID = strawberry.field(description=KEY)
    product: strawberry.ID = strawberry.field(
        description="The product: Relay id or key; one's own also by code."
    )
    reason: str = strawberry.field(description="What is disputed.")
    source: str = strawberry.field(default="", description="Where that stands, such as a case number.")

    def terms(self) -> DisputeTerms:
        """The door to the domain."""
        return DisputeTerms(key_of("Product", self.product), self.reason, self.source)


@strawberry.input(description="How a dispute ended.")
class CloseDisputeInput:
    """By who opened it, or the administrator."""

    idempotency_key: strawberry.ID = strawberry.field(description=KEY)
    id: strawberry.ID = strawberry.field(description="Id of the dispute.")
    outcome: str = strawberry.field(description="How it ended.")


@strawberry.type(description="What a write about a dispute did.")
class DisputePayload:
    """The dispute as it stands now."""

    dispute: Dispute = strawberry.field(description="The dispute.")
    revision: str = strawberry.field(description="Revision of the graph that the write made.")
    repeated: bool = strawberry.field(description="Whether it had been done before, under this key.")


@strawberry.type(description="What a write about an export did.")
class ExportPayload:
    """The request as it stands now."""

    export: ExportApproval = strawberry.field(description="The request.")
    revision: str = strawberry.field(description="Revision of the graph that the write made.")
    repeated: bool = strawberry.field(description="Whether it had been done before, under this key.")


Ask = Annotated[RequestExportInput, strawberry.argument(description="What is asked.")]
Decide = Annotated[DecideExportInput, strawberry.argument(description="What is decided.")]
Begin = Annotated[OpenDisputeInput, strawberry.argument(description="What is disputed.")]
Close = Annotated[CloseDisputeInput, strawberry.argument(description="How it ended.")]
End = Annotated[WithdrawExportInput, strawberry.argument(description="What is to end.")]


@strawberry.type
class FlowMutation:
    """Mixed into the root of writes."""

    @strawberry.mutation(description="Ask that data of one's own product may go abroad.")
    async def request_export(self, info: Info, input: Ask) -> ExportPayload | None:
        return await _export(
            info, await exporting.request(info.context, input.idempotency_key, input.terms())
        )

    @strawberry.mutation(description="Decide on a request to export; needs `export:approve`.")
    async def decide_export(self, info: Info, input: Decide) -> ExportPayload | None:
        key, id = input.idempotency_key, input.id
        return await _export(info, await exporting.decide(info.context, key, id, input.approve, input.reason))

    @strawberry.mutation(description="End a request or an approval: the next request does not see by it.")
    async def withdraw_export(self, info: Info, input: End) -> ExportPayload | None:
        key, id = input.idempotency_key, input.id
        return await _export(info, await exporting.withdraw(info.context, key, id, input.reason))

    @strawberry.mutation(description="Dispute a product's releases: nobody else is shown them until it ends.")
    async def open_dispute(self, info: Info, input: Begin) -> DisputePayload | None:
        return await _dispute(info, await disputing.begin(info.context, input.idempotency_key, input.terms()))

    @strawberry.mutation(description="Close a dispute: the releases are shown again.")
    async def close_dispute(self, info: Info, input: Close) -> DisputePayload | None:
        key, id = input.idempotency_key, input.id
        return await _dispute(info, await disputing.close(info.context, key, id, input.outcome))


async def _dispute(info: Info, answer: Answer) -> DisputePayload:
    found = await disputing.on_record(info.context, answer.body["id"])
    return DisputePayload(dispute=Dispute.of(found), revision=str(answer.revision), repeated=answer.repeated)


async def _export(info: Info, answer: Answer) -> ExportPayload:
    found = await exporting.on_record(info.context, answer.body["id"])
    return ExportPayload(
        export=ExportApproval.of(found, info.context.exchange.clock()),
        revision=str(answer.revision),
        repeated=answer.repeated,
    )
