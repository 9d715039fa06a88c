"""Why who may see what, in GraphQL."""

from __future__ import annotations

import strawberry

from huren.auth import grounds
from huren.graph.model.access import Effect, FieldClass
from huren.graph.model.terms import Purpose
from huren.resolvers.explaining import Explained
from huren.schema.context import Info, say
from huren.schema.region import InLang


@strawberry.type(description="A ground of a decision about sight.")
class AccessGround:
    """By its meaning."""

    value: strawberry.Private[grounds.Ground]
    code: str = strawberry.field(description="Its stable name, such as `granted`.")
    opens: bool = strawberry.field(description="Whether it lets something be seen.")
    names: str = strawberry.field(description="The grant, role, row or approval that it is about; or empty.")
    illustrative: bool = strawberry.field(description="Whether it rests on data that are made up.")

    @strawberry.field(description="The ground in a sentence.")
    def says(self, info: Info, lang: InLang = None) -> str:
        return say(info, self.value.says, lang)


@strawberry.type(description="What a viewer may see of one class of fields of a product, and why.")
class Access:
    """As it would be decided now."""

    product: str = strawberry.field(description="Key of the product.")
    viewer: str = strawberry.field(description="Id of the organisation that looks.")
    field: FieldClass = strawberry.field(description="The class of fields.")
    purpose: Purpose | None = strawberry.field(description="What for; null: none is named.")
    effect: Effect = strawberry.field(description="What happens.")
    illustrative: bool = strawberry.field(description="Whether it rests on data that are made up.")
    grounds: list[AccessGround] = strawberry.field(description="Why, the ground that decided first.")

    @classmethod
    def of(cls, value: Explained) -> Access:
        """The door from the domain."""
        why = value.access.why
        return cls(
            product=value.product,
            viewer=value.viewer,
            field=value.field,
            purpose=value.purpose,
            effect=value.access.effect,
            illustrative=any(ground.illustrative for ground in why),
            grounds=[
                AccessGround(
                    value=ground,
                    code=ground.basis.code,
                    opens=ground.basis.opens,
                    names=ground.names,
                    illustrative=ground.illustrative,
                )
                for ground in why
            ],
        )
