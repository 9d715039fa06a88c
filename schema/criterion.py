"""The rules of recognition, in GraphQL."""

from __future__ import annotations

from collections.abc import Sequence

import strawberry

from huren.mappings.outcome import Outcome
from huren.mappings.rule import Kind, Rule
from huren.mappings.rules import SPECIFIED
from huren.schema.context import Info, say
from huren.schema.region import InLang
from huren.schema.scalars import DayText


@strawberry.type(
    description="One rule of recognition: what it compares, where it comes from, how it can end."
)
class Criterion:
    """A rule by its id, which never changes."""

    value: strawberry.Private[Rule]
    id: strawberry.ID = strawberry.field(description="Plain id, such as R14.")
    code: str = strawberry.field(description="Its meaning, such as gwp_set.")
    edition: str = strawberry.field(description="Its edition.")
    verdict: Kind = strawberry.field(description="Which verdict it enters.")
    clause: str = strawberry.field(description="Where it comes from.")
    in_force: DayText = strawberry.field(description="First day on which it is applied.")
    outcomes: list[Outcome] = strawberry.field(description="How it can end.")
    reads: list[str] = strawberry.field(description="The facts it rests on.")

    @strawberry.field(description="What it says.")
    def says(self, info: Info, lang: InLang = None) -> str:
        return say(info, self.value.says, lang)

    @strawberry.field(description="What would help a certificate that does not pass.")
    def fix(self, info: Info, lang: InLang = None) -> str:
        return say(info, self.value.fix, lang)

    @classmethod
    def of(cls, value: Rule) -> Criterion:
        """The door from the domain."""
        return cls(
            value=value,
            id=strawberry.ID(value.id),
            code=value.code,
            edition=value.edition,
            verdict=value.kind,
            clause=str(value.clause),
            in_force=DayText(value.in_force),
            outcomes=sorted(value.outcomes, key=lambda outcome: outcome.severity),
            reads=list(value.reads),
        )


@strawberry.type(
    description="The rules of recognition: those applied, and those that the specification has besides."
)
class Criteria:
    """Of this version."""

    applied: list[Criterion] = strawberry.field(description="Applied in every decision.")
    not_checked: list[str] = strawberry.field(
        description="Ids of the rules that this version does not apply."
    )

    @classmethod
    def of(cls, applied: Sequence[Rule]) -> Criteria:
        """The door from the domain."""
        ids = {rule.id for rule in applied}
        return cls(
            applied=[Criterion.of(rule) for rule in applied],
            not_checked=[id for id in SPECIFIED if id not in ids],
        )
