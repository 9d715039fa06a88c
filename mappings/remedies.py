"""The shortest list of things that would turn a decision into recognition. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from huren.graph.model.certificate import CertificateState
from huren.graph.model.dated import CHINA, IfNotMet, Parameter, start
from huren.graph.model.terms import NEVER_EQUIVALENT, Purpose
from huren.graph.model.text import Text
from huren.mappings.decision import Decision
from huren.mappings.lifetime import certificate_state
from huren.mappings.outcome import SURE, Outcome
from huren.mappings.rule import Finding
from huren.mappings.words import fact, listed, named, word


class RemedyKind(StrEnum):
    """From mild to hopeless: state a fact, meet a condition, mend what blocks; BEYOND the holder's power."""

    FACT = "FACT"
    CONDITION = "CONDITION"
    FIX = "FIX"
    BEYOND = "BEYOND"


@dataclass(frozen=True, slots=True)
class Meets:
    """A condition of a rule that an act meets, as a certificate's fulfilments name it."""

    rule: str
    condition: str


@dataclass(frozen=True, slots=True)
class Remedy:
    """One act, and all that it settles at one ``scheme`` (and ``region``).

    ``rules``: ids of the rules whose findings it settles; ``missing``: facts to be stated; ``meets``:
    conditions to be recorded as met.
    """

    kind: RemedyKind
    says: Text
    rules: tuple[str, ...]
    missing: tuple[str, ...] = ()
    meets: tuple[Meets, ...] = ()
    scheme: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Remedies:
    """``possible`` False: no act of the holder helps, and ``items`` name what stands in the way.

    No items where the certificate is recognised already.
    """

    possible: bool
    items: tuple[Remedy, ...] = ()


# What one engagement of a verifier settles at once.
_ONE_ACT = {
    ("R9", "re_verify"): "verify",
    ("R23", "second_party"): "verify",
    ("R23", "third_party"): "verify",
    ("R23", "level"): "verify",
    ("R23", "site_visit"): "verify",
    ("R23", "coverage"): "verify",
}
_OTHERS_ACT = frozenset({"R1", "R3", "R4", "R6", "R6b", "R27"})
"""BLOCKED by these, the holder can do nothing: agreements are the regions' to make, lists and pilot areas
the schemes', and a mark that shows another value was put on the goods already."""
_ENDED = frozenset({CertificateState.WITHDRAWN, CertificateState.CANCELLED, CertificateState.VOID})


def remedies(decision: Decision) -> Remedies:
    """What would have to be done for ``decision`` to become EQUAL or CONVERTIBLE.

    Of the schemes of a region the one that needs the fewest things, then the mildest; of an alliance every
    member. What is learnt on the way may raise new questions, so none of it is a promise.
    Cost: O(findings of the decision and its alternatives).
    """
    places: dict[str | None, list[Decision]] = {}
    for one in (decision, *_all_alternatives(decision)):
        places.setdefault(one.region, []).append(one)
    chosen = [min(map(_of, schemes), key=_burden) for schemes in places.values()]
    possible = all(found.possible for found in chosen)
    wanted = chosen if possible else [found for found in chosen if not found.possible]
    return Remedies(possible, tuple(item for found in wanted for item in found.items))


def _all_alternatives(decision: Decision) -> Iterator[Decision]:
    for other in decision.alternatives:
        yield other
        yield from _all_alternatives(other)


def _burden(found: Remedies) -> tuple[bool, int, list[int]]:
    kinds = list(RemedyKind)
    return (
        not found.possible,
        len(found.items),
        sorted((kinds.index(i.kind) for i in found.items), reverse=True),
    )


def _of(decision: Decision) -> Remedies:
    """The remedies at one scheme."""
    if decision.standing in SURE:
        return Remedies(possible=True)
    open_findings = [f for f in decision.findings if _counts(f)]
    hopeless = [_beyond(f) for f in open_findings if f.outcome is Outcome.BLOCKED and _is_beyond(f, decision)]
    acts = hopeless or [act for f in open_findings for act in _ACTS[f.outcome](f)]
    items = (replace(act, scheme=decision.scheme, region=decision.region) for act in _merged(acts))
    return Remedies(not hopeless, tuple(items))


