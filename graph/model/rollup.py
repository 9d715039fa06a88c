"""The answer of a roll-up. Masses are kg, values kg CO2e under ``RollUp.gwp``, both for the amount asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import fsum, isfinite
from typing import TYPE_CHECKING, overload

from huren.graph.model.supply import GwpSet, Origin, Prefer, Stage

if TYPE_CHECKING:
    from huren.graph.root import Solved


@dataclass(frozen=True, slots=True)
class GasPart:
    """One gas of one origin. ``kg`` of "CO2e" is kg CO2e, under ``gwp_set`` (None: not stated).

    The counted ``kg_co2e`` sum to the total, all of them to the total including biogenic.
    """

    gas: str
    origin: Origin
    kg: float
    counted: bool
    kg_co2e: float
    gwp_set: GwpSet | None = None


@dataclass(frozen=True, slots=True)
class StagePart:
    """The root's own emissions labelled ``stage`` and the whole chain of its inputs labelled so."""

    stage: Stage
    value: float
    share: float | None


@dataclass(frozen=True, slots=True)
class RegionPart:
    """Emissions at the products of one region; None is the region of products that state none."""

    region: str | None
    value: float
    share: float | None


@dataclass(frozen=True, slots=True)
class Contribution:
    """Emissions at one product of the chain; ``share`` is None where the total is 0."""

    product: str
    value: float
    share: float | None


@dataclass(frozen=True, slots=True)
class Other:
    """What a list cut short leaves out: how many entries, and their sum."""

    count: int
    value: float
    share: float | None


@dataclass(frozen=True, slots=True)
class Contributions(Sequence[Contribution]):
    """Emissions at every product of the chain, root included, by |value| then key; they sum to the total.

    Kept as two columns, since a chain may hold 100,000 products of which ten are looked at.
    """

    products: tuple[str, ...]
    values: tuple[float, ...]
    total: float

    def first(self, count: int) -> tuple[tuple[Contribution, ...], Other]:
        """The ``count`` largest, and the sum of all others; together the total."""
        rest = fsum(self.values[count:])
        left_out = max(len(self.values) - count, 0)
        return self[:count], Other(left_out, rest, share(rest, self.total))

    @overload
    def __getitem__(self, at: int) -> Contribution: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Contribution, ...]: ...
    def __getitem__(self, at: int | slice) -> Contribution | tuple[Contribution, ...]:
        if isinstance(at, slice):
            return tuple(self[i] for i in range(*at.indices(len(self.values))))
        value = self.values[at]
        return Contribution(self.products[at], value, share(value, self.total))

    def __len__(self) -> int:
        return len(self.values)

    def __iter__(self) -> Iterator[Contribution]:
        return iter(self[:])


@dataclass(frozen=True, slots=True)
class InputPart:
    """A first-tier input: ``amount`` of the supplier's declared unit, with all that is behind it."""

    supplier: str
    stage: Stage
    amount: float
    value: float
    share: float | None


@dataclass(frozen=True, slots=True)
class Path:
    """One structural path, root first: what the last product emits to serve the root along it.

    ``amount`` is in the last product's declared unit.
    """

    products: tuple[str, ...]
    amount: float
    value: float
    share: float | None


@dataclass(frozen=True, slots=True)
class UnlinkedPart:
    """An input that nothing supplies: ``amount`` ``unit`` per one declared unit of ``consumer``."""

    consumer: str
    flow: str
    amount: float
    unit: str


@dataclass(frozen=True, slots=True)
class NotRestated:
    """CO2e stated under another (None: unknown) GWP set than the one asked, counted unchanged."""

    gwp_set: GwpSet | None
    value: float
    share: float | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the total does not know, anywhere upstream.

    ``unlinked`` holds at most 100, those needed most: by |amount × units of the consumer in the root|,
    whatever their units. ``unknown``: products with neither input, emission nor declared total.
    ``concerned``: share of the chain's products that are unknown or have an unlinked input.
    ``unlinked_stated`` is False where any modelled product of the chain came without such a list.
    """

    complete: bool
    unlinked: tuple[UnlinkedPart, ...]
    unlinked_count: int
    unlinked_stated: bool
    unknown: tuple[str, ...]
    concerned: float
    not_restated: tuple[NotRestated, ...]


@dataclass(frozen=True, slots=True)
class Loop:
    """A supply loop with negative coefficients (a credit), solved.

    ``residual``: the largest componentwise backward error, about 1e-16 for a sound solution.
    """

    members: tuple[str, ...]
    residual: float


@dataclass(frozen=True, slots=True)
class Unverified:
    """Products of the chain that call themselves unverified, and their share of Σ|contribution|."""

    products: tuple[str, ...]
    share: float | None


@dataclass(frozen=True, slots=True)
class RollUp:
    """A product's footprint, with all its suppliers. Frozen; ``paths`` is worked out when asked.

    ``solved``: what it was taken from, for further questions of the same chain.
    """

    product: str
    amount: float
    gwp: GwpSet
    prefer: Prefer
    total: float
    total_including_biogenic: float
    by_gas: tuple[GasPart, ...]
    by_stage: tuple[StagePart, ...]
    by_region: tuple[RegionPart, ...]
    contributions: Contributions
    inputs: tuple[InputPart, ...]
    coverage: Coverage
    declared_used: tuple[str, ...]
    expired_declared: tuple[str, ...]
    flagged_loops: tuple[Loop, ...]
    unverified: Unverified
    products_count: int
    revision: int
    as_of: datetime | None
    walk: Callable[[int], tuple[Path, ...]] = field(repr=False, compare=False)
    solved: Solved = field(repr=False, compare=False)

    def paths(self, k: int) -> tuple[Path, ...]:
        """The ``k`` structural paths with the largest |value|, exactly, largest first.

        Raises: BadInput where a loop with credits amplifies its own paths, so that none is largest.
        """
        return self.walk(k)


def share(value: float, total: float) -> float | None:
    """``value / total``; None where the total is 0, or too near it for a float to hold the share."""
    part = value / total if total else None
    return part if part is not None and isfinite(part) else None
