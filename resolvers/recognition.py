"""Recognition: may a certificate stand there, for that purpose, on that day, and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from huren.auth.scopes import RECOGNITION_READ
from huren.graph import certificates
from huren.graph.certificates import CertificateFilter
from huren.graph.model.certificate import Certificate
from huren.graph.model.facts import Known
from huren.graph.model.terms import Purpose
from huren.graph.revision import Pin
from huren.mappings import decide
from huren.mappings.decide import Decision
from huren.mappings.matrix import Matrix, destinations_of, matrix
from huren.mappings.outcome import Outcome
from huren.resolvers.context import Context, compute
from huren.resolvers.knowledge import with_certificates

PAGE = 200
"""Certificates that `recognised` looks at first."""
MOST = 10_000
"""Certificates that it looks at then, where the page is not full yet."""
_HEAVY = 100
"""What a decision weighs against a product of a roll-up, when work is to leave the event loop."""


@dataclass(frozen=True, slots=True)
class Case:
    """What every certificate is asked. ``as_of`` None: now; ``known_at`` None: all recorded so far."""

    destination: str
    purpose: Purpose
    as_of: datetime | None = None
    known_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision, the facts and the revision of the graph that it was made from."""

    decision: Decision
    known: Known
    revision: int


@dataclass(frozen=True, slots=True)
class Answers:
    """Decisions by certificate number, whether there may be more, and the number after which these are."""

    answers: tuple[Answer, ...]
    more: bool
    last: str


@dataclass(frozen=True, slots=True)
class MatrixAnswer:
    """A page of a matrix, whether there are more certificates after it, and what it was made from."""

    category: str
    purpose: Purpose
    matrix: Matrix
    more: bool
    pin: Pin
    as_of: datetime


async def recognise(ctx: Context, certificate: str, case: Case) -> Answer:
    """Whether the certificate of this number is recognised. Raises: Forbidden, NotFound, EmptyRuleSet."""
    ctx.caller.require(RECOGNITION_READ)
    pinned = await ctx.pin(case.known_at)
    found = await certificates.get(ctx.database, pinned, certificate)
    return (await _decider(ctx, case, pinned))(found)


async def recognised(  # noqa: PLR0913, PLR0917  (the question, by name)
    ctx: Context, category: str, case: Case, worst: Outcome, first: int, after: str
) -> Answers:
    """The decisions on certificates of ``category`` whose standing is no worse than ``worst``.

    Cost: at most two queries for certificates, of PAGE and of MOST; a decision each, until the page is full.
    A page that is not full then ends at the last certificate looked at.
    Raises: Forbidden, NotFound for an unknown destination, EmptyRuleSet.
    """
    ctx.caller.require(RECOGNITION_READ)
    pinned = await ctx.pin(case.known_at)
    ask = await _decider(ctx, case, pinned)
    found: list[Answer] = []
    for size in (PAGE, MOST):
        page = await _certificates(ctx, pinned, category, size, after)
        wanted = first + 1 - len(found)
        work = _HEAVY * len(page.certificates)
        found += await compute(work, _no_worse, ask, page.certificates, worst, wanted)
        after = page.certificates[-1].number if page.certificates else after
        if len(found) > first:
            return Answers(tuple(found[:first]), True, found[first - 1].decision.certificate.number)
        if not page.more:
            return Answers(tuple(found), False, after)
    return Answers(tuple(found), True, after)


def _no_worse(
    ask: Callable[[Certificate], Answer], certificates: Sequence[Certificate], worst: Outcome, wanted: int
) -> list[Answer]:
    """The first ``wanted`` decisions that are no worse than ``worst``."""
    answers = map(ask, certificates)
    good = (a for a in answers if a.decision.standing.severity <= worst.severity)
    return list(islice(good, wanted))


async def recognition_matrix(  # noqa: PLR0913, PLR0917  (the question, by name)
    ctx: Context, category: str, case: Case, first: int, after: str, destinations: Sequence[str] | None = None
) -> MatrixAnswer:
    """Certificates of ``category`` against ``destinations``, whatever ``case`` names.

    ``destinations`` None: the regions that agreements name, and the schemes that none of them accepts.
    Raises: Forbidden, NotFound for an unknown destination, EmptyRuleSet.
    """
    ctx.caller.require(RECOGNITION_READ)
    pinned, as_of = await ctx.pin(case.known_at), case.as_of or ctx.exchange.clock()
    page = await _certificates(ctx, pinned, category, first, after)
    known = with_certificates(await ctx.exchange.knowledge.at(pinned), page.certificates)
    columns = destinations_of(category, as_of, known) if destinations is None else destinations
    found = await compute(_HEAVY * len(page.certificates), matrix, columns, case.purpose, as_of, known)
    return MatrixAnswer(category, case.purpose, found, page.more, pinned, as_of)


async def _certificates(
    ctx: Context, pinned: Pin, category: str, first: int, after: str
) -> certificates.Page:
    where = CertificateFilter(category=category)
    return await certificates.page(
        ctx.database, pinned, where, first=first, as_of=ctx.exchange.clock(), after=after
    )


async def _decider(ctx: Context, case: Case, pinned: Pin) -> Callable[[Certificate], Answer]:
    """Decides one certificate after the other as of the same instant, from the same facts."""
    known, as_of = await ctx.exchange.knowledge.at(pinned), case.as_of or ctx.exchange.clock()

    def ask(certificate: Certificate) -> Answer:
        question = decide.Question(certificate.number, case.destination, case.purpose, as_of, pinned.known_at)
        decision = decide.recognise(question, with_certificates(known, [certificate]))
        return Answer(decision, known, pinned.revision)

    return ask
