"""What would change if: drafts of agreements and rules, and their effects, in GraphQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from huren.graph.model.terms import Purpose
from huren.mappings import supposition as model
from huren.mappings.outcome import Outcome
from huren.mappings.records import KINDS
from huren.resolvers.supposing import Draft, ProspectAnswer
from huren.schema.mirror import mirrored, stated
from huren.schema.paging import check_first
from huren.schema.scalars import InstantText

if TYPE_CHECKING:
    AgreementInput = Any
    RuleInput = Any
else:
    AgreementInput = mirrored(KINDS["agreement"], put=True)
    RuleInput = mirrored(KINDS["rule"], put=True)


@strawberry.input(description="Something supposed: it is asked about, never written.")
class SuppositionInput:
    """Records laid over those on record, by id."""

    name: str = strawberry.field(description="Name of the draft, for the answer.")
    agreements: list[AgreementInput] | None = strawberry.field(
        default=None, description="Agreements as they would be."
    )
    rules: list[RuleInput] | None = strawberry.field(default=None, description="Rules as they would be.")
    without: list[str] | None = strawberry.field(
        default=None, description="Ids of agreements and rules that would be gone."
    )
    as_of: InstantText | None = strawberry.field(default=None, description="Another day than is asked for.")

    def value(self) -> Draft:
        """The door to the domain."""
        return Draft(
            name=self.name,
            agreements=tuple(stated(one) for one in self.agreements or ()),
            rules=tuple(stated(one) for one in self.rules or ()),
            without=tuple(self.without or ()),
            as_of=self.as_of,
        )


@strawberry.type(description="One certificate at one destination that would stand otherwise.")
class RecognitionChange:
    """Ask `recognise` for the reasons as things are."""

    certificate: str = strawberry.field(description="Its number.")
    destination: str = strawberry.field(description="Where.")
    before: Outcome = strawberry.field(description="Its standing as things are.")
    after: Outcome = strawberry.field(description="Its standing under the draft.")
    deciding: list[str] = strawberry.field(description="Ids of the rules that decide under the draft.")

    @classmethod
    def of(cls, change: model.Change) -> RecognitionChange:
        """The door from the domain."""
        question = change.after.question
        return cls(
            certificate=question.certificate,
            destination=question.destination,
            before=change.before.standing,
            after=change.after.standing,
            deciding=[finding.rule for finding in change.after.deciding],
        )


@strawberry.type(description="What one draft would do.")
class SuppositionEffect:
    """Pairs of certificate and destination are counted; recognised: EQUAL or CONVERTIBLE."""

    value: strawberry.Private[model.Effect]
    name: str = strawberry.field(description="Name of the draft.")
    recognised: int = strawberry.field(description="Pairs recognised under it.")
    gained: int = strawberry.field(description="Of these, pairs that are not recognised as things are.")
    lost: int = strawberry.field(description="Pairs recognised as things are, and not under it.")
    changed: int = strawberry.field(description="Pairs whose standing or verdicts would be others.")

    @strawberry.field(description="The pairs that would change, recognition gained first.")
    def changes(
        self, first: Annotated[int, strawberry.argument(description="At most 100.")] = 20
    ) -> list[RecognitionChange]:
        return [RecognitionChange.of(change) for change in self.value.changes[: check_first(first)]]

    @classmethod
    def of(cls, value: model.Effect) -> SuppositionEffect:
        """The door from the domain."""
        return cls(
            value=value,
            name=value.supposition.name,
            recognised=value.recognised,
            gained=value.gained,
            lost=value.lost,
            changed=len(value.changes),
        )


@strawberry.type(description="How many certificates stand where, as things are and under each draft.")
class Prospect:
    """Nothing of it is on record."""

    category: str = strawberry.field(description="As asked.")
    purpose: Purpose = strawberry.field(description="As asked.")
    asked: int = strawberry.field(description="Pairs of certificate and destination that were looked at.")
    recognised: int = strawberry.field(description="Pairs recognised as things are.")
    best: list[str] = strawberry.field(description="Names of the drafts under which most are recognised.")
    effects: list[SuppositionEffect] = strawberry.field(description="One for each draft, in their order.")
    complete: bool = strawberry.field(
        description="Whether every certificate of the category was looked at: the first 10,000 are."
    )
    as_of: InstantText = strawberry.field(description="The day of the question.")
    known_at: InstantText = strawberry.field(description="What was known by then was read.")
    revision: str = strawberry.field(description="Revision of the graph that was read: a decimal counter.")

    @classmethod
    def of(cls, answer: ProspectAnswer, category: str, purpose: Purpose) -> Prospect:
        """The door from the domain."""
        found = answer.prospect
        return cls(
            category=category,
            purpose=purpose,
            asked=found.asked,
            recognised=found.recognised,
            best=list(found.best),
            effects=[SuppositionEffect.of(effect) for effect in found.effects],
            complete=answer.complete,
            as_of=InstantText(answer.as_of),
            known_at=InstantText(answer.pin.known_at),
            revision=str(answer.pin.revision),
        )
