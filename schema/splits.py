"""How a footprint divides into its total, in GraphQL: by gas, stage, region, owner, tier. All in kg CO2e."""

from __future__ import annotations

import strawberry

from huren.graph.model import rollup as model
from huren.graph.model.supply import GwpSet, Origin, Stage
from huren.schema.context import Info
from huren.schema.organisation import Organisation
from huren.schema.region import Region
from huren.schema.scalars import DecimalText, exact, maybe


@strawberry.type(description="One gas of one origin in the whole chain.")
class GasAmount:
    """The counted `value`s sum to the total, all of them to the total including biogenic."""

    gas: str = strawberry.field(description="CO2, CH4, …; CO2e where only a characterised value is known.")
    origin: Origin = strawberry.field(description="Where the gas comes from.")
    kg: DecimalText = strawberry.field(description="kg of the gas, kg CO2e of CO2e.")
    counted: bool = strawberry.field(description="Whether it is part of the total.")
    value: DecimalText = strawberry.field(description="kg CO2e under the GWP set asked.")
    gwp_set: GwpSet | None = strawberry.field(description="Of CO2e: the set it was characterised under.")

    @classmethod
    def of(cls, part: model.GasPart) -> GasAmount:
        """The door from the domain."""
        return cls(
            gas=part.gas,
            origin=part.origin,
            kg=exact(part.kg),
            counted=part.counted,
            value=exact(part.kg_co2e),
            gwp_set=part.gwp_set,
        )


@strawberry.type(description="The part of a total that one life-cycle stage of the root accounts for.")
class StageValue:
    """Its own emissions of that stage, and the whole chain of the inputs of that stage."""

    stage: Stage = strawberry.field(description="Stage of the root.")
    value: DecimalText = strawberry.field(description="kg CO2e.")
    share: DecimalText | None = strawberry.field(description="Of the total; null where the total is 0.")


@strawberry.type(description="The part of a total that is emitted at the products of one region.")
class RegionValue:
    """By region of the emitting product."""

    code: str | None = strawberry.field(description="Region code; null for products that state none.")
    value: DecimalText = strawberry.field(description="kg CO2e.")
    share: DecimalText | None = strawberry.field(description="Of the total; null where the total is 0.")

    @strawberry.field(description="The region, where its code is one on record.")
    async def region(self, info: Info) -> Region | None:
        found = await info.context.loaders.region.load(self.code) if self.code else None
        return None if found is None else Region.of(found)


@strawberry.type(description="The part of a total that is emitted at the products of one organisation.")
class OwnerValue:
    """By owner of the emitting product; what is cut is counted at the owner of its release."""

    code: str | None = strawberry.field(
        description="Id of the organisation; null: all further ones together."
    )
    value: DecimalText = strawberry.field(description="kg CO2e.")
    share: DecimalText | None = strawberry.field(description="Of the total; null where the total is 0.")

    @strawberry.field(description="The organisation, where it is on record.")
    async def owner(self, info: Info) -> Organisation | None:
        found = await info.context.loaders.organisation.load(self.code) if self.code else None
        return None if found is None else Organisation.of(found)


@strawberry.type(description="The part of a total that is emitted at the suppliers so many inputs away.")
class TierValue:
    """A product reached over several ways counts in the tier of each; a loop goes on from tier to tier."""

    tier: int | None = strawberry.field(
        description="0 is the root itself, 1 its direct suppliers; null: all further tiers together."
    )
    value: DecimalText = strawberry.field(description="kg CO2e.")
    share: DecimalText | None = strawberry.field(description="Of the total; null where the total is 0.")

    @classmethod
    def of(cls, part: model.TierPart) -> TierValue:
        """The door from the domain."""
        return cls(tier=part.tier, value=exact(part.value), share=maybe(part.share))
