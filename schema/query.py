"""What can be asked."""

from __future__ import annotations

from typing import Annotated

import strawberry

from huren.graph.model.region import RegionKind
from huren.graph.model.supply import GwpSet, Prefer
from huren.mappings.outcome import Outcome
from huren.resolvers import (
    certificates,
    footprints,
    organisations,
    products,
    recognition,
    reference,
    regions,
    sealing,
)
from huren.resolvers.recognition import Case
from huren.resolvers.screening import screened
from huren.schema.agreement import Agreement
from huren.schema.arguments import (
    After,
    Against,
    AllowPartial,
    Amount,
    AsOf,
    Destination,
    First,
    For,
    Gwp,
    KnownAt,
    PreferArg,
    ProductRef,
    Unit,
    question,
)
from huren.schema.certificate import Certificate, CertificateConnection, CertificateFilterInput
from huren.schema.certification_rule import CertificationRule
from huren.schema.change import ChangeQuery
from huren.schema.context import Info
from huren.schema.criterion import Criteria
from huren.schema.decision import Decision
from huren.schema.ids import key_of
from huren.schema.matrix import RecognitionMatrix, check_columns
from huren.schema.node import Node
from huren.schema.nodes import find
from huren.schema.organisation import Organisation
from huren.schema.paging import check_first, place
from huren.schema.product import Product, ProductConnection, ProductFilterInput
from huren.schema.recognitions import DecisionConnection
from huren.schema.reference_query import ReferenceQuery
from huren.schema.region import Region
from huren.schema.rollup import RollUp
from huren.schema.scheme import Scheme
from huren.schema.screening import Screening
from huren.schema.sealing import Replay, SealedDecision
from huren.schema.whatif import ReplaceInput, WhatIf

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
Category = Annotated[str, strawberry.argument(description="Id of the product category.")]


@strawberry.type(description="Questions. A field that fails is null, with an entry in `errors`.")
class Query(ChangeQuery, ReferenceQuery):
    """The root of every question."""

    @strawberry.field(description="Whatever has this global id.")
    async def node(self, info: Info, id: strawberry.ID) -> Node | None:
        return await find(info.context, id)

    @strawberry.field(description="A product.")
    async def product(self, info: Info, id: ProductRef) -> Product | None:
        return Product.of(await products.product(info.context, key_of("Product", id)))

    @strawberry.field(description="Products that the caller may see, by key.")
    async def products(
        self,
        info: Info,
        first: First,
        after: After = None,
        filter: Annotated[ProductFilterInput | None, strawberry.argument(description="Which ones.")] = None,
    ) -> ProductConnection | None:
        where, secret = (filter or ProductFilterInput()).value(), info.context.exchange.keys.cursor
        start = place(secret, f"products {where}", after) or [""]
        page = await products.page(info.context, where, check_first(first), start[0])
        return ProductConnection.of(page, where, after, secret)

    @strawberry.field(description="An organisation.")
    async def organisation(
        self,
        info: Info,
        uscc: Annotated[str, strawberry.argument(description="Unified social credit code, or id.")],
    ) -> Organisation | None:
        return Organisation.of(await organisations.organisation(info.context, key_of("Organisation", uscc)))

    @strawberry.field(description="A product's footprint with all its suppliers, solved exactly.")
    async def roll_up(  # noqa: PLR0913, PLR0917  (the arguments of the question)
        self,
        info: Info,
        product: ProductRef,
        amount: Amount = None,
        unit: Unit = None,
        gwp: Gwp = GwpSet.AR6,
        prefer: PreferArg = Prefer.MODELLED,
        allow_partial: AllowPartial = False,
    ) -> RollUp | None:
        asked = question(product, amount, unit, gwp, prefer, allow_partial)
        return RollUp.of(await footprints.footprint(info.context, asked))

    @strawberry.field(description="The same with other suppliers, everywhere in the chain that may be seen.")
    async def what_if(  # noqa: PLR0913, PLR0917  (the arguments of the question)
        self,
        info: Info,
        product: ProductRef,
        replace: Annotated[list[ReplaceInput], strawberry.argument(description="All made at once.")],
        amount: Amount = None,
        unit: Unit = None,
        gwp: Gwp = GwpSet.AR6,
        prefer: PreferArg = Prefer.MODELLED,
        allow_partial: AllowPartial = False,
    ) -> WhatIf | None:
        asked = question(product, amount, unit, gwp, prefer, allow_partial)
        pairs = [step.value() for step in replace]
        return WhatIf.of(await footprints.footprint_if(info.context, asked, pairs))

    @strawberry.field(description="A certificate, as it was known.")
    async def certificate(
        self,
        info: Info,
        number: Annotated[str, strawberry.argument(description="Its number, or Relay id.")],
        known_at: KnownAt = None,
    ) -> Certificate | None:
        key = key_of("Certificate", number)
        return Certificate.of(await certificates.certificate(info.context, key, known_at))

    @strawberry.field(description="Certificates, by number.")
    async def certificates(
        self,
        info: Info,
        first: First,
        after: After = None,
        filter: Annotated[
            CertificateFilterInput | None, strawberry.argument(description="Which ones.")
        ] = None,
    ) -> CertificateConnection | None:
        where, secret = (filter or CertificateFilterInput()).value(), info.context.exchange.keys.cursor
        start = place(secret, f"certificates {where}", after) or [""]
        page = await certificates.page(info.context, where, check_first(first), start[0])
        return CertificateConnection.of(page, where, after, secret)

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

    @strawberry.field(description="Schemes, by id.")
    async def schemes(self, info: Info, known_at: KnownAt = None) -> list[Scheme]:
        known = (await reference.known(info.context, known_at)).schemes
        return [Scheme.of(known[id]) for id in sorted(known)]

    @strawberry.field(description="Rules that certificates are issued by, by id.")
    async def rules(self, info: Info, known_at: KnownAt = None) -> list[CertificationRule]:
        return [CertificationRule.of(rule) for rule in await reference.rules(info.context, known_at)]

    @strawberry.field(description="Agreements of recognition, by id.")
    async def agreements(self, info: Info, known_at: KnownAt = None) -> list[Agreement]:
        known = (await reference.known(info.context, known_at)).agreements
        return [Agreement.of(known[id]) for id in sorted(known)]

    @strawberry.field(description="The rules of recognition.")
    async def criteria(self, info: Info) -> Criteria:
        return Criteria.of(await reference.criteria(info.context))

    @strawberry.field(description="Regions, by code.")
    async def regions(
        self,
        info: Info,
        kinds: Annotated[
            list[RegionKind] | None,
            strawberry.argument(description="Levels; default: countries, provinces and alliances."),
        ] = None,
    ) -> list[Region]:
        wanted = [RegionKind.COUNTRY, RegionKind.PROVINCE, RegionKind.ALLIANCE] if kinds is None else kinds
        return [Region.of(region) for region in await regions.every(info.context, wanted)]

    @strawberry.field(description="A decision that was sealed.")
    async def sealed_decision(self, info: Info, id: strawberry.ID) -> SealedDecision | None:
        return SealedDecision.of(await sealing.sealed_decision(info.context, id))

    @strawberry.field(description="Check a sealed decision, ask its question again, and say what differs.")
    async def replay(self, info: Info, id: SealId = None, jws: Jws = None) -> Replay | None:
        return Replay.of(await sealing.replay(info.context, id, jws))
