"""The one strict door between readable mappings (TOML, JSON) and the recorded values.

Unknown keys, wrong kinds, naive instants, NaN and absurd magnitudes are refused by file and key.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from types import GenericAlias
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError

from huren.errors import BadInput, Place
from huren.graph.model.agreement import Agreement
from huren.graph.model.body import Body
from huren.graph.model.category import Category, CodeMap, Membership
from huren.graph.model.certificate import Certificate, CertificateState
from huren.graph.model.dated import StatusEvent
from huren.graph.model.equivalence import Equivalence, ScaleMap
from huren.graph.model.region import Region
from huren.graph.model.sanction import Sanction
from huren.graph.model.scheme import CertificationRule, Instrument, Scheme

Record = (
    Agreement
    | Body
    | Category
    | Certificate
    | CertificationRule
    | CodeMap
    | Equivalence
    | Instrument
    | Membership
    | Region
    | Sanction
    | ScaleMap
    | Scheme
)

KINDS: Mapping[str, Any] = {
    "agreement": Agreement,
    "body": Body,
    "category": Category,
    "certificate": Certificate,
    "code_map": CodeMap,
    "equivalence": Equivalence,
    "instrument": Instrument,
    "membership": Membership,
    "region": Region,
    "rule": CertificationRule,
    "sanction": Sanction,
    "scale_map": ScaleMap,
    "scheme": Scheme,
    "status_event": StatusEvent[CertificateState],
}
"""The kinds of record by the name they have in data files and in stored statements."""


@cache
def _adapter(kind: str) -> TypeAdapter[tuple[Any]]:
    # A configuration reaches plain dataclasses only from a container around them.
    around: Any = GenericAlias(tuple, (KINDS[kind],))
    return TypeAdapter(around, config=ConfigDict(extra="forbid"))


def decode(kind: str, mapping: Mapping[str, Any], file: str | None = None) -> Any:
    """The record of ``kind`` (a key of KINDS) that ``mapping`` states.

    Raises: BadInput, naming the file, the first bad key and the reason.

    >>> decode("membership", {"region": "CN-BJ", "within": "JJJ"}).within
    'JJJ'
    """
    try:
        return _adapter(kind).validate_python((mapping,))[0]
    except ValidationError as bad:
        raise _bad_input(kind, mapping, file, bad) from None


def encode(record: Record | StatusEvent[CertificateState]) -> dict[str, Any]:
    """The mapping (JSON kinds only, defaults left out) from which ``decode`` makes ``record`` again."""
    whole = _adapter(kind_of(record)).dump_python((record,), exclude_defaults=True)[0]
    return {key: _plain(value) for key, value in whole.items()}


def _plain(value: Any) -> Any:
    """JSON kinds only; sets are sorted, so that one record has one text and one digest."""
    if isinstance(value, Mapping):
        return {key: _plain(v) for key, v in value.items()}
    if isinstance(value, frozenset):
        return sorted(_plain(v) for v in value)
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def kind_of(record: object) -> str:
    """The kind by which ``record`` is stored."""
    for kind, made in KINDS.items():
        if isinstance(record, getattr(made, "__origin__", made)):
            return kind
    raise TypeError(f"{type(record).__name__} is not a kind of record")


def _bad_input(kind: str, mapping: Mapping[str, Any], file: str | None, bad: ValidationError) -> BadInput:
    first = bad.errors(include_url=False)[0]
    key = ".".join(str(part) for part in first["loc"][1:])
    name = mapping.get("id") or mapping.get("number") or kind
    reason = "unknown key" if first["type"] == "unexpected_keyword_argument" else first["msg"]
    return BadInput(
        f"{kind} `{name}`: `{key}`: {reason}",
        f"{kind} `{name}` 的 `{key}` 有误:{reason}",
        fix=f"Correct `{key}`.",
        fix_zh=f"请改正 `{key}`。",
        place=Place(file=file, column=key),
    )
