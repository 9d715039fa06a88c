"""What can be asked."""

from __future__ import annotations

from typing import Annotated

import strawberry

from huren.graph.model.region import RegionKind
from huren.graph.model.supply import GwpSet, Prefer
from huren.resolvers import (
    certificates,
    footprints,
    organisations,
    products,
    reference,
    regions,
)
from huren.schema.access_query import AccessQuery
from huren.schema.agreement import Agreement
from huren.schema.arguments import (
    After,
    AllowPartial,
    Amount,
    First,
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
from huren.schema.dependants import DependantQuery
from huren.schema.flow_query import FlowQuery
from huren.schema.ids import key_of
from huren.schema.log import LogQuery
from huren.schema.moved import MovedQuery
from huren.schema.node import Node
from huren.schema.nodes import find
from huren.schema.organisation import Organisation
from huren.schema.paging import check_first, place
from huren.schema.product import Product, ProductConnection, ProductFilterInput
from huren.schema.recognition_query import RecognitionQuery
from huren.schema.reference_query import ReferenceQuery
from huren.schema.region import Region
from huren.schema.rollup import RollUp, parts
from huren.schema.scheme import Scheme
from huren.schema.uncertainty_query import UncertaintyQuery
from huren.schema.whatif_query import WhatIfQuery


@strawberry.type(description="Questions. A field that fails is null, with an entry in `errors`.")
class Query(
    AccessQuery,
    FlowQuery,
    RecognitionQuery,
    ChangeQuery,
    ReferenceQuery,
    LogQuery,
    WhatIfQuery,
    UncertaintyQuery,
    DependantQuery,
    MovedQuery,
):
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
        asked = question(product, amount, unit, gwp, prefer, allow_partial, parts(info))
        return RollUp.of(await footprints.footprint(info.context, asked))

    @strawberry.field(
        description="The same question of many products, in order; one that fails is null, with an error."
    )
    async def roll_ups(  # noqa: PLR0913, PLR0917  (the arguments of the question)
        self,
        info: Info,
        products: Annotated[
            list[strawberry.ID], strawberry.argument(description="1 to 10,000, named as in `rollUp`.")
        ],
        amount: Amount = None,
        unit: Unit = None,
        gwp: Gwp = GwpSet.AR6,
        prefer: PreferArg = Prefer.MODELLED,
        allow_partial: AllowPartial = False,
    ) -> list[RollUp | None] | None:
        asked = question("", amount, unit, gwp, prefer, allow_partial, parts(info))
        refs = [key_of("Product", one) for one in products]
        return list(map(RollUp.tried, await footprints.footprints(info.context, asked, refs)))

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
