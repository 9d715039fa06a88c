"""Certificates in GraphQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import strawberry

from huren.graph.certificates import CertificateFilter, Page
from huren.graph.model import certificate as model
from huren.graph.model.certificate import CertificateState
from huren.graph.model.dated import StatusEvent
from huren.mappings.statement import camel
from huren.resolvers import certificate_sight, certificates
from huren.schema.context import Info
from huren.schema.dated import when
from huren.schema.ids import key_of, to_id
from huren.schema.mirror import mirrored, shown
from huren.schema.node import Edge, Node, PageInfo, page_info
from huren.schema.organisation import Organisation
from huren.schema.paging import cursor
from huren.schema.product import Product
from huren.schema.region import Region
from huren.schema.scalars import DecimalText, InstantText, WhenText

if TYPE_CHECKING:
    CertificateFacts = Any
else:
    CertificateFacts = mirrored(model.Certificate, put=False)


@strawberry.type(description="A change of a certificate's state, with both times.")
class CertificateEvent:
    """Append-only."""

    id: str | None = strawberry.field(description="Id of the event.")
    state: CertificateState = strawberry.field(description="The state it changed to.")
    valid_from: WhenText = strawberry.field(description="When it bites.")
    reason: str = strawberry.field(description="Why.")
    source: str = strawberry.field(description="Where that stands.")
    recorded_at: InstantText | None = strawberry.field(description="When the exchange learnt of it.")

    @classmethod
    def of(cls, value: StatusEvent[CertificateState]) -> CertificateEvent:
        """The door from the domain."""
        return cls(
            id=value.id,
            state=value.state,
            valid_from=WhenText(value.valid_from),
            reason=value.reason,
            source=value.source,
            recorded_at=None if value.recorded_at is None else InstantText(value.recorded_at),
        )


@strawberry.type(description="A certificate, declaration or record; see `facts` for all that it states.")
class Certificate(Node):
    """A certificate by its number."""

    data: strawberry.Private[model.Certificate]
    number: str = strawberry.field(description="Unique in the exchange.")
    scheme: str = strawberry.field(description="Id of the scheme it stands under.")
    rule: str | None = strawberry.field(description="Id of the certification rule it was issued by.")
    body: str | None = strawberry.field(description="Id of the body that issued it.")
    category: str | None = strawberry.field(description="Id of the product category.")
    issued: WhenText | None = strawberry.field(description="Day of issue.")
    valid_until: WhenText | None = strawberry.field(description="Last day of validity.")
    unit: str | None = strawberry.field(description="Declared or functional unit.")
    illustrative: bool = strawberry.field(description="Made up to show how the exchange works.")
    recorded_at: InstantText | None = strawberry.field(description="When its facts were recorded.")

    @strawberry.field(
        description="kg CO2e per declared unit, as stated; null for others while it is in dispute."
    )
    async def value(self, info: Info) -> DecimalText | None:
        found = (await self._shown(info)).value
        return None if found is None else DecimalText(found)

    @strawberry.field(description="Everything it states, but for what is `hidden`.")
    async def facts(self, info: Info) -> CertificateFacts:
        return shown(await self._shown(info))

    @strawberry.field(description="Facts that are left out, because the caller may not see them.")
    async def hidden(self, info: Info) -> list[str]:
        names = await info.context.loaders.hidden.load(self.number) or frozenset()
        return sorted(map(camel, certificate_sight.held(self.data, names)))

    async def _shown(self, info: Info) -> model.Certificate:
        names = await info.context.loaders.hidden.load(self.number)
        return certificate_sight.masked(self.data, names or frozenset())

    @strawberry.field(description="Its changes of state, in the order in which they were recorded.")
    def events(self) -> list[CertificateEvent]:
        return [CertificateEvent.of(event) for event in self.data.events]

    @strawberry.field(description="The firm that holds it, where it is on record.")
    async def holder(self, info: Info) -> Organisation | None:
        found = await info.context.loaders.organisation.load(self.data.holder)
        return None if found is None else Organisation.of(found)

    @strawberry.field(description="The product it covers; null where the caller may not see it.")
    async def product(self, info: Info) -> Product | None:
        key = self.data.product
        return Product.maybe(await info.context.loaders.product.load(key)) if key else None

    @strawberry.field(description="The region of its site.")
    async def region(self, info: Info) -> Region | None:
        found = await info.context.loaders.region.load(self.data.region) if self.data.region else None
        return None if found is None else Region.of(found)

    @classmethod
    def of(cls, value: model.Certificate) -> Certificate:
        """The door from the domain."""
        return cls(
            data=value,
            id=strawberry.ID(to_id("Certificate", value.number)),
            number=value.number,
            scheme=value.scheme,
            rule=value.rule,
            body=value.body,
            category=value.category,
            issued=when(value.issued),
            valid_until=when(value.valid_until),
            unit=value.unit,
            illustrative=value.illustrative,
            recorded_at=None if value.recorded_at is None else InstantText(value.recorded_at),
        )


@strawberry.input(
    name="CertificateFilter", description="Which certificates; a field left out does not restrict."
)
class CertificateFilterInput:
    """Arguments of `certificates`."""

    holder: str | None = strawberry.field(default=None, description="USCC, or id, of the holder.")
    product: strawberry.ID | None = strawberry.field(
        default=None, description="Relay id, owner/code, or a code that is unique to the caller."
    )
    status: CertificateState | None = strawberry.field(default=None, description="State now.")
    region: str | None = strawberry.field(default=None, description="Region code; takes what lies in it too.")
    scheme: str | None = strawberry.field(default=None, description="Id of the scheme.")
    category: str | None = strawberry.field(default=None, description="Id of the category, exactly.")

    def value(self) -> CertificateFilter:
        """The door to the domain."""
        product = None if self.product is None else key_of("Product", self.product)
        return CertificateFilter(self.holder, product, self.status, self.region, self.scheme, self.category)


@strawberry.type(description="One page of certificates, by number.")
class CertificateConnection:
    """Of the Relay connection specification."""

    where: strawberry.Private[CertificateFilter]
    edges: list[Edge[Certificate]] = strawberry.field(description="The certificates with their places.")
    page_info: PageInfo = strawberry.field(description="Where the page lies.")

    @strawberry.field(description="The certificates alone.")
    def nodes(self) -> list[Certificate]:
        return [edge.node for edge in self.edges]

    @strawberry.field(description="How many certificates there are in all; counted only when asked.")
    async def total_count(self, info: Info) -> int | None:
        return await certificates.count(info.context, self.where)

    @classmethod
    def of(
        cls, page: Page, where: CertificateFilter, after: str | None, secret: bytes
    ) -> CertificateConnection:
        """The door from the domain."""
        edges = [
            Edge(node=Certificate.of(c), cursor=cursor(secret, f"certificates {where}", [c.number]))
            for c in page.certificates
        ]
        return cls(
            where=where,
            edges=edges,
            page_info=page_info([edge.cursor for edge in edges], page.more, after),
        )
