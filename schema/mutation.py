"""What can be stated. Every write carries an idempotency key, and has one effect however often it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from huren.graph.model import certificate as model
from huren.graph.model.certificate import CertificateState
from huren.graph.model.dated import StatusEvent
from huren.graph.writing import Answer
from huren.resolvers import certificates, certifying, products, registering
from huren.schema.certificate import Certificate
from huren.schema.context import Info
from huren.schema.ids import key_of
from huren.schema.mirror import mirrored, stated
from huren.schema.product import Product
from huren.schema.reference_mutation import ReferenceMutation
from huren.schema.scalars import InstantText, WhenText
from huren.schema.statements import KEY, PutInputsInput, PutInventoryInput, RegisterProductInput

if TYPE_CHECKING:
    CertificateInput = Any
else:
    CertificateInput = mirrored(model.Certificate, put=True)


@strawberry.input(description="A certificate, with everything it states.")
class RegisterCertificateInput:
    """One that has a day of issue is valid from then."""

    idempotency_key: strawberry.ID = strawberry.field(description=KEY)
    certificate: CertificateInput = strawberry.field(description="What it states.")


@strawberry.input(description="A change of a certificate's state.")
class RecordCertificateStatusInput:
    """Append-only; nothing recorded before is changed."""

    idempotency_key: strawberry.ID = strawberry.field(description=KEY)
    number: str = strawberry.field(description="Number of the certificate, or its Relay id.")
    state: CertificateState = strawberry.field(description="The state it changes to.")
    valid_from: WhenText = strawberry.field(description="When that bites; it may lie in the past.")
    reason: str = strawberry.field(default="", description="Why.")
    source: str = strawberry.field(default="", description="Where that stands.")

    def change(self) -> StatusEvent[CertificateState]:
        """The door to the domain."""
        return StatusEvent(self.state, self.valid_from, self.reason, self.source)


@strawberry.type(description="What a write about a product did.")
class ProductPayload:
    """The product as it stands now."""

    product: Product = strawberry.field(description="The product.")
    revision: str = strawberry.field(description="Revision of the graph that the write made.")
    recorded_at: InstantText = strawberry.field(description="When it was recorded.")
    repeated: bool = strawberry.field(description="Whether it had been done before, under this key.")


@strawberry.type(description="What a write about a certificate did.")
class CertificatePayload:
    """The certificate as it stands now."""

    certificate: Certificate = strawberry.field(description="The certificate.")
    revision: str = strawberry.field(description="Revision of the graph that the write made.")
    recorded_at: InstantText = strawberry.field(description="When it was recorded.")
    repeated: bool = strawberry.field(description="Whether it had been done before, under this key.")


Put = Annotated[RegisterProductInput, strawberry.argument(description="What is stated.")]
PutInputs = Annotated[PutInputsInput, strawberry.argument(description="What is stated.")]
PutInventory = Annotated[PutInventoryInput, strawberry.argument(description="What is stated.")]
PutCertificate = Annotated[RegisterCertificateInput, strawberry.argument(description="What is stated.")]
PutStatus = Annotated[RecordCertificateStatusInput, strawberry.argument(description="What is stated.")]


@strawberry.type(description="Statements. An unknown outcome is resolved by sending the same write again.")
class Mutation(ReferenceMutation):  # type: ignore[misc]  # made at import
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

    @strawberry.mutation(description="Put a certificate on record.")
    async def register_certificate(self, info: Info, input: PutCertificate) -> CertificatePayload | None:
        facts = stated(input.certificate)
        answer = await certifying.register(info.context, input.idempotency_key, facts)
        return await _certificate(info, answer, facts["number"])

    @strawberry.mutation(description="Put a change of a certificate's state on record.")
    async def record_certificate_status(self, info: Info, input: PutStatus) -> CertificatePayload | None:
        number = key_of("Certificate", input.number)
        answer = await certifying.record_status(info.context, input.idempotency_key, number, input.change())
        return await _certificate(info, answer, number)


async def _product(info: Info, answer: Answer) -> ProductPayload:
    return ProductPayload(
        product=Product.of(await products.find(info.context, answer.body["product"])),
        revision=str(answer.revision),
        recorded_at=InstantText(answer.recorded_at),
        repeated=answer.repeated,
    )


async def _certificate(info: Info, answer: Answer, number: str) -> CertificatePayload:
    return CertificatePayload(
        certificate=Certificate.of(await certificates.on_record(info.context, number)),
        revision=str(answer.revision),
        recorded_at=InstantText(answer.recorded_at),
        repeated=answer.repeated,
    )
