"""What can be asked of recognition: decisions, lists of them, drafts, and decisions that were sealed."""

from __future__ import annotations

from typing import Annotated

import strawberry

from huren.mappings.outcome import Outcome
from huren.resolvers import recognition, reference, sealing
from huren.resolvers.recognition import Case
from huren.resolvers.screening import screened
from huren.resolvers.supposing import what_if_recognised
from huren.schema.arguments import After, Against, AsOf, Destination, First, For, KnownAt
from huren.schema.context import Info
from huren.schema.criterion import Criteria
from huren.schema.decision import Decision
from huren.schema.ids import key_of
from huren.schema.matrix import RecognitionMatrix, check_columns
from huren.schema.paging import check_first, place
from huren.schema.recognitions import DecisionConnection
from huren.schema.screening import Screening
from huren.schema.sealing import Replay, SealedDecision
from huren.schema.supposition import Prospect, SuppositionInput

Columns = Annotated[
    list[str] | None,
    strawberry.argument(
        description="Regions and schemes, at most 50; default: the regions that agreements name, "
        "and the schemes in force that none of these accepts."
    ),
]
Applicants = Annotated[
    list[str],
    strawberry.argument(description="USCCs, organisation ids or certificate numbers, 1 to 1,000."),
]
AnyCategory = Annotated[
    str | None, strawberry.argument(description="Only certificates of it, or of a category below it.")
]
SealId = Annotated[
    strawberry.ID | None, strawberry.argument(description="Id of the sealed decision; or give `jws`.")
]
Jws = Annotated[
    str | None, strawberry.argument(description="The sealed decision as it stands; or give `id`.")
]
Category = Annotated[
    str, strawberry.argument(description="Id of the product category; those below it are meant too.")
]
Places = Annotated[list[str], strawberry.argument(description="Regions and schemes, 1 to 50.")]
Suppositions = Annotated[
    list[SuppositionInput], strawberry.argument(description="Drafts, each asked about by itself; 1 to 20.")
]


@strawberry.type
class RecognitionQuery:
    """A part of the root."""

    @strawberry.field(description="May this certificate stand there, and why?")
    async def recognise(  # noqa: PLR0913, PLR0917  (the arguments of the question)
        self,
        info: Info,
        certificate: Annotated[str, strawberry.argument(description="Number, or Relay id.")],
        destination: Destination,
        purpose: For,
        as_of: AsOf = None,
        known_at: KnownAt = None,
        against: Against = None,
    ) -> Decision | None:
        key, other = key_of("Certificate", certificate), against and key_of("Certificate", against)
        case = Case(destination, purpose, as_of, known_at, other)
        return Decision.of(await recognition.recognise(info.context, key, case))

    @strawberry.field(description="The certificates of a category that may stand there.")
    async def recognised(  # noqa: PLR0913, PLR0917  (the arguments of the question)
        self,
        info: Info,
        destination: Destination,
        category: Category,
        purpose: For,
        first: First,
        after: After = None,
        as_of: AsOf = None,
        known_at: KnownAt = None,
        worst: Annotated[
            Outcome, strawberry.argument(description="The worst standing that is still listed.")
        ] = Outcome.CONVERTIBLE,
    ) -> DecisionConnection | None:
        secret, listing = info.context.exchange.keys.cursor, f"recognised {destination} {category} {purpose}"
        start = place(secret, listing, after) or [""]
        case = Case(destination, purpose, as_of, known_at)
        found = await recognition.recognised(
            info.context, category, case, worst, check_first(first), start[0]
        )
        return DecisionConnection.of(found, listing, after, secret)

    @strawberry.field(description="Certificates of a category against regions and schemes.")
    async def recognition_matrix(  # noqa: PLR0913, PLR0917  (the arguments of the question)
        self,
        info: Info,
        category: Category,
        purpose: For,
        as_of: AsOf = None,
        known_at: KnownAt = None,
        destinations: Columns = None,
        first: First = 20,
        after: After = None,
    ) -> RecognitionMatrix | None:
        secret = info.context.exchange.keys.cursor
        start, case = place(secret, f"matrix {category}", after) or [""], Case("", purpose, as_of, known_at)
        found = await recognition.recognition_matrix(
            info.context, category, case, check_first(first), start[0], check_columns(destinations)
        )
        return RecognitionMatrix.of(found, after, secret)

    @strawberry.field(description="Which of many firms or certificates may stand there, for whom to decide.")
    async def screen(  # noqa: PLR0913, PLR0917  (the arguments of the question)
        self,
        info: Info,
        applicants: Applicants,
        destination: Destination,
        purpose: For,
        category: AnyCategory = None,
        as_of: AsOf = None,
        known_at: KnownAt = None,
    ) -> Screening | None:
        case = Case(destination, purpose, as_of, known_at)
        return Screening.of(await screened(info.context, applicants, case, category))

    @strawberry.field(
        description="How many certificates would stand where under drafts of agreements and rules?"
    )
    async def what_if_recognised(  # noqa: PLR0913, PLR0917  (the arguments of the question)
        self,
        info: Info,
        category: Category,
        destinations: Places,
        purpose: For,
        suppose: Suppositions,
        as_of: AsOf = None,
        known_at: KnownAt = None,
    ) -> Prospect | None:
        drafts, case = [draft.value() for draft in suppose], Case("", purpose, as_of, known_at)
        columns = check_columns(destinations) or []
        found = await what_if_recognised(info.context, category, columns, case, drafts)
        return Prospect.of(found, category, purpose)

    @strawberry.field(description="The rules of recognition.")
    async def criteria(self, info: Info) -> Criteria:
        return Criteria.of(await reference.criteria(info.context))

    @strawberry.field(description="A decision that was sealed.")
    async def sealed_decision(self, info: Info, id: strawberry.ID) -> SealedDecision | None:
        return SealedDecision.of(await sealing.sealed_decision(info.context, id))

    @strawberry.field(description="Check a sealed decision, ask its question again, and say what differs.")
    async def replay(self, info: Info, id: SealId = None, jws: Jws = None) -> Replay | None:
        return Replay.of(await sealing.replay(info.context, id, jws))
