"""Recognition: may a certificate stand there, for that purpose, on that day, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from huren.auth.scopes import RECOGNITION_READ
from huren.graph import certificates
from huren.graph.certificates import CertificateFilter
from huren.graph.model.facts import Known
from huren.graph.model.terms import Purpose
from huren.graph.revision import Pin
from huren.mappings.decide import Recogniser
from huren.mappings.decision import Decision
from huren.mappings.matrix import Matrix, destinations_of, matrix
from huren.mappings.outcome import Outcome
from huren.resolvers.certificate_sight import for_caller
from huren.resolvers.computing import compute
from huren.resolvers.context import Context
from huren.resolvers.knowledge import with_certificates

PAGE = 200
"""Certificates that `recognised` looks at first."""
MOST = 10_000
"""Certificates that it looks at then, where the page is not full yet."""
_HEAVY = 100
"""What a decision weighs against a product of a roll-up, when work is to leave the event loop."""


@dataclass(frozen=True, slots=True)
class Case:
    """What every certificate is asked. ``as_of`` None: now; ``known_at`` None: all recorded so far.

    ``against``: number of a certificate that the value is to be compared with.
    """

    destination: str
    purpose: Purpose
    as_of: datetime | None = None
    known_at: datetime | None = None
    against: str | None = None


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
    """As :func:`decided`, with what the caller may see of the certificates."""
    answer = await decided(ctx, certificate, case)
    [shown] = await for_caller(ctx, [answer.decision])
    return replace(answer, decision=shown)


async def decided(ctx: Context, certificate: str, case: Case) -> Answer:
    """Whether the certificate of this number is recognised. Raises: Forbidden, NotFound, EmptyRuleSet."""
    ctx.caller.require(RECOGNITION_READ)
    pinned = await ctx.pin(case.known_at)
    numbers = [certificate] if case.against is None else [certificate, case.against]
    found = await certificates.get_many(ctx.database, pinned, numbers)
    for number in numbers:
        if number not in found:
            raise certificates.no_certificate(number, pinned.known_at)
    known = with_certificates(await ctx.exchange.knowledge.at(pinned), found.values())
    recogniser = Recogniser(known, case.purpose, case.as_of or ctx.exchange.clock())
    return Answer(recogniser.answer(certificate, case.destination, case.against), known, pinned.revision)


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
    known = await ctx.exchange.knowledge.at(pinned)
    as_of = case.as_of or ctx.exchange.clock()
    found: list[Answer] = []
    for size in (PAGE, MOST):
        page = await _certificates(ctx, pinned, category, size, after)
        wanted = first + 1 - len(found)
        work = _HEAVY * len(page.certificates)
        seen = with_certificates(known, page.certificates)
        recogniser = Recogniser(seen, case.purpose, as_of, remember=True)
        numbers = [certificate.number for certificate in page.certificates]
        decisions = await compute(work, _no_worse, recogniser, numbers, case.destination, worst, wanted)
        shown = await for_caller(ctx, decisions)
        found += [Answer(decision, known, pinned.revision) for decision in shown]
        after = page.certificates[-1].number if page.certificates else after
        if len(found) > first:
            return Answers(tuple(found[:first]), True, found[first - 1].decision.certificate.number)
        if not page.more:
            return Answers(tuple(found), False, after)
    return Answers(tuple(found), True, after)


def _no_worse(
    recogniser: Recogniser, numbers: Sequence[str], destination: str, worst: Outcome, wanted: int
) -> list[Decision]:
    """The first ``wanted`` decisions that are no worse than ``worst``."""
    decisions = (recogniser.answer(number, destination) for number in numbers)
    good = (d for d in decisions if d.standing.severity <= worst.severity)
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
    known = await ctx.exchange.knowledge.at(pinned)
    where = CertificateFilter(categories=known.categories_in(category))
    return await certificates.page(
        ctx.database, pinned, where, first=first, as_of=ctx.exchange.clock(), after=after
    )
