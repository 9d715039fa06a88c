"""The method profile of a scheme or rule: what it demands, each field with its certainty and source.

A field left out is taken from the profile below (rule, then scheme, then the scheme it uses).
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from huren.graph.model.dated import Number, Parameter
from huren.graph.model.quantity import Factor
from huren.graph.model.supply import GwpSet, Stage
from huren.graph.model.terms import (
    AssuranceLevel,
    Coverage,
    ElectricityMethod,
    FactorFamily,
    Party,
    ReferenceDate,
    ScopePart,
    ShareKind,
)


@dataclass(frozen=True, slots=True)
class ComponentDemand:
    """A named part (such as "frame") that the value must include or leave out."""

    name: str
    included: bool


@dataclass(frozen=True, slots=True)
class ServiceCycles:
    """Full equivalent cycles a year of a vehicle class (M1, N1, L, …)."""

    vehicle_class: str
    cycles_per_year: Number


@dataclass(frozen=True, slots=True)
class CutOffLimit:
    """The largest excluded share (0..1) of emissions, mass or energy."""

    share: Number
    kind: ShareKind = ShareKind.EMISSIONS


@dataclass(frozen=True, slots=True)
class QualityFloor:
    """The worst rating still accepted on ``scale``; smaller is better where ``best_is_low``."""

    scale: str
    worst: Number
    best_is_low: bool = True


@dataclass(frozen=True, slots=True)
class Profile:
    """Parameters by the rule that reads them."""

    max_hops: Parameter[int] | None = None  # R4
    stages: Parameter[frozenset[Stage]] | None = None  # R10, empty: any stated boundary
    components: Parameter[tuple[ComponentDemand, ...]] | None = None  # R10
    units: Parameter[tuple[str, ...]] | None = None  # R11, the first is preferred, empty: any
    service_cycles: Parameter[tuple[ServiceCycles, ...]] | None = None  # R11
    standards: Parameter[tuple[str, ...]] | None = None  # R12, empty: any
    pcrs: Parameter[tuple[str, ...]] | None = None  # R12, a name or name@edition
    gwp_sets: Parameter[tuple[GwpSet, ...]] | None = None  # R14, the first is preferred
    gases: Parameter[frozenset[str]] | None = None  # R14b
    missing_gas_threshold: Parameter[Number] | None = None  # R14b
    cut_off: Parameter[CutOffLimit] | None = None  # R16
    gross_up: Parameter[bool] | None = None  # R16
    allocation: Parameter[tuple[str, ...]] | None = None  # R17
    end_of_life: Parameter[tuple[str, ...]] | None = None  # R17
    allocation_tolerance: Parameter[Number] | None = None  # R17
    electricity_methods: Parameter[frozenset[ElectricityMethod]] | None = None  # R18
    electricity_factors: Parameter[tuple[Factor, ...]] | None = None  # R18, R19, the first is put in
    factor_family: Parameter[FactorFamily] | None = None  # R19
    biogenic_counted: Parameter[bool] | None = None  # R20
    stored_counted: Parameter[bool] | None = None  # R20
    land_use_change_counted: Parameter[bool] | None = None  # R20
    indirect_land_use_counted: Parameter[bool] | None = None  # R20
    offsets_allowed: Parameter[bool] | None = None  # R21
    quality_floor: Parameter[QualityFloor] | None = None  # R22
    primary_share_floor: Parameter[Number] | None = None  # R22
    traceability: Parameter[tuple[str, ...]] | None = None  # R22
    uncertainty_stated: Parameter[bool] | None = None  # R22
    party: Parameter[Party] | None = None  # R23
    level: Parameter[AssuranceLevel] | None = None  # R23
    on_site: Parameter[bool] | None = None  # R23
    coverage: Parameter[Coverage] | None = None  # R23
    assurance_system_months: Parameter[int] | None = None  # R23, read on the issuing side
    reference_date: Parameter[ReferenceDate] | None = None  # R24
    term_months: Parameter[int] | None = None  # R24, read on the issuing side
    identity: Parameter[frozenset[ScopePart]] | None = None  # R25
    site_average: Parameter[bool] | None = None  # R25
    max_age_years: Parameter[Number] | None = None  # R26
    max_change_percent: Parameter[Number] | None = None  # R26
    change_needs_declaration: Parameter[bool] | None = None  # R26


NO_PROFILE = Profile()
NAMES = tuple(f.name for f in fields(Profile))


def overlay(below: Profile, above: Profile) -> Profile:
    """``above``, with each field it leaves out taken from ``below``."""
    if above is NO_PROFILE or below is NO_PROFILE:
        return below if above is NO_PROFILE else above
    given = {n: p for n in NAMES if (p := getattr(above, n)) is not None}
    return replace(below, **given)
