"""How exact the numbers are, in GraphQL."""

from __future__ import annotations

from math import isfinite

import strawberry

from huren.graph.network.network import Certificate
from huren.schema.scalars import DecimalText, maybe


@strawberry.type(description="How near the solution of the supply graph is to the exact one.")
class Accuracy:
    """Proven for every product at once, or else for those of the chain, whatever the solution was made by."""

    certified: bool = strawberry.field(
        description="Whether every product of the chain is right to a share of 1e-9."
    )
    error: DecimalText | None = strawberry.field(
        description="None of them is off by more than this share of what it should be; null where not proven."
    )
    residual: DecimalText | None = strawberry.field(
        description="Largest componentwise backward error; about 1e-16 is sound."
    )

    @classmethod
    def of(cls, proven: Certificate) -> Accuracy:
        """The door from the domain."""
        error, residual = (maybe(one if isfinite(one) else None) for one in (proven.error, proven.residual))
        return cls(certified=proven.certified, error=error, residual=residual)


@strawberry.type(description="A supply loop with credits, solved.")
class CreditLoop:
    """Flagged, since its solution need not be stable."""

    products: list[str] = strawberry.field(description="Keys of its members.")
    residual: DecimalText = strawberry.field(description="Largest backward error; about 1e-16 is sound.")
