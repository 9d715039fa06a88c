"""What a decision says about the keys of a world's ``expect``."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from huren.mappings.decision import Decision
from huren.mappings.rule import Kind
from huren.mappings.rules import SPECIFIED

RULES = frozenset(SPECIFIED)


def wrong_in(decision: Decision, expect: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Every key of ``expect`` whose value is another in ``decision``: wanted and found."""
    found = {key: seen(decision, key) for key in expect}
    return {key: (wanted, found[key]) for key, wanted in expect.items() if not same(wanted, found[key])}


def seen(decision: Decision, key: str) -> Any:
    """What the decision says about one key of a world's ``expect``."""
    found = {f.rule: f for f in decision.findings}
    if key in RULES:
        return found[key].outcome.value
    if key.removesuffix("_missing") in RULES:
        return list(found[key.removesuffix("_missing")].missing)
    if key in ("value", "low", "high"):
        return None if decision.value is None else getattr(decision.value, key)
    named = {
        "missing": lambda: sorted(decision.missing),
        "conditions": lambda: sorted(f"{f.rule}.{c.id}" for f in found.values() for c in f.conditions),
        "deciding": lambda: [f.rule for f in decision.deciding],
        "unit": lambda: decision.value and decision.value.unit,
        "preview": lambda: decision.preview and decision.preview.value,
        "steps": lambda: [s.rule for s in decision.value.steps] if decision.value else [],
        "alternatives": lambda: [d.scheme or d.region for d in decision.alternatives],
        "not_applied": lambda: [
            f.rule for f in found.values() if not f.applies and f.verdict is not Kind.COMPARISON
        ],
        "warned": lambda: [f.rule for f in found.values() if f.warnings],
        "scheme": lambda: decision.scheme or "",
        "comparison": lambda: decision.comparison and decision.comparison.verdict.value,
        "needed": lambda: decision.comparison and decision.comparison.needed,
        "gsd": lambda: decision.value and decision.value.gsd,
    }
    return named[key]() if key in named else getattr(decision, key)


def same(wanted: Any, found: Any) -> bool:
    if isinstance(wanted, (int, Decimal)) and not isinstance(wanted, bool) and isinstance(found, Decimal):
        return abs(found - wanted) <= abs(wanted) * Decimal("1e-6")
    if isinstance(wanted, list) and isinstance(found, list):
        return sorted(wanted) == sorted(found)
    return bool(wanted == found)
