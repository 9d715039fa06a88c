"""Whether one footprint is lower than another beyond their uncertainty (R28)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Compared(StrEnum):
    """How a comparison ends. Outside a comparable set it is REFUSED; a missing fact leaves it UNKNOWN."""

    LOWER = "LOWER"
    HIGHER = "HIGHER"
    NOT_DISTINGUISHABLE = "NOT_DISTINGUISHABLE"
    UNKNOWN = "UNKNOWN"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Of a value with that of the certificate ``against``, both on the destination's terms.

    ``ratio`` is theirs over ours, ``needed`` the smallest ratio (or its inverse) that is significant at
    95 %; both None where nothing was computed.
    """

    verdict: Compared
    against: str
    ratio: Decimal | None = None
    needed: Decimal | None = None
