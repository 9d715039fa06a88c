"""The parts of a roll-up's answer. Masses are kg, values kg CO2e under its GWP set, for the amount asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import overload

import numpy as np

from huren.graph.factors import FloatArray
from huren.graph.loops import IntArray
from huren.graph.model.supply import GwpSet, Origin, Stage


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
class OwnerPart:
    """Emissions at the products of one owner; None: at those of all further ones."""

    owner: str | None
    value: float
    share: float | None


@dataclass(frozen=True, slots=True)
class TierPart:
    """Emissions at the suppliers that are ``tier`` inputs from the root; None: at all further ones."""

    tier: int | None
    value: float
    share: float | None


@dataclass(frozen=True, slots=True)
class DiagramNode:
    """A product of a picture, or (``product`` None) the ``count`` products that it does not show.

    ``own``: kg CO2e emitted there; ``value``: with what flows in. ``share`` is of the total.
    """

    product: str | None
    count: int
    own: float
    value: float
    share: float | None


@dataclass(frozen=True, slots=True)
class DiagramLink:
    """kg CO2e that pass from a supplier to a consumer, by their numbers among the nodes."""

    source: int
    target: int
    value: float


@dataclass(frozen=True, slots=True)
class Diagram:
    """A chain as a picture: ``nodes``, the root first and what is gathered last, and ``links`` by size."""

    nodes: tuple[DiagramNode, ...]
    links: tuple[DiagramLink, ...]


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


@dataclass(frozen=True, eq=False)
class Contributions(Sequence[Contribution]):
    """Emissions at every product of the chain, root included, by |value| then key; they sum to the total.

    Kept as they come, since a chain may hold 100,000 products of which ten are looked at: ``emitted`` at the
    products at the positions ``chain``, ascending, ``(chain,)``; ``keys`` by position, in order.
    """

    keys: Sequence[str]
    chain: IntArray
    emitted: FloatArray
    total: float

    def first(self, count: int) -> tuple[tuple[Contribution, ...], Other]:
        """The ``count`` largest, and the sum of all others; together the total. Cost: one look at all."""
        left_out = max(len(self) - count, 0)
        if not left_out:
            return self[:], Other(0, 0.0, share(0.0, self.total))
        sizes = np.abs(self.emitted)
        near = np.flatnonzero(sizes >= np.partition(sizes, left_out)[left_out])
        shown = self._ranked(near)[:count]
        others = np.ones(len(sizes), np.bool_)
        others[shown] = False
        rest = float(self.emitted[others].sum())
        return tuple(map(self._at, shown.tolist())), Other(left_out, rest, share(rest, self.total))

    @cached_property
    def products(self) -> tuple[str, ...]:
        """The keys of all."""
        return tuple(self.keys[i] for i in self.chain[self._order].tolist())

    @cached_property
    def values(self) -> tuple[float, ...]:
        """The emissions of all."""
        return tuple(self.emitted[self._order].tolist())

    @cached_property
    def _order(self) -> IntArray:
        return self._ranked(np.arange(len(self.emitted)))

    def _ranked(self, some: IntArray) -> IntArray:
        """By |value|, then by key, in the order of which positions are."""
        return some[np.lexsort((some, -np.abs(self.emitted[some])))]

    def _at(self, place: int) -> Contribution:
        value = float(self.emitted[place])
        return Contribution(self.keys[int(self.chain[place])], value, share(value, self.total))

    @overload
    def __getitem__(self, at: int) -> Contribution: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Contribution, ...]: ...
    def __getitem__(self, at: int | slice) -> Contribution | tuple[Contribution, ...]:
        if isinstance(at, slice):
            return tuple(map(self._at, self._order[at].tolist()))
        return self._at(int(self._order[at]))

    def __len__(self) -> int:
        return len(self.emitted)

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


def share(value: float, total: float) -> float | None:
    """``value / total``; None where the total is 0, or too near it for a float to hold the share."""
    part = value / total if total else None
    return part if part is not None and isfinite(part) else None
