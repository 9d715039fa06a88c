"""GraphQL types made from the frozen values of the domain, so that no fact can be forgotten at the border.

A field of the domain is a field here, under the same name and with the description of ``facts.toml``;
what only the store sets (record times, events) is left out.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib import resources
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import strawberry

from huren.graph.model.supply import Stage
from huren.schema.scalars import DecimalText, InstantText, WhenText

LEFT_OUT = frozenset({"recorded_at", "events"})


@strawberry.type(name="CertificateStageAmount", description="kg CO2e of one life-cycle stage.")
class StageAmount:
    """A pair of a table by stage."""

    key: Stage = strawberry.field(name="stage", description="The stage.")
    value: DecimalText = strawberry.field(description="kg CO2e.")


@strawberry.type(name="CertificateNamedAmount", description="kg CO2e under a name.")
class NamedAmount:
    """A pair of a table by name."""

    key: str = strawberry.field(name="name", description="The name.")
    value: DecimalText = strawberry.field(description="kg CO2e.")


@strawberry.input(name="CertificateStageAmountInput", description="kg CO2e of one life-cycle stage.")
class StageAmountInput:
    """A pair of a table by stage."""

    key: Stage = strawberry.field(name="stage", description="The stage.")
    value: DecimalText = strawberry.field(description="kg CO2e.")


@strawberry.input(name="CertificateNamedAmountInput", description="kg CO2e under a name.")
class NamedAmountInput:
    """A pair of a table by name."""

    key: str = strawberry.field(name="name", description="The name.")
    value: DecimalText = strawberry.field(description="kg CO2e.")


_PAIRS = {
    (Stage, False): StageAmount,
    (str, False): NamedAmount,
    (Stage, True): StageAmountInput,
    (str, True): NamedAmountInput,
}
_SCALARS = {Decimal: DecimalText, datetime: InstantText, date: WhenText}


@cache
def descriptions() -> Mapping[str, Mapping[str, str]]:
    """What each field means, by class and field."""
    return tomllib.loads((resources.files("huren.schema") / "facts.toml").read_text(encoding="utf-8"))


def names(domain: type) -> tuple[str, ...]:
    """The fields of a value that have a place in GraphQL."""
    return tuple(f.name for f in fields(domain) if f.name not in LEFT_OUT)


@cache
def mirrored(domain: type, *, put: bool) -> type:
    """The GraphQL type of a domain value: an input where ``put``, else an output."""
    hints, says = get_type_hints(domain, include_extras=True), descriptions()[domain.__name__]
    optional = {f.name for f in fields(domain) if f.default is not MISSING}
    body: dict[str, Any] = {"__annotations__": {}, "__doc__": domain.__doc__}
    for name in names(domain):
        kind = _kind(hints[name], put)
        may_lack = put and name in optional
        body["__annotations__"][name] = kind | None if may_lack and type(None) not in get_args(kind) else kind
        default: dict[str, Any] = {"default": None} if may_lack else {}
        body[name] = strawberry.field(description=says[name], **default)
    made = type(_name(domain, put), (), body)
    describe: Callable[..., type] = strawberry.input if put else strawberry.type
    return describe(made, description=(domain.__doc__ or "").strip().splitlines()[0])


def _name(domain: type, put: bool) -> str:
    own = domain.__name__ == "Certificate"
    if put:
        return "CertificateInput" if own else f"Certificate{domain.__name__}Input"
    return "CertificateFacts" if own else f"Certificate{domain.__name__}"


def _kind(hint: Any, put: bool) -> Any:
    """The GraphQL annotation of a domain annotation."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _kind(args[0], put)
    if origin in (Union, UnionType):
        inner = [arg for arg in args if arg is not type(None)]
        kind = WhenText if set(inner) == {date, datetime} else _kind(inner[0], put)
        return kind | None if type(None) in args else kind
    if origin is tuple and get_origin(args[0]) is tuple:
        return list[_PAIRS[get_args(args[0])[0], put]]  # type: ignore[misc]  # built at import
    if origin in (tuple, frozenset):
        return list[_kind(args[0], put)]  # type: ignore[misc]  # built at import
    if is_dataclass(hint) and isinstance(hint, type):
        return mirrored(hint, put=put)
    return _SCALARS.get(hint, hint)


def shown(value: Any) -> Any:
    """A domain value as an instance of its GraphQL type; sets are sorted, tables become pairs."""
    if is_dataclass(value) and not isinstance(value, type):
        made = mirrored(type(value), put=False)
        return made(**{name: shown(getattr(value, name)) for name in names(type(value))})
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple) and value and isinstance(value[0], tuple):
        pair = _PAIRS[Stage if isinstance(value[0][0], Stage) else str, False]
        return [pair(key=key, value=number) for key, number in value]
    return [shown(part) for part in value] if isinstance(value, tuple) else value


def stated(given: Any) -> Any:
    """What a client put in, as the mapping that :func:`huren.mappings.records.decode` reads."""
    if isinstance(given, StageAmountInput | NamedAmountInput):
        return [stated(given.key), given.value]
    if isinstance(given, StrEnum):
        return given.value
    if is_dataclass(given) and not isinstance(given, type):
        pairs = ((f.name, getattr(given, f.name)) for f in fields(given))
        return {name: stated(part) for name, part in pairs if part is not None}
    return [stated(part) for part in given] if isinstance(given, list) else given
