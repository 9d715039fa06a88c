"""Supply graphs whose rows state a spread, and words for asking about them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from math import exp, log

from hypothesis import strategies as st

from huren.graph.model.supply import Emission, GwpSet, Input, Product, Provenance, Recipe, Stage, Supply
from huren.graph.model.text import Text
from huren.graph.root import Root, Solved
from huren.graph.system import System
from huren.graph.uncertainty.analytic import Study

Row = Input | Emission


def g(gsd: float | None) -> Provenance:
    """A number of that spread."""
    return Provenance("primary", "measured", gsd)


def kg(value: float, gsd: float | None = None, stage: Stage | None = None) -> Emission:
    """An emission of CO2."""
    return Emission("CO2", value, stage=stage, provenance=g(gsd))


def of(code: str, amount: float, gsd: float | None = None, stage: Stage | None = None) -> Input:
    """An input of a product of the same organisation."""
    return Input(f"a/{code}", amount, stage, g(gsd))


def graph(**rows: Iterable[Row]) -> Supply:
    """Products of one organisation by code, with their rows."""
    products = {f"a/{code}": Product("a", code, Text(en=code), "kg") for code in rows}
    recipes = {
        f"a/{code}": Recipe(
            tuple(row for row in given if isinstance(row, Input)),
            tuple(row for row in given if isinstance(row, Emission)),
            (),
            True,
        )
        for code, given in ((code, tuple(given)) for code, given in rows.items())
    }
    return Supply(products, recipes)


def solved(supply: Supply, *codes: str, amount: float = 1.0, gwp: GwpSet = GwpSet.AR6) -> list[Solved]:
    """Roll-ups of products of that organisation, in one system."""
    system = System.of(supply, roots=[f"a/{code}" for code in codes])
    return [Solved.of(system, Root.of(system, system.at(f"a/{code}")), amount, gwp) for code in codes]


def study(supply: Supply, *codes: str, amount: float = 1.0, assume: float | None = None) -> Study:
    """Their study."""
    return Study.of(solved(supply, *codes, amount=amount), assume)


def total(supply: Supply, code: str = "0") -> float:
    """The total of one unit."""
    return solved(supply, code)[0].total


def with_rows(supply: Supply, change: Callable[[Row], float]) -> Supply:
    """Every row at another value."""
    recipes = {
        key: replace(
            recipe,
            inputs=tuple(replace(row, amount=change(row)) for row in recipe.inputs),
            emissions=tuple(replace(row, kg=change(row)) for row in recipe.emissions),
        )
        for key, recipe in supply.recipes.items()
    }
    return replace(supply, recipes=recipes)


def value(row: Row) -> float:
    """The amount, or kg."""
    return row.amount if isinstance(row, Input) else row.kg


def at_means(supply: Supply) -> Supply:
    """Every row at the mean of its distribution."""
    return with_rows(supply, lambda row: value(row) * exp(log(row.provenance.gsd or 1.0) ** 2 / 2))


def rows_of(supply: Supply) -> list[tuple[str, str, int]]:
    """Every row, as :func:`nudged` names it: in the order of the parameters of a study of all products."""
    return [
        (key, kind, i)
        for key in sorted(supply.recipes)
        for kind in ("inputs", "emissions")
        for i in range(len(getattr(supply.recipes[key], kind)))
    ]


def put(supply: Supply, values: Mapping[tuple[str, str, int], float]) -> Supply:
    """Some rows at other values."""
    recipes = dict(supply.recipes)
    for (key, kind, i), number in values.items():
        rows = list(getattr(recipes[key], kind))
        name = "amount" if kind == "inputs" else "kg"
        rows[i] = replace(rows[i], **{name: number})
        recipes[key] = replace(recipes[key], **{kind: tuple(rows)})
    return replace(supply, recipes=recipes)


spreads = st.sampled_from([None, 1.0, 1.02, 1.1, 1.25]).map(g)
stages = st.none() | st.sampled_from(Stage)


@st.composite
def supplies(
    draw: st.DrawFn,
    *,
    least: float = -0.1,
    gases: tuple[str, ...] = ("CO2", "CH4"),
) -> Supply:
    """Up to six products; amounts are so small that every loop converges, by the spread too."""
    count = draw(st.integers(1, 6))
    amounts = st.floats(least, 0.1).map(lambda a: round(a, 3))
    masses = st.floats(-3, 3) if least < 0 else st.floats(0.1, 3)
    emitted = st.builds(
        Emission,
        st.sampled_from(gases),
        masses.map(lambda m: round(m, 3)),
        stage=stages,
        provenance=spreads,
    )
    products, recipes = {}, {}
    for i in range(count):
        suppliers = st.integers(0, count - 1)
        rows = st.builds(Input, suppliers.map(lambda s: f"a/{s}"), amounts.filter(bool), stages, spreads)
        inputs = draw(st.lists(rows, max_size=4))
        products[f"a/{i}"] = Product("a", str(i), Text(), "kg")
        recipes[f"a/{i}"] = Recipe(tuple(inputs), tuple(draw(st.lists(emitted, max_size=3))), (), True)
    return Supply(products, recipes)
