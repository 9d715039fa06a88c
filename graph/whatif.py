"""What if: the same supply graph with other suppliers or other amounts. Pure; the original stays as it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import fsum, isfinite
from typing import TypeVar

from huren.errors import BadInput
from huren.graph.model.supply import Input, Recipe, Supply
from huren.graph.sides import finite, no_product
from huren.graph.snapshot.excerpt import restated
from huren.graph.snapshot.snapshot import Recipes


@dataclass(frozen=True, slots=True)
class Replace:
    """Of what ``consumer`` needs of ``supplier`` and ``by`` together, ``share`` comes from ``by``.

    All of it by default: another supplier, another electricity product. Less of it: recycled content,
    green power. ``consumer`` None: every product that needs ``supplier``.
    """

    supplier: str
    by: str
    share: float = 1.0
    consumer: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The products that the step is about."""
        return _stated(self.supplier, self.by, self.consumer)

    def renamed(self, keys: Mapping[str, str]) -> Replace:
        """The same step about the products of these keys."""
        consumer = self.consumer and keys[self.consumer]
        return replace(self, supplier=keys[self.supplier], by=keys[self.by], consumer=consumer)


@dataclass(frozen=True, slots=True)
class Change:
    """What one unit of ``consumer`` needs of ``supplier`` becomes ``amount``; 0 takes the input out.

    ``consumer`` None: every product that needs ``supplier``.
    """

    consumer: str | None
    supplier: str
    amount: float

    @property
    def names(self) -> tuple[str, ...]:
        """The products that the step is about."""
        return _stated(self.supplier, self.consumer)

    def renamed(self, keys: Mapping[str, str]) -> Change:
        """The same step about the products of these keys."""
        return replace(self, supplier=keys[self.supplier], consumer=self.consumer and keys[self.consumer])


Step = Replace | Change
S = TypeVar("S", Replace, Change)
_Table = dict[str | None, dict[str, S]]
"""Steps by consumer, then supplier."""


def what_if(supply: Supply, steps: Iterable[Step]) -> Supply:
    """``supply`` with all changes made, and then all replacements at once.

    At once: replacing a by b and b by a swaps them. An input of ``by``'s own is replaced like any other. A
    step for one consumer goes before the same step for all. Declared totals stay; only models change.
    Cost: O(steps), and each recipe when it is asked for; of a graph in columns a copy, and what changes.
    Raises: NotFound; BadInput where the declared units differ, two steps contradict, a share or an amount
    cannot be, or the input to change does not exist.
    """
    asked = list(steps)
    for step in asked:
        _check(supply, step)
    changes = _table([step for step in asked if isinstance(step, Change)])
    replacements = [step for step in asked if isinstance(step, Replace)]
    _check_shares(replacements)
    edited = _Edited(supply.recipes, changes, _table(replacements))
    if not isinstance(supply.recipes, Recipes):
        return replace(supply, recipes=edited)
    told = {step.consumer for step in asked if step.consumer is not None}
    if any(step.consumer is None for step in asked):
        told.update(supply.recipes.snapshot.consumers(step.supplier for step in asked))
    return restated(supply, {key: edited[key] for key in sorted(told)})


@dataclass(frozen=True, slots=True, eq=False)
class _Edited(Mapping[str, Recipe]):
    """Recipes with the steps made, each when it is asked for: few of a graph's are upstream of a question."""

    recipes: Mapping[str, Recipe]
    changes: _Table[Change]
    instead: _Table[Replace]

    def __getitem__(self, key: str) -> Recipe:
        return _edited(self.recipes[key], _of(self.changes, key), _of(self.instead, key))

    def __iter__(self) -> Iterator[str]:
        return iter(self.recipes)

    def __len__(self) -> int:
        return len(self.recipes)


def _table(steps: Sequence[S]) -> _Table[S]:
    table: _Table[S] = {}
    for step in steps:
        if table.setdefault(step.consumer, {}).setdefault(step.supplier, step) != step:
            raise _bad(
                f"two steps about `{step.supplier}` contradict one another",
                f"关于 `{step.supplier}` 的两项改动相互矛盾",
                ("Name each supplier once.", "每个供应产品只能改动一次。"),
            )
    return table


def _of(table: _Table[S], key: str) -> dict[str, S]:
    """The steps that concern one consumer, its own before those for all."""
    return table.get(None, {}) | table.get(key, {})


