"""What a comparison finds, in the words every rule shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from huren.graph.model.dated import Certainty, IfNotMet
from huren.graph.model.text import Text
from huren.mappings.comparison import Comparison
from huren.mappings.outcome import Outcome, worst
from huren.mappings.quantity import Quantity
from huren.mappings.wanted import Wanted


@dataclass(frozen=True, slots=True)
class Condition:
    """An open condition. ``id`` is stable within its rule and named by a certificate's fulfilments."""

    id: str
    says: Text


@dataclass(frozen=True, slots=True)
class Judgement:
    """The result of one comparison. ``quantity`` is the value after the conversion (CONVERTIBLE),
    or a preview of it (CONDITIONAL); ``comparison`` is what R28 found."""

    outcome: Outcome
    because: Text
    missing: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    quantity: Quantity | None = None
    warnings: tuple[Text, ...] = ()
    applies: bool = True
    illustrative: bool = False
    comparison: Comparison | None = None


def equal(zh: str, en: str, *warnings: Text) -> Judgement:
    """The same on both sides."""
    return Judgement(Outcome.EQUAL, Text(zh, en), warnings=warnings)


def not_applicable(zh: str, en: str) -> Judgement:
    """The rule has nothing to compare in this case."""
    return Judgement(Outcome.EQUAL, Text(zh, en), applies=False)


def convertible(quantity: Quantity, zh: str, en: str, *warnings: Text) -> Judgement:
    """Different, but ``quantity`` is the number on the destination's terms."""
    return Judgement(Outcome.CONVERTIBLE, Text(zh, en), quantity=quantity, warnings=warnings)


def conditional(condition: str, zh: str, en: str, *missing: str) -> Judgement:
    """Acceptable once ``condition`` (its id) is met; ``missing`` names facts that would meet it."""
    says = Text(zh, en)
    return Judgement(Outcome.CONDITIONAL, says, missing=missing, conditions=(Condition(condition, says),))


def unknown(*missing: str) -> Judgement:
    """A fact without which the rule cannot be stated is not on record."""
    names = ", ".join(missing)
    return Judgement(
        Outcome.UNKNOWN, Text(f"缺少判断所需的事实:{names}", f"not stated: {names}"), missing=missing
    )


def absent(**facts: object) -> tuple[str, ...]:
    """The names of the facts that are None; a name is written with __ for a dot."""
    return tuple(name.replace("__", ".") for name, fact in facts.items() if fact is None)


def blocked(zh: str, en: str) -> Judgement:
    """Not acceptable."""
    return Judgement(Outcome.BLOCKED, Text(zh, en))


def marked(found: Judgement, illustrative: bool) -> Judgement:
    """``found``, resting on illustrative records or not."""
    return found if found.illustrative is illustrative else replace(found, illustrative=illustrative)


def warned(found: Judgement, *warnings: Text) -> Judgement:
    """``found`` with more to keep in mind. Written out, since every parameter of general knowledge warns."""
    return Judgement(
        found.outcome,
        found.because,
        found.missing,
        found.conditions,
        found.quantity,
        (*found.warnings, *warnings),
        found.applies,
        found.illustrative,
        found.comparison,
    )


@lru_cache(maxsize=256)
def _unverified(name: str) -> Text:
    return Text(f"{name} 未经核实", f"{name} is general knowledge, not verified")


def settled(found: Judgement, states: Sequence[bool | None]) -> Judgement:
    """``found`` with each of its conditions met (True), refused or impossible (False), or still open (None).

    Met conditions fall away; one refused or impossible blocks (domain 3a).
    """
    if False in states:
        says = found.conditions[states.index(False)].says
        because = Text(f"条件被拒绝或不可能满足:{says.zh}", f"refused or impossible: {says.en}")
        return replace(found, outcome=Outcome.BLOCKED, because=because, quantity=None)
    left = tuple(c for c, state in zip(found.conditions, states, strict=True) if state is None)
    if left:
        return replace(found, conditions=left)
    done = "; ".join(c.id for c in found.conditions)
    because = Text(f"条件已满足({done}):{found.because.zh}", f"met ({done}): {found.because.en}")
    outcome = Outcome.EQUAL if found.quantity is None else Outcome.CONVERTIBLE
    return replace(found, outcome=outcome, because=because, conditions=(), missing=())


def together(parts: Sequence[Judgement]) -> Judgement:
    """One judgement of several parts, each on the number of the one before: the worst, with its reasons.

    The number after all of them is kept where none is UNKNOWN or BLOCKED. Raises: EmptyRuleSet for no part.
    """
    if len(parts) == 1:
        return parts[0]
    outcome = worst(part.outcome for part in parts)
    bad = [part for part in parts if part.outcome is outcome]
    numbers = [part.quantity for part in parts if part.quantity is not None]
    sure = outcome.severity <= Outcome.CONDITIONAL.severity
    return Judgement(
        outcome,
        Text(";".join(p.because.zh for p in bad), "; ".join(p.because.en for p in bad)),
        missing=tuple(dict.fromkeys(name for part in bad for name in part.missing)),
        conditions=tuple(dict.fromkeys(asked for part in bad for asked in part.conditions)),
        quantity=numbers[-1] if numbers and sure else None,
        warnings=tuple(warning for part in parts for warning in part.warnings),
        illustrative=any(part.illustrative for part in parts),
    )


def tempered(judgement: Judgement, *wanted: Wanted[Any]) -> Judgement:
    """``judgement`` under the certainty of the parameters it rests on and what they do when not met.

    K adds a warning; a draft turns a yes into CONDITIONAL with a preview; ``refuse`` turns a conversion or
    its missing fact into BLOCKED, ``condition`` a conversion into CONDITIONAL (domain 3a).
    """
    for one in wanted:
        judgement = _by_certainty(_by_policy(judgement, one), one)
    return judgement


def _by_policy(found: Judgement, wanted: Wanted[Any]) -> Judgement:
    differs = found.outcome in (Outcome.CONVERTIBLE, Outcome.CONDITIONAL)
    if not differs or wanted.if_not_met is IfNotMet.CONVERT:
        return found
    name = wanted.name
    if wanted.if_not_met is IfNotMet.REFUSE:
        refused = Text(
            f"目的地不接受与 {name} 不同的数值,也不接受换算", f"the destination refuses any other {name}"
        )
        return replace(
            found, outcome=Outcome.BLOCKED, because=refused, quantity=None, conditions=(), missing=()
        )
    if found.outcome is Outcome.CONDITIONAL:
        return found
    says = Text(f"目的地同意采用换算值({name})", f"the destination agrees to the converted value ({name})")
    return replace(found, outcome=Outcome.CONDITIONAL, conditions=(Condition("agree_conversion", says),))


def _by_certainty(found: Judgement, wanted: Wanted[Any]) -> Judgement:
    if wanted.certainty is Certainty.KNOWN:
        return warned(found, _unverified(wanted.name))
    if wanted.certainty is not Certainty.DRAFT or found.outcome.severity > Outcome.CONDITIONAL.severity:
        return found
    says = Text(
        f"草案未经修改即生效({wanted.name})", f"the draft enters into force unchanged ({wanted.name})"
    )
    condition = Condition("draft_in_force", says)
    return replace(found, outcome=Outcome.CONDITIONAL, conditions=(*found.conditions, condition))
