"""What if: the same supply graph with other suppliers or other amounts. Pure; the original stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import fsum, isfinite

from huren.errors import BadInput
from huren.graph.model.supply import EMPTY_RECIPE, Recipe, Supply
from huren.graph.sides import finite, no_product


@dataclass(frozen=True, slots=True)
class Replace:
    """Every input of ``supplier``, anywhere, is taken from ``by`` instead, in the same amount."""

    supplier: str
    by: str


@dataclass(frozen=True, slots=True)
class Change:
    """What one unit of ``consumer`` needs of ``supplier`` becomes ``amount``; 0 takes the input out."""

    consumer: str
    supplier: str
    amount: float


def what_if(supply: Supply, replacements: Sequence[Replace] = (), changes: Sequence[Change] = ()) -> Supply:
    """``supply`` with all ``changes`` made, and then all ``replacements`` at once.

    At once: replacing a by b and b by a swaps them. An input of ``by``'s own is replaced like any other.
    Declared totals stay as they are; only models change. Cost: O(inputs).
    Raises: NotFound; BadInput where the declared units differ, a supplier is replaced twice, an amount
    is not finite, or the input to change does not exist.
    """
    instead = _instead(supply, replacements)
    recipes = dict(supply.recipes)
    for change in changes:
        recipes[change.consumer] = _changed(supply, recipes, change)
    if instead:
        recipes = {key: _replaced(recipe, instead) for key, recipe in recipes.items()}
    return replace(supply, recipes=recipes)


def _instead(supply: Supply, replacements: Sequence[Replace]) -> dict[str, str]:
    instead: dict[str, str] = {}
    for step in replacements:
        for key in (step.supplier, step.by):
            if key not in supply.products:
                raise no_product(key)
        if instead.setdefault(step.supplier, step.by) != step.by:
            raise _bad(
                f"`{step.supplier}` is replaced both by `{instead[step.supplier]}` and by `{step.by}`",
                f"`{step.supplier}` 同时被 `{instead[step.supplier]}` 和 `{step.by}` 替换",
                ("Name each supplier once.", "每个供应产品只能替换一次。"),
            )
        _same_unit(supply, step)
    return instead


def _same_unit(supply: Supply, step: Replace) -> None:
    old, new = (supply.products[key].declared_unit for key in (step.supplier, step.by))
    if old != new:
        raise _bad(
            f"`{step.supplier}` is declared per {old}, but `{step.by}` per {new}",
            f"`{step.supplier}` 的声明单位为 {old},而 `{step.by}` 为 {new}",
            ("Replace a product by one of the same declared unit.", "请选择声明单位相同的产品。"),
        )


def _replaced(recipe: Recipe, instead: dict[str, str]) -> Recipe:
    if not any(row.supplier in instead for row in recipe.inputs):
        return recipe
    rows = (replace(row, supplier=instead.get(row.supplier, row.supplier)) for row in recipe.inputs)
    return replace(recipe, inputs=tuple(rows))


def _changed(supply: Supply, recipes: dict[str, Recipe], change: Change) -> Recipe:
    for key in (change.consumer, change.supplier):
        if key not in supply.products:
            raise no_product(key)
    finite(change.amount, change.consumer, change.supplier)
    recipe = recipes.get(change.consumer, EMPTY_RECIPE)
    rows = [row.amount for row in recipe.inputs if row.supplier == change.supplier]
    if not rows:
        raise _bad(
            f"`{change.consumer}` has no input of `{change.supplier}`",
            f"`{change.consumer}` 没有来自 `{change.supplier}` 的投入",
            ("Change an input that exists.", "请修改已有的投入。"),
        )
    new = iter(_scaled(rows, change.amount))
    inputs = (
        replace(row, amount=next(new)) if row.supplier == change.supplier else row for row in recipe.inputs
    )
    return replace(recipe, inputs=tuple(inputs))


def _scaled(rows: list[float], amount: float) -> list[float]:
    """Rows of one pair keep their proportions, and so their stages; the first takes all if they sum to 0."""
    before = fsum(rows)
    ratio = amount / before if before else float("inf")
    return [row * ratio for row in rows] if isfinite(ratio) else [amount, *[0.0] * (len(rows) - 1)]


def _bad(en: str, zh: str, fix: tuple[str, str]) -> BadInput:
    return BadInput(en, zh, fix=fix[0], fix_zh=fix[1])
