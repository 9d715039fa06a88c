"""Products by name in the supply graph at hand: what the database's `find` does, without asking it."""

from __future__ import annotations

from collections.abc import Mapping

from huren.graph.model.supply import Product
from huren.graph.products import ambiguous
from huren.graph.sides import no_product
from huren.graph.snapshot.snapshot import Products


def find(products: Mapping[str, Product], ref: str) -> Product:
    """The product of key "owner/code", or of a code that is unique, in a snapshot: for who sees all of it.

    Cost: a look-up. Raises: NotFound; Conflict.
    """
    assert isinstance(products, Products)
    if ref in products:
        return products[ref]
    found = products.coded(ref)
    if not found:
        raise no_product(ref)
    if len(found) > 1:
        raise ambiguous(ref, sorted(found)[:6])
    return products[found[0]]
