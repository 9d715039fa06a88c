"""Global ids of the Relay kind: opaque, and typed, so that one names one thing."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode

from huren.errors import BadInput

KINDS = ("Product", "Organisation", "Certificate")


def to_id(kind: str, key: str) -> str:
    """The global id of the ``kind`` that is stored under ``key``.

    >>> of_id(to_id("Product", "acme/steel"))
    ('Product', 'acme/steel')
    """
    return urlsafe_b64encode(f"{kind}:{key}".encode()).rstrip(b"=").decode()


def of_id(text: str) -> tuple[str, str] | None:
    """Kind and key of a global id; None for any other text."""
    try:
        kind, colon, key = (
            urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)).decode().partition(":")
        )
    except (binascii.Error, ValueError):
        return None
    return (kind, key) if colon and kind in KINDS and to_id(kind, key) == text else None


def key_of(kind: str, text: str) -> str:
    """The key in a global id of ``kind``; any other text is itself a name. Raises: BadInput for another kind.

    >>> key_of("Product", "steel")
    'steel'
    """
    found = of_id(text)
    if found and found[0] != kind:
        raise BadInput(
            f"`{text}` is the id of a {found[0]}, not of a {kind}",
            f"`{text}` 是 {found[0]} 的标识,而非 {kind}",
            fix=f"Give the id of a {kind}.",
            fix_zh=f"请提供 {kind} 的标识。",
        )
    return found[1] if found else text
