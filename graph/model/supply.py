"""Products and what they need: the supply half of the graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from huren.graph.model.text import Text


class Stage(StrEnum):
    """Life-cycle stages (ISO 14067 6.3.4; EN 15804 modules A1-A2, A3, A4-A5, B, C)."""

    RAW_MATERIAL = "raw_material"
    PRODUCTION = "production"
    DISTRIBUTION = "distribution"
    USE = "use"
    END_OF_LIFE = "end_of_life"


GATE = frozenset({Stage.RAW_MATERIAL, Stage.PRODUCTION})
"""The stages that travel with a supplied product: cradle to gate."""


class Origin(StrEnum):
    """Origin of an emission (ISO 14067 6.4.9)."""

    FOSSIL = "fossil"
    BIOGENIC = "biogenic"
    LAND_USE_CHANGE = "land_use_change"
    UNSPECIFIED = "unspecified"


class GwpSet(StrEnum):
    """Set of GWP100 factors, by IPCC assessment report."""

    AR4 = "AR4"
    AR5 = "AR5"
    AR6 = "AR6"


class Prefer(StrEnum):
    """Which footprint counts where a product is both modelled and declared."""

    MODELLED = "MODELLED"
    DECLARED = "DECLARED"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a number comes from: primary or secondary, its source, geometric standard deviation."""

    data_kind: str | None = None
    source: str | None = None
    gsd: float | None = None


NO_PROVENANCE = Provenance()


@dataclass(frozen=True, slots=True)
class Input:
    """``amount`` of ``supplier``'s declared unit that one declared unit of the consumer needs.

    ``supplier`` is a product key. ``stage`` None counts as raw material.
    """

    supplier: str
    amount: float
    stage: Stage | None = None
    provenance: Provenance = NO_PROVENANCE


@dataclass(frozen=True, slots=True)
class Emission:
    """``kg`` of ``gas`` per declared unit, negative for a removal. ``stage`` None counts as production.

    ``gas`` "CO2e" is an already characterised value under ``gwp_set`` (None: not stated).
    """

    gas: str
    kg: float
    origin: Origin = Origin.UNSPECIFIED
    stage: Stage | None = None
    gwp_set: GwpSet | None = None
    provenance: Provenance = NO_PROVENANCE


@dataclass(frozen=True, slots=True)
class Unlinked:
    """A stated need of ``amount`` ``unit`` of ``flow`` per declared unit, which no product supplies."""

    flow: str
    amount: float
    unit: str


@dataclass(frozen=True, slots=True)
class Declared:
    """A stated total, kg CO2e per declared unit, that stands for the whole chain behind a product.

    ``stages`` breaks it down (empty: no breakdown). ``to_grave`` says whether ``kg_co2e`` covers
    distribution, use and end of life too. ``biogenic_kg_co2`` is reported beside, never inside.
    """

    kg_co2e: float
    gwp_set: GwpSet | None = None
    to_grave: bool = False
    stages: tuple[tuple[Stage, float], ...] = ()
    biogenic_kg_co2: float = 0.0
    valid_until: datetime | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Product:
    """A product model. ``key`` is "owner/code"; amounts elsewhere are per one ``declared_unit``."""

    owner: str
    code: str
    name: Text
    declared_unit: str
    category: str | None = None
    region: str | None = None
    site: str | None = None
    period_start: date | None = None
    period_end: date | None = None
    dqr_tech: float | None = None
    dqr_geo: float | None = None
    dqr_time: float | None = None
    traceability: str | None = None
    unverified: bool = False

    @property
    def key(self) -> str:
        """The key of the product in the whole graph, "owner/code"."""
        return f"{self.owner}/{self.code}"


@dataclass(frozen=True, slots=True)
class Recipe:
    """What stands behind one declared unit of a product.

    An emission row of 0 kg is a statement; no row at all beside no input means nothing is known.
    ``unlinked_stated`` is False where the package had no list of unlinked inputs at all.
    """

    inputs: tuple[Input, ...] = ()
    emissions: tuple[Emission, ...] = ()
    unlinked: tuple[Unlinked, ...] = ()
    unlinked_stated: bool = False
    declared: Declared | None = None


EMPTY_RECIPE = Recipe()


@dataclass(frozen=True, slots=True)
class Supply:
    """The supply graph at one revision: products and recipes by product key.

    A recipe may be absent (nothing known). Every ``Input.supplier`` is a key of ``products``.
    """

    products: Mapping[str, Product] = field(default_factory=dict)
    recipes: Mapping[str, Recipe] = field(default_factory=dict)
    revision: int = 0
    as_of: datetime | None = None

    @classmethod
    def of(cls, own: Mapping[str, float], inputs: Iterable[tuple[str, str, float]] = ()) -> Supply:
        """A small graph of models: kg CO2e emitted by each key, and (consumer, supplier, amount).

        >>> supply = Supply.of({"a/car": 100, "a/steel": 2}, [("a/car", "a/steel", 900)])
        >>> supply.recipes["a/car"].inputs[0].amount
        900
        """
        rows = list(inputs)
        products = {key: Product(*key.rpartition("/")[::2], Text(en=key), "piece") for key in own}
        recipes = {
            key: Recipe(
                tuple(Input(supplier, amount) for consumer, supplier, amount in rows if consumer == key),
                (Emission("CO2e", kg),),
                unlinked_stated=True,
            )
            for key, kg in own.items()
        }
        return cls(products, recipes)
