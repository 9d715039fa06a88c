"""How the generated pages word values: parameters, periods, tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import is_dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from huren.graph.model.agreement import Side
from huren.graph.model.dated import IfNotMet, Parameter, StatusEvent
from huren.graph.model.profile import ComponentDemand, CutOffLimit, QualityFloor, ServiceCycles
from huren.graph.model.quantity import Factor
from huren.graph.model.scheme import Listing
from huren.graph.model.text import Text

Lines = Iterator[str]


def value_of(parameter: Parameter[Any]) -> str:
    """The value as a reader takes it; in brackets where it is uncertain."""
    text = plain(parameter.value)
    dates = period(parameter.since, parameter.until)
    text += f" ({dates})" if dates else ""
    text += f"; else {parameter.if_not_met.value}" if parameter.if_not_met is not IfNotMet.CONVERT else ""
    return f"[{text}]" if parameter.certainty.value == "uncertain" else text


def plain(value: Any) -> str:
    """A value of a parameter in words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, frozenset):
        return ", ".join(plain(one) for one in sorted(value, key=order)) or "any"
    if isinstance(value, tuple):
        return ", ".join(plain(one) for one in value) or "any"
    return record(value) if is_dataclass(value) else str(value)


def order(value: Any) -> tuple[int, str]:
    """Members of a vocabulary in its own order, other texts by the alphabet."""
    return (list(type(value)).index(value) if isinstance(value, StrEnum) else 0, str(value))


def record(value: Any) -> str:
    """A small record of a profile in words."""
    match value:
        case Text():
            said = f"{value.zh} · {value.en}"
        case CutOffLimit():
            said = "no bound" if value.share >= 1 else f"at most {percent(value.share)} of {value.kind.value}"
        case ComponentDemand():
            said = f"{value.name} {'inside' if value.included else 'left out'}"
        case ServiceCycles():
            said = f"{value.vehicle_class} {value.cycles_per_year} cycles a year"
        case QualityFloor():
            said = f"{value.worst} or {'less' if value.best_is_low else 'more'} on {value.scale}"
        case Factor():
            said = f"{value.name or ''} {value.year or ''} {value.value} ({value.family})".strip()
        case Listing():
            said = listing(value)
        case _:
            raise TypeError(f"say how {type(value).__name__} reads")
    return said


def listing(row: Listing) -> str:
    name = row.category or (f"{row.code.system} {row.code.code}" if row.code else "")
    dates = period(row.since, row.until)
    return f"{name} ({dates})" if dates else name


def events(found: Iterable[StatusEvent[Any]]) -> str:
    return "no, " * bool(found) + ", ".join(
        f"{e.state.value.replace('mou', 'memorandum')} since {e.valid_from}" for e in found
    )


def period(since: date | None, until: date | None) -> str:
    return f"{since} – {until or ''}".strip() if since or until else ""


def percent(share: Decimal) -> str:
    return f"{(share * 100).normalize():f} %"


def sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def anchor(name: str) -> str:
    return name.lower()


def table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Lines:
    """A Markdown table."""
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', '/') for cell in row)} |"


def side(parties: Side) -> str:
    return ", ".join((*parties.regions, *parties.schemes))
