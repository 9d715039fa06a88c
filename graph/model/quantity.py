"""What a footprint is made of: gases, stages, electricity, credits, shares."""

from __future__ import annotations

from dataclasses import dataclass

from huren.graph.model.dated import Number, Table
from huren.graph.model.supply import GwpSet, Origin, Stage
from huren.graph.model.terms import ElectricityMethod, FactorFamily, ShareKind


@dataclass(frozen=True, slots=True)
class Equivalent:
    """One declared unit corresponds to ``amount`` ``unit``: 1 m2 of module is 0.2 kW, 1 piece is 1.35 kg."""

    unit: str
    amount: Number


@dataclass(frozen=True, slots=True)
class GasAmount:
    """``kg`` of ``gas`` per declared unit, cumulative over the chain. ``stage`` None: all stages together."""

    gas: str
    kg: Number
    origin: Origin = Origin.UNSPECIFIED
    stage: Stage | None = None


@dataclass(frozen=True, slots=True)
class GasShare:
    """``share`` (0..1) of the stated CO2e value that is ``gas``."""

    gas: str
    share: Number
    origin: Origin = Origin.UNSPECIFIED


@dataclass(frozen=True, slots=True)
class Factor:
    """An electricity factor, kg per kWh: CO2e in the footprint family, CO2 in the other.

    ``gwp_set`` None: published without one. ``name`` and ``year`` identify the published dataset.
    """

    value: Number | None = None
    family: FactorFamily | None = None
    name: str | None = None
    year: int | None = None
    region: str | None = None
    gwp_set: GwpSet | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """What a claim on green power needs (ISO 14067 6.4.9.4): used once, same grid, same period."""

    single_use: bool | None = None
    same_grid: bool | None = None
    same_period: bool | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class ElectricityUse:
    """``kwh`` per declared unit, attributed by ``method`` with ``factor``. ``stage`` None: production."""

    method: ElectricityMethod | None = None
    kwh: Number | None = None
    factor: Factor | None = None
    stage: Stage | None = None
    proof: Proof | None = None


@dataclass(frozen=True, slots=True)
class Offsets:
    """Credits inside the value. ``kg`` 0: none inside; None: inside, but their amount is not stated."""

    kg: Number | None = None
    kind: str = "offset"


@dataclass(frozen=True, slots=True)
class Scenario:
    """A disclosed scenario for a stage outside the stated boundary, kg CO2e per declared unit."""

    stage: Stage
    kg: Number
    from_scheme: str | None = None
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Component:
    """A named part of the product (such as "frame") that is inside or outside the value, and its kg CO2e."""

    name: str
    included: bool
    kg: Number | None = None


@dataclass(frozen=True, slots=True)
class Biogenic:
    """Biogenic and land-use parts, kg CO2e per declared unit, and whether the value counts them.

    Uptake and storage are magnitudes: PACT writes an uptake as a negative number, others as a positive one,
    so the sign is read away. A value that counts them is that much lower.
    """

    uptake_kg: Number | None = None
    release_kg: Number | None = None
    stored_kg: Number | None = None
    land_use_change_kg: Number | None = None
    indirect_land_use_kg: Number | None = None
    biogenic_counted: bool | None = None
    stored_counted: bool | None = None
    land_use_change_counted: bool | None = None
    indirect_land_use_counted: bool | None = None

    @property
    def net_kg(self) -> Number | None:
        """Release less uptake; None unless both are stated, for what is not stated is not zero."""
        if self.uptake_kg is None or self.release_kg is None:
            return None
        return self.release_kg - abs(self.uptake_kg)

    @property
    def storage_kg(self) -> Number | None:
        """What storage adds to a value that counts it: nothing or less."""
        return None if self.stored_kg is None else -abs(self.stored_kg)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """The excluded share (0..1) of emissions, mass or energy (cut-off)."""

    share: Number
    kind: ShareKind = ShareKind.EMISSIONS


@dataclass(frozen=True, slots=True)
class AllocationStatement:
    """The method used and, where stated, the value under each method, kg CO2e per declared unit.

    ``method`` "none": there was nothing to allocate. ``moves``: the share (0..1) of the value by which
    another method would move it at most, as the verifier states.
    """

    method: str | None = None
    results: Table[str, Number] = ()
    moves: Number | None = None
