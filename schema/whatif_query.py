"""What could be: the questions."""

from __future__ import annotations

from typing import Annotated

import strawberry

from huren.graph.model.supply import GwpSet, Prefer
from huren.resolvers import whatif
from huren.schema.arguments import AllowPartial, Amount, Gwp, PreferArg, ProductRef, Unit, question
from huren.schema.context import Info
from huren.schema.ids import key_of
from huren.schema.paging import check_first
from huren.schema.rollup import First
from huren.schema.whatif import Alternatives, ChangeInput, ReplaceInput, WhatIf


@strawberry.type
class WhatIfQuery:
    """Of footprints; nothing is written."""

    @strawberry.field(description="The same with other suppliers, everywhere in the chain that may be seen.")
    async def what_if(  # noqa: PLR0913, PLR0917  (the arguments of the question)
        self,
        info: Info,
        product: ProductRef,
        replace: Annotated[
            list[ReplaceInput] | None, strawberry.argument(description="All made at once.")
        ] = None,
        change: Annotated[
            list[ChangeInput] | None, strawberry.argument(description="Made before any replacement.")
        ] = None,
        amount: Amount = None,
        unit: Unit = None,
        gwp: Gwp = GwpSet.AR6,
        prefer: PreferArg = Prefer.MODELLED,
        allow_partial: AllowPartial = False,
    ) -> WhatIf | None:
        asked = question(product, amount, unit, gwp, prefer, allow_partial)
        steps = [step.value() for step in [*(change or ()), *(replace or ())]]
        return WhatIf.of(await whatif.what_if(info.context, asked, steps))

    @strawberry.field(description="Which of many products would do most in the place of one supplier.")
    async def alternatives(  # noqa: PLR0913, PLR0917  (the arguments of the question)
        self,
        info: Info,
        product: ProductRef,
        supplier: Annotated[
            strawberry.ID, strawberry.argument(description="Somewhere in the product's visible chain.")
        ],
        candidates: Annotated[
            list[strawberry.ID],
            strawberry.argument(description="Products of the same declared unit, 1 to 1,000."),
        ],
        first: First = 10,
        amount: Amount = None,
        unit: Unit = None,
        gwp: Gwp = GwpSet.AR6,
        prefer: PreferArg = Prefer.MODELLED,
        allow_partial: AllowPartial = False,
    ) -> Alternatives | None:
        asked, most = question(product, amount, unit, gwp, prefer, allow_partial), check_first(first)
        named = [key_of("Product", one) for one in candidates]
        found = await whatif.alternatives(info.context, asked, key_of("Product", supplier), named)
        return Alternatives.of(found, most)
