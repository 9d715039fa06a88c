"""What clients state of products: the inputs of the mutations."""

from __future__ import annotations

import strawberry

from huren.graph.model.supply import Declared, Emission, GwpSet, Origin, Product, Provenance, Stage, Unlinked
from huren.graph.model.text import Text
from huren.mappings.registration import InputDraft
from huren.schema.ids import key_of
from huren.schema.scalars import DayText, DecimalText, InstantText

KEY = "Fresh for each write, and the same one when it is repeated: 1 to 200 visible ASCII characters."


def number(value: DecimalText | None) -> float | None:
    """A decimal of the border as the domain's double."""
    return None if value is None else float(value)


@strawberry.input(description="A text in Chinese, English or both.")
class TextInput:
    """At least one of them."""

    zh: str = strawberry.field(default="", description="Chinese.")
    en: str = strawberry.field(default="", description="English.")

    def value(self) -> Text:
        """The door to the domain."""
        return Text(self.zh, self.en)


@strawberry.input(description="A product of the caller's organisation, of which nothing else is known yet.")
class RegisterProductInput:
    """Its attributes."""

    idempotency_key: strawberry.ID = strawberry.field(description=KEY)
    code: str = strawberry.field(description="The owner's own id of the product, without `/`.")
    name: TextInput = strawberry.field(description="Its name.")
    declared_unit: str = strawberry.field(description="Unit in which its amounts are counted, such as kg.")
    category: str | None = strawberry.field(default=None, description="Product class.")
    region: str | None = strawberry.field(default=None, description="Code of the region where it is made.")
    site: str | None = strawberry.field(default=None, description="Site where it is made.")
    period_start: DayText | None = strawberry.field(default=None, description="First day of the period.")
    period_end: DayText | None = strawberry.field(default=None, description="Last day of the period.")
    dqr_tech: DecimalText | None = strawberry.field(
        default=None, description="Technological quality, 1 to 5."
    )
    dqr_geo: DecimalText | None = strawberry.field(default=None, description="Geographical quality, 1 to 5.")
    dqr_time: DecimalText | None = strawberry.field(default=None, description="Temporal quality, 1 to 5.")
    traceability: str | None = strawberry.field(default=None, description="How far the data can be traced.")
    unverified: bool = strawberry.field(default=False, description="Whether its figures are unverified.")

    def value(self, owner: str) -> Product:
        """The door to the domain."""
        return Product(
            owner=owner,
            code=self.code,
            name=self.name.value(),
            declared_unit=self.declared_unit,
            category=self.category,
            region=self.region,
            site=self.site,
            period_start=self.period_start,
            period_end=self.period_end,
            dqr_tech=number(self.dqr_tech),
            dqr_geo=number(self.dqr_geo),
            dqr_time=number(self.dqr_time),
            traceability=self.traceability,
            unverified=self.unverified,
        )


@strawberry.input(description="Where a number comes from.")
class ProvenanceInput:
    """All of it may be left out."""

    data_kind: str | None = strawberry.field(default=None, description="Primary or secondary data.")
    source: str | None = strawberry.field(default=None, description="Dataset or document.")
    gsd: DecimalText | None = strawberry.field(default=None, description="Geometric standard deviation.")

    def value(self) -> Provenance:
        """The door to the domain."""
        return Provenance(self.data_kind, self.source, number(self.gsd))


@strawberry.input(description="What one declared unit of the product needs of another product.")
class ProductInputInput:
    """Several of one supplier add up."""

    supplier: strawberry.ID = strawberry.field(description="Relay id, owner/code, or a unique code.")
    amount: DecimalText = strawberry.field(description="How much of it; negative for a credit.")
    unit: str | None = strawberry.field(
        default=None,
        description="Of `amount`, of the dimension of the supplier's declared unit, the default.",
    )
    stage: Stage | None = strawberry.field(default=None, description="Default: raw material.")
    provenance: ProvenanceInput | None = strawberry.field(default=None, description="Where it comes from.")

    def value(self) -> InputDraft:
        """The door to the domain."""
        provenance = (self.provenance or ProvenanceInput()).value()
        supplier = key_of("Product", self.supplier)
        return InputDraft(supplier, float(self.amount), self.unit, self.stage, provenance)


