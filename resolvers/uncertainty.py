"""How sure footprints are, and whether one of them is lower than another."""

from __future__ import annotations

from dataclasses import dataclass

from huren.auth.scopes import FOOTPRINT_READ
from huren.graph.model.uncertainty import Difference, Simulation
from huren.graph.root import Solved
from huren.graph.uncertainty import analytic, simulation
from huren.graph.uncertainty.analytic import Study
from huren.mappings.lower import Judged, Side, judge
from huren.resolvers import footprints
from huren.resolvers.computing import HEAVY, compute
from huren.resolvers.context import Context
from huren.resolvers.footprints import Footprint, Question


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two footprints of one chain, and what may be said of their difference, ``a`` less ``b``."""

    a: Footprint
    b: Footprint
    difference: Difference
    judged: Judged
    study: Study


async def study(solved: Solved, assume: float | None) -> Study:
    """The first-order uncertainty of a footprint that the caller was given.

    Raises: what :meth:`Study.of` raises.
    """
    return await compute(len(solved.root.chain), Study.of, [solved], assume)


async def simulate(found: Study, samples: int, seed: int, *, full: bool) -> Simulation:
    """A Monte Carlo of it, in a thread. Raises: what :func:`simulation.simulate` raises."""
    return await compute(HEAVY, simulation.simulate, found, samples, seed, full=full)


async def compare(ctx: Context, asked: Question, against: str, assume: float | None) -> Comparison:
    """Whether a product's footprint is lower than that of ``against``, for the same amount in one unit.

    Raises: Forbidden, NotFound, and what :func:`footprints.footprint` and :meth:`Study.of` raise.
    """
    ctx.caller.require(FOOTPRINT_READ)
    products, system = await footprints.compiled(ctx, asked.prefer, [asked.product, against])
    unit = asked.unit or products[0].declared_unit
    a, b = [
        await footprints.rolled_up_within(ctx, asked.in_unit(unit), product, system) for product in products
    ]
    both = await compute(len(system.keys), Study.of, [a.answer.solved, b.answer.solved], assume)
    difference = analytic.difference(both)
    return Comparison(a, b, difference, judge(difference, _side(a), _side(b)), both)


def _side(footprint: Footprint) -> Side:
    product, answer = footprint.product, footprint.answer
    return Side(product.key, product.category, answer.coverage.complete, answer.solved.late)
