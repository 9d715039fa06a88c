"""GraphQL types made from the frozen values of the domain, so that no fact can be forgotten at the border.

A field of the domain is a field here, under the same name and with the description of ``facts.toml``;
what only the store sets is left out: record times, and a certificate's events, which have their own mutation.
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

from huren.graph.model.agreement import Consultation, Side, Step, Transition
from huren.graph.model.body import Approval, Competence, Signatory
from huren.graph.model.certificate import Certificate
from huren.graph.model.dated import Parameter, StatusEvent
from huren.graph.model.profile import Profile
from huren.graph.model.scheme import CertificationRule, Listing
from huren.graph.model.supply import Stage
from huren.graph.model.text import Text
from huren.schema.scalars import DecimalText, InstantText, WhenText
from huren.schema.statements import TextInput


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


@strawberry.type(name="Text", description="A text in both languages.")
class BothLanguages:
    """Either may be empty."""

    zh: str = strawberry.field(description="Chinese.")
    en: str = strawberry.field(description="English.")


_PAIRS = {
    (Stage, False): StageAmount,
    (str, False): NamedAmount,
    (Stage, True): StageAmountInput,
    (str, True): NamedAmountInput,
}
_SCALARS = {Decimal: DecimalText, datetime: InstantText, date: WhenText}
_NAMES: Mapping[type, str] = {
    Approval: "BodyApproval",
    CertificationRule: "Rule",
    Competence: "BodyCompetence",
    Consultation: "AgreementConsultation",
    Listing: "CategoryListing",
    Profile: "MethodProfile",
    Side: "AgreementSide",
    Signatory: "BodySignatory",
    Step: "AgreementStep",
    Transition: "AgreementTransition",
}
"""Names in GraphQL that say more than the class's own."""
_WORDS: Mapping[type, str] = {bool: "Boolean", Decimal: "Decimal", int: "Int", str: "String"}
_MADE: dict[str, type] = {}


@cache
def descriptions() -> Mapping[str, Mapping[str, str]]:
    """What each field means, by class and field."""
    return tomllib.loads((resources.files("huren.schema") / "facts.toml").read_text(encoding="utf-8"))


def names(domain: Any) -> tuple[str, ...]:
    """The fields of a value that have a place in GraphQL."""
    left = {"recorded_at"} | ({"events"} if domain is Certificate else set())
    return tuple(f.name for f in fields(get_origin(domain) or domain) if f.name not in left)


def hints(domain: Any) -> dict[str, Any]:
    """The annotation of each field, a generic's parameter filled in."""
    plain = get_origin(domain) or domain
    given = dict(zip(getattr(plain, "__parameters__", ()), get_args(domain), strict=False))
    return {name: _filled(hint, given) for name, hint in get_type_hints(plain, include_extras=True).items()}


def _filled(hint: Any, given: Mapping[Any, Any]) -> Any:
    if hint in given:
        return given[hint]
    if get_origin(hint) in (Union, UnionType):
        return Union[tuple(_filled(arg, given) for arg in get_args(hint))]  # noqa: UP007  (made at run time)
    return hint


def parts(domain: Any) -> frozenset[Any]:
    """``domain`` and every value inside it that has a place in GraphQL."""
    found, known = {domain}, hints(domain)
    for name in names(domain):
        found.update(*(parts(inner) for inner in _values(known[name])))
    return frozenset(found)


def _values(hint: Any) -> list[Any]:
    if is_dataclass(get_origin(hint) or hint):
        return [] if hint is Text else [hint]
    args = get_args(hint)[:1] if get_origin(hint) is Annotated else get_args(hint)
    return [inner for arg in args for inner in _values(arg)]


_OF_CERTIFICATES = parts(Certificate)


@cache
def mirrored(domain: Any, *, put: bool) -> type:
    """The GraphQL type of a domain value: an input where ``put``, else an output."""
    name = _name(domain, put)
    if name not in _MADE:
        _MADE[name] = _made(domain, name, put)
    return _MADE[name]


