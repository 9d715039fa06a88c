"""The closed vocabularies of the domain under their GraphQL names, registered where they stand."""

from __future__ import annotations

import strawberry

from huren.auth.export_table import Outflow
from huren.graph.model.access import Effect, FieldClass, Role
from huren.graph.model.body import BodyState
from huren.graph.model.certificate import CertificateState, FulfilmentState
from huren.graph.model.dated import Certainty, IfNotMet
from huren.graph.model.export import ExportState
from huren.graph.model.region import RegionKind
from huren.graph.model.scheme import RuleKind, RulePart, TextState
from huren.graph.model.supply import GwpSet, Origin, Prefer, Stage
from huren.graph.model.terms import (
    AgreementObject,
    AssuranceLevel,
    ConsultationKind,
    Coverage,
    ElectricityMethod,
    EquivalenceFinding,
    FactorFamily,
    Level,
    Party,
    Purpose,
    RecordType,
    ReferenceDate,
    ScopePart,
    ShareKind,
)
from huren.graph.model.text import Lang
from huren.graph.model.uncertainty import Shape
from huren.mappings.comparison import Compared
from huren.mappings.evidence import Evidence
from huren.mappings.outcome import Outcome
from huren.mappings.quantity import Bound
from huren.mappings.remedies import RemedyKind
from huren.mappings.rule import Kind
from huren.mappings.screening import ApplicantKind
from huren.mappings.statistics import Suppressed

for _vocabulary, _name, _says in (
    (AgreementObject, "AgreementObject", "What an agreement recognises."),
    (ApplicantKind, "ApplicantKind", "What an applicant was found to be; UNKNOWN: nothing on record."),
    (AssuranceLevel, "AssuranceLevel", "How sure the verifier is (ISO 14064-3)."),
    (BodyState, "BodyState", "What happened to a body; REINSTATED ends a suspension or a blacklisting."),
    (Bound, "Bound", "What `low` and `high` are: the value itself, or bounds of the conversion."),
    (CertificateState, "CertificateState", "State of a certificate; the last four end it for good."),
    (Certainty, "Certainty", "How far a parameter is known; an UNCERTAIN one that decides is said."),
    (ConsultationKind, "ConsultationKind", "What the parties of an agreement met on."),
    (Coverage, "AssuranceCoverage", "What was verified, from narrow to wide (PACT 3)."),
    (Effect, "Effect", "What is shown: all, the total alone, or nothing."),
    (ElectricityMethod, "ElectricityMethod", "How electricity is attributed (ISO 14067 6.4.9.4)."),
    (Evidence, "Evidence", "What a record is worth as evidence, from weak to strong."),
    (ExportState, "ExportState", "Where a request to export stands; the last three are for good."),
    (FactorFamily, "FactorFamily", "Life-cycle footprint factor, or CO2 factor of generation; never mixed."),
    (FieldClass, "FieldClass", "Kinds of data about a product, from what names it to its recipe."),
    (FulfilmentState, "FulfilmentState", "What became of an open condition."),
    (GwpSet, "Gwp", "Set of GWP100 factors, by IPCC assessment report."),
    (Compared, "Compared", "How a comparison ends; REFUSED outside a comparable set."),
    (EquivalenceFinding, "EquivalenceFinding", "What experts recorded of two rule texts."),
    (FactorFamily, "FactorFamily", "Life-cycle footprint factor, or CO2 factor of generation; never mixed."),
    (FulfilmentState, "FulfilmentState", "What became of an open condition."),
    (GwpSet, "Gwp", "Set of GWP100 factors, by IPCC assessment report."),
    (IfNotMet, "IfNotMet", "What a scheme does with a certificate that differs in a parameter."),
    (Kind, "Verdict", "Which verdict a finding enters; COMPARISON enters neither."),
    (Lang, "Lang", "Language of a text; where a text lacks it, the other stands in."),
    (Level, "RuleLevel", "Who made a rule or scheme."),
    (Origin, "Origin", "Origin of an emission (ISO 14067 6.4.9)."),
    (Outcome, "Outcome", "How a comparison ends: BLOCKED > UNKNOWN > CONDITIONAL > CONVERTIBLE > EQUAL."),
    (Outflow, "Outflow", "What a row of the export table lets happen; APPROVE: only what was approved."),
    (Party, "Party", "Who verified (ISO 14064-3)."),
    (Prefer, "Prefer", "Which footprint counts where a product is both modelled and declared."),
    (Purpose, "Purpose", "What a certificate is to be used for; it makes findings hard, soft or none."),
    (Role, "Role", "What an organisation is to the exchange."),
    (RecordType, "RecordType", "What kind of record a number stands in."),
    (ReferenceDate, "ReferenceDate", "The day on which a certificate must be valid."),
    (RegionKind, "RegionKind", "Level of a region under its country, or an alliance of provinces."),
    (
        RemedyKind,
        "RemedyKind",
        "State a fact, meet a condition, mend what blocks; BEYOND: no act of the holder helps.",
    ),
    (
        RuleKind,
        "RuleKind",
        "General: every product; specific: its categories; accounting: a product standard.",
    ),
    (RulePart, "RulePart", "A part of an implementation rule."),
    (ScopePart, "ScopePart", "What identifies the goods that a certificate stands for."),
    (Shape, "Shape", "Distribution of a total; log-normal where its mean is over three deviations from 0."),
    (ShareKind, "ShareKind", "What an excluded share is a share of."),
    (Stage, "Stage", "Life-cycle stage (ISO 14067 6.3.4; EN 15804)."),
    (Suppressed, "Suppressed", "Why nothing is told of a cell: too few owners, or one too large."),
    (TextState, "TextState", "State of a legal text, rule or scheme; only IN_FORCE grounds anything."),
):
    strawberry.enum(_vocabulary, name=_name, description=_says)
