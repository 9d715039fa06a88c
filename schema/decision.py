"""Decisions of recognition in GraphQL."""

from __future__ import annotations

from dataclasses import replace

import strawberry

from huren.graph.model.terms import Purpose
from huren.mappings import comparison, decision, judgement
from huren.mappings.comparison import Compared
from huren.mappings.evidence import Evidence, evidence
from huren.mappings.explain import explain
from huren.mappings.outcome import Outcome
from huren.mappings.quantity import Bound, ConversionStep
from huren.mappings.remedies import remedies
from huren.mappings.rule import Finding as FindingModel
from huren.mappings.rule import Kind
from huren.mappings.sealing import text_of
from huren.resolvers.recognition import Answer
from huren.schema.certificate import Certificate
from huren.schema.context import Info, say
from huren.schema.region import InLang
from huren.schema.remedies import Remedies
from huren.schema.scalars import DecimalText, InstantText
from huren.schema.scheme import Scheme


@strawberry.type(description="An outcome alone.")
class Standing:
    """Of a decision or a verdict."""

    outcome: Outcome = strawberry.field(description="How it ends.")


@strawberry.type(description="One conversion on the way to the destination's terms.")
class Step:
    """Steps come in one fixed order; each takes the value of the one before."""

    rule: str = strawberry.field(description="Id of the rule that asked for it.")
    formula: str = strawberry.field(description="Its arithmetic.")
    value: DecimalText = strawberry.field(description="The value after it.")
    low: DecimalText = strawberry.field(description="Lower bound after it.")
    high: DecimalText = strawberry.field(description="Upper bound after it.")
    unit: str | None = strawberry.field(description="The declared unit after it.")

    @classmethod
    def of(cls, value: ConversionStep) -> Step:
        """The door from the domain."""
        return cls(
            rule=value.rule,
            formula=value.formula,
            value=DecimalText(value.value),
            low=DecimalText(value.low),
            high=DecimalText(value.high),
            unit=value.unit,
        )


@strawberry.type(
    description="The certificate's value on the destination's terms. The original is never changed."
)
class DerivedValue:
    """With its interval."""

    value: DecimalText = strawberry.field(description="The number.")
    unit: str = strawberry.field(description="Such as kg CO2e/kW.")
    low: DecimalText = strawberry.field(description="Lower end of the interval.")
    high: DecimalText = strawberry.field(description="Upper end of the interval.")
    bound: Bound = strawberry.field(description="What `low` and `high` are.")
    gsd: DecimalText | None = strawberry.field(
        description="The certificate's own geometric standard deviation, carried through the steps."
    )
    steps: list[Step] = strawberry.field(description="How it was derived; none where it is as stated.")

    @classmethod
    def of(cls, value: decision.Derived | None) -> DerivedValue | None:
        """The door from the domain."""
        if value is None:
            return None
        return cls(
            value=DecimalText(value.value),
            unit=value.unit,
            low=DecimalText(value.low),
            high=DecimalText(value.high),
            bound=value.bound,
            gsd=None if value.gsd is None else DecimalText(value.gsd),
            steps=[Step.of(step) for step in value.steps],
        )


@strawberry.type(description="How the value compares with that of another certificate, both on these terms.")
class Comparison:
    """LOWER or HIGHER only beyond the combined uncertainty (R28)."""

    verdict: Compared = strawberry.field(description="What may be said of it.")
    against: str = strawberry.field(description="Number of the other certificate.")
    ratio: DecimalText | None = strawberry.field(description="The other value over this one.")
    needed: DecimalText | None = strawberry.field(
        description="The smallest ratio, or its inverse, that is significant at 95 %."
    )

    @classmethod
    def of(cls, value: comparison.Comparison | None) -> Comparison | None:
        """The door from the domain."""
        if value is None:
            return None
        return cls(
            verdict=value.verdict,
            against=value.against,
            ratio=None if value.ratio is None else DecimalText(value.ratio),
            needed=None if value.needed is None else DecimalText(value.needed),
        )


@strawberry.type(description="Is the number the same quantity?")
class Technical:
    """The technical verdict."""

    outcome: Outcome = strawberry.field(description="The worst of its findings.")
    value: DerivedValue | None = strawberry.field(description="Null unless EQUAL or CONVERTIBLE.")
    preview: DerivedValue | None = strawberry.field(
        description="What the value would be once the open conditions are met."
    )


@strawberry.type(description="An open condition of a finding.")
class Condition:
    """Named, so that a fulfilment can be recorded."""

    value: strawberry.Private[judgement.Condition]
    id: str = strawberry.field(description="Stable within its rule.")

    @strawberry.field(description="What has to happen.")
    def says(self, info: Info, lang: InLang = None) -> str:
        return say(info, self.value.says, lang)


@strawberry.type(description="A fact that a finding rests on.")
class InputRead:
    """By its path."""

    path: str = strawberry.field(description="Where the fact stands.")
    value: str | None = strawberry.field(
        description="The fact as text, records as canonical JSON; null where it is not on record."
    )


