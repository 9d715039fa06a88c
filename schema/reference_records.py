"""Reference records in GraphQL: each by its id, with everything it states as ``facts``."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import strawberry

from huren.graph.model import category as model
from huren.mappings import activity as grounds
from huren.mappings.records import KINDS
from huren.mappings.statement import id_of
from huren.resolvers import reference
from huren.schema.agreement import Agreement
from huren.schema.arguments import AsOf
from huren.schema.certification_rule import CertificationRule
from huren.schema.context import Info, say
from huren.schema.mirror import mirrored, shown
from huren.schema.region import InLang
from huren.schema.scalars import InstantText
from huren.schema.scheme import Scheme

if TYPE_CHECKING:
    CategoryFacts = Any
else:
    CategoryFacts = mirrored(model.Category, put=False)

_RECORDED = "When the exchange learnt of it as it stands here; null: with the shipped data."


@strawberry.type(description="Whether a category is ready to be certified in (S1-23), and why.")
class CategoryActivity:
    """A national rule in force, and a set of emission factors."""

    value: strawberry.Private[grounds.Activity]
    active: bool = strawberry.field(description="Whether both are there.")
    rules: list[str] = strawberry.field(description="Ids of the national rules in force for it.")
    factor_set: bool = strawberry.field(description="Whether there is a set of emission factors for it.")

    @strawberry.field(description="Both in words.")
    def because(self, info: Info, lang: InLang = None) -> str:
        return say(info, self.value.because, lang)


@strawberry.type(description="A product category.")
class Category:
    """By its id."""

    value: strawberry.Private[model.Category]
    id: strawberry.ID = strawberry.field(description="Its id.")
    facts: CategoryFacts = strawberry.field(description="Everything it states.")
    recorded_at: InstantText | None = strawberry.field(description=_RECORDED)

    @strawberry.field(description="Whether it is ready to be certified in, and why.")
    async def activity(self, info: Info, as_of: AsOf = None) -> CategoryActivity:
        at: datetime = as_of or info.context.exchange.clock()
        found = grounds.activity(self.value, at, await reference.known(info.context))
        return CategoryActivity(
            value=found, active=found.active, rules=list(found.rules), factor_set=found.factor_set
        )

    @classmethod
    def of(cls, value: model.Category) -> Category:
        """The door from the domain."""
        return cls(value=value, id=strawberry.ID(value.id), facts=shown(value), recorded_at=recorded(value))


def recorded(value: Any) -> InstantText | None:
    """When a record was stated."""
    return None if value.recorded_at is None else InstantText(value.recorded_at)


def _type(name: str, kind: str, says: str) -> Any:
    """A record that has nothing to say beyond its facts."""
    facts = mirrored(KINDS[kind], put=False)

    def of(cls: Any, value: Any) -> Any:
        """The door from the domain."""
        return cls(id=strawberry.ID(id_of(value)), facts=shown(value), recorded_at=recorded(value))

    body = {
        "__annotations__": {"id": strawberry.ID, "facts": facts, "recorded_at": InstantText | None},
        "__doc__": says,
        "id": strawberry.field(description="Its id."),
        "facts": strawberry.field(description="Everything it states."),
        "recorded_at": strawberry.field(description=_RECORDED),
        "of": classmethod(of),
    }
    return strawberry.type(type(name, (), body), description=says)


TYPES: dict[str, Any] = {
    "agreement": Agreement,
    "body": _type("Body", "body", "A certification or verification body."),
    "category": Category,
    "code_map": _type("CodeMap", "code_map", "One class and what it corresponds to elsewhere."),
    "equivalence": _type("Equivalence", "equivalence", "What experts recorded of two rule texts."),
    "instrument": _type("Instrument", "instrument", "A legal text with its own status."),
    "membership": _type("Membership", "membership", "That a region lies in another one."),
    "rule": CertificationRule,
    "sanction": _type("Sanction", "sanction", "A penalty against a firm."),
    "scale_map": _type("ScaleMap", "scale_map", "A published map between two scales of data quality."),
    "scheme": Scheme,
}
"""The type of each kind of reference record."""
