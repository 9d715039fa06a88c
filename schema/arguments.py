"""Arguments that several fields share, each described once, and the questions they make."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from huren.graph.answer import PARTS
from huren.graph.model.supply import GwpSet, Prefer
from huren.graph.model.terms import Purpose
from huren.resolvers.footprints import Question
from huren.schema.ids import key_of
from huren.schema.scalars import DecimalText, InstantText

ProductRef = Annotated[
    strawberry.ID,
    strawberry.argument(description="Relay id, owner/code, or a code that is unique to the caller."),
]
First = Annotated[int, strawberry.argument(description="Items on the page: 1 to 100; more is an error.")]
After = Annotated[str | None, strawberry.argument(description="`endCursor` of the page before.")]
AsOf = Annotated[
    InstantText | None, strawberry.argument(description="Instant the question is about; default: now.")
]
KnownAt = Annotated[
    InstantText | None,
    strawberry.argument(description="Only what was recorded by then counts; default: all of it."),
]
Destination = Annotated[
    str, strawberry.argument(description="Id of a scheme, or code of a region, district or alliance.")
]
Against = Annotated[
    str | None,
    strawberry.argument(description="Number of a certificate to compare its value with: is it lower (R28)?"),
]
For = Annotated[Purpose, strawberry.argument(description="What the certificate is to be used for.")]
Amount = Annotated[
    DecimalText | None, strawberry.argument(description="How much of the product; default: one `unit`.")
]
Unit = Annotated[
    str | None,
    strawberry.argument(description="Of `amount`, of the same dimension; default: the declared unit."),
]
Gwp = Annotated[GwpSet, strawberry.argument(description="Set of GWP factors.")]
PreferArg = Annotated[
    Prefer, strawberry.argument(description="Which footprint counts where a product has both.")
]
AllowPartial = Annotated[
    bool, strawberry.argument(description="Answer although the chain is not completely known.")
]


def question(  # noqa: PLR0913, PLR0917  (the arguments, in their order)
    product: str,
    amount: DecimalText | None,
    unit: str | None,
    gwp: GwpSet,
    prefer: Prefer,
    partial: bool,
    parts: frozenset[str] = PARTS,
) -> Question:
    """The question that the arguments of a roll-up make."""
    number = None if amount is None else float(amount)
    return Question(key_of("Product", product), number, unit, gwp, prefer, partial, parts)


def instant(value: InstantText | None) -> datetime | None:
    """An optional instant of the domain."""
    return value