@strawberry.type(description="What one rule found; findings that passed are given too.")
class Finding:
    """Of one decision."""

    value: strawberry.Private[FindingModel]
    rule: str = strawberry.field(description="Id of the rule, such as R14.")
    code: str = strawberry.field(description="Its meaning, such as gwp_set.")
    edition: str = strawberry.field(description="Edition of the rule.")
    verdict: Kind = strawberry.field(description="Which verdict it enters.")
    outcome: Outcome = strawberry.field(description="How the comparison ended.")
    applies: bool = strawberry.field(
        description="False where the case or the purpose gives nothing to compare."
    )
    hard: bool = strawberry.field(
        description="Whether it decides the standing; else it is shown to the decider."
    )
    clause: str = strawberry.field(description="Where the rule comes from.")
    missing: list[str] = strawberry.field(description="Facts that are not on record.")
    illustrative: bool = strawberry.field(description="Whether it rests on illustrative records.")

    @strawberry.field(description="Why, in a sentence.")
    def because(self, info: Info, lang: InLang = None) -> str:
        return say(info, self.value.because, lang)

    @strawberry.field(description="What the rule says.")
    def says(self, info: Info, lang: InLang = None) -> str:
        return say(info, self.value.says, lang)

    @strawberry.field(description="What would help; empty where nothing is needed.")
    def fix(self, info: Info, lang: InLang = None) -> str:
        return say(info, self.value.fix, lang)

    @strawberry.field(description="What to keep in mind though the rule passed.")
    def warnings(self, info: Info, lang: InLang = None) -> list[str]:
        return [say(info, text, lang) for text in self.value.warnings]

    @strawberry.field(description="Its open conditions.")
    def conditions(self) -> list[Condition]:
        return [Condition(value=condition, id=condition.id) for condition in self.value.conditions]

    @strawberry.field(description="The facts it rests on.")
    def inputs(self) -> list[InputRead]:
        return [InputRead(path=path, value=text_of(fact)) for path, fact in self.value.inputs]

    @classmethod
    def of(cls, value: FindingModel) -> Finding:
        """The door from the domain."""
        return cls(
            value=value,
            rule=value.rule,
            code=value.code,
            edition=value.edition,
            verdict=value.verdict,
            outcome=value.outcome,
            applies=value.applies,
            hard=value.hard,
            clause=str(value.clause),
            missing=list(value.missing),
            illustrative=value.illustrative,
        )


@strawberry.type(description="Whether a certificate may stand at a destination for a purpose, and why.")
class Decision:
    """Replayable: the same `asOf` and `knownAt` give the same decision."""

    answer: strawberry.Private[Answer]
    destination: str = strawberry.field(description="As asked: a scheme or a region.")
    purpose: Purpose = strawberry.field(description="As asked.")
    region: str | None = strawberry.field(description="The region decided for, where one was asked.")
    standing: Standing = strawberry.field(
        description="The one-line answer: the worst that counts for the purpose."
    )
    legal: Standing = strawberry.field(description="May the destination accept it?")
    technical: Technical = strawberry.field(description="Is the number the same quantity?")
    comparison: Comparison | None = strawberry.field(description="Null where nothing was compared.")
    not_checked: list[str] = strawberry.field(description="Rules of the specification not applied here.")
    missing: list[str] = strawberry.field(description="Every missing fact that a finding names.")
    illustrative: bool = strawberry.field(description="Whether it rests on illustrative records.")
    as_of: InstantText = strawberry.field(description="The day of the question.")
    known_at: InstantText = strawberry.field(description="What was known by then was read.")
    revision: str = strawberry.field(description="Revision of the graph that was read: a decimal counter.")

    @strawberry.field(description="The certificate asked about, as it was known.")
    def certificate(self) -> Certificate:
        return Certificate.of(self.answer.decision.certificate)

    @strawberry.field(description="The accepting scheme; null where none accepts there.")
    def scheme(self) -> Scheme | None:
        found = self.answer.known.schemes.get(self.answer.decision.scheme or "")
        return None if found is None else Scheme.of(found)

    @strawberry.field(description="What every rule found.")
    def findings(self) -> list[Finding]:
        return [Finding.of(finding) for finding in self.answer.decision.findings]

    @strawberry.field(description="The findings that make the standing what it is.")
    def deciding(self) -> list[Finding]:
        return [Finding.of(finding) for finding in self.answer.decision.deciding]

    @strawberry.field(description="The decision in one paragraph, made of what the findings say.")
    def explanation(self, info: Info, lang: InLang = None) -> str:
        return say(info, explain(self.answer.decision, self.answer.known), lang)

    @strawberry.field(
        description="What would turn it into recognition: of a region under the scheme that asks least, "
        "of an alliance in every member."
    )
    def remedies(self) -> Remedies:
        return Remedies.of(remedies(self.answer.decision))

    @strawberry.field(
        description="What the record is worth as evidence; null where its kind never carries a footprint."
    )
    def evidence(self) -> Evidence | None:
        decision = self.answer.decision
        return evidence(decision.certificate, decision.question.as_of, self.answer.known)

    @strawberry.field(
        description="Under the other schemes of the region, or the other members of the alliance."
    )
    def alternatives(self) -> list[Decision]:
        others = self.answer.decision.alternatives
        return [Decision.of(replace(self.answer, decision=other)) for other in others]

    @classmethod
    def of(cls, answer: Answer) -> Decision:
        """The door from the domain."""
        value, question = answer.decision, answer.decision.question
        return cls(
            answer=answer,
            destination=question.destination,
            purpose=question.purpose,
            region=value.region,
            standing=Standing(outcome=value.standing),
            legal=Standing(outcome=value.legal),
            technical=Technical(
                outcome=value.technical,
                value=DerivedValue.of(value.value),
                preview=DerivedValue.of(value.preview),
            ),
            comparison=Comparison.of(value.comparison),
            not_checked=list(value.not_checked),
            missing=list(value.missing),
            illustrative=value.illustrative,
            as_of=InstantText(question.as_of),
            known_at=InstantText(question.known_at),
            revision=str(answer.revision),
        )
