"""Which side of a product counts, its model or its declared total, and the rows that side states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import fsum, isfinite

from huren.errors import BadInput, NotFound
from huren.graph.gwp import CO2E, canonical
from huren.graph.model.rollup import UnlinkedPart
from huren.graph.model.supply import (
    EMPTY_RECIPE,
    GATE,
    Declared,
    Emission,
    GwpSet,
    Input,
    Origin,
    Prefer,
    Recipe,
    Stage,
    Supply,
)

Flow = tuple[str, Origin, GwpSet | None]
"""A gas, its origin, and for CO2e the set it was characterised under."""


@dataclass(frozen=True, slots=True)
class Side:
    """The one side of a product that counts: its model, or (``declared`` set) its declared total."""

    recipe: Recipe
    declared: Declared | None

    @classmethod
    def of(cls, supply: Supply, key: str, prefer: Prefer) -> Side:
        """MODELLED takes the model where there is one (any input or emission row), DECLARED the total."""
        recipe = supply.recipes.get(key, EMPTY_RECIPE)
        modelled = bool(recipe.inputs or recipe.emissions)
        return cls(recipe, None if modelled and prefer is Prefer.MODELLED else recipe.declared)

    @property
    def unknown(self) -> bool:
        """Whether nothing at all is said of the product: no input, no emission row, no declared total."""
        return self.declared is None and not (self.recipe.inputs or self.recipe.emissions)

    @property
    def inputs(self) -> tuple[Input, ...]:
        """The inputs that count, none behind a declared total; an input of amount 0 needs nothing."""
        return () if self.declared else tuple(i for i in self.recipe.inputs if i.amount)

    @property
    def emissions(self) -> Iterable[Emission]:
        """The emission rows; those that a declared total stands for."""
        return declared_emissions(self.declared) if self.declared else self.recipe.emissions

    def unlinked(self, key: str) -> list[UnlinkedPart]:
        """The unlinked inputs that count, by flow."""
        rows = () if self.declared else sorted(self.recipe.unlinked, key=lambda u: (u.flow, u.unit, u.amount))
        for row in rows:
            finite(row.amount, key, row.flow)
        return [UnlinkedPart(key, row.flow, row.amount, row.unit) for row in rows]


def declared_emissions(declared: Declared) -> Iterator[Emission]:
    """A declared total as CO2e of its own GWP set; what its breakdown leaves (rounding) is unlabelled."""
    stages = [] if undivided(declared) else _breakdown(declared)
    for stage, kg in stages:
        yield Emission(CO2E, kg, stage=stage, gwp_set=declared.gwp_set)
    rest = fsum([declared.kg_co2e, *(-kg for _, kg in stages)])
    if rest or not stages:
        yield Emission(CO2E, rest, gwp_set=declared.gwp_set)
    if declared.biogenic_kg_co2:
        yield Emission("CO2", declared.biogenic_kg_co2, Origin.BIOGENIC)


def _breakdown(declared: Declared) -> list[tuple[Stage, float]]:
    return [(stage, kg) for stage, kg in declared.stages if declared.to_grave or stage in GATE]


def undivided(declared: Declared) -> bool:
    """Whether a total reaches past the gate without a breakdown that accounts for it (to 1 %)."""
    stages = _breakdown(declared)
    gap = abs(fsum([declared.kg_co2e, *(-kg for _, kg in stages)]))
    return declared.to_grave and (not stages or gap > 0.01 * fsum(abs(kg) for _, kg in stages))


def flow_of(row: Emission, key: str) -> Flow:
    """The flow of an emission row. Raises: BadInput for a gas without factor."""
    gas = canonical(row.gas)
    if gas is None:
        raise BadInput(
            f"`{row.gas}`, emitted by `{key}`, has no global warming potential",
            f"`{key}` 排放的 `{row.gas}` 没有全球变暖潜势值",
            fix="Name a gas that has a factor, or give the emission as CO2e.",
            fix_zh="请改用有因子的气体,或以 CO2e 给出该排放。",
        )
    return gas, row.origin, row.gwp_set if gas == CO2E else None


def finite(value: float, key: str, what: str) -> None:
    """Raises: BadInput, naming product and row, unless ``value`` is finite."""
    if not isfinite(value):
        raise BadInput(
            f"the amount of `{what}` at `{key}` is not a finite number",
            f"`{key}` 的 `{what}` 数量不是有限数值",
            fix="Give a finite decimal number.",
            fix_zh="请填写有限的十进制数。",
        )


def no_product(key: str) -> NotFound:
    """The error for a key that no product has."""
    return NotFound(
        f"no product `{key}`",
        f"没有产品 `{key}`",
        fix="Name an existing product by its id, or by owner and code.",
        fix_zh="请使用已有产品的标识,或所有者与编码。",
    )
