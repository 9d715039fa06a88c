"""Screening: which of many firms or certificates stand at a destination for a purpose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from stdnum.cn import uscc

from huren.auth.scopes import RECOGNITION_READ
from huren.errors import BadInput, LimitExceeded
from huren.graph import certificates, organisations
from huren.graph.model.certificate import Certificate
from huren.graph.model.facts import Known
from huren.graph.model.organisation import Organisation
from huren.graph.revision import Pin
from huren.mappings.screening import Applicant, ApplicantKind, Screening, Terms, check_terms, screen
from huren.resolvers.certificate_sight import for_caller
from huren.resolvers.computing import compute
from huren.resolvers.context import Context
from huren.resolvers.recognition import Case

MOST_APPLICANTS = 1_000
MOST_CERTIFICATES = 10_000
_HEAVY = 100
"""What a decision weighs against a product of a roll-up, when work is to leave the event loop."""


@dataclass(frozen=True, slots=True)
class ScreeningAnswer:
    """A screening, the facts and the pin that it was made from."""

    screening: Screening
    terms: Terms
    known: Known
    pin: Pin


async def screened(
    ctx: Context, applicants: Sequence[str], case: Case, category: str | None = None
) -> ScreeningAnswer:
    """Each applicant (USCC, organisation id or certificate number) with its certificates and standing.

    Cost: at most five queries, however many applicants; one decision a certificate.
    Raises: Forbidden; BadInput for an empty list; LimitExceeded; NotFound for the destination or category.
    """
    ctx.caller.require(RECOGNITION_READ)
    _check_number(applicants)
    pinned = await ctx.pin(case.known_at)
    known = await ctx.exchange.knowledge.at(pinned)
    terms = Terms(case.destination, case.purpose, case.as_of or ctx.exchange.clock(), category)
    check_terms(terms, known)
    found = await _found(ctx, pinned, applicants)
    work = sum(len(one.certificates) for one in {one.name: one for one in found}.values())
    screening = await compute(_HEAVY * work, screen, found, terms, known)
    return ScreeningAnswer(await _for_caller(ctx, screening), terms, known, pinned)


async def _for_caller(ctx: Context, screening: Screening) -> Screening:
    """With what the caller may see of the certificates."""
    decisions = [one.decision for row in screening.rows for one in row.certificates]
    shown = iter(await for_caller(ctx, decisions))
    rows = [
        replace(row, certificates=tuple(replace(one, decision=next(shown)) for one in row.certificates))
        for row in screening.rows
    ]
    return replace(screening, rows=tuple(rows))


async def _found(ctx: Context, pinned: Pin, applicants: Sequence[str]) -> tuple[Applicant, ...]:
    """What each applicant is. Three queries."""
    names = {text: _name(text) for text in applicants}
    asked = list(dict.fromkeys(names.values()))
    firms = await organisations.get_many(ctx.database, asked)
    numbers = await certificates.get_many(ctx.database, pinned, asked)
    aliases = (name for firm in firms.values() for name in (firm.id, firm.uscc) if name)
    holders = list(dict.fromkeys([*asked, *aliases]))
    held = await certificates.of_holders(ctx.database, pinned, holders, MOST_CERTIFICATES + 1)
    if sum(map(len, held.values())) > MOST_CERTIFICATES:
        raise _too_many_certificates()
    return tuple(_applicant(text, names[text], firms, numbers, held) for text in applicants)


def _applicant(
    text: str,
    name: str,
    firms: Mapping[str, Organisation],
    numbers: Mapping[str, Certificate],
    held: Mapping[str, tuple[Certificate, ...]],
) -> Applicant:
    firm = firms.get(name)
    names = dict.fromkeys([name, *((firm.id, firm.uscc) if firm else ())])
    mine = {c.number: c for n in names if n for c in held.get(n, ())}
    if firm is not None or mine:
        return Applicant(text, ApplicantKind.FIRM, firm, tuple(mine[n] for n in sorted(mine)))
    if name in numbers:
        return Applicant(text, ApplicantKind.CERTIFICATE, certificates=(numbers[name],))
    return Applicant(text, ApplicantKind.UNKNOWN)


def _name(text: str) -> str:
    """A code as it is stored, whatever its separators and case; any other name without blanks around it."""
    name = text.strip()
    return str(uscc.compact(name)) if uscc.is_valid(name) else name


def _check_number(applicants: Sequence[str]) -> None:
    if not applicants:
        raise BadInput(
            "`applicants` is empty",
            "`applicants` 为空",
            fix="Name at least one firm or certificate.",
            fix_zh="请至少填写一个企业或证书。",
        )
    if len(applicants) > MOST_APPLICANTS:
        raise LimitExceeded(
            f"at most {MOST_APPLICANTS:,} applicants are screened at once, not {len(applicants):,}",
            f"一次最多筛查 {MOST_APPLICANTS:,} 个申请人,而非 {len(applicants):,} 个",
            fix=f"Ask in parts of {MOST_APPLICANTS:,}, with the same asOf and knownAt.",
            fix_zh=f"请以相同的 asOf 和 knownAt 分批查询,每批不超过 {MOST_APPLICANTS:,} 个。",
        )


def _too_many_certificates() -> LimitExceeded:
    return LimitExceeded(
        f"the applicants hold more than {MOST_CERTIFICATES:,} certificates",
        f"申请人持有的证书超过 {MOST_CERTIFICATES:,} 张",
        fix="Ask for fewer applicants at once, with the same asOf and knownAt.",
        fix_zh="请以相同的 asOf 和 knownAt 减少每次查询的申请人。",
    )
