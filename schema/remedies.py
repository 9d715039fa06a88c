"""What would help a certificate to be recognised, in GraphQL."""

from __future__ import annotations

import strawberry

from huren.mappings import remedies as reading
from huren.mappings.remedies import RemedyKind
from huren.schema.context import Info, say
from huren.schema.region import InLang


@strawberry.type(description="A condition of a rule, as a fulfilment names it.")
class RemedyMeets:
    """What to record as met once the act is done."""

    rule: str = strawberry.field(description="Id of the rule.")
    condition: str = strawberry.field(description="Id of its condition.")


@strawberry.type(description="One act that would help, and all that it settles.")
class Remedy:
    """Of one scheme."""

    value: strawberry.Private[reading.Remedy]
    rule: str = strawberry.field(description="Id of the first rule whose finding it settles.")
    rules: list[str] = strawberry.field(description="Ids of all of them.")
    kind: RemedyKind = strawberry.field(description="How far the holder has to go.")
    missing: list[str] = strawberry.field(description="Facts to be stated.")
    condition: str | None = strawberry.field(description="Id of the first condition that it meets.")
    meets: list[RemedyMeets] = strawberry.field(description="All conditions that it meets.")
    scheme: str | None = strawberry.field(description="Id of the accepting scheme that asks for it.")
    region: str | None = strawberry.field(description="The region it is asked in, where one was asked.")

    @strawberry.field(description="What to do; of a BEYOND one, what stands in the way.")
    def says(self, info: Info, lang: InLang = None) -> str:
        return say(info, self.value.says, lang)

    @classmethod
    def of(cls, value: reading.Remedy) -> Remedy:
        """The door from the domain."""
        return cls(
            value=value,
            rule=value.rules[0],
            rules=list(value.rules),
            kind=value.kind,
            missing=list(value.missing),
            condition=value.meets[0].condition if value.meets else None,
            meets=[RemedyMeets(rule=m.rule, condition=m.condition) for m in value.meets],
            scheme=value.scheme,
            region=value.region,
        )


@strawberry.type(description="The shortest list of things that would turn a decision into recognition.")
class Remedies:
    """What is learnt on the way may raise new questions: none of it is a promise."""

    possible: bool = strawberry.field(
        description="False where no act of the holder helps; `items` then name what stands in the way."
    )
    items: list[Remedy] = strawberry.field(description="All are needed; none where it is recognised already.")

    @classmethod
    def of(cls, value: reading.Remedies) -> Remedies:
        """The door from the domain."""
        return cls(possible=value.possible, items=[Remedy.of(item) for item in value.items])
