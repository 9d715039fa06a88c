"""The schema, and its printed form."""

from __future__ import annotations

from functools import cache

import strawberry
from strawberry.schema.config import StrawberryConfig

import huren.schema.enums  # noqa: F401  (registers the vocabularies)
from huren.schema.certificate import Certificate
from huren.schema.mutation import Mutation
from huren.schema.organisation import Organisation
from huren.schema.product import Product
from huren.schema.query import Query
from huren.schema.scalars import SCALARS


@cache
def build_schema(*, in_order: bool = False) -> strawberry.Schema:
    """The schema; cost: half a second, the first time. ``in_order`` sorts it, for printing alone.

    Sorting makes strawberry's enums plain ones, whose input stays text.
    """
    config = StrawberryConfig(scalar_map=SCALARS, sort_schema=in_order)
    return strawberry.Schema(
        query=Query, mutation=Mutation, types=[Product, Organisation, Certificate], config=config
    )


def printed() -> str:
    """The SDL, as ``schema/schema.graphql`` holds it."""
    return build_schema(in_order=True).as_str() + "\n"
