"""How sure a roll-up is. Values are kg CO2e for the amount asked; every uncertain number is log-normal.

A number stated with a geometric standard deviation is the median of its distribution. A number without
one is not certain: how many there are, and how much hangs on them, stands in :class:`Stated`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from math import copysign, exp, log, log1p, sqrt
from statistics import NormalDist

from huren.graph.model.supply import Origin, Stage

CLEAR = 3.0
"""Standard deviations that a mean must be away from 0 for the total to be taken as log-normal."""


class Shape(StrEnum):
    """The distribution that a total is taken to have."""

    LOG_NORMAL = "LOG_NORMAL"
    NORMAL = "NORMAL"


@dataclass(frozen=True, slots=True)
class Interval:
    """From ``low`` to ``high``."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Spread:
    """A mean with its standard deviation, as the distribution that has both.

    >>> wide = Spread(100.0, 40.0)
    >>> wide.shape.value, round(wide.quantile(0.05), 3), wide.gsd
    ('NORMAL', 34.206, None)
    """

    mean: float
    sd: float

    @property
    def shape(self) -> Shape:
        """Log-normal (mirrored, below 0) where the mean exceeds three deviations in size, else normal."""
        return Shape.LOG_NORMAL if abs(self.mean) > CLEAR * self.sd else Shape.NORMAL

    @property
    def log_sd(self) -> float | None:
        """Standard deviation of the logarithm; None where the distribution is normal."""
        if self.shape is Shape.NORMAL:
            return None
        return sqrt(log1p((self.sd / self.mean) ** 2))

    @property
    def gsd(self) -> float | None:
        """Geometric standard deviation; None where the distribution is normal."""
        return None if self.log_sd is None else exp(self.log_sd)

    def quantile(self, part: float) -> float:
        """The value that ``part`` of the distribution lies below."""
        z = NormalDist().inv_cdf(part)
        if self.log_sd is None:
            return self.mean + z * self.sd
        tail = copysign(z, z * self.mean)
        return copysign(exp(log(abs(self.mean)) - self.log_sd**2 / 2 + self.log_sd * tail), self.mean)

    def interval(self, level: float) -> Interval:
        """The central interval that holds ``level`` of the distribution."""
        return Interval(self.quantile((1 - level) / 2), self.quantile((1 + level) / 2))


@dataclass(frozen=True, slots=True)
class Stated:
    """Of the numbers that bear on a total: how many state their spread, and how many do not.

    ``unstated_share``: their part of Σ|elasticity|, None where nothing bears on it. ``assumed``: the
    geometric standard deviation taken for them; None: none, and the spread is a lower bound.
    """

    stated: int
    unstated: int
    unstated_share: float | None
    assumed: float | None

    @property
    def complete(self) -> bool:
        """Whether a spread is stated, or was assumed, for every number."""
        return not self.unstated or self.assumed is not None

    @property
    def anything(self) -> bool:
        """Whether there is any spread to propagate."""
        return bool(self.stated) or self.complete


@dataclass(frozen=True, slots=True)
class VariancePart:
    """What one number adds to the variance of a total: an input of ``supplier``, or an emission of ``gas``.

    ``elasticity``: relative change of the mean per relative change of the number, None where the mean is
    0. ``gsd`` None: none is stated. ``share``: of the variance.
    """

    product: str
    supplier: str | None
    gas: str | None
    origin: Origin | None
    stage: Stage | None
    source: str | None
    gsd: float | None
    elasticity: float | None
    variance: float
    share: float | None


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """First-order uncertainty of one total. ``total``: every number at its stated value, its median."""

    total: float
    spread: Spread
    stated: Stated
    parts: Callable[[int], tuple[VariancePart, ...]] = field(repr=False, compare=False)

    def largest(self, count: int) -> tuple[VariancePart, ...]:
        """The ``count`` numbers that add most to the variance: those worth knowing better, first."""
        return self.parts(count)


@dataclass(frozen=True, slots=True)
class Simulation:
    """A Monte Carlo of one total, figures rounded to six digits, so that every machine has the same.

    ``varied``: how many numbers were drawn; all others stood at their mean. ``spread_ratio``: its standard
    deviation over the analytic one, None where that is 0. ``agrees``: within 5 % and three standard errors.
    """

    samples: int
    seed: int
    varied: int
    mean: float
    sd: float
    median: float
    interval_90: Interval
    interval_95: Interval
    spread_ratio: float | None
    agrees: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """Total a less total b, with what both rest on moving together.

    ``total``: at stated values. ``spread``: of the difference; its ``correlation`` None where one of them
    does not vary. ``deviations``: how many standard deviations a lies below b. ``stated``: of the numbers
    that do not cancel.
    """

    a: Uncertainty
    b: Uncertainty
    total: float
    spread: Spread
    correlation: float | None
    deviations: float
    stated: Stated

    @property
    def chance_lower(self) -> float:
        """Probability that a is lower than b."""
        return NormalDist().cdf(self.deviations)
