"""What differs between a decision as it was sealed and the same question asked again. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from huren.mappings.sealing import Document, text_of

VOLATILE = frozenset({"engine", "revision", "sealedAt", "ruleEditions", "format", "hidden"})
"""Members of the document that say when and with what it was made, not what was decided."""

_ABSENT = object()
_NAMES = ("rule", "path", "id", ("region", "scheme"))


@dataclass(frozen=True, slots=True)
class Difference:
    """One place: JSON Pointer (RFC 6901) into the sealed document; None: nothing stands there."""

    path: str
    sealed: str | None
    now: str | None


@dataclass(frozen=True, slots=True)
class Cause:
    """``what`` ("engine", or the id of a rule) had another version or edition; None: did not exist."""

    what: str
    sealed: str | None
    now: str | None


def differences(sealed: Document, now: Document) -> tuple[Difference, ...]:
    """Every place in which ``now`` decides otherwise, in the order of the document.

    Findings are compared rule by rule, alternatives by region and scheme; what is new stands at ``/-``.
    """
    parts = [{k: v for k, v in each.items() if k not in VOLATILE} for each in (sealed, now)]
    return tuple(_differ("", parts[0], parts[1]))


def causes(sealed: Document, now: Document) -> tuple[Cause, ...]:
    """What has changed in the engine and the rules since: the likely cause of a difference."""
    engine = [Cause("engine", sealed["engine"], now["engine"])]
    before, after = sealed["ruleEditions"], now["ruleEditions"]
    rules = [Cause(rule, before.get(rule), after.get(rule)) for rule in dict.fromkeys((*before, *after))]
    return tuple(cause for cause in (*engine, *rules) if cause.sealed != cause.now)


def _differ(path: str, sealed: Any, now: Any) -> Iterator[Difference]:
    if isinstance(sealed, Mapping) and isinstance(now, Mapping):
        for name in dict.fromkeys((*sealed, *now)):
            # Told as a cause, by rule.
            if name == "edition" and "rule" in sealed:
                continue
            step = f"{path}/{name.replace('~', '~0').replace('/', '~1')}"
            yield from _differ(step, sealed.get(name, _ABSENT), now.get(name, _ABSENT))
    elif isinstance(sealed, list) and isinstance(now, list):
        yield from _differ_lists(path, sealed, now)
    elif sealed != now:
        yield Difference(path, _shown(sealed), _shown(now))


def _differ_lists(path: str, sealed: Sequence[Any], now: Sequence[Any]) -> Iterator[Difference]:
    before, after = _named(sealed), _named(now)
    if before is None or after is None:
        before, after = dict(enumerate(sealed)), dict(enumerate(now))
    for at, (name, value) in enumerate(before.items()):
        yield from _differ(f"{path}/{at}", value, after.get(name, _ABSENT))
    for name, value in after.items():
        if name not in before:
            yield Difference(f"{path}/-", None, _shown(value))


def _named(items: Sequence[Any]) -> dict[Any, Any] | None:
    """The items by what names each within its list; None where nothing does."""
    for name in _NAMES:
        keys = [_key(item, name) for item in items]
        if None not in keys and len(set(keys)) == len(keys):
            return dict(zip(keys, items, strict=True))
    return None


def _key(item: Any, name: str | tuple[str, ...]) -> Any:
    names = (name,) if isinstance(name, str) else name
    if not isinstance(item, Mapping) or any(n not in item for n in names):
        return None
    return tuple(text_of(item[n]) for n in names)


def _shown(value: Any) -> str | None:
    return None if value is _ABSENT else "null" if value is None else text_of(value)
