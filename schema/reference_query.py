"""Reading reference records back, one list a kind."""

from typing import Annotated, Any

import strawberry

from huren.resolvers import stating
from huren.schema.arguments import KnownAt
from huren.schema.context import Info
from huren.schema.reference_records import TYPES


def _list_of(made: Any) -> Any:
    return list[made]


def _listing(kind: str, says: str) -> Any:
    made = TYPES[kind]

    async def every(self: Any, info: Info, known_at: Any = None) -> Any:
        return [made.of(record) for record in await stating.every(info.context, kind, known_at)]

    every.__annotations__ = {"info": Info, "known_at": KnownAt, "return": _list_of(made)}
    return strawberry.field(every, description=says)


Uscc = Annotated[str, strawberry.argument(description="Unified social credit code of the firm.")]


def _sanctions() -> Any:
    made = TYPES["sanction"]

    async def sanctions(self: Any, info: Info, uscc: str, known_at: Any = None) -> Any:
        records = await stating.every(info.context, "sanction", known_at)
        return [made.of(record) for record in records if record.uscc == uscc]

    sanctions.__annotations__ = {"info": Info, "uscc": Uscc, "known_at": KnownAt, "return": _list_of(made)}
    return strawberry.field(sanctions, description="Penalties against a firm, by id.")


@strawberry.type
class ReferenceQuery:
    """Lists of what was stated."""

    bodies = _listing("body", "Certification and verification bodies, by id.")
    instruments = _listing("instrument", "Legal texts, by id.")
    categories = _listing("category", "Product categories, by id.")
    equivalences = _listing("equivalence", "What experts recorded of two rule texts, by id.")
    scale_maps = _listing("scale_map", "Maps between two scales of data quality, by id.")
    sanctions = _sanctions()
