"""The closed vocabularies that certificates, schemes and agreements share."""

from __future__ import annotations

from enum import StrEnum


class RecordType(StrEnum):
    """What kind of record a number stands in; only some of them carry a footprint (R5)."""

    FOOTPRINT_CERTIFICATE = "footprint_certificate"
    ACCOUNTING_REPORT = "accounting_report"
    EPD = "epd"
    PACT_RECORD = "pact_record"
    CBAM_DECLARATION = "cbam_declaration"
    REDUCTION_MARK = "reduction_mark"
    NEUTRAL_MARK = "neutral_mark"
    MANAGEMENT_SYSTEM = "management_system"


NO_FOOTPRINT = frozenset({RecordType.REDUCTION_MARK, RecordType.NEUTRAL_MARK, RecordType.MANAGEMENT_SYSTEM})
"""Records that never carry the footprint of a product."""

NEVER_EQUIVALENT = NO_FOOTPRINT | {RecordType.CBAM_DECLARATION}
"""Records that no agreement makes a footprint certificate."""


class Purpose(StrEnum):
    """What the certificate is to be used for; makes findings hard, soft or none."""

    LABEL = "LABEL"
    PROCUREMENT = "PROCUREMENT"
    CHAIN_INPUT = "CHAIN_INPUT"
    LOAN_APPROVAL = "LOAN_APPROVAL"
    LOAN_LIMIT = "LOAN_LIMIT"
    LOAN_PRICING = "LOAN_PRICING"
    EXPORT_FILING = "EXPORT_FILING"
    CONSUMER_DISPLAY = "CONSUMER_DISPLAY"


class Level(StrEnum):
    """Who made a rule or scheme (S3-4, S4-8); international ones stand outside the national ladder."""

    INTERNATIONAL = "international"
    NATIONAL = "national"
    SECTOR = "sector"
    GROUP = "group"
    LOCAL = "local"
    ENTERPRISE = "enterprise"


class ElectricityMethod(StrEnum):
    """How electricity is attributed (ISO 14067 6.4.9.4)."""

    LOCATION = "location"
    RESIDUAL = "residual"
    CONTRACT = "contract"
    CERTIFICATE = "certificate"
    ONSITE = "onsite"


class FactorFamily(StrEnum):
    """Life-cycle footprint factor (kg CO2e/kWh) or CO2 factor of generation (kg CO2/kWh): never mixed."""

    FOOTPRINT = "footprint"
    CO2 = "co2"


class Party(StrEnum):
    """Who verified (ISO 14064-3)."""

    NONE = "none"
    FIRST = "first"
    SECOND = "second"
    THIRD = "third"


class AssuranceLevel(StrEnum):
    """How sure the verifier is (ISO 14064-3)."""

    LIMITED = "limited"
    REASONABLE = "reasonable"


class Coverage(StrEnum):
    """What was verified, from narrow to wide (PACT 3)."""

    MODEL = "model"
    PROGRAM = "program"
    PRODUCT = "product"


class AgreementObject(StrEnum):
    """What an agreement recognises; system > rule_and_result > result and method, mark stands apart (R2)."""

    METHOD = "method"
    RESULT = "result"
    RULE_AND_RESULT = "rule_and_result"
    SYSTEM = "system"
    MARK = "mark"


class ReferenceDate(StrEnum):
    """The day on which the destination wants the certificate to be valid (R24)."""

    TODAY = "today"
    MANUFACTURING = "manufacturing"
    IMPORT = "import"


class ShareKind(StrEnum):
    """What an excluded share is a share of (R16)."""

    EMISSIONS = "emissions"
    MASS = "mass"
    ENERGY = "energy"


class ScopePart(StrEnum):
    """What identifies the goods that a certificate stands for (R25)."""

    MODEL = "model"
    SITE = "site"
    BATCH = "batch"
    HOLDER = "holder"
    CHAIN = "chain"


class EquivalenceFinding(StrEnum):
    """What experts recorded of two rule texts (R12)."""

    NO_CHANGE_OF_RESULT = "no_change_of_result"
    EQUIVALENT = "equivalent"


class ConsultationKind(StrEnum):
    """What the parties of an agreement met on (S2-21)."""

    CONSULTATION = "consultation"
    DISPUTE = "dispute"
    SETTLEMENT = "settlement"
