"""A certificate and every stated fact that a recognition rule reads.

Absent means not stated, never zero. Emissions are kg CO2e (or kg of a gas) per one declared unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from huren.graph.model.dated import Instant, Number, StatusEvent, Table, When
from huren.graph.model.quantity import (
    AllocationStatement,
    Biogenic,
    Component,
    ElectricityUse,
    Equivalent,
    Exclusion,
    GasAmount,
    GasShare,
    Offsets,
    Scenario,
)
from huren.graph.model.supply import GwpSet, Stage
from huren.graph.model.terms import AssuranceLevel, Coverage, Party, RecordType


class CertificateState(StrEnum):
    """States of a certificate; the last four end it for good."""

    APPLIED = "applied"
    UNDER_REVIEW = "under_review"
    VALID = "valid"
    SUSPENDED = "suspended"
    RENEWAL_PENDING = "renewal_pending"
    DISPUTED = "disputed"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"
    VOID = "void"


class FulfilmentState(StrEnum):
    """What became of an open condition."""

    MET = "met"
    IMPOSSIBLE = "impossible"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Code:
    """A product class in a named classification, such as CPC 31441 or HS 441112."""

    system: str
    code: str


@dataclass(frozen=True, slots=True)
class Assurance:
    """Who verified the value, how deeply, whether on site, and what was covered."""

    party: Party | None = None
    level: AssuranceLevel | None = None
    on_site: bool | None = None
    coverage: Coverage | None = None


@dataclass(frozen=True, slots=True)
class DataQuality:
    """Data quality rating on a named scale (such as "PACT3": 1 best to 5), primary share 0..1."""

    scale: str | None = None
    rating: Number | None = None
    technological: Number | None = None
    geographical: Number | None = None
    temporal: Number | None = None
    primary_share: Number | None = None
    traceability: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A change since the reference period, by kind (bill_of_materials, energy_mix, supplier, process)."""

    kind: str
    changed_on: When
    percent: Number | None = None
    recorded_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Goods:
    """What the certificate is presented for: the goods' own model, plant, batch, maker and supply chain."""

    model: str | None = None
    site: str | None = None
    batch: str | None = None
    holder: str | None = None
    chain: str | None = None


@dataclass(frozen=True, slots=True)
class SiteValue:
    """A plant that makes the product: kg CO2e per declared unit there, and its output (one unit for all)."""

    site: str
    value: Number | None = None
    output: Number | None = None


@dataclass(frozen=True, slots=True)
class MarkUse:
    """A mark as printed: ``shown`` is the number in its own digits, ``place`` where it was seen."""

    number: str
    shown: str | None = None
    unit: str | None = None
    place: str | None = None
    seen_on: When | None = None


@dataclass(frozen=True, slots=True)
class Fulfilment:
    """An open condition that was met, shown impossible or refused.

    ``rule`` and ``condition`` are the rule id and the condition id of a finding ("R9", "re_verify");
    ``destination`` None: for every destination.
    """

    rule: str
    condition: str
    since: When
    state: FulfilmentState = FulfilmentState.MET
    destination: str | None = None
    note: str = ""
    recorded_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate, declaration or record under ``scheme``, held by the firm with USCC ``holder``."""

    number: str
    holder: str
    scheme: str
    rule: str | None = None
    body: str | None = None
    signatory: str | None = None
    record_type: RecordType | None = None
    category: str | None = None
    codes: tuple[Code, ...] = ()
    product: str | None = None
    model: str | None = None
    batch: str | None = None
    site: str | None = None
    chain: str | None = None
    sites: tuple[SiteValue, ...] = ()
    goods: Goods | None = None
    region: str | None = None
    pcr: str | None = None
    pcr_edition: str | None = None
    standard: str | None = None
    issued: When | None = None
    valid_until: When | None = None
    next_surveillance: When | None = None
    assurance_system_since: When | None = None
    manufactured: When | None = None
    imported: When | None = None
    period_start: When | None = None
    period_end: When | None = None
    value: Number | None = None
    unit: str | None = None
    uncertainty_gsd: Number | None = None
    equivalents: tuple[Equivalent, ...] = ()
    vehicle_class: str | None = None
    service_years: Number | None = None
    stages: frozenset[Stage] | None = None
    breakdown: Table[Stage, Number] = ()
    modules: Table[str, Number] = ()
    scenarios: tuple[Scenario, ...] = ()
    components: tuple[Component, ...] = ()
    gwp_sets: frozenset[GwpSet] | None = None
    gases: tuple[GasAmount, ...] = ()
    gas_shares: tuple[GasShare, ...] = ()
    gases_covered: frozenset[str] | None = None
    electricity: tuple[ElectricityUse, ...] | None = None
    electricity_complete: bool | None = None
    offsets: Offsets | None = None
    biogenic: Biogenic | None = None
    exclusions: tuple[Exclusion, ...] = ()
    allocation: AllocationStatement | None = None
    end_of_life: AllocationStatement | None = None
    quality: DataQuality | None = None
    assurance: Assurance | None = None
    changes: tuple[Change, ...] = ()
    mark_number: str | None = None
    marks: tuple[MarkUse, ...] = ()
    signature_valid: bool | None = None
    fulfilments: tuple[Fulfilment, ...] = ()
    events: tuple[StatusEvent[CertificateState], ...] = ()
    illustrative: bool = False
    recorded_at: Instant | None = None
