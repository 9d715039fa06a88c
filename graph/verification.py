"""Recomputing what was declared: each stored total beside the one that its own model gives (校验). Pure."""

from __future__ import annotations

from huren.graph.model.quality import Check
from huren.graph.model.supply import GwpSet, Prefer
from huren.graph.rollup import roll_up_within
from huren.graph.root import Solved
from huren.graph.system import System

MOST = 100


def verification(solved: Solved) -> tuple[Check, ...]:
    """The products of a chain that are both modelled and declared, by |contribution| then key; at most 100.

    A total up to the gate is held against the cradle-to-gate part of the model, one to the grave against
    all of it, under its own GWP set.
    Cost: a roll-up for each; where declared totals were preferred, a solve of the chain as modelled.
    Raises: what :func:`roll_up_within` raises, partial chains apart.
    """
    chain = zip(solved.root.chain.tolist(), solved.emitted.tolist(), strict=True)
    ranked = sorted(chain, key=lambda pair: (-abs(pair[1]), solved.system.keys[pair[0]]))
    keys = [solved.system.keys[position] for position, _ in ranked]
    both = [key for key in keys if _stated_twice(solved.system, key)][:MOST]
    modelled = _modelled(solved.system, both)
    return tuple(_check(modelled, key, solved.gwp) for key in both)


def _stated_twice(system: System, key: str) -> bool:
    recipe = system.supply.recipes.get(key)
    return recipe is not None and recipe.declared is not None and bool(recipe.inputs or recipe.emissions)


def _modelled(system: System, keys: list[str]) -> System:
    """``system`` with models counting where there are any."""
    return system if system.prefer is Prefer.MODELLED else System.of(system.supply, Prefer.MODELLED, keys)


def _check(system: System, key: str, gwp: GwpSet) -> Check:
    declared = system.supply.recipes[key].declared
    assert declared is not None
    under = declared.gwp_set or gwp
    answer = roll_up_within(system, key, gwp=under, allow_partial=True)
    gate = float(system.x[system.at(key)] @ system.weights[under].counted)
    return Check(
        product=key,
        declared=declared.kg_co2e,
        computed=answer.total if declared.to_grave else gate,
        gwp=under,
        gwp_stated=declared.gwp_set is not None,
        to_grave=declared.to_grave,
        complete=answer.coverage.complete,
    )
