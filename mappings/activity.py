"""Whether a category is ready to be certified in: a national rule in force, and emission factors (S1-23)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from huren.graph.model.category import Category
from huren.graph.model.dated import start
from huren.graph.model.facts import Known
from huren.graph.model.scheme import RuleKind, TextState
from huren.graph.model.terms import Level
from huren.graph.model.text import Text
from huren.mappings.dossier import lists
from huren.mappings.lifetime import rule_state


@dataclass(frozen=True, slots=True)
class Activity:
    """The two grounds: ids of the rules in force for the category, and whether it has a set of factors."""

    rules: tuple[str, ...]
    factor_set: bool

    @property
    def active(self) -> bool:
        """Whether both are there."""
        return bool(self.rules) and self.factor_set

    @property
    def because(self) -> Text:
        """Both grounds in words."""
        rules = "、".join(self.rules)
        return Text(
            f"现行国家规则:{rules or '无'};因子数据库:{'有' if self.factor_set else '无'}",
            f"national rules in force: {', '.join(self.rules) or 'none'}; "
            f"set of emission factors: {'yes' if self.factor_set else 'none'}",
        )


def activity(category: Category, at: datetime, known: Known) -> Activity:
    """The grounds at ``at``; those of a parent count for what lies in it. Cost: O(rules)."""
    rules = (
        rule.id
        for rule in known.rules.values()
        if rule.level is Level.NATIONAL
        and rule.kind is not RuleKind.GENERAL
        and rule_state(rule, at, known) is TextState.IN_FORCE
        and lists(rule.categories, category.id, at, known)
    )
    line = (known.categories[name] for name in known.category_line(category.id) if name in known.categories)
    since = (one.factor_set_since for one in line)
    return Activity(tuple(sorted(rules)), any(day is not None and start(day) <= at for day in since))