@strawberry.input(description="The inputs of a product; those it had before are replaced.")
class PutInputsInput:
    """All else the product states stays."""

    idempotency_key: strawberry.ID = strawberry.field(description=KEY)
    product: strawberry.ID = strawberry.field(description="Relay id, owner/code, or a unique code.")
    inputs: list[ProductInputInput] = strawberry.field(description="All of them.")


@strawberry.input(description="What the product emits itself per declared unit.")
class EmissionInput:
    """Several of one gas and origin add up; a row of 0 kg is a statement."""

    gas: str = strawberry.field(description="A gas that has a factor, or CO2e.")
    kg: DecimalText = strawberry.field(description="kg per declared unit; negative for a removal.")
    origin: Origin = strawberry.field(default=Origin.UNSPECIFIED, description="Where the gas comes from.")
    stage: Stage | None = strawberry.field(default=None, description="Default: production.")
    gwp_set: GwpSet | None = strawberry.field(default=None, description="For CO2e: its own set, where known.")
    provenance: ProvenanceInput | None = strawberry.field(default=None, description="Where it comes from.")

    def value(self) -> Emission:
        """The door to the domain."""
        provenance = (self.provenance or ProvenanceInput()).value()
        return Emission(self.gas, float(self.kg), self.origin, self.stage, self.gwp_set, provenance)


@strawberry.input(description="What the product needs that no product supplies, per declared unit.")
class UnlinkedInputInput:
    """Kept, never dropped."""

    flow: str = strawberry.field(description="Name of what is needed.")
    amount: DecimalText = strawberry.field(description="How much.")
    unit: str = strawberry.field(description="A known unit, of any dimension.")

    def value(self) -> Unlinked:
        """The door to the domain."""
        return Unlinked(self.flow, float(self.amount), self.unit)


@strawberry.input(description="kg CO2e of one life-cycle stage.")
class StageAmountInput:
    """One part of a breakdown."""

    stage: Stage = strawberry.field(description="The stage.")
    value: DecimalText = strawberry.field(description="kg CO2e.")


@strawberry.input(description="A stated total that stands for the whole chain behind the product.")
class DeclaredTotalInput:
    """Per declared unit."""

    value: DecimalText = strawberry.field(description="kg CO2e.")
    gwp_set: GwpSet | None = strawberry.field(default=None, description="Its own set, where known.")
    to_grave: bool = strawberry.field(default=False, description="Whether it reaches past the gate.")
    by_stage: list[StageAmountInput] | None = strawberry.field(default=None, description="Its breakdown.")
    biogenic_kg_co2: DecimalText | None = strawberry.field(
        default=None, description="Biogenic CO2, beside it."
    )
    valid_until: InstantText | None = strawberry.field(default=None, description="Until when it is stated.")
    source: str | None = strawberry.field(default=None, description="Certificate or record it comes from.")

    def declared(self) -> Declared:
        """The door to the domain."""
        return Declared(
            kg_co2e=float(self.value),
            gwp_set=self.gwp_set,
            to_grave=self.to_grave,
            stages=tuple((part.stage, float(part.value)) for part in self.by_stage or ()),
            biogenic_kg_co2=number(self.biogenic_kg_co2) or 0.0,
            valid_until=self.valid_until,
            source=self.source,
        )


@strawberry.input(description="What a product emits and lacks; what it stated of that before is replaced.")
class PutInventoryInput:
    """Its inputs stay."""

    idempotency_key: strawberry.ID = strawberry.field(description=KEY)
    product: strawberry.ID = strawberry.field(description="Relay id, owner/code, or a unique code.")
    emissions: list[EmissionInput] = strawberry.field(description="All of them.")
    unlinked: list[UnlinkedInputInput] | None = strawberry.field(
        default=None, description="All of them; left out: not stated, which is not the same as none."
    )
    declared: DeclaredTotalInput | None = strawberry.field(default=None, description="Where it has one.")