def _counts(found: Finding) -> bool:
    """Whether a finding keeps the standing from recognition."""
    return found.applies and found.counts not in SURE


def _is_beyond(found: Finding, decision: Decision) -> bool:
    """Whether nothing that the holder does mends a BLOCKED finding."""
    refused = bool(found.conditions) or any(
        isinstance(value, Parameter) and value.if_not_met is IfNotMet.REFUSE for _, value in found.inputs
    )
    special = _SPECIAL.get(found.rule)
    return refused or found.rule in _OTHERS_ACT or (special is not None and special(found, decision))


def _never_a_footprint(found: Finding, decision: Decision) -> bool:
    kinds = [dict(f.inputs).get("record_type") for f in decision.findings if f.rule == "R5"]
    filing = found.rule == "R5" and decision.question.purpose is Purpose.EXPORT_FILING
    return filing or any(kind in NEVER_EQUIVALENT for kind in kinds)


def _over_or_to_come(found: Finding, decision: Decision) -> bool:
    certificate, at = decision.certificate, decision.question.as_of
    ended = certificate_state(certificate, at, CHINA) in _ENDED
    return ended or (certificate.issued is not None and at < start(certificate.issued))


_SPECIAL: dict[str, Callable[[Finding, Decision], bool]] = {
    "R5": _never_a_footprint,
    "R10": _never_a_footprint,
    "R24": _over_or_to_come,
}


def _beyond(found: Finding) -> Remedy:
    return Remedy(RemedyKind.BEYOND, found.because, (found.rule,))


def _facts(found: Finding) -> Iterator[Remedy]:
    for path in found.missing:
        what = named(fact(path), path)
        mine = path.partition(".")[0] not in ("destination", "issuer")
        says = (
            Text(f"补充说明{what.zh}", f"state: {what.en}")
            if mine
            else Text(f"由制度方明确{what.zh}", f"to be said by the scheme, {what.en}")
        )
        yield Remedy(RemedyKind.FACT, says, (found.rule,), missing=(path,))


def _conditions(found: Finding) -> Iterator[Remedy]:
    for condition in found.conditions:
        meets = (Meets(found.rule, condition.id),)
        yield Remedy(RemedyKind.CONDITION, condition.says, (found.rule,), found.missing, meets)


def _fix(found: Finding) -> Iterator[Remedy]:
    name = word("rule", found.rule)
    fix = Text(f"{found.fix.zh}({name.zh})", f"{found.fix.en} ({name.en})")
    yield Remedy(RemedyKind.FIX, fix, (found.rule,))


_ACTS: dict[Outcome, Callable[[Finding], Iterator[Remedy]]] = {
    Outcome.UNKNOWN: _facts,
    Outcome.CONDITIONAL: _conditions,
    Outcome.BLOCKED: _fix,
}


def _same_act(remedy: Remedy) -> tuple[object, ...]:
    """What makes two remedies one act: the same engagement, the same facts, the same words."""
    acts = {_ONE_ACT.get((m.rule, m.condition)) for m in remedy.meets}
    if acts and None not in acts:
        return tuple(acts)
    return (remedy.missing,) if remedy.missing else (remedy.kind, remedy.says)


def _merged(remedies: Iterable[Remedy]) -> Iterator[Remedy]:
    """``remedies`` with those of one act put together."""
    groups: dict[tuple[object, ...], list[Remedy]] = {}
    for remedy in remedies:
        groups.setdefault(_same_act(remedy), []).append(remedy)
    for group in groups.values():
        kinds = sorted((r.kind for r in group), key=list(RemedyKind).index)
        yield Remedy(
            kind=kinds[-1],
            says=listed((r.says for r in group), ";", "; "),
            rules=tuple(dict.fromkeys(rule for r in group for rule in r.rules)),
            missing=tuple(dict.fromkeys(path for r in group for path in r.missing)),
            meets=tuple(dict.fromkeys(m for r in group for m in r.meets)),
        )