def _edited(recipe: Recipe, changes: dict[str, Change], instead: dict[str, Replace]) -> Recipe:
    if not any(row.supplier in changes or row.supplier in instead for row in recipe.inputs):
        return recipe
    rows = list(recipe.inputs)
    for change in changes.values():
        rows = _set(rows, change.supplier, change.amount)
    for step in instead.values():
        rows = _mixed(rows, step) if step.share < 1 else rows
    whole = {step.supplier: step.by for step in instead.values() if step.share == 1}
    rows = [replace(row, supplier=whole.get(row.supplier, row.supplier)) for row in rows]
    return replace(recipe, inputs=tuple(rows))


def _mixed(rows: list[Input], step: Replace) -> list[Input]:
    """What a consumer needs of both, divided anew; what it newly takes from ``by`` goes row by row."""
    of, by = ([row for row in rows if row.supplier == name] for name in (step.supplier, step.by))
    if not of:
        return rows
    both = fsum(row.amount for row in (*of, *by))
    rows = rows if by else [*rows, *(replace(row, supplier=step.by) for row in of)]
    return _set(_set(rows, step.supplier, (1 - step.share) * both), step.by, step.share * both)


def _set(rows: list[Input], supplier: str, amount: float) -> list[Input]:
    """Rows of one pair keep their proportions, and so their stages; the first takes all if they sum to 0."""
    amounts = [row.amount for row in rows if row.supplier == supplier]
    before = fsum(amounts)
    ratio = amount / before if before else float("inf")
    scaled = [one * ratio for one in amounts] if isfinite(ratio) else [amount, *[0.0] * (len(amounts) - 1)]
    new = iter(scaled)
    return [replace(row, amount=next(new)) if row.supplier == supplier else row for row in rows]


def _stated(*keys: str | None) -> tuple[str, ...]:
    return tuple(key for key in keys if key is not None)


def _check(supply: Supply, step: Step) -> None:
    for key in step.names:
        if key not in supply.products:
            raise no_product(key)
    if isinstance(step, Replace):
        same_unit(supply, step.supplier, step.by)
    else:
        finite(step.amount, step.consumer or "*", step.supplier)
    if step.consumer is not None:
        _check_needed(supply, step.consumer, step.supplier)


def same_unit(supply: Supply, supplier: str, by: str) -> None:
    """Raises: BadInput unless both products have the same declared unit."""
    old, new = (supply.products[key].declared_unit for key in (supplier, by))
    if old != new:
        raise _bad(
            f"`{supplier}` is declared per {old}, but `{by}` per {new}",
            f"`{supplier}` 的声明单位为 {old},而 `{by}` 为 {new}",
            ("Replace a product by one of the same declared unit.", "请选择声明单位相同的产品。"),
        )


def _check_needed(supply: Supply, consumer: str, supplier: str) -> None:
    recipe = supply.recipes.get(consumer)
    if recipe is None or all(row.supplier != supplier for row in recipe.inputs):
        raise _bad(
            f"`{consumer}` has no input of `{supplier}`",
            f"`{consumer}` 没有来自 `{supplier}` 的投入",
            ("Change an input that exists.", "请修改已有的投入。"),
        )


def _check_shares(replacements: Sequence[Replace]) -> None:
    for step in replacements:
        if not 0 <= step.share <= 1:
            raise _bad(
                f"the share {step.share!r} is none: it goes from 0 to 1",
                f"份额 {step.share!r} 无效:应在 0 与 1 之间",
                ("Give the share as a decimal number such as 0.3.", "请以小数给出份额,例如 0.3。"),
            )
    for one, other in combinations(replacements, 2):
        if _tangled(one, other):
            raise _bad(
                f"the shares of `{one.supplier}` and `{other.supplier}` touch one another",
                f"`{one.supplier}` 与 `{other.supplier}` 的份额相互影响",
                ("Divide each product once.", "每个产品只能参与一次份额划分。"),
            )


def _tangled(one: Replace, other: Replace) -> bool:
    """Whether it would matter which of the two is made first."""
    meet = one.consumer == other.consumer or None in (one.consumer, other.consumer)
    same = one.supplier == other.supplier  # twice, or for one consumer rather than for all
    touch = not {one.supplier, one.by}.isdisjoint({other.supplier, other.by})
    return meet and not same and touch and min(one.share, other.share) < 1


def _bad(en: str, zh: str, fix: tuple[str, str]) -> BadInput:
    return BadInput(en, zh, fix=fix[0], fix_zh=fix[1])
