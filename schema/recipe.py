"""What stands behind a product: its inputs, emissions, unlinked inputs and declared total."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from huren.graph.model import supply as model
from huren.graph.model.supply import GwpSet, Origin, Stage
from huren.schema.context import Info
from huren.schema.scalars import DecimalText, InstantText, exact, maybe

if TYPE_CHECKING:
    from huren.schema.product import Product

ProductType = Annotated["Product", strawberry.lazy("huren.schema.product")]


@strawberry.type(description="Where a number comes from.")
class Provenance:
    """Of one input or emission."""

    data_kind: str | None = strawberry.field(description="Primary or secondary data.")
    source: str | None = strawberry.field(description="Dataset or document.")
    gsd: DecimalText | None = strawberry.field(description="Geometric standard deviation; at least 1.")

    @classmethod
    def of(cls, value: model.Provenance) -> Provenance:
        """The door from the domain."""
        return cls(data_kind=value.data_kind, source=value.source, gsd=maybe(value.gsd))


@strawberry.type(description="What one declared unit of a product needs of another product.")
class ProductInput:
    """One row of a bill of materials."""

    supplier_key: str = strawberry.field(description="owner/code of the supplying product.")
    amount: DecimalText = strawberry.field(description="Of the supplier's declared unit, per declared unit.")
    stage: Stage | None = strawberry.field(description="Stage of the consumer; null counts as raw material.")
    provenance: Provenance = strawberry.field(description="Where the amount comes from.")

    @strawberry.field(description="The supplying product; null where the caller may not see it.")
    async def supplier(self, info: Info) -> ProductType | None:
        from huren.schema.product import Product

        return Product.maybe(await info.context.loaders.product.load(self.supplier_key))

    @classmethod
    def of(cls, value: model.Input) -> ProductInput:
        """The door from the domain."""
        return cls(
            supplier_key=value.supplier,
            amount=exact(value.amount),
            stage=value.stage,
            provenance=Provenance.of(value.provenance),
        )


@strawberry.type(description="What a product emits itself per declared unit, its suppliers not counted.")
class Emission:
    """One row of an inventory."""

    gas: str = strawberry.field(description="CO2, CH4, …, or CO2e for an already characterised value.")
    origin: Origin = strawberry.field(description="Where the gas comes from.")
    stage: Stage | None = strawberry.field(description="Life-cycle stage; null counts as production.")
    kg: DecimalText = strawberry.field(description="kg of the gas; negative for a removal.")
    gwp_set: GwpSet | None = strawberry.field(description="For CO2e: the set it was characterised under.")
    provenance: Provenance = strawberry.field(description="Where the number comes from.")

    @classmethod
    def of(cls, value: model.Emission) -> Emission:
        """The door from the domain."""
        return cls(
            gas=value.gas,
            origin=value.origin,
            stage=value.stage,
            kg=exact(value.kg),
            gwp_set=value.gwp_set,
            provenance=Provenance.of(value.provenance),
        )


@strawberry.type(description="An input that nothing supplies, per declared unit of its consumer.")
class UnlinkedInput:
    """Kept, never dropped."""

    flow: str = strawberry.field(description="Name of what is needed.")
    amount: DecimalText = strawberry.field(description="How much.")
    unit: str = strawberry.field(description="Of `amount`.")

    @classmethod
    def of(cls, value: model.Unlinked) -> UnlinkedInput:
        """The door from the domain."""
        return cls(flow=value.flow, amount=exact(value.amount), unit=value.unit)


@strawberry.type(description="kg CO2e of one life-cycle stage.")
class StageAmount:
    """One part of a breakdown."""

    stage: Stage = strawberry.field(description="The stage.")
    value: DecimalText = strawberry.field(description="kg CO2e.")


@strawberry.type(description="A stated total that stands for the whole chain behind a product.")
class DeclaredTotal:
    """Per declared unit."""

    value: DecimalText = strawberry.field(description="kg CO2e.")
    gwp_set: GwpSet | None = strawberry.field(
        description="The set it was characterised under; null: not stated."
    )
    to_grave: bool = strawberry.field(description="Whether distribution, use and end of life are inside.")
    by_stage: list[StageAmount] = strawberry.field(description="Its breakdown; empty where none is stated.")
    biogenic_kg_co2: DecimalText = strawberry.field(description="Biogenic CO2, beside the value.")
    valid_until: InstantText | None = strawberry.field(description="Until when it was stated.")
    source: str | None = strawberry.field(description="Certificate, release or record it comes from.")

    @classmethod
    def of(cls, value: model.Declared) -> DeclaredTotal:
        """The door from the domain."""
        return cls(
            value=exact(value.kg_co2e),
            gwp_set=value.gwp_set,
            to_grave=value.to_grave,
            by_stage=[StageAmount(stage=stage, value=exact(kg)) for stage, kg in value.stages],
            biogenic_kg_co2=exact(value.biogenic_kg_co2),
            valid_until=None if value.valid_until is None else InstantText(value.valid_until),
            source=value.source,
        )
