"""Organisations: owners of products, holders of certificates, certification bodies."""

from __future__ import annotations

from dataclasses import dataclass

from stdnum.cn import uscc as gb32100

from huren.errors import BadInput
from huren.graph.model.access import Role
from huren.graph.model.text import Text


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation. ``uscc`` (统一社会信用代码, GB 32100) is None for foreign ones.

    ``country``: ISO 3166-1 alpha-2 of its seat. ``region``: what a province, district or ministry answers
    for, or where a firm sits. ``roles``: what it is to the exchange; none stands for a firm.
    """

    id: str
    name: Text
    uscc: str | None = None
    country: str | None = None
    region: str | None = None
    roles: frozenset[Role] = frozenset()

    @property
    def seat(self) -> str | None:
        """Its country; one with a USCC is registered in China."""
        return self.country or ("CN" if self.uscc else None)


def check_uscc(text: str) -> str:
    """``text`` as 18 characters without separators, its check character verified.

    Raises: BadInput. Source: GB 32100-2015.

    >>> check_uscc("91110000 600037341l")
    '91110000600037341L'
    """
    if not gb32100.is_valid(text):
        raise BadInput(
            f"`{text}` is no unified social credit code",
            f"“{text}”不是有效的统一社会信用代码",
            fix="Copy the 18 characters from the business licence; the last one checks the others.",
            fix_zh="请按营业执照填写 18 位代码,末位为校验码。",
        )
    return str(gb32100.compact(text))
