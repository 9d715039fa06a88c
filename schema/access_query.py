"""What can be asked about who sees what."""

from __future__ import annotations

from typing import Annotated

import strawberry

from huren.resolvers import releasing
from huren.schema.arguments import ProductRef
from huren.schema.context import Info
from huren.schema.ids import key_of
from huren.schema.paging import check_first
from huren.schema.release import Grant, OwnRelease

Latest = Annotated[int, strawberry.argument(description="How many, the latest first: 1 to 100.")]


@strawberry.type
class AccessQuery:
    """Mixed into the root of questions."""

    @strawberry.field(description="The releases of one's own product, withdrawn ones too.")
    async def releases(self, info: Info, product: ProductRef, first: Latest) -> list[OwnRelease] | None:
        found = await releasing.history(info.context, key_of("Product", product), check_first(first))
        return [OwnRelease.of(release) for release in found]

    @strawberry.field(description="The grants that the caller's organisation gave or got, ended ones too.")
    async def grants(self, info: Info, first: Latest) -> list[Grant] | None:
        return [Grant.of(grant) for grant in await releasing.given(info.context, check_first(first))]
