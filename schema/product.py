"""Products in GraphQL."""

from __future__ import annotations

import strawberry

from huren.graph.model import supply as model
from huren.graph.model.supply import Recipe
from huren.graph.products import Page, ProductFilter
from huren.resolvers import products
from huren.schema.context import Info, say
from huren.schema.ids import to_id
from huren.schema.node import Edge, Node, PageInfo, page_info
from huren.schema.organisation import Organisation
from huren.schema.paging import cursor
from huren.schema.recipe import DeclaredTotal, Emission, ProductInput, UnlinkedInput
from huren.schema.region import InLang, Region
from huren.schema.release import Release
from huren.schema.scalars import DayText, DecimalText, maybe

HIDDEN = "null where the caller may not see it"


@strawberry.type(description="Data quality of a product: 1 is best, 5 worst.")
class DataQuality:
    """Three indicators."""

    technological: DecimalText | None = strawberry.field(description="Technological representativeness.")
    geographical: DecimalText | None = strawberry.field(description="Geographical representativeness.")
    temporal: DecimalText | None = strawberry.field(description="Temporal representativeness.")
    traceability: str | None = strawberry.field(description="How far the data can be traced.")


@strawberry.type(description="A product model; amounts are per one declared unit.")
class Product(Node):
    """A product by its key."""

    value: strawberry.Private[model.Product]
    key: str = strawberry.field(description="owner/code: names the product in the whole exchange.")
    code: str = strawberry.field(description="The owner's own id of the product.")
    declared_unit: str = strawberry.field(description="Unit in which amounts of the product are counted.")
    category: str | None = strawberry.field(description="Product class.")
    site: str | None = strawberry.field(description="Where it is made.")
    period_start: DayText | None = strawberry.field(description="First day of the reference period.")
    period_end: DayText | None = strawberry.field(description="Last day of the reference period.")
    unverified: bool = strawberry.field(description="Whether its figures are stated to be unverified.")

    @strawberry.field(description="Name of the product.")
    def name(self, info: Info, lang: InLang = None) -> str:
        return say(info, self.value.name, lang)

    @strawberry.field(description="The organisation that owns its data.")
    async def owner(self, info: Info) -> Organisation | None:
        found = await info.context.loaders.organisation.load(self.value.owner)
        return None if found is None else Organisation.of(found)

    @strawberry.field(description="Where it is made, by region.")
    async def region(self, info: Info) -> Region | None:
        found = await info.context.loaders.region.load(self.value.region) if self.value.region else None
        return None if found is None else Region.of(found)

    @strawberry.field(description="Data quality, as stated.")
    def data_quality(self) -> DataQuality:
        return DataQuality(
            technological=maybe(self.value.dqr_tech),
            geographical=maybe(self.value.dqr_geo),
            temporal=maybe(self.value.dqr_time),
            traceability=self.value.traceability,
        )

    @strawberry.field(description=f"What it needs of other products; {HIDDEN}.")
    async def inputs(self, info: Info) -> list[ProductInput] | None:
        recipe = await self._recipe(info)
        return None if recipe is None else [ProductInput.of(row) for row in recipe.inputs]

    @strawberry.field(description=f"What it emits itself; {HIDDEN}.")
    async def emissions(self, info: Info) -> list[Emission] | None:
        recipe = await self._recipe(info)
        return None if recipe is None else [Emission.of(row) for row in recipe.emissions]

    @strawberry.field(description=f"What it needs that no product supplies; {HIDDEN}.")
    async def unlinked(self, info: Info) -> list[UnlinkedInput] | None:
        recipe = await self._recipe(info)
        return None if recipe is None else [UnlinkedInput.of(row) for row in recipe.unlinked]

    @strawberry.field(description=f"Whether a list of unlinked inputs was stated at all; {HIDDEN}.")
    async def unlinked_stated(self, info: Info) -> bool | None:
        recipe = await self._recipe(info)
        return None if recipe is None else recipe.unlinked_stated

    @strawberry.field(description="Its declared total, where it has one that the caller may see.")
    async def declared(self, info: Info) -> DeclaredTotal | None:
        recipe = await self._recipe(info)
        return None if recipe is None or recipe.declared is None else DeclaredTotal.of(recipe.declared)

    @strawberry.field(description=f"Keys of the products it needs, without amounts; {HIDDEN}.")
    async def supplier_keys(self, info: Info) -> list[str] | None:
        found = await info.context.loaders.suppliers.load(self.key)
        return None if found is None else list(found)

    @strawberry.field(description="The footprint that its owner released to the caller; null where none is.")
    async def release(self, info: Info) -> Release | None:
        found = await info.context.loaders.release.load(self.key)
        return None if found is None else Release.of(found)

    async def _recipe(self, info: Info) -> Recipe | None:
        return await info.context.loaders.recipe.load(self.key)

    @classmethod
    def of(cls, value: model.Product) -> Product:
        """The door from the domain."""
        return cls(
            value=value,
            id=strawberry.ID(to_id("Product", value.key)),
            key=value.key,
            code=value.code,
            declared_unit=value.declared_unit,
            category=value.category,
            site=value.site,
            period_start=None if value.period_start is None else DayText(value.period_start),
            period_end=None if value.period_end is None else DayText(value.period_end),
            unverified=value.unverified,
        )

    @classmethod
    def maybe(cls, value: model.Product | None) -> Product | None:
        """As :meth:`of`, for what a loader may not have found."""
        return None if value is None else cls.of(value)


@strawberry.input(name="ProductFilter", description="Which products; a field left out does not restrict.")
class ProductFilterInput:
    """Arguments of `products`."""

    owner: str | None = strawberry.field(default=None, description="Organisation id.")
    category: str | None = strawberry.field(default=None, description="Product class.")
    region: str | None = strawberry.field(default=None, description="Region code, exactly.")
    text: str | None = strawberry.field(
        default=None, description="Occurs in the code or a name, in any case."
    )

    def value(self) -> ProductFilter:
        """The door to the domain."""
        return ProductFilter(self.owner, self.category, self.region, self.text)


@strawberry.type(description="One page of products, by key.")
class ProductConnection:
    """Of the Relay connection specification."""

    where: strawberry.Private[ProductFilter]
    edges: list[Edge[Product]] = strawberry.field(description="The products with their places.")
    page_info: PageInfo = strawberry.field(description="Where the page lies.")

    @strawberry.field(description="The products alone.")
    def nodes(self) -> list[Product]:
        return [edge.node for edge in self.edges]

    @strawberry.field(description="How many products there are in all; counted only when asked.")
    async def total_count(self, info: Info) -> int | None:
        return await products.count(info.context, self.where)

    @classmethod
    def of(cls, page: Page, where: ProductFilter, after: str | None, secret: bytes) -> ProductConnection:
        """The door from the domain."""
        edges = [
            Edge(node=Product.of(p), cursor=cursor(secret, f"products {where}", [p.key]))
            for p in page.products
        ]
        return cls(
            where=where,
            edges=edges,
            page_info=page_info([edge.cursor for edge in edges], page.more, after),
        )
