"""What can be stated. Every write carries an idempotency key, and has one effect however often it is sent."""

from __future__ import annotations

from typing import Annotated

import strawberry

from huren.graph.writing import Answer
from huren.resolvers import products, registering, sealing
from huren.schema.access_mutation import AccessMutation
from huren.schema.certificate_mutation import CertificateMutation
from huren.schema.context import Info
from huren.schema.flow_mutation import FlowMutation
from huren.schema.ids import key_of
from huren.schema.log import LogMutation
from huren.schema.product import Product
from huren.schema.reference_mutation import ReferenceMutation
from huren.schema.scalars import InstantText
from huren.schema.sealing import SealDecisionInput, SealDecisionPayload
from huren.schema.statements import PutInputsInput, PutInventoryInput, RegisterProductInput


@strawberry.type(description="What a write about a product did.")
class ProductPayload:
    """The product as it stands now."""

    product: Product = strawberry.field(description="The product.")
    revision: str = strawberry.field(description="Revision of the graph that the write made.")
    recorded_at: InstantText = strawberry.field(description="When it was recorded.")
    repeated: bool = strawberry.field(description="Whether it had been done before, under this key.")


Put = Annotated[RegisterProductInput, strawberry.argument(description="What is stated.")]
PutInputs = Annotated[PutInputsInput, strawberry.argument(description="What is stated.")]
PutInventory = Annotated[PutInventoryInput, strawberry.argument(description="What is stated.")]
PutSeal = Annotated[SealDecisionInput, strawberry.argument(description="What is asked.")]


@strawberry.type(description="Statements. An unknown outcome is resolved by sending the same write again.")
class Mutation(AccessMutation, CertificateMutation, FlowMutation, LogMutation, ReferenceMutation):  # type: ignore[misc]
    """The root of every write."""

    @strawberry.mutation(description="Add a product to the caller's organisation.")
    async def register_product(self, info: Info, input: Put) -> ProductPayload | None:
        product = input.value(info.context.caller.org)
        return await _product(info, await registering.register(info.context, input.idempotency_key, product))

    @strawberry.mutation(description="Replace the inputs of a product.")
    async def put_inputs(self, info: Info, input: PutInputs) -> ProductPayload | None:
        ref, drafts = key_of("Product", input.product), [row.value() for row in input.inputs]
        answer = await registering.put_inputs(info.context, input.idempotency_key, ref, drafts)
        return await _product(info, answer)

    @strawberry.mutation(description="Replace a product's emissions, unlinked inputs and declared total.")
    async def put_inventory(self, info: Info, input: PutInventory) -> ProductPayload | None:
        emissions = [row.value() for row in input.emissions]
        unlinked = None if input.unlinked is None else [row.value() for row in input.unlinked]
        declared = None if input.declared is None else input.declared.declared()
        key, ref = input.idempotency_key, key_of("Product", input.product)
        answer = await registering.put_inventory(info.context, key, ref, emissions, unlinked, declared)
        return await _product(info, answer)

    @strawberry.mutation(description="Decide, sign and keep the decision; needs `decision:seal`.")
    async def seal_decision(self, info: Info, input: PutSeal) -> SealDecisionPayload | None:
        key, case = input.idempotency_key, input.case()
        return SealDecisionPayload.of(await sealing.seal(info.context, key, input.number(), case))


async def _product(info: Info, answer: Answer) -> ProductPayload:
    return ProductPayload(
        product=Product.of(await products.find(info.context, answer.body["product"])),
        revision=str(answer.revision),
        recorded_at=InstantText(answer.recorded_at),
        repeated=answer.repeated,
    )
