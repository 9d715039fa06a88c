"""Monte Carlo of one total: over all rows, or over the few that make 99.9 % of its variance.

A row left out stands at its mean, not at its stated median, or every total would be too low.
Source: JCGM 101:2008 (GUM, supplement 1).
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

import numpy as np

from huren.errors import BadInput, HurenError, LimitExceeded
from huren.graph.factors import BoolArray, FloatArray
from huren.graph.loops import IntArray
from huren.graph.model.uncertainty import Interval, Simulation
from huren.graph.network.plain import Plain
from huren.graph.uncertainty.analytic import Study
from huren.graph.uncertainty.cascade import Cascade
from huren.graph.uncertainty.centre import Centre, too_wide
from huren.graph.uncertainty.draws import Draws, Samples
from huren.graph.uncertainty.reduced import Reduced

KEPT = 0.999
FEWEST, MOST = 100, 10_000
MOST_NUMBERS = 50_000_000
"""Rows times samples of one simulation."""
_FEW = 128
"""Varied inputs up to which the small systems of :class:`Reduced` are the quicker way."""
_QUANTILES = (0.025, 0.05, 0.5, 0.95, 0.975)

Solve = Callable[[Samples, IntArray], FloatArray]


def simulate(study: Study, samples: int, seed: int, *, full: bool = False) -> Simulation:
    """A Monte Carlo of the first root of ``study``; the same seed gives the same figures.

    ``full``: over every uncertain row, not only those that make 99.9 % of the variance.
    Cost: some 20 ns for each row and sample; pruned, tens of products of a small matrix with all samples.
    Raises: BadInput for a seed or number of samples out of range, or a loop that consumes all it makes in
    a sample; LimitExceeded.
    """
    _check(samples, seed)
    varied = every(study) if full else largest(study, KEPT)
    numbers = samples * len(study.centre.value)
    if full and numbers > MOST_NUMBERS:
        raise _too_much(len(study.centre.value))
    with np.errstate(all="ignore"):
        found = totals(study, varied, samples, seed)[0]
    if not np.isfinite(found).all():
        raise too_wide()
    return _summary(study, found, int(varied.sum()), seed)


def every(study: Study) -> BoolArray:
    """The rows that vary at all, ``(rows,)``."""
    return np.asarray((study.centre.sigma > 0) & (study.centre.value != 0))


def largest(study: Study, kept: float) -> BoolArray:
    """The fewest rows that make ``kept`` of the first root's variance; equal ones in their order."""
    variances = study.variances(study.effects[0])
    order = np.argsort(-variances, kind="stable")
    reached = np.cumsum(variances[order])
    count = int(np.searchsorted(reached, kept * reached[-1])) + 1 if reached[-1:].any() else 0
    varied = np.zeros(len(variances), dtype=np.bool_)
    varied[order[:count]] = True
    return varied


def totals(study: Study, varied: BoolArray, samples: int, seed: int) -> FloatArray:
    """kg CO2e of each root in each sample, ``(roots, samples)``; roots of one sample share its draws."""
    solve, width = _way(study.centre, varied)
    amounts = np.array([one.amount for one in study.solved])[:, None]
    roots = study.centre.parameters.roots
    pieces = [
        amounts * np.stack([_total(drawn, root, solve) for root in roots])
        for drawn in Draws(study.centre, varied, samples, seed, width).pieces()
    ]
    return np.concatenate(pieces, axis=1)


def _total(samples: Samples, root: int, solve: Solve) -> FloatArray:
    """One unit of a root, and once what comes after its gate."""
    rows = samples.centre.parameters
    late = np.flatnonzero(rows.late & (rows.consumer == root))
    emitted, needed = late[~rows.inputs[late]], late[rows.inputs[late]]
    x = solve(samples, np.append(rows.supplier[needed], root))
    after = samples.at(emitted).sum(axis=0) + (samples.at(needed) * x[:-1]).sum(axis=0)
    return np.asarray(x[-1] + after)


def _way(centre: Centre, varied: BoolArray) -> tuple[Solve, int]:
    """How to solve for samples of ``varied``, and how many numbers each of them holds."""
    if int(varied[centre.parameters.gate].sum()) <= _FEW:
        return Reduced.of(centre, varied).solve, int(varied.sum())
    if isinstance(centre.network.engine, Plain):
        return Cascade.of(centre).solve, len(centre.value)
    from huren.graph.uncertainty.anew import Anew  # brings numba, which a small graph does without

    return Anew.of(centre).solve, len(centre.value)


def _summary(study: Study, found: FloatArray, varied: int, seed: int) -> Simulation:
    mean, sd, analytic = float(found.mean()), float(found.std(ddof=1)), study.spread(study.effects[0]).sd
    low95, low90, median, high90, high95 = map(_six, np.quantile(found, _QUANTILES).tolist())
    ratio = sd / analytic if analytic else None
    return Simulation(
        samples=len(found),
        seed=seed,
        varied=varied,
        mean=_six(mean),
        sd=_six(sd),
        median=median,
        interval_90=Interval(low90, high90),
        interval_95=Interval(low95, high95),
        spread_ratio=None if ratio is None else _six(ratio),
        agrees=ratio is None or abs(ratio - 1) <= 0.05 + 3 * _error(found, mean, sd),
    )


def _error(found: FloatArray, mean: float, sd: float) -> float:
    """Relative standard error of a standard deviation, by the sample's own kurtosis."""
    if not sd:
        return 0.0
    kurtosis = float((((found - mean) / sd) ** 4).mean())
    return sqrt(max(kurtosis - 1, 0.0) / (4 * len(found)))


def _six(value: float) -> float:
    """Six significant digits: finer than any sampling error, coarser than what processors differ in."""
    return float(f"{value:.6g}")


def _check(samples: int, seed: int) -> None:
    if not FEWEST <= samples <= MOST:
        raise BadInput(
            f"{samples} samples are out of range",
            f"样本数 {samples} 超出范围",
            fix=f"Ask for {FEWEST} to {MOST} samples.",
            fix_zh=f"请填写 {FEWEST} 至 {MOST} 个样本。",
        )
    if seed < 0:
        raise BadInput(
            "a seed is a whole number from 0",
            "种子须为不小于 0 的整数",
            fix="Give a seed such as 42.",
            fix_zh="请填写种子,例如 42。",
        )


def _too_much(rows: int) -> HurenError:
    most = MOST_NUMBERS // rows
    return LimitExceeded(
        f"a full simulation over {rows} rows may have at most {most} samples",
        f"对 {rows} 行数据的完整模拟最多 {most} 个样本",
        fix="Ask for fewer samples, or for a simulation of the rows that make 99.9 % of the variance.",
        fix_zh="请减少样本数,或仅模拟占方差 99.9 % 的数据。",
    )
