"""What can be stated of certificates: their facts, once and again, and what becomes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from huren.graph.model import certificate as model
from huren.graph.model.certificate import CertificateState
from huren.graph.model.dated import StatusEvent
from huren.graph.writing import Answer
from huren.resolvers import certificates, certifying
from huren.schema.certificate import Certificate
from huren.schema.context import Info
from huren.schema.ids import key_of
from huren.schema.mirror import mirrored, stated
from huren.schema.scalars import InstantText, WhenText
from huren.schema.statements import KEY

if TYPE_CHECKING:
    CertificateInput = Any
    ChangeInput = Any
    FulfilmentInput = Any
    MarkUseInput = Any
else:
    CertificateInput = mirrored(model.Certificate, put=True)
    ChangeInput = mirrored(model.Change, put=True)
    FulfilmentInput = mirrored(model.Fulfilment, put=True)
    MarkUseInput = mirrored(model.MarkUse, put=True)

_NUMBER = "Number of the certificate, or its Relay id."


@strawberry.input(description="A certificate, with everything it states.")
class RegisterCertificateInput:
    """One that has a day of issue is valid from then."""

    idempotency_key: strawberry.ID = strawberry.field(description=KEY)
    certificate: CertificateInput = strawberry.field(description="What it states.")


@strawberry.input(description="A change of a certificate's state.")
class RecordCertificateStatusInput:
    """Append-only; nothing recorded before is changed."""

    idempotency_key: strawberry.ID = strawberry.field(description=KEY)
    number: str = strawberry.field(description=_NUMBER)
    state: CertificateState = strawberry.field(description="The state it changes to.")
    valid_from: WhenText = strawberry.field(description="When that bites; it may lie in the past.")
    reason: str = strawberry.field(default="", description="Why.")
    source: str = strawberry.field(default="", description="Where that stands.")

    def change(self) -> StatusEvent[CertificateState]:
        """The door to the domain."""
        return StatusEvent(self.state, self.valid_from, self.reason, self.source)


@strawberry.input(description="A certificate on record, with everything it states from now on.")
class AmendCertificateInput:
    """Number, holder and scheme stay; what was stated before stays too, for earlier times of knowledge."""

    idempotency_key: strawberry.ID = strawberry.field(description=KEY)
    certificate: CertificateInput = strawberry.field(
        description="All that it states: a fact left out is stated no more."
    )


@strawberry.input(description="What became of an open condition of a certificate.")
class RecordFulfilmentInput:
    """Recorded by its body or the administrator."""

    idempotency_key: strawberry.ID = strawberry.field(description=KEY)
    number: str = strawberry.field(description=_NUMBER)
    fulfilment: FulfilmentInput = strawberry.field(description="Which condition, and what became of it.")


@strawberry.input(description="A change of the product since the reference period.")
class RecordChangeInput:
    """Added to those stated before."""

    idempotency_key: strawberry.ID = strawberry.field(description=KEY)
    number: str = strawberry.field(description=_NUMBER)
    change: ChangeInput = strawberry.field(description="What changed.")


@strawberry.input(description="A mark as it was seen printed.")
class RecordMarkUseInput:
    """Added to those stated before."""

    idempotency_key: strawberry.ID = strawberry.field(description=KEY)
    number: str = strawberry.field(description=_NUMBER)
    mark: MarkUseInput = strawberry.field(description="What it shows, and where it was seen.")


@strawberry.type(description="What a write about a certificate did.")
class CertificatePayload:
    """The certificate as it stands now."""

    certificate: Certificate = strawberry.field(description="The certificate.")
    revision: str = strawberry.field(description="Revision of the graph that the write made.")
    recorded_at: InstantText = strawberry.field(description="When it was recorded.")
    repeated: bool = strawberry.field(description="Whether it had been done before, under this key.")


PutCertificate = Annotated[RegisterCertificateInput, strawberry.argument(description="What is stated.")]
Amend = Annotated[AmendCertificateInput, strawberry.argument(description="What is stated.")]
PutStatus = Annotated[RecordCertificateStatusInput, strawberry.argument(description="What is stated.")]
PutFulfilment = Annotated[RecordFulfilmentInput, strawberry.argument(description="What is stated.")]
PutChange = Annotated[RecordChangeInput, strawberry.argument(description="What is stated.")]
PutMarkUse = Annotated[RecordMarkUseInput, strawberry.argument(description="What is stated.")]


@strawberry.type
class CertificateMutation:
    """Writes about certificates."""

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

    @strawberry.mutation(description="Restate all facts of a certificate on record.")
    async def amend_certificate(self, info: Info, input: Amend) -> CertificatePayload | None:
        facts = stated(input.certificate)
        answer = await certifying.amend(info.context, input.idempotency_key, facts)
        return await _certificate(info, answer, facts["number"])

    @strawberry.mutation(description="Put on record what became of an open condition.")
    async def record_fulfilment(self, info: Info, input: PutFulfilment) -> CertificatePayload | None:
        return await _added(info, input, "fulfilments", input.fulfilment)

    @strawberry.mutation(description="Put a change since the reference period on record.")
    async def record_change(self, info: Info, input: PutChange) -> CertificatePayload | None:
        return await _added(info, input, "changes", input.change)

    @strawberry.mutation(description="Put a mark as it was seen on record.")
    async def record_mark_use(self, info: Info, input: PutMarkUse) -> CertificatePayload | None:
        return await _added(info, input, "marks", input.mark)


async def _added(info: Info, given: Any, field: str, part: Any) -> CertificatePayload:
    number = key_of("Certificate", given.number)
    answer = await certifying.add(info.context, given.idempotency_key, number, field, stated(part))
    return await _certificate(info, answer, number)


async def _certificate(info: Info, answer: Answer, number: str) -> CertificatePayload:
    return CertificatePayload(
        certificate=Certificate.of(await certificates.on_record(info.context, number)),
        revision=str(answer.revision),
        recorded_at=InstantText(answer.recorded_at),
        repeated=answer.repeated,
    )
