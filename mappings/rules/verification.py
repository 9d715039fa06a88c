"""R23: who verified the value, how deeply, on site or not, and what was covered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, TypeVar

from huren.graph.model.certificate import Assurance
from huren.graph.model.dated import start
from huren.graph.model.terms import AssuranceLevel, Coverage, Party, Purpose
from huren.graph.model.text import Text
from huren.mappings.dossier import Dossier
from huren.mappings.judgement import Condition, Judgement, blocked, conditional, equal, tempered, unknown
from huren.mappings.outcome import Outcome
from huren.mappings.quantity import Quantity
from huren.mappings.rule import Clause, Kind, Rule
from huren.mappings.rules.validity import months_later
from huren.mappings.wanted import Wanted, wanted

T = TypeVar("T")

_LENIENT = frozenset({Purpose.LOAN_APPROVAL, Purpose.LOAN_LIMIT, Purpose.LOAN_PRICING, Purpose.CHAIN_INPUT})
_INDEPENDENCE = tuple(Party)
_PARTY_NAMES = {
    Party.FIRST: Text("第一方", "first party"),
    Party.SECOND: Text("第二方", "second party"),
    Party.THIRD: Text("第三方", "third party"),
}
_DEPTH = tuple(AssuranceLevel)
_BREADTH = tuple(Coverage)
_NO_ASSURANCE = Assurance()


def _party(stated: Party, asked: Party, purpose: Purpose) -> Judgement | None:
    """A party less independent than asked is refused for a label, open for a loan or a chain."""
    if _INDEPENDENCE.index(stated) >= _INDEPENDENCE.index(asked):
        return None
    zh, en = _PARTY_NAMES[asked].zh, _PARTY_NAMES[asked].en
    if purpose in _LENIENT:
        return conditional(f"{asked}_party", f"须由{zh}核查", f"to be verified by a {en}")
    return blocked(f"未经{zh}核查", f"no {en} has verified it")


def _demands(dossier: Dossier) -> tuple[Wanted[AssuranceLevel], Wanted[bool], Wanted[Coverage]]:
    profile = dossier.profile
    return (
        dossier.want("level", profile.level),
        dossier.want("on_site", profile.on_site, False),
        dossier.want("coverage", profile.coverage, Coverage.MODEL),
    )


def _upgrades(dossier: Dossier, stated: Assurance) -> Iterator[tuple[str, Text] | str]:
    """Each upgrade that is needed, or the name of the fact that is missing to say so."""
    level, on_site, coverage = _demands(dossier)
    names = {
        w.name for w in (level, on_site, coverage, _system_months(dossier)) if w.asked and w.value is None
    }
    yield from sorted(names)
    if level.value is not None:
        if stated.level is None:
            yield "assurance.level"
        elif _DEPTH.index(stated.level) < _DEPTH.index(level.value):
            yield "level", Text(f"核查保证等级提升至 {level.value}", f"upgrade to {level.value} assurance")
    if on_site.value and not stated.on_site:
        asked = ("site_visit", Text("补做现场核查", "a visit on site"))
        yield "assurance.on_site" if stated.on_site is None else asked
    if coverage.value not in (None, Coverage.MODEL):
        if stated.coverage is None:
            yield "assurance.coverage"
        elif coverage.value and _BREADTH.index(stated.coverage) < _BREADTH.index(coverage.value):
            yield "coverage", Text(f"核查范围扩大至 {coverage.value}", f"widen coverage to {coverage.value}")


def _system_months(dossier: Dossier) -> Wanted[int]:
    months = dossier.issuer_profile.assurance_system_months
    return wanted("issuer.assurance_system_months", months, dossier.as_of)


def _assurance_system(dossier: Dossier) -> tuple[str, Text] | None:
    """The firm's footprint assurance system, where the issuing scheme demands one of some age (S0-8)."""
    demanded = _system_months(dossier)
    if not demanded.value:
        return None
    since: date | None = dossier.certificate.assurance_system_since
    issued = dossier.issued
    if since and issued and months_later(start(since, dossier.zone), demanded.value) <= issued:
        return None
    return "assurance_system", Text(
        "监督审核确认企业的碳足迹保证体系", "surveillance confirms the firm's assurance system"
    )


def _compare(dossier: Dossier, quantity: Quantity) -> Judgement:
    stated = dossier.certificate.assurance or _NO_ASSURANCE
    party = dossier.want("party", dossier.profile.party)
    if party.value is None:
        return unknown(party.name)
    if party.value is Party.NONE:
        asks_nothing = equal("目的地不要求核查", "the destination asks for no verification")
        return tempered(_open([], dossier) or asks_nothing, party.agreed())
    if stated.party is None:
        rest = [f for f in _upgrades(dossier, stated) if isinstance(f, str)]
        return unknown("assurance.party", *rest)
    refused = _party(stated.party, party.value, dossier.purpose)
    if refused:
        return tempered(refused, party)
    found = _verified(dossier, stated)
    asked = {c.id for c in found.conditions}
    demands: tuple[Wanted[Any], ...] = _demands(dossier)
    named = zip(("level", "site_visit", "coverage"), demands, strict=True)
    return tempered(found, party.agreed(), *(w if name in asked else w.agreed() for name, w in named))


def _verified(dossier: Dossier, stated: Assurance) -> Judgement:
    found = list(_upgrades(dossier, stated))
    missing = tuple(f for f in found if isinstance(f, str))
    if missing:
        return unknown(*missing)
    asked = [f for f in found if not isinstance(f, str)]
    return _open(asked, dossier) or equal(
        "核查方、等级、范围均满足", "party, level, coverage and visit meet what is asked"
    )


def _open(asked: list[tuple[str, Text]], dossier: Dossier) -> Judgement | None:
    """The upgrades asked for and what surveillance has to confirm; None: nothing is open."""
    system = _assurance_system(dossier)
    conditions = tuple(Condition(name, says) for name, says in (*asked, *([system] if system else [])))
    if not conditions:
        return None
    because = Text(
        "须:" + ";".join(c.says.zh for c in conditions), "needed: " + "; ".join(c.says.en for c in conditions)
    )
    return Judgement(Outcome.CONDITIONAL, because, conditions=conditions)


VERIFICATION = Rule(
    id="R23",
    code="verification",
    kind=Kind.TECHNICAL,
    says=Text(
        "核查方、保证等级、现场核查和范围满足要求", "party, level, site visit and coverage meet what is asked"
    ),
    clause=Clause("ISO 14064-3:2019", ""),
    compare=_compare,
    outcomes=frozenset({Outcome.EQUAL, Outcome.CONDITIONAL, Outcome.UNKNOWN, Outcome.BLOCKED}),
    reads=(
        "certificate.assurance",
        "certificate.assurance_system_since",
        "issued",
        "zone",
        "issuer_profile.assurance_system_months",
        "profile.party",
        "profile.level",
        "profile.on_site",
        "profile.coverage",
        "purpose",
    ),
    fix=Text(
        "由第三方按要求的等级并到现场核查", "have a third party verify it at the level asked for, on site"
    ),
)
