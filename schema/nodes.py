"""From a global id to what it names."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from huren.resolvers import certificates, organisations, products
from huren.resolvers.context import Context
from huren.schema.certificate import Certificate
from huren.schema.ids import of_id
from huren.schema.node import Node
from huren.schema.organisation import Organisation
from huren.schema.product import Product


async def _product(ctx: Context, key: str) -> Node:
    return Product.of(await products.product(ctx, key))


async def _organisation(ctx: Context, key: str) -> Node:
    return Organisation.of(await organisations.organisation(ctx, key))


async def _certificate(ctx: Context, key: str) -> Node:
    return Certificate.of(await certificates.certificate(ctx, key))


_FIND: dict[str, Callable[[Context, str], Awaitable[Node]]] = {
    "Product": _product,
    "Organisation": _organisation,
    "Certificate": _certificate,
}


async def find(ctx: Context, text: str) -> Node:
    """What the global id ``text`` names; a product also by owner/code or a unique code.

    Raises: NotFound, Forbidden, Conflict.
    """
    kind, key = of_id(text) or ("Product", text)
    return await _FIND[kind](ctx, key)
