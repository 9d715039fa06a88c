"""Who is there and what they hold: supplier S, sub-supplier T, buyer B, stranger C, a bank K, a province R.

What S and T hide from B, K and R is a :class:`Hidden`; all else is the same in both worlds. Products are
named by code here; the keys of an example begin with its own organisations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from huren.graph import grants, organisations, releases
from huren.graph.inventories import write_inventories
from huren.graph.model.access import EVERYONE, FieldClass, Role
from huren.graph.model.grant import Grant
from huren.graph.model.organisation import Organisation
from huren.graph.model.release import Release
from huren.graph.model.supply import Emission, GwpSet, Input, Product, Recipe, Stage
from huren.graph.model.text import Text
from huren.graph.writing import Effect
from huren.schema.ids import to_id

HIDDEN_RECIPES = ("s/steel", "s/slab", "s/alloy", "s/gone", "s/hid", "s/ghost", "t/iron", "c/thing")
"""Products whose recipe B never sees: released as a number, named by a grant, or not seen at all."""

HIDDEN_FACTS = ("s/gone", "s/hid", "s/ghost", "t/iron", "c/thing")
"""Products of which B sees nothing at all, not even the name."""

HIDDEN_QUALITY = ("s/alloy", *HIDDEN_FACTS)
"""Products of which B does not see the quality."""

OWN = Recipe((), (Emission("CO2", 5.0, stage=Stage.PRODUCTION),), (), True)
CAR = ("s/steel", "s/slab", "s/alloy", "s/gone", "s/hid", "s/open", "t/pub", "b/part")
OPEN = Recipe((Input("t/iron", 1.0), Input("s/hid", 2.0)), (Emission("CO2", 1.0),), (), True)


@dataclass(frozen=True, slots=True)
class Hidden:
    """What is hidden, by code: recipes, facts of products, data quality; and whether S has a `ghost`.

    ``others``: kg CO2e that S released of its steel to C, so many releases.
    """

    recipes: Mapping[str, Recipe] = field(default_factory=dict)
    facts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    ghost: bool = False
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cast:
    """The organisations of one example, of which there is one for each letter."""

    number: int
    country: str | None = "CN"

    def org(self, letter: str) -> str:
        """Its id."""
        return letter if letter == EVERYONE else f"{letter}{self.number}"

    def key(self, name: str) -> str:
        """The key of a product that is named by letter and code."""
        letter, _, code = name.partition("/")
        return f"{self.org(letter)}/{code}"

    def organisations(self) -> Iterable[Organisation]:
        """Who is there; the buyer may sit abroad, or nobody knows where."""
        seats = {"b": self.country}
        roles = {"k": (Role.BANK, None), "r": (Role.PROVINCE, "CN-HL")}
        for letter in "stbckr":
            role, region = roles.get(letter, (Role.FIRM, None))
            yield Organisation(
                self.org(letter), Text(en=letter), None, seats.get(letter, "CN"), region, frozenset({role})
            )

    def product(self, at: str, facts: Mapping[str, Any]) -> Product:
        """The product named ``at`` as both worlds know it, but for ``facts``."""
        owner, _, code = self.key(at).partition("/")
        known = {"name": Text(en=f"{code} of {owner[0]}"), "declared_unit": "kg", "region": "CN-HE"}
        known |= {"category": "steel", "dqr_tech": 2.0, "period_start": date(2025, 1, 1)}
        return Product(owner, code, **known | facts)  # type: ignore[arg-type]

    def recipe(self, recipe: Recipe) -> Recipe:
        """``recipe`` with the keys of this example."""
        return replace(recipe, inputs=tuple(replace(i, supplier=self.key(i.supplier)) for i in recipe.inputs))

    def items(self, hidden: Hidden) -> list[tuple[Product, Recipe]]:
        """Every product with what stands behind it."""
        car = Recipe(tuple(Input(name, 1.5) for name in CAR), (Emission("CO2", 3.0),), (), True)
        known = {"b/car": car, "b/part": OWN, "s/open": OPEN, "t/pub": OWN}
        names = [*known, *(name for name in HIDDEN_RECIPES if hidden.ghost or name != "s/ghost")]
        recipes = {**dict.fromkeys(HIDDEN_RECIPES, OWN), **hidden.recipes, **known}
        return [self.item(name, recipes[name], hidden.facts.get(name, {})) for name in names]

    def item(self, name: str, recipe: Recipe, facts: Mapping[str, Any]) -> tuple[Product, Recipe]:
        """One product with what stands behind it."""
        return self.product(name, facts), self.recipe(recipe)

    def ref(self, text: str) -> str:
        """How a client names a product: `s/x` by key, `#s/x` by Relay id, `=x` by code, else as it stands."""
        if text[:1] == "#":
            return to_id("Product", self.key(text[1:]))
        if text[:1] == "=":
            return text[1:]
        return self.key(text) if text[1:2] == "/" else text

    def release(self, name: str, id: str, kg: str, *audience: str) -> Release:
        """A release of a product."""
        stages = ((Stage.RAW_MATERIAL, kg),) if name == "s/slab" else ()
        meant = frozenset(map(self.org, audience))
        return Release(f"{id}-{self.number}", self.key(name), kg, GwpSet.AR6, 3, meant, stages=stages)

    def grant(self, id: str, grantee: str, names: Iterable[str], *fields: FieldClass) -> Grant:
        """A grant of S."""
        products = frozenset(map(self.key, names))
        return Grant(
            f"{id}-{self.number}", self.org("s"), self.org(grantee), frozenset(fields), products=products
        )

    def opening(self, hidden: Hidden) -> Effect:
        """The example's beginning in one world, as one write."""
        named = self.grant("g1", "b", ["s/alloy"], FieldClass.IDENTITY)
        opened = self.grant("g2", "b", ["s/open"], *FieldClass)
        gone = self.release("s/gone", "r3", "7.00", "b")
        return together(
            *map(organisations.register, self.organisations()),
            inventories(self.items(hidden)),
            releases.publish(self.release("s/steel", "r1", "10.0", "b")),
            releases.publish(self.release("s/slab", "r2", "4.20", EVERYONE)),
            releases.publish(self.release("t/pub", "r4", "1.00", EVERYONE)),
            releases.publish(gone),
            releases.withdraw(gone.id),
            *(
                releases.publish(self.release("s/steel", f"o{i}", kg, "c"))
                for i, kg in enumerate(hidden.others)
            ),
            grants.give(named),
            grants.give(opened),
        )


def inventories(items: Iterable[tuple[Product, Recipe]]) -> Effect:
    """State products and what stands behind them, whatever it is: no check but the database's."""
    pairs = list(items)

    async def effect(tx: Any, stamp: Any) -> None:
        await write_inventories(tx, stamp.write, pairs)

    return effect


def together(*effects: Effect) -> Effect:
    """All of it in one write."""

    async def effect(tx: Any, stamp: Any) -> None:
        for one in effects:
            await one(tx, stamp)

    return effect
