"""The answer of a roll-up: nothing of it is worked out before it is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from huren.graph import splits
from huren.graph.coverage import coverage
from huren.graph.diagram import diagram
from huren.graph.model.rollup import (
    Contributions,
    Coverage,
    Diagram,
    GasPart,
    InputPart,
    Loop,
    OwnerPart,
    Path,
    RegionPart,
    StagePart,
    TierPart,
    Unverified,
)
from huren.graph.model.supply import GwpSet, Prefer
from huren.graph.paths import largest_paths
from huren.graph.root import Solved
from huren.graph.tiers import by_tier


@dataclass(frozen=True, eq=False)
class RollUp:
    """A product's footprint, with all its suppliers. Masses are kg, values kg CO2e, for the amount asked.

    ``at``: the instant for which declared totals have expired. Total, gases and inputs come of the solution
    of all products; what is said of the products upstream costs a look at them, and what each emits a pass
    over them, once for all parts.
    """

    solved: Solved
    at: datetime | None

    @property
    def product(self) -> str:
        """The key of the product asked for."""
        return self.solved.system.keys[self.solved.root.position]

    @property
    def amount(self) -> float:
        """How much of it, in its declared unit."""
        return self.solved.amount

    @property
    def gwp(self) -> GwpSet:
        """The set of factors."""
        return self.solved.gwp

    @property
    def prefer(self) -> Prefer:
        """Which side of a product counts that has both."""
        return self.solved.system.prefer

    @property
    def total(self) -> float:
        """All that is counted."""
        return self.solved.total

    @property
    def total_including_biogenic(self) -> float:
        """The same with CO2 of biogenic origin."""
        return float(self.solved.kg @ self.solved.weights.every)

    @property
    def revision(self) -> int:
        """Of the graph."""
        return self.solved.system.supply.revision

    @property
    def as_of(self) -> datetime | None:
        """When that revision was recorded."""
        return self.solved.system.supply.as_of

    @cached_property
    def by_gas(self) -> tuple[GasPart, ...]:
        """See :func:`splits.by_gas`."""
        return splits.by_gas(self.solved)

    @cached_property
    def by_stage(self) -> tuple[StagePart, ...]:
        """See :func:`splits.by_stage`."""
        return splits.by_stage(self.solved)

    @cached_property
    def by_region(self) -> tuple[RegionPart, ...]:
        """See :func:`splits.by_region`."""
        return splits.by_region(self.solved)

    @cached_property
    def contributions(self) -> Contributions:
        """Emissions at each product of the chain."""
        system, chain = self.solved.system, self.solved.root.chain
        return Contributions(system.keys, chain, self.solved.emitted, self.total)

    @cached_property
    def inputs(self) -> tuple[InputPart, ...]:
        """See :func:`splits.inputs`."""
        return splits.inputs(self.solved)

    @cached_property
    def coverage(self) -> Coverage:
        """See :func:`coverage`."""
        return coverage(self.solved)

    @cached_property
    def unverified(self) -> Unverified:
        """See :func:`splits.unverified`."""
        return splits.unverified(self.solved)

    @cached_property
    def declared_used(self) -> tuple[str, ...]:
        """Products whose declared total was taken, by key."""
        system, chain = self.solved.system, self.solved.root.chain
        return tuple(system.keys[i] for i in chain[system.marks.declared[chain]].tolist())

    @cached_property
    def expired_declared(self) -> tuple[str, ...]:
        """Those of them whose total has expired."""
        return tuple(key for key in self.declared_used if self._expired(key))

    @cached_property
    def flagged_loops(self) -> tuple[Loop, ...]:
        """Loops with credits upstream."""
        loops = self.solved.system.credits
        upstream = set(self.solved.root.chain.tolist()) if loops else set()
        return tuple(loop for member, loop in loops.items() if member in upstream)

    @cached_property
    def products_count(self) -> int:
        """How many products the chain has, root included."""
        return len(self.solved.root.chain)

    @cached_property
    def owners(self) -> tuple[str, ...]:
        """Whose products they are."""
        return self.solved.system.owners.among(self.solved.root.chain)

    def paths(self, k: int) -> tuple[Path, ...]:
        """The ``k`` structural paths with the largest |value|, exactly, largest first.

        Raises: BadInput where a loop with credits amplifies its own paths, so that none is largest.
        """
        return largest_paths(self.solved, k)

    def by_owner(self, count: int) -> tuple[OwnerPart, ...]:
        """See :func:`splits.by_owner`."""
        return splits.by_owner(self.solved, count)

    def by_tier(self, count: int) -> tuple[TierPart, ...]:
        """See :func:`by_tier`."""
        return by_tier(self.solved, count)

    def diagram(self, count: int) -> Diagram:
        """See :func:`diagram`."""
        return diagram(self.solved, count)

    def work_out(self, parts: Iterable[str]) -> RollUp:
        """The same, with parts ready, by name: for who will ask for them where work must not take long."""
        for part in parts:
            getattr(self, part)
        return self

    def _expired(self, key: str) -> bool:
        declared = self.solved.system.supply.recipes[key].declared
        end = declared.valid_until if declared else None
        return end is not None and self.at is not None and end <= self.at


PARTS = frozenset(n for n, part in vars(RollUp).items() if isinstance(part, cached_property)) - {"owners"}
"""What an answer tells, by name; whose products there are is for the log alone."""
