"""The five outcomes and their order."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from huren.errors import HurenError


class EmptyRuleSet(HurenError):
    """No rule of a kind was applied: calling nothing a pass would be a lie."""

    code = "EMPTY_RULE_SET"

    def __init__(self, what: str = "decision") -> None:
        super().__init__(
            f"no rule in force applies ({what}), so nothing can be said",
            f"没有可适用于此项({what})的现行规则,无法作出判断",
            fix="Ask for a day on which the rules are in force.",
            fix_zh="请改用规则已生效的日期提问。",
        )


class Outcome(StrEnum):
    """How a comparison ends. BLOCKED > UNKNOWN > CONDITIONAL > CONVERTIBLE > EQUAL."""

    EQUAL = "EQUAL"
    CONVERTIBLE = "CONVERTIBLE"
    CONDITIONAL = "CONDITIONAL"
    UNKNOWN = "UNKNOWN"
    BLOCKED = "BLOCKED"

    @property
    def severity(self) -> int:
        """0 (EQUAL) to 4 (BLOCKED)."""
        return _SEVERITY[self]


SURE = frozenset({Outcome.EQUAL, Outcome.CONVERTIBLE})
"""Outcomes that hold as things are: a standing of these is recognition, a verdict of these gives a value."""

_SEVERITY = {outcome: n for n, outcome in enumerate(Outcome)}


def worst(outcomes: Iterable[Outcome], what: str = "decision") -> Outcome:
    """The most severe of ``outcomes``.

    >>> worst([Outcome.EQUAL, Outcome.UNKNOWN, Outcome.CONDITIONAL]).value
    'UNKNOWN'

    Raises: EmptyRuleSet when there is none.
    """
    found = max(outcomes, key=_SEVERITY.__getitem__, default=None)
    if found is None:
        raise EmptyRuleSet(what)
    return found