def _made(domain: Any, name: str, put: bool) -> type:
    plain = get_origin(domain) or domain
    known, says = hints(domain), descriptions()[plain.__name__]
    optional = {f.name for f in fields(plain) if f.default is not MISSING}
    body: dict[str, Any] = {"__annotations__": {}, "__doc__": plain.__doc__}
    for field in names(domain):
        kind = _kind(known[field], put)
        may_lack = put and field in optional
        body["__annotations__"][field] = (
            kind | None if may_lack and type(None) not in get_args(kind) else kind
        )
        default: dict[str, Any] = {"default": None} if may_lack else {}
        body[field] = strawberry.field(description=says[field], **default)
    describe: Callable[..., type] = strawberry.input if put else strawberry.type
    made = type(name, (), body)
    return describe(made, name=name, description=(plain.__doc__ or "").strip().splitlines()[0])


def _name(domain: Any, put: bool) -> str:
    plain, args = get_origin(domain) or domain, get_args(domain)
    if plain is Parameter:
        own = f"{_word(args[0])}Parameter"
    elif plain is StatusEvent:
        own = f"{_word(args[0])}Event"
    elif domain in _OF_CERTIFICATES and domain is not Certificate:
        own = f"Certificate{plain.__name__}"
    else:
        own = _NAMES.get(plain, plain.__name__)
    whole = hasattr(plain, "__dataclass_fields__") and "recorded_at" in plain.__dataclass_fields__
    return f"{own}Input" if put else (f"{own}Facts" if whole and own in _WHOLE else own)


_WHOLE = frozenset(
    {
        "Agreement",
        "Body",
        "Category",
        "Certificate",
        "CodeMap",
        "Equivalence",
        "Instrument",
        "Membership",
        "Rule",
        "Sanction",
        "ScaleMap",
        "Scheme",
    }
)
"""Records that stand by themselves; their own type holds them as `facts`."""


def _word(hint: Any) -> str:
    """What a parameter holds, in one word: Boolean, Stages, Factors."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _word(args[0])
    if origin in (tuple, frozenset):
        one = _word(args[0])
        return one if one.endswith("s") else f"{one}s"
    return _WORDS.get(hint, hint.__name__)


def _kind(hint: Any, put: bool) -> Any:
    """The GraphQL annotation of a domain annotation."""
    hint = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        inner = [arg for arg in args if arg is not type(None)]
        kind = WhenText if set(inner) == {date, datetime} else _kind(inner[0], put)
        return kind | None if type(None) in args else kind
    if origin is tuple and get_origin(args[0]) is tuple:
        return list[_PAIRS[get_args(args[0])[0], put]]  # type: ignore[misc]  # built at import
    if origin in (tuple, frozenset):
        return list[_kind(args[0], put)]  # type: ignore[misc]  # built at import
    if hint is Text:
        return TextInput if put else BothLanguages
    if is_dataclass(origin or hint):
        return mirrored(hint, put=put)
    return _SCALARS.get(hint, hint)


def shown(value: Any, hint: Any = None) -> Any:
    """A domain value as an instance of its GraphQL type; sets are sorted, tables become pairs.

    ``hint``: its annotation, which a generic one needs.
    """
    hint = _meant(hint if hint is not None else type(value))
    if isinstance(value, Text):
        return BothLanguages(zh=value.zh, en=value.en)
    if is_dataclass(value) and not isinstance(value, type):
        known, made = hints(hint), mirrored(hint, put=False)
        return made(**{name: shown(getattr(value, name), known[name]) for name in names(hint)})
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple) and value and isinstance(value[0], tuple):
        pair = _PAIRS[Stage if isinstance(value[0][0], Stage) else str, False]
        return [pair(key=key, value=number) for key, number in value]
    return [shown(part, get_args(hint)[0]) for part in value] if isinstance(value, tuple) else value


def _meant(hint: Any) -> Any:
    """An annotation without its absence and its checks."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _meant(args[0])
    if origin in (Union, UnionType):
        return _meant(next(arg for arg in args if arg is not type(None)))
    return hint


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
