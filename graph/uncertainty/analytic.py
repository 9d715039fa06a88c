"""First-order uncertainty of one total, or of the difference of two, over all that they rest on.

var T = sum over the rows of (effect)^2 (exp(sigma^2) - 1), effects at the means; of a difference the
effects subtract first, so that what both totals rest on cancels as far as they rest on it alike.
Source: JCGM 100:2008 (GUM) 5.1.2 and 5.2.2; Heijungs, Int J LCA 26 (2021), on comparing products that
share their background; log-normal by the first two moments (Fenton 1960).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import copysign, inf, log, log1p, sqrt

import numpy as np

from huren.errors import BadInput
from huren.graph.factors import FloatArray
from huren.graph.model.rollup import share
from huren.graph.model.supply import Input
from huren.graph.model.uncertainty import Difference, Spread, Stated, Uncertainty, VariancePart
from huren.graph.root import Solved
from huren.graph.sides import flow_of
from huren.graph.uncertainty.centre import Centre, too_wide
from huren.graph.uncertainty.parameters import Parameters

SAME = 1e-12
"""A difference within this of the sizes of both totals is none: rounding of two solutions."""
WIDEST = 1e6
"""The largest gsd that may be assumed."""


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """One or two solved roll-ups over one set of rows, and the effects of the rows, for the amounts asked.

    ``effects``: kg CO2e that hang on each row, ``(roots, rows)``. Not all rows bear on every root.
    """

    solved: tuple[Solved, ...]
    assume: float | None
    centre: Centre
    effects: FloatArray

    @classmethod
    def of(cls, solved: Sequence[Solved], assume: float | None = None) -> Study:
        """``assume``: gsd of the rows that state none. Cost: a solve at the means, and one for each root.

        All of one system and GWP set. Raises: BadInput for an assumption below 1, or as :class:`Centre`.
        """
        if assume is not None and not 1 <= assume <= WIDEST:
            raise _bad_assumption(assume)
        first = solved[0]
        parameters = Parameters.of(first.system, [one.root for one in solved], first.gwp)
        centre = Centre.of(parameters, assume)
        with np.errstate(all="ignore"):
            found = [
                one.amount * centre.effects(root) for one, root in zip(solved, parameters.roots, strict=True)
            ]
            study = cls(tuple(solved), assume, centre, np.stack(found))
            if not (np.isfinite(study.effects).all() and np.isfinite(study.variances(study.effects)).all()):
                raise too_wide()
        return study

    def variances(self, effects: FloatArray) -> FloatArray:
        """What each row adds to the variance of that on which it has ``effects``, ``(…, rows)``."""
        return np.asarray(effects**2 * self.centre.relative)

    def spread(self, effects: FloatArray) -> Spread:
        """The spread of that on which the rows have ``effects``, ``(rows,)``."""
        emitted = effects[~self.centre.parameters.inputs]
        return Spread(float(emitted.sum()), sqrt(self.variances(effects).sum()))

    def stated(self, effects: FloatArray) -> Stated:
        """How much of ``effects`` hangs on rows that state no spread."""
        bears, silent = effects != 0, np.isnan(self.centre.parameters.sigma)
        sizes = np.abs(effects)
        part = share(float(sizes[silent].sum()), float(sizes.sum()))
        unstated = int((bears & silent).sum())
        return Stated(int(bears.sum()) - unstated, unstated, part, self.assume)

    def uncertainty(self, which: int = 0) -> Uncertainty:
        """That of the root at ``which``."""
        effects = self.effects[which]
        parts = partial(_parts, self, effects)
        return Uncertainty(self.solved[which].total, self.spread(effects), self.stated(effects), parts)


def uncertainty(solved: Solved, assume: float | None = None) -> Uncertainty:
    """The first-order uncertainty of a roll-up. Cost and errors as :meth:`Study.of`."""
    return Study.of([solved], assume).uncertainty()


def difference(study: Study) -> Difference:
    """The first root of ``study`` less the second."""
    a, b = study.uncertainty(0), study.uncertainty(1)
    effects = study.effects[0] - study.effects[1]
    effects[np.abs(effects) <= SAME * np.abs(study.effects).sum(axis=0)] = 0.0
    covariance = float((study.effects.prod(axis=0) * study.centre.relative).sum())
    both = a.spread.sd * b.spread.sd
    correlation = min(1.0, max(-1.0, covariance / both)) if both else None
    spread = study.spread(effects)
    deviations = _deviations(a.spread, b.spread, spread, covariance)
    return Difference(a, b, a.total - b.total, spread, correlation, deviations, study.stated(effects))


def _deviations(a: Spread, b: Spread, spread: Spread, covariance: float) -> float:
    """By how many standard deviations a lies below b: of ln(b / a) where both are log-normal, else of b - a.

    Infinite where they differ for certain.
    """
    below, sd, size = -spread.mean, spread.sd, abs(a.mean) + abs(b.mean)
    if a.log_sd is not None and b.log_sd is not None and min(a.mean, b.mean) > 0:
        apart = a.log_sd**2 + b.log_sd**2
        below = log(b.mean / a.mean) + (a.log_sd**2 - b.log_sd**2) / 2
        rest = apart - 2 * log1p(covariance / (a.mean * b.mean))
        sd, size = sqrt(rest) if rest > SAME * apart else 0.0, 1.0
    if abs(below) <= SAME * size:
        return 0.0
    return below / sd if sd else copysign(inf, below)


def _parts(study: Study, effects: FloatArray, count: int) -> tuple[VariancePart, ...]:
    """The ``count`` rows that add most to the variance, largest first, then in the order of the rows."""
    if count < 1:
        raise BadInput(
            "the number of parameters must be at least 1",
            "参数数量至少为 1",
            fix="Ask for one or more.",
            fix_zh="请查询一项或多项。",
        )
    variances = study.variances(effects)
    order = np.argsort(-variances, kind="stable")[:count]
    total, mean = float(variances.sum()), study.spread(effects).mean
    return tuple(
        _part(study.centre.parameters, at, float(effects[at]), float(variances[at]), (mean, total))
        for at in order.tolist()
        if variances[at] > 0
    )


def _part(
    rows: Parameters, at: int, effect: float, variance: float, whole: tuple[float, float]
) -> VariancePart:
    row, key = rows.row(at), rows.key(int(rows.consumer[at]))
    gas = None if isinstance(row, Input) else flow_of(row, key)[0]
    return VariancePart(
        product=key,
        supplier=row.supplier if isinstance(row, Input) else None,
        gas=gas,
        origin=None if isinstance(row, Input) else row.origin,
        stage=row.stage,
        source=row.provenance.source,
        gsd=row.provenance.gsd,
        elasticity=share(effect, whole[0]),
        variance=variance,
        share=share(variance, whole[1]),
    )


def _bad_assumption(gsd: float) -> BadInput:
    return BadInput(
        f"a geometric standard deviation of {gsd:g} cannot be assumed",
        f"不能假定几何标准差为 {gsd:g}",
        fix="Assume one from 1 (certain) to 1000000, such as 1.2.",
        fix_zh="请假定 1(确定)至 1000000 之间的值,例如 1.2。",
    )
