"""Recognition: may a certificate stand there, for that purpose, on that day, and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from huren.auth.scopes import RECOGNITION_READ
from huren.graph import certificates
from huren.graph.certificates import CertificateFilter
from huren.graph.model.certificate import Certificate
from huren.graph.model.facts import Known
from huren.graph.model.terms import Purpose
from huren.graph.revision import Pin
from huren.mappings.decide import Recogniser
from huren.mappings.decision import Decision
from huren.mappings.matrix import Matrix, destinations_of, matrix
from huren.mappings.outcome import Outcome
from huren.resolvers.context import Context, compute
from huren.resolvers.knowledge import with_certificates

PAGE = 100


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
    """Decisions by certificate number, and whether there may be more after them."""

    answers: tuple[Answer, ...]
    more: bool


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

    Cost: one query and a hundred decisions for each hundred certificates looked at until the page is full.
    Raises: Forbidden, NotFound for an unknown destination, EmptyRuleSet.
    """
    ctx.caller.require(RECOGNITION_READ)
    pinned, more = await ctx.pin(case.known_at), True
    found: list[Answer] = []
    ask = await _decider(ctx, case, pinned)
    while more and len(found) <= first:
        page = await _certificates(ctx, pinned, category, PAGE, after)
        answers = [ask(certificate) for certificate in page.certificates]
        found += [a for a in answers if a.decision.standing.severity <= worst.severity]
        more, after = page.more, page.certificates[-1].number if page.certificates else after
    return Answers(tuple(found[:first]), len(found) > first)


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
    found = await compute(100 * len(page.certificates), matrix, columns, case.purpose, as_of, known)
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
        recogniser = Recogniser(with_certificates(known, [certificate]), case.purpose, as_of)
        return Answer(recogniser.answer(certificate.number, case.destination), known, pinned.revision)

    return ask
