"""What the data behind a roll-up are worth. Weights are |contribution|: kg CO2e emitted at each product."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from huren.graph.model.supply import GwpSet


@dataclass(frozen=True, slots=True)
class DataShares:
    """Emissions by the kind of data that they were stated as; together 1, None where nothing is emitted.

    ``primary`` is the primary data share of PACT: each supplier's own, weighted by what it brings.
    """

    primary: float | None
    secondary: float | None
    unstated: float | None


@dataclass(frozen=True, slots=True)
class Rated:
    """A rating of products, or the age of their data in years; the higher the worse.

    ``weighted``: over the products that state it, None where none does; ``stated``: their part of
    Σ|contribution|. ``worst`` at ``product``, of those that contribute.
    """

    weighted: float | None
    stated: float | None
    worst: float | None
    product: str | None


@dataclass(frozen=True, slots=True)
class TraceLevel:
    """The products that state one ``level`` of traceability, in their own words (None: none stated)."""

    level: str | None
    products: int
    share: float | None


@dataclass(frozen=True, slots=True)
class WeakLink:
    """A product that brings much, by poor data. ``value``: its contribution, ``share`` of the total.

    ``rating``: the worst of its three data quality ratings, None where it states none.
    """

    product: str
    value: float
    share: float | None
    rating: float | None
    years: float | None


@dataclass(frozen=True, slots=True)
class Stale:
    """A product whose data ended on ``ended``: before the day asked, or before its ``supplier``'s began.

    ``supplier`` None: before the day asked. ``began``: first day of the supplier's present data.
    """

    product: str
    ended: date
    supplier: str | None
    began: date | None
    value: float
    share: float | None


@dataclass(frozen=True, slots=True)
class Quality:
    """Data quality of one roll-up. ``traceability``: by share; the others as :class:`Rated`."""

    kinds: DataShares
    technological: Rated
    geographical: Rated
    temporal: Rated
    age: Rated
    traceability: tuple[TraceLevel, ...]
    weak: Callable[[int], tuple[WeakLink, ...]] = field(repr=False, compare=False)
    stale: Callable[[date | None], tuple[Stale, ...]] = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Check:
    """A declared total beside the one that its model gives, kg CO2e per declared unit of ``product``.

    ``gwp``: the set of both; that of the question where the declared total states none. ``complete``:
    whether the model is known to its last input. ``relative``: the difference over the declared total,
    None where that is 0.
    """

    product: str
    declared: float
    computed: float
    gwp: GwpSet
    gwp_stated: bool
    to_grave: bool
    complete: bool

    @property
    def difference(self) -> float:
        """Computed less declared."""
        return self.computed - self.declared

    @property
    def relative(self) -> float | None:
        """The difference as a share of the declared total."""
        return self.difference / abs(self.declared) if self.declared else None

    def matches(self, tolerance: float) -> bool:
        """Whether both are the same to ``tolerance``, a share of the declared total."""
        return abs(self.difference) <= tolerance * abs(self.declared)


@dataclass(frozen=True, slots=True)
class Resting:
    """A product that rests on a source. ``value``: kg CO2e that come by way of it, per declared unit.

    ``share``: of the product's own gate total. ``stale``: its data ended before those of the source began.
    """

    product: str
    value: float
    share: float | None
    stale: bool
