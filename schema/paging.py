"""Pages by key: ``first`` from 1 to 100, and cursors that say where the next page begins."""

from __future__ import annotations

import binascii
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode

import orjson

from huren.errors import BadInput

MOST = 100
MOST_NODES = 200
"""Of a picture, which has no pages."""
_SIGNATURE = 12


def check_first(first: int, what: str = "first", most: int = MOST) -> int:
    """``first`` itself. Raises: BadInput unless it is from 1 to ``most``: more is refused, never cut."""
    if not 1 <= first <= most:
        raise BadInput(
            f"`{what}` must be from 1 to {most}, not {first}",
            f"`{what}` 须为 1 至 {most},而非 {first}",
            fix=f"Ask for at most {most} at a time, and for the next page with `after` where there is one.",
            fix_zh=f"每次最多取 {most} 条,有 `after` 参数时以其取下一页。",
        )
    return first


def cursor(secret: bytes, listing: str, key: list[str]) -> str:
    """An opaque place after ``key`` in ``listing``, signed for that list: no client can make or move one."""
    body = orjson.dumps(key)
    return urlsafe_b64encode(_sign(secret, listing, body) + body).rstrip(b"=").decode()


def place(secret: bytes, listing: str, after: str | None) -> list[str] | None:
    """The key that ``after`` stands for; None for the first page.

    Raises: BadInput for a cursor that :func:`cursor` did not make for this listing.
    """
    if after is None:
        return None
    try:
        whole = urlsafe_b64decode(after.encode("ascii") + b"=" * (-len(after) % 4))
    except (binascii.Error, ValueError):
        raise _bad_cursor() from None
    signature, body = whole[:_SIGNATURE], whole[_SIGNATURE:]
    if not hmac.compare_digest(signature, _sign(secret, listing, body)):
        raise _bad_cursor()
    return [str(part) for part in orjson.loads(body)]


def _sign(secret: bytes, listing: str, body: bytes) -> bytes:
    return hmac.digest(secret, listing.encode() + b"\0" + body, "sha256")[:_SIGNATURE]


def _bad_cursor() -> BadInput:
    return BadInput(
        "`after` is not a cursor of this list",
        "`after` 不是此列表的游标",
        fix="Take `endCursor` from the page before, asked with the same arguments.",
        fix_zh="请使用上一页以相同参数返回的 `endCursor`。",
    )
