"""A question of recognition and its answer, with all reasons."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Context, Decimal, localcontext
from functools import partial

from huren.graph.model.certificate import Certificate
from huren.graph.model.terms import Purpose
from huren.mappings.comparison import Comparison
from huren.mappings.dossier import Dossier
from huren.mappings.outcome import SURE, Outcome
from huren.mappings.quantity import Bound, ConversionStep, Quantity, carried
from huren.mappings.rule import Finding, Kind

PRECISION = 12
"""Significant digits of a derived value."""


@dataclass(frozen=True, slots=True)
class Question:
    """May ``certificate`` (number) stand at ``destination`` for ``purpose``, on a day, as then known?

    ``against``: the number of a certificate that its value is to be compared with there (R28).
    """

    certificate: str
    destination: str
    purpose: Purpose
    as_of: datetime
    known_at: datetime
    against: str | None = None


@dataclass(frozen=True, slots=True)
class Derived:
    """A value on the destination's terms, its bounds and the steps to it; ``unit`` such as kg CO2e/kW.

    ``gsd``: the certificate's own geometric standard deviation, carried through the steps; None: not stated.
    """

    value: Decimal
    unit: str
    low: Decimal
    high: Decimal
    bound: Bound
    steps: tuple[ConversionStep, ...]
    gsd: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """Both verdicts, the standing for the purpose, and every finding, passed ones too.

    ``quantity`` is the number after all conversions; ``found`` is what each rule found, here or in a case
    that is alike to it. ``scheme`` is None where no scheme accepts. ``alternatives`` are the decisions under
    the other schemes of a region, or of the other members of an alliance.
    """

    question: Question
    certificate: Certificate
    scheme: str | None
    region: str | None
    standing: Outcome
    legal: Outcome
    technical: Outcome
    quantity: Quantity
    found: tuple[Finding, ...]
    not_checked: tuple[str, ...]
    illustrative: bool
    dossier: Dossier = field(repr=False, compare=False)
    alternatives: tuple[Decision, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What every rule found, each with the facts that it read in this case."""
        return tuple(replace(finding, dossier=self.dossier) for finding in self.found)

    @property
    def value(self) -> Derived | None:
        """The value on the destination's terms; None unless the technical verdict is EQUAL or CONVERTIBLE."""
        return self._derived() if self.technical in SURE else None

    @property
    def preview(self) -> Derived | None:
        """What the value would be under open conditions."""
        return self._derived() if self.technical is Outcome.CONDITIONAL else None

    @property
    def comparison(self) -> Comparison | None:
        """How the value compares with another's; None where nothing was compared."""
        of = (f.judgement.comparison for f in self.found if f.verdict is Kind.COMPARISON)
        return next(of, None)

    @property
    def deciding(self) -> tuple[Finding, ...]:
        """The hard findings (or soft ones, shown to the decider) that make the standing what it is."""
        return tuple(f for f in self.findings if f.applies and f.counts is self.standing)

    @property
    def missing(self) -> tuple[str, ...]:
        """Every missing fact named by a finding, once."""
        return tuple(dict.fromkeys(name for f in self.found for name in f.missing))

    @property
    def rank(self) -> tuple[int, int, int]:
        """How bad it is: standing, then legal, then technical verdict."""
        return self.standing.severity, self.legal.severity, self.technical.severity

    def _derived(self) -> Derived | None:
        found = self.quantity
        if not found.stated:
            return None
        gsd = carried(self.certificate.uncertainty_gsd, found)
        unit = f"kg CO2e/{found.unit}" if found.unit else "kg CO2e"
        value, low, high = map(rounded, (found.value, found.low, found.high))
        return Derived(value, unit, low, high, found.bound, found.steps, gsd)


def rounded(number: Decimal) -> Decimal:
    """``number`` with PRECISION significant digits."""
    return _CONTEXT.plus(number)


_CONTEXT = Context(prec=PRECISION)
exactly = partial(localcontext, Context(prec=28))
"""The context in which conversions are computed, whatever the caller's is."""
