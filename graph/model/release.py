"""Releases: the footprints that an owner lets others see, each as it was released, for ever."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from huren.graph.model.access import EVERYONE
from huren.graph.model.supply import Declared, GwpSet, Stage


@dataclass(frozen=True, slots=True)
class Release:
    """A number that stands for ``product`` before its ``audience``: organisation ids, or EVERYONE alone.

    ``kg_co2e`` per declared unit under ``gwp_set``, rounded to ``digits`` significant digits when it was
    released; ``stages`` is empty or adds up to it as rounded. ``to_grave``: distribution, use and end of
    life are inside. Nothing of it ever changes but ``withdrawn_at``. ``illustrative``: it left the
    country by a row of the export table that is made up. ``for_statistics``: it counts in statistics.
    """

    id: str
    product: str
    kg_co2e: str
    gwp_set: GwpSet
    digits: int
    audience: frozenset[str]
    to_grave: bool = False
    stages: tuple[tuple[Stage, str], ...] = ()
    valid_until: datetime | None = None
    recorded_at: datetime | None = None
    withdrawn_at: datetime | None = None
    illustrative: bool = False
    for_statistics: bool = False

    @property
    def public(self) -> bool:
        """Whether everyone may see it."""
        return EVERYONE in self.audience

    def meant_for(self, org: str) -> bool:
        """Whether ``org`` is in its audience."""
        return self.public or org in self.audience

    def total(self) -> Release:
        """The same without its breakdown; what was released to the grave stays so."""
        return replace(self, stages=())

    def declared(self) -> Declared:
        """It as the stated total that a roll-up takes in place of the chain behind the product."""
        stages = tuple((stage, float(kg)) for stage, kg in self.stages)
        return Declared(
            float(self.kg_co2e),
            self.gwp_set,
            self.to_grave,
            stages,
            valid_until=self.valid_until,
            source=f"release {self.id}",
        )
