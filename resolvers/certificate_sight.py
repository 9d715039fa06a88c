"""What of a certificate leaves: its face for all, its detail as a recipe does, no number in dispute."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from typing import Any

from huren.auth.visibility import Subject, decide
from huren.graph import certificates, organisations
from huren.graph.model.access import EVERYONE, Effect, FieldClass
from huren.graph.model.audit import Read
from huren.graph.model.certificate import Certificate, CertificateState
from huren.graph.model.facts import Known
from huren.graph.model.organisation import Organisation
from huren.mappings.decision import Decision
from huren.mappings.rule import Finding
from huren.mappings.state import state_at
from huren.resolvers.context import Context
from huren.resolvers.sight import Sight

DETAIL = frozenset(
    {
        "sites",
        "components",
        "gases",
        "gas_shares",
        "electricity",
        "electricity_complete",
        "offsets",
        "biogenic",
        "exclusions",
        "allocation",
        "end_of_life",
        "changes",
    }
)
"""Facts that tell kWh, gases, parts, plants and what was left out: as much as a recipe."""
NUMBERS = DETAIL | {"value", "uncertainty_gsd", "equivalents", "breakdown", "modules", "marks"}
"""What a dispute freezes: the value, and all that adds up to it."""

_UNSTATED = {field.name: field.default for field in fields(Certificate)}


async def hidden(ctx: Context, numbers: Sequence[str]) -> dict[str, frozenset[str]]:
    """The facts of certificates, by number, that the caller may not see. At most four queries.

    Whether one is in dispute is asked of now, whatever was known when it is asked about.
    """
    if ctx.caller.administrator:
        return {}
    seen, pinned = await ctx.sight(), await ctx.pin()
    found = await certificates.get_many(ctx.database, pinned, numbers)
    holders = await organisations.get_many(ctx.database, sorted({c.holder for c in found.values()}))
    known = await ctx.exchange.knowledge.at(pinned)
    return {
        number: _hidden(seen, certificate, holders.get(certificate.holder), known)
        for number, certificate in found.items()
    }


def held(certificate: Certificate, names: Iterable[str]) -> frozenset[str]:
    """Those of the facts ``names`` that the certificate states."""
    return frozenset(name for name in names if getattr(certificate, name) != _UNSTATED[name])


def masked(certificate: Certificate, names: Iterable[str]) -> Certificate:
    """``certificate`` without the facts ``names``, as if it did not state them."""
    blank: dict[str, Any] = {name: _UNSTATED[name] for name in held(certificate, names)}
    return replace(certificate, **blank)


def _hidden(
    seen: Sight, certificate: Certificate, holder: Organisation | None, known: Known
) -> frozenset[str]:
    """Its holder and its body see all of it."""
    if seen.viewer.org in (certificate.holder, holder and holder.id, certificate.body):
        return frozenset()
    disputed = state_at(certificate, seen.now, known) == CertificateState.DISPUTED
    subject = Subject(
        certificate.product or certificate.holder,
        holder.id if holder else certificate.holder,
        region=certificate.region,
        country=holder.seat if holder else None,
        sector=certificate.category,
        audience=frozenset({EVERYONE}),
        grants=seen.rights.grants,
        disputed=disputed,
    )

    def opens(asked: FieldClass) -> bool:
        access = decide(seen.viewer, subject, asked, seen.purpose, seen.now)
        if access.restricted is not None:
            seen.note_read(
                Read(certificate.number, subject.owner, asked.value, seen.purpose, access.restricted.text)
            )
        return access.effect is Effect.ALLOW

    if disputed and not opens(FieldClass.RELEASE):
        return NUMBERS
    return frozenset() if opens(FieldClass.RECIPE) else DETAIL


async def for_caller(ctx: Context, decisions: Sequence[Decision]) -> tuple[Decision, ...]:
    """``decisions`` as the caller may see them, in their order. At most four queries."""
    return tuple(map(seen_as, decisions, await withheld(ctx, decisions)))


async def withheld(ctx: Context, decisions: Sequence[Decision]) -> tuple[frozenset[str], ...]:
    """For each decision, the facts of its certificates that the caller may not see. At most four queries."""
    named = [_numbers(decision) for decision in decisions]
    numbers = sorted({number for one in named for number in one})
    names = await hidden(ctx, numbers) if numbers else {}
    return tuple(frozenset().union(*(names.get(number, frozenset()) for number in one)) for one in named)


def seen_as(decision: Decision, names: frozenset[str]) -> Decision:
    """``decision`` for who may not see the facts ``names`` of its certificate: verdicts as they are.

    What a rule read of them is left out, its reason with it, and so are the steps of conversions, which
    would tell them; in dispute the value too.
    """
    if not names:
        return decision
    case = decision.dossier.case
    blank = replace(case, certificate=masked(case.certificate, names))
    quantity = replace(decision.quantity, steps=(), stated=decision.quantity.stated and "value" not in names)
    return replace(
        decision,
        dossier=replace(decision.dossier, case=blank),
        quantity=quantity,
        found=tuple(_without(finding, names) for finding in decision.found),
        alternatives=tuple(seen_as(other, names) for other in decision.alternatives),
    )


def _without(finding: Finding, names: frozenset[str]) -> Finding:
    read = {path.removeprefix("certificate.").partition(".")[0] for path in finding.by.reads}
    numeric = finding.quantity is not None or finding.judgement.comparison is not None
    if not (read & names or numeric):
        return finding
    bare = replace(finding.judgement, because=finding.by.says, warnings=(), quantity=None, comparison=None)
    return replace(finding, judgement=bare)


def _numbers(decision: Decision) -> tuple[str, ...]:
    """Of its certificate, and of the one that it is compared with."""
    rival = decision.dossier.rival
    return (decision.certificate.number, *((rival.theirs.number,) if rival else ()))
