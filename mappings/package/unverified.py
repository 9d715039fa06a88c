"""Which products hold or rest on numbers from a source that their package calls unverified."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from huren.graph.model.supply import Product, Recipe


def mark_unverified(
    products: Mapping[str, Product],
    recipes: Mapping[str, Recipe],
    outside: Mapping[str, Product],
    sources: Collection[str],
) -> dict[str, Product]:
    """``products``, marked where a number of theirs or of anything upstream has one of ``sources``.

    A source is told by its first word: "G 20% efficiency" is from G. Cost: O(products + inputs).
    """
    if not sources and not any(product.unverified for product in outside.values()):
        return dict(products)
    consumers: dict[str, list[str]] = {}
    found = {key for key, product in outside.items() if product.unverified}
    for key, recipe in recipes.items():
        stated = [one.provenance.source for one in recipe.inputs]
        stated += [one.provenance.source for one in recipe.emissions]
        stated += [recipe.declared.source] if recipe.declared else []
        if any(source and source.split()[0] in sources for source in stated):
            found.add(key)
        for one in recipe.inputs:
            consumers.setdefault(one.supplier, []).append(key)
    todo = list(found)
    while todo:
        reached = [key for key in consumers.get(todo.pop(), ()) if key not in found]
        found.update(reached)
        todo += reached
    return {
        key: replace(product, unverified=True) if key in found else product
        for key, product in products.items()
    }
