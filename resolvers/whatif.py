"""Footprints as they could be: with other suppliers or other amounts, and which supplier would do most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from huren.auth.scopes import FOOTPRINT_READ
from huren.graph import whatif
from huren.graph.following import following
from huren.graph.model.supply import Prefer, Product, Supply
from huren.graph.ranking import Ranking, rank
from huren.graph.rollup import solve_within
from huren.graph.system import System
from huren.graph.whatif import Step
from huren.resolvers import footprints
from huren.resolvers.computing import compute
from huren.resolvers.context import Context
from huren.resolvers.footprints import Footprint, Question

MOST_STEPS = 100
MOST_CANDIDATES = 1_000


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The same question of the chain as it is, and with other suppliers."""

    before: Footprint
    after: Footprint


@dataclass(frozen=True, slots=True)
class Alternatives:
    """Replacements of one supplier in the chain of ``product``, ranked; ``products`` by key."""

    product: Product
    answer: Ranking
    products: Mapping[str, Product]
    revision: int


async def what_if(ctx: Context, asked: Question, steps: Sequence[Step]) -> WhatIf:
    """The footprint as it is, and with ``steps`` made on what is visible of its chain.

    ``steps`` name products as a caller does.
    Raises: LimitExceeded; as :func:`footprints.footprint`, and what :func:`whatif.what_if` raises.
    """
    ctx.caller.require(FOOTPRINT_READ)
    footprints.bound(len(steps), MOST_STEPS, "steps", "项改动")
    supply, seen = await footprints.looked(ctx)
    named = await footprints.named(ctx, seen, [asked.product, *(ref for step in steps for ref in step.names)])
    chain = await seen.cut(supply, [product.key for product in named.values()])
    root = chain.products[named[asked.product].key]
    meant = [step.renamed({ref: product.key for ref, product in named.items()}) for step in steps]
    systems = await compute(len(chain.products), _both, chain, meant, asked.prefer)
    return WhatIf(*[await footprints.rolled_up_within(ctx, asked, root, system) for system in systems])


def _both(chain: Supply, steps: Sequence[Step], prefer: Prefer) -> tuple[System, System]:
    """The chain as it is and with the steps made, both solved."""
    changed, before = whatif.what_if(chain, steps), System.of(chain, prefer)
    return before, following(before, changed)


async def alternatives(
    ctx: Context, asked: Question, supplier: str, candidates: Sequence[str]
) -> Alternatives:
    """What taking each candidate instead of ``supplier`` would do to a footprint, as far as it is visible.

    Raises: LimitExceeded; as :func:`footprints.footprint`, and what :func:`huren.graph.ranking.rank` raises.
    """
    ctx.caller.require(FOOTPRINT_READ)
    footprints.bound(len(candidates), MOST_CANDIDATES, "candidates", "个候选产品")
    named = [asked.product, supplier, *dict.fromkeys(candidates)]
    (root, replaced, *others), system = await footprints.compiled(ctx, asked.prefer, named)
    amount = await footprints.declared_units(asked, root)
    work = partial(_ranked, gwp=asked.gwp, allow_partial=asked.allow_partial, amount=amount)
    keys = [product.key for product in others]
    answer, owners = await compute(len(system.keys), work, system, root.key, replaced.key, keys)
    footprints.note_read(ctx, root, owners)
    return Alternatives(root, answer, footprints.shown(ctx, system.supply.products), system.supply.revision)


def _ranked(
    system: System, root: str, supplier: str, candidates: Sequence[str], **asked: Any
) -> tuple[Ranking, tuple[str, ...]]:
    """The ranking, and whose products the root's chain consists of."""
    solved = solve_within(system, root, **asked)
    return rank(solved, supplier, candidates), system.owners.among(solved.root.chain)
