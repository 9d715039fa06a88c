"""What of a roll-up a viewer may see: hidden products are folded into one nameless rest. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import fsum

from huren.graph.model.rollup import Contributions, Coverage, InputPart, Path, RollUp, share
from huren.graph.model.supply import Stage

HIDDEN = ""
"""The key under which all that may not be seen stands together; no product has it."""

Sees = Callable[[str], bool]


def within_sight(answer: RollUp, sees: Sees) -> RollUp:
    """``answer`` naming only products whose key ``sees`` admits; every sum stays what it is."""
    if all(map(sees, answer.contributions.products)):
        return answer
    return replace(
        answer,
        contributions=_contributions(answer.contributions, sees),
        inputs=_inputs(answer.inputs, answer.total, sees),
        coverage=_coverage(answer.coverage, sees),
        declared_used=_only(answer.declared_used, sees),
        expired_declared=_only(answer.expired_declared, sees),
        flagged_loops=tuple(
            replace(loop, members=_only(loop.members, sees)) for loop in answer.flagged_loops
        ),
        unverified=replace(answer.unverified, products=_only(answer.unverified.products, sees)),
        walk=_paths(answer.walk, sees),
    )


def _only(keys: tuple[str, ...], sees: Sees) -> tuple[str, ...]:
    return tuple(filter(sees, keys))


def _contributions(all_of_them: Contributions, sees: Sees) -> Contributions:
    """The visible ones in their order, then the hidden ones together."""
    pairs = list(zip(all_of_them.products, all_of_them.values, strict=True))
    shown = [pair for pair in pairs if sees(pair[0])]
    hidden = fsum(value for key, value in pairs if not sees(key))
    products, values = zip(*shown, (HIDDEN, hidden), strict=True)
    return Contributions(products, values, all_of_them.total)


def _inputs(inputs: tuple[InputPart, ...], total: float, sees: Sees) -> tuple[InputPart, ...]:
    """The visible ones, then for each stage the hidden ones together; their units differ, so no amount."""
    shown = tuple(part for part in inputs if sees(part.supplier))
    hidden = [part for part in inputs if not sees(part.supplier)]
    return shown + tuple(
        InputPart(HIDDEN, stage, 0.0, value, share(value, total))
        for stage in Stage
        if (parts := [part.value for part in hidden if part.stage is stage])
        and (value := fsum(parts)) is not None
    )


def _coverage(coverage: Coverage, sees: Sees) -> Coverage:
    unlinked = tuple(part for part in coverage.unlinked if sees(part.consumer))
    return replace(coverage, unlinked=unlinked, unknown=_only(coverage.unknown, sees))


def _paths(walk: Callable[[int], tuple[Path, ...]], sees: Sees) -> Callable[[int], tuple[Path, ...]]:
    return lambda count: tuple(path for path in walk(count) if all(map(sees, path.products)))
