"""Products by name in the supply graph at hand: what the database's `find` does, without asking it."""

from __future__ import annotations

from collections.abc import Mapping

from huren.auth.principal import Principal
from huren.auth.visibility import sees
from huren.graph.model.supply import Product
from huren.graph.products import ambiguous
from huren.graph.sides import no_product


class Directory:
    """The products of one supply graph after the other, by code; made anew when they change."""

    def __init__(self) -> None:
        self._products: Mapping[str, Product] = {}
        self._keys: dict[str, list[str]] = {}

    def find(self, products: Mapping[str, Product], ref: str, viewer: Principal) -> Product:
        """The product of key "owner/code", or of a code that is unique among those that ``viewer`` sees.

        Cost: a look-up; all products once after they changed. Raises: NotFound; Conflict.
        """
        named = products.get(ref)
        if named is not None and sees(viewer, named.owner):
            return named
        found = [key for key in self._by_code(products).get(ref, ()) if sees(viewer, products[key].owner)]
        if not found:
            raise no_product(ref)
        if len(found) > 1:
            raise ambiguous(ref, sorted(found)[:6])
        return products[found[0]]

    def _by_code(self, products: Mapping[str, Product]) -> dict[str, list[str]]:
        if self._products is not products:
            keys: dict[str, list[str]] = {}
            for key, product in products.items():
                keys.setdefault(product.code, []).append(key)
            self._products, self._keys = products, keys
        return self._keys
